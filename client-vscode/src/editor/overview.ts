/**
 * Brings together what the status item says.
 *
 * In: news of the server, of questions, of what is pending, of the focus. Out: the state as one value, for the item and
 * the menu. Not here: its words (`core/status`).
 */

import * as vscode from "vscode";

import { type Focused, offHere } from "../core/documents";
import { type State } from "../core/status";
import { type Manager } from "../server/manager";
import { type Status } from "../server/protocol";

// The server is asked about a document when it has had the focus for a moment.
const ASK_MS = 300;

/** The state, kept. */
export class Overview implements vscode.Disposable {
  private isThinking = false;
  private latencyMs: number | null = null;
  private pending: string | null = null;
  private model = "";
  private leftAlone: Readonly<Record<string, string>> = {};
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly manager: Manager,
    private readonly changed: (state: State) => void,
  ) {}

  /** The state now. */
  get state(): State {
    const { phase, status, loadedPercent } = this.manager.condition;
    const { isThinking, model, latencyMs, pending } = this;
    const focused = this.focused();
    return { phase, server: status, loadedPercent, isThinking, offHere: offHere(focused), model, latencyMs, pending };
  }

  /** A question takes long, or no longer. */
  thinking(isThinking: boolean): void {
    if (isThinking !== this.isThinking) {
      this.isThinking = isThinking;
      this.tell();
    }
  }

  /** An answer came. */
  answered(latencyMs: number): void {
    this.latencyMs = latencyMs;
    this.tell();
  }

  /** Something is suggested, or nothing any more. */
  suggests(what: string | null): void {
    if (what !== this.pending) {
      this.pending = what;
      this.tell();
    }
  }

  /** The server, the focus or a setting changed. */
  refresh(): void {
    this.tell();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), ASK_MS);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private async ask(): Promise<void> {
    const status = await this.manager
      .connection()
      ?.command<Status>("nextedit.status", [{ quiet: true }])
      .catch(() => null);
    if (status) {
      this.model = status.model.name;
      this.leftAlone = status.leftAlone;
      this.tell();
    }
  }

  private focused(): Focused | null {
    const document = vscode.window.activeTextEditor?.document;
    if (document === undefined) {
      return null;
    }
    const connection = this.manager.connection();
    return {
      scheme: document.uri.scheme,
      languageId: document.languageId,
      languages: vscode.workspace.getConfiguration("nextedit").get<Record<string, boolean>>("languages", {}),
      leftAlone: connection === null ? undefined : this.leftAlone[connection.uriOf(document)],
    };
  }

  private tell(): void {
    this.changed(this.state);
  }
}
