/**
 * The context keys that the key bindings ask for.
 *
 * In: their values. Out: the editor knows them. Not here: what they should be (`core/keys`).
 */

import * as vscode from "vscode";

import { type Keys, NO_KEYS } from "../core/keys";

/** The keys as they were set last. */
export class ContextKeys {
  private keys: Keys = NO_KEYS;

  get current(): Keys {
    return this.keys;
  }

  /** Tells the editor what has changed. */
  set(keys: Keys): void {
    for (const name of Object.keys(keys) as (keyof Keys)[]) {
      if (keys[name] !== this.keys[name]) {
        void vscode.commands.executeCommand("setContext", `nextedit.${name}`, keys[name]);
      }
    }
    this.keys = keys;
  }
}
