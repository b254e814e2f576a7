/**
 * The item in the status bar.
 *
 * In: how everything is. Out: the item. Not here: its words (`core/status`), its menu (`menu`).
 */

import * as vscode from "vscode";

import { type State, statusText } from "../core/status";

const BACKGROUNDS = {
  normal: undefined,
  warning: new vscode.ThemeColor("statusBarItem.warningBackground"),
  error: new vscode.ThemeColor("statusBarItem.errorBackground"),
} as const;

/** The item; a click opens the menu. */
export class StatusItem implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;

  constructor() {
    this.item = vscode.window.createStatusBarItem("nextedit.status", vscode.StatusBarAlignment.Right, 100);
    this.item.name = "Next Edit";
    this.item.command = "nextedit.menu";
    this.item.show();
  }

  /** Says how everything is. */
  show(state: State): void {
    const { text, tooltip, tone, spoken } = statusText(state);
    this.item.text = text;
    this.item.tooltip = [...tooltip, "Click for the menu"].join("\n");
    this.item.backgroundColor = BACKGROUNDS[tone];
    this.item.accessibilityInformation = { label: spoken, role: "button" };
  }

  dispose(): void {
    this.item.dispose();
  }
}
