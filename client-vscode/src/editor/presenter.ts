/**
 * The one next edit that is on the screen now, and what the user does with it.
 *
 * In: edits from the server, changes and moves of the user, keys. Out: what is drawn, edits applied, reports.
 * Not here: decisions (`core/decide`, `core/keys`), drawing (`renderer`), asking (`asker`).
 */

import * as vscode from "vscode";

import { decide, type Decision, isAt, linesAt } from "../core/decide";
import { cursorAfter, follow, isSame, moved, type NextEdit } from "../core/edit";
import { type Keys, keysOf, NO_KEYS } from "../core/keys";
import { layout, type Layout, wholeLines } from "../core/layout";
import { compare, type Position } from "../core/text";
import { hint, label } from "../core/words";
import { type Connection } from "../server/client";
import { DID_SHOW_INLINE_EDIT } from "../server/protocol";
import { documentOf, editorsOf, pageOf, plain, rangeOf, textOf, viewOf } from "./places";
import { type Renderer } from "./renderer";

// Esc on what has been on the screen for less than this was meant for something else: it hides, and rejects nothing.
const SEEN_MS = 300;

/** What is shown. */
export interface Shown {
  readonly edit: NextEdit;
  readonly layout: Layout;
  readonly label: string;
  readonly since: number;
}

/** What the presenter needs of the rest. */
export interface Surroundings {
  readonly connection: () => Connection | null;
  /** Asks for what comes next, now. */
  readonly ask: () => void;
  /** Text at the cursor is known: the editor shall draw it. */
  readonly drawGhostText: () => void;
}

/** The presenter. */
export class Presenter implements vscode.Disposable {
  private shown: Shown | null = null;
  private decision: Decision | null = null;
  private landing: { uri: string; position: Position } | null = null;
  private keys: Keys = NO_KEYS;
  private readonly changed = new vscode.EventEmitter<Shown | null>();
  /** What is shown is another edit, or none. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly renderer: Renderer,
    private readonly around: Surroundings,
  ) {}

  /** What is shown now. */
  get current(): Shown | null {
    return this.shown;
  }

  /** Whether the cursor is where the edit would be applied without a jump. */
  get isAtEdit(): boolean {
    return this.keys.atEdit;
  }

  /** Shows the server's answer. */
  show(edit: NextEdit | undefined): void {
    if (edit === undefined) {
      this.hide();
      return;
    }
    if (this.shown !== null && isSame(this.shown.edit, edit)) {
      const isKnown = this.shown.edit.id === edit.id;
      this.shown = { ...this.shown, edit };
      if (!isKnown) {
        this.reportShown(edit);
      }
      this.refresh();
      return;
    }
    this.place(edit, performance.now());
    if (this.shown !== null && this.decision !== "ghost") {
      this.reportShown(edit);
    }
  }

  /** Takes the edit off the screen. */
  hide(): void {
    if (this.shown !== null) {
      this.shown = null;
      this.changed.fire(null);
    }
    this.refresh();
  }

  /** The user, or somebody else, changed a document. */
  onChange(event: vscode.TextDocumentChangeEvent): void {
    const { shown } = this;
    if (shown?.edit.uri !== event.document.uri.toString()) {
      return;
    }
    const now = moved(shown.edit.range, event.contentChanges);
    if (now === null) {
      this.hide();
      return;
    }
    const text = now.isTouched ? textOf(event.document, now.range) : shown.edit.oldText;
    const edit = follow(shown.edit, now.range, text);
    if (edit === null) {
      this.hide();
    } else {
      this.place(edit, shown.since);
    }
  }

  /** Brings the drawing, the hint and the keys in line with the cursor and the window. */
  refresh(): void {
    const editor = vscode.window.activeTextEditor;
    const { shown } = this;
    this.decision = shown !== null && editor !== undefined ? decide(shown.edit, viewOf(editor)) : null;
    this.draw(editor);
    this.setKeys(editor);
  }

  /** Goes to the edit, or applies it when the cursor is there; false when there is none. */
  async jumpOrAccept(): Promise<boolean> {
    return this.isAtEdit ? this.accept() : this.jump();
  }

