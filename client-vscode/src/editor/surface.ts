/**
 * What the commands need of whoever shows next edits: the editor's own view, or our drawing.
 *
 * In: nothing. Out: an interface, and the one for the editor's own view. Not here: our drawing (`presenter`).
 */

import * as vscode from "vscode";

import { type NextEdit } from "../core/edit";
import { apply, goTo } from "./apply";
import { type NativeEdits } from "./native";
import { type Connection } from "../server/client";

/** Whoever shows next edits. */
export interface Surface {
  /** Goes to the pending edit, or applies it when the cursor is there; without one the server is asked. */
  next: () => Promise<void>;
  /** What Tab does: as above, but asks nobody. */
  jumpOrAccept: () => Promise<void>;
  /** Turns the pending edit down. */
  reject: () => Promise<void>;
  /** Takes what is pending off the screen. */
  hide: () => void;
  /** Takes away what the editor draws as text at the cursor, lest it be drawn in another way; the ids of it. */
  giveUpGhostText: () => readonly string[];
  /** Something else than the text has changed: what is shown goes, and the server is asked again. */
  again: () => void;
  /** The edits of the last answer, the pending one first. */
  edits: () => readonly NextEdit[];
  /** Shows one of them. */
  choose: (edit: NextEdit) => Promise<void>;
}

/** The editor's own view, reached by its commands. */
export class NativeSurface implements Surface {
  private answer: readonly NextEdit[] = [];

  constructor(
    private readonly connection: () => Connection | null,
    private readonly native: () => NativeEdits,
  ) {}

  /** Remembers what the server answered. */
  take(edits: readonly NextEdit[]): void {
    this.answer = edits;
  }

  async next(): Promise<void> {
    if (this.native().shown === null) {
      await run("trigger");
    } else {
      await this.jumpOrAccept();
    }
  }

  async jumpOrAccept(): Promise<void> {
    const { shown } = this.native();
    const editor = vscode.window.activeTextEditor;
    if (shown === null || editor === undefined) {
      return;
    }
    const { range } = shown;
    const line = editor.selection.active.line;
    const isThere = range === undefined || (line >= range.start.line && line <= range.end.line);
    await run(shown.isInlineEdit === true && !isThere ? "jump" : "commit");
  }

  async reject(): Promise<void> {
    await run("hide");
  }

  hide(): void {
    void run("hide");
  }

  giveUpGhostText(): readonly string[] {
    return [];
  }

  again(): void {
    this.hide();
    this.native().again();
  }

  edits(): readonly NextEdit[] {
    return this.answer;
  }

  async choose(edit: NextEdit): Promise<void> {
    const editor = await goTo(edit.uri, edit.range.start.line, edit.range.start.character);
    await apply(edit, editor, this.connection());
    this.native().again();
  }
}

async function run(action: "trigger" | "jump" | "commit" | "hide"): Promise<void> {
  await vscode.commands.executeCommand(`editor.action.inlineSuggest.${action}`);
}
