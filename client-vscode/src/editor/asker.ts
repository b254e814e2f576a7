/**
 * Asks the server for the next edit, one question at a time: a newer one cancels the older one, and an answer that
 * comes too late is dropped.
 *
 * In: that something changed. Out: edits for the document as it is. Not here: what becomes of them (`presenter`).
 */

import * as vscode from "vscode";

import { isFollowed } from "../core/documents";
import { type NextEdit } from "../core/edit";
import { type Connection } from "../server/client";
import { Trigger } from "../server/protocol";
import { editOf } from "./places";

// A burst of changes is asked about once.
const DEBOUNCE_MS = 40;
// What takes longer is told to the user.
const THINKING_MS = 300;

/** What came of a question. */
export interface Answer {
  readonly edits: readonly NextEdit[];
  readonly elapsedMs: number;
}

/** The one who asks. */
export class Asker implements vscode.Disposable {
  private timer: NodeJS.Timeout | undefined;
  private asked: vscode.CancellationTokenSource | undefined;

  /** `answered` hears of every answer in time, `thinking` of a question that takes long, and of its end. */
  constructor(
    private readonly connection: () => Connection | null,
    private readonly answered: (answer: Answer) => void,
    private readonly thinking: (isThinking: boolean) => void,
  ) {}

  /** Asks when nothing has changed for a moment. */
  soon(): void {
    this.cancel();
    this.timer = setTimeout(() => void this.now(Trigger.Automatic), DEBOUNCE_MS);
  }

  /** Asks at the cursor; null when there was nobody to ask or the answer came to nothing. */
  async now(trigger: Trigger): Promise<Answer | null> {
    this.cancel();
    const editor = vscode.window.activeTextEditor;
    const connection = this.connection();
    if (editor === undefined || connection === null || !isFollowed(editor.document.uri.scheme)) {
      return null;
    }
    const source = new vscode.CancellationTokenSource();
    this.asked = source;
    const { document } = editor;
    const { version } = document;
    const since = performance.now();
    const thinkingTimer = setTimeout(() => {
      this.thinking(true);
    }, THINKING_MS);
    try {
      const result = await connection.nextEdits(document, editor.selection.active, trigger, source.token);
      if (source.token.isCancellationRequested || document.version !== version) {
        return null;
      }
      const edits = result.edits
        .map((wire) => editOf(wire, connection.client.protocol2CodeConverter.asUri(wire.textDocument.uri)))
        .filter((edit) => edit !== null);
      const answer = { edits, elapsedMs: performance.now() - since };
      this.answered(answer);
      return answer;
    } catch {
      // A cancelled question, a server that went away, a document that it does not follow: silence.
      return null;
    } finally {
      clearTimeout(thinkingTimer);
      this.thinking(false);
      if (this.asked === source) {
        this.asked = undefined;
      }
      source.dispose();
    }
  }

  /** Gives up the question under way. */
  cancel(): void {
    clearTimeout(this.timer);
    this.asked?.cancel();
    this.asked = undefined;
  }

  dispose(): void {
    this.cancel();
  }
}