  /** Goes to the edit; false when there is none. */
  async jump(): Promise<boolean> {
    const { shown } = this;
    if (shown === null) {
      return false;
    }
    const { focus } = shown.layout;
    const at = new vscode.Position(focus.line, focus.character);
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(shown.edit.uri, true));
    this.landing = { uri: shown.edit.uri, position: focus };
    const editor = await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
    editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    this.refresh();
    return true;
  }

  /** Applies the edit as one undo step; false when there is none or the document has moved on. */
  async accept(): Promise<boolean> {
    const { shown } = this;
    const editor = vscode.window.activeTextEditor;
    if (shown === null || editor?.document.uri.toString() !== shown.edit.uri) {
      return this.jump();
    }
    const { edit } = shown;
    this.shown = null;
    this.changed.fire(null);
    const isApplied = await editor.edit((builder) => {
      builder.replace(rangeOf(edit.range), edit.newText);
    });
    if (isApplied) {
      const after = cursorAfter(edit);
      const at = new vscode.Position(after.line, after.character);
      this.landing = { uri: edit.uri, position: after };
      editor.selection = new vscode.Selection(at, at);
      editor.revealRange(new vscode.Range(at, at));
      await this.around.connection()?.command("nextedit.accept", edit.report.arguments);
      this.around.ask();
    }
    this.refresh();
    return isApplied;
  }

  /** Turns the edit down: it does not come back. */
  async reject(): Promise<void> {
    const { shown } = this;
    this.hide();
    if (shown !== null && performance.now() - shown.since >= SEEN_MS) {
      await this.around.connection()?.command("nextedit.reject", [shown.edit.id]);
      this.around.ask();
    }
  }

  dispose(): void {
    this.hide();
    this.changed.dispose();
  }

  private place(edit: NextEdit, since: number): void {
    const document = documentOf(edit.uri);
    const editor = vscode.window.activeTextEditor;
    const page = document && pageOf(document, editor?.document === document ? editor : undefined);
    const plan = page ? layout(edit, page) : null;
    if (page === undefined || plan === null) {
      this.hide();
      return;
    }
    const what = label(plan.hunks, wholeLines(edit, page).before);
    this.shown = { edit, layout: plan, label: what, since };
    this.changed.fire(this.shown);
    this.refresh();
    if (this.decision === "ghost") {
      this.around.drawGhostText();
    }
  }

  private draw(editor: vscode.TextEditor | undefined): void {
    const { shown, decision, renderer } = this;
    const isDrawn = decision === "inline" || decision === "jump" || decision === "elsewhere";
    if (shown === null || editor === undefined || !isDrawn) {
      renderer.erase();
      renderer.eraseHint();
      return;
    }
    renderer.draw(shown.layout, editorsOf(shown.edit.uri), null);
    if (decision === "inline") {
      renderer.eraseHint();
      return;
    }
    const { line } = shown.layout.focus;
    const file = decision === "elsewhere" ? vscode.workspace.asRelativePath(vscode.Uri.parse(shown.edit.uri)) : null;
    const cursorLine = editor.selection.active.line;
    const text = hint(line, cursorLine, file, shown.label, "⇥");
    renderer.hint({ line: cursorLine, text }, editor);
  }

  private setKeys(editor: vscode.TextEditor | undefined): void {
    let keys = NO_KEYS;
    if (this.shown !== null && editor !== undefined) {
      const cursor = plain(editor.selection.active);
      const uri = editor.document.uri.toString();
      const { landing } = this;
      if (landing !== null && (landing.uri !== uri || compare(landing.position, cursor) !== 0)) {
        this.landing = null;
      }
      const lines = linesAt(this.shown.layout.firstLine, this.shown.layout.hunks);
      keys = keysOf({
        decision: this.decision,
        isAtEdit: isAt(cursor, lines, 0),
        cursor,
        line: editor.document.lineAt(cursor.line).text,
        landing: this.landing?.position ?? null,
      });
    }
    for (const name of Object.keys(keys) as (keyof Keys)[]) {
      if (keys[name] !== this.keys[name]) {
        void vscode.commands.executeCommand("setContext", `nextedit.${name}`, keys[name]);
      }
    }
    this.keys = keys;
  }

  private reportShown(edit: NextEdit): void {
    this.around.connection()?.tell(DID_SHOW_INLINE_EDIT, { item: { command: { arguments: [edit.id] } } });
  }
}
