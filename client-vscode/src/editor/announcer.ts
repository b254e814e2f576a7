/**
 * Tells a screen reader that an edit is pending.
 *
 * In: what is shown. Out: a notification that goes by itself. Not here: its words (`core/words`).
 *
 * The editor has no API to speak. It reads notifications aloud, and those that show progress go when they are done.
 */

import * as vscode from "vscode";

// Long enough to be read aloud from the beginning.
const SHOWN_MS = 4000;
// What is replaced at once, while the user types, is not worth a word.
const SETTLED_MS = 600;

/** Announces, unless the user reads the screen. */
export class Announcer implements vscode.Disposable {
  private timer: NodeJS.Timeout | undefined;
  private end: (() => void) | null = null;

  /** Says it when it has stood for a moment; null takes back what is not said yet. */
  announce(text: string | null): void {
    clearTimeout(this.timer);
    if (text !== null && isWanted()) {
      this.timer = setTimeout(() => {
        this.say(text);
      }, SETTLED_MS);
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.end?.();
  }

  private say(text: string): void {
    this.end?.();
    const options = { location: vscode.ProgressLocation.Notification, title: text };
    void vscode.window.withProgress(
      options,
      () =>
        new Promise<void>((resolve) => {
          this.end = resolve;
          setTimeout(resolve, SHOWN_MS);
        }),
    );
  }
}

function isWanted(): boolean {
  const announce = vscode.workspace.getConfiguration("nextedit").get<string>("announce", "auto");
  const support = vscode.workspace.getConfiguration("editor").get<string>("accessibilitySupport", "auto");
  return announce === "on" || (announce === "auto" && support === "on");
}
