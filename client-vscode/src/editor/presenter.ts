/**
 * The one next edit that is on the screen now, and what the user does with it: the surface that draws by hand.
 *
 * In: edits from the server, changes and moves of the user, keys. Out: what is drawn, edits applied, reports.
 * Not here: decisions (`core/decide`, `core/keys`), drawing (`renderer`), asking (`asker`).
 */

import * as vscode from "vscode";

import { decide, type Decision, isAt, linesAt } from "../core/decide";
import { follow, isSame, moved, type NextEdit } from "../core/edit";
import { type Keys, keysOf, NO_KEYS } from "../core/keys";
import { layout, type Layout } from "../core/layout";
import { compare, isSameRange, type Position } from "../core/text";
import { edgeLine, hint, label } from "../core/words";
import { type Connection } from "../server/client";
import { DID_SHOW_INLINE_EDIT } from "../server/protocol";
import { apply, goTo } from "./apply";
import { ContextKeys } from "./contextKeys";
import { documentOf, editorsOf, nameOf, pageOf, plain, textOf, viewOf } from "./places";
import { preferencesOf } from "./preferences";
import { type Renderer } from "./renderer";
import { type Surface } from "./surface";

// Esc on what has been on the screen for less than this was meant for something else: it hides, and rejects nothing.
const SEEN_MS = 300;
// How long it is said that there is none.
const NONE_MS = 5000;

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
  /** Asks for what comes next, after a moment. */
  readonly askSoon: () => void;
  /** The user asks: the answer has been shown when this is done. */
  readonly askNow: () => Promise<void>;
  /** Whether the editor draws text at the cursor, as far as is known. */
  readonly mayDrawGhostText: (document: vscode.TextDocument) => boolean;
  /** Text at the cursor is known: the editor shall draw it. */
  readonly drawGhostText: () => void;
}

/** The presenter. */
export class Presenter implements Surface, vscode.Disposable {
  private shown: Shown | null = null;
  private others: readonly NextEdit[] = [];
  private decision: Decision | null = null;
  private landing: { uri: string; position: Position } | null = null;
  private readonly keys = new ContextKeys();
  private readonly changed = new vscode.EventEmitter<Shown | null>();
  /** What is shown is another edit, or none. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly renderer: Renderer,
    private readonly around: Surroundings,
  ) {}

  /** What is pending: drawn or pointed to. */
  pending(): Shown | null {
    return this.keys.current.pending ? this.shown : null;
  }

  edits(): readonly NextEdit[] {
    return this.shown === null ? this.others : [this.shown.edit, ...this.others];
  }

  /** Shows the best of an answer. */
  show(edits: readonly NextEdit[]): void {
    const [edit, ...others] = edits;
    this.others = others;
    if (edit === undefined) {
      this.hide();
      return;
    }
    if (this.shown !== null && isSame(this.shown.edit, edit)) {
      const isKnown = this.shown.edit.id === edit.id;
      this.shown = { ...this.shown, edit };
      this.refresh();
      if (!isKnown) {
        this.reportShown(edit);
      }
      return;
    }
    this.place(edit, performance.now());
    this.reportShown(edit);
  }

  hide(): void {
    if (this.shown !== null) {
      this.shown = null;
      this.changed.fire(null);
    }
    this.refresh();
  }

  giveUpGhostText(): readonly string[] {
    const ids = this.decision === "ghost" && this.shown !== null ? [this.shown.edit.id] : [];
    if (ids.length > 0) {
      this.hide();
    }
    return ids;
  }

  again(): void {
    this.hide();
    this.around.askSoon();
  }

  /** The user, or somebody else, changed a document. */
  onChange(event: vscode.TextDocumentChangeEvent): void {
    this.others = [];
    const { shown } = this;
    if (shown?.edit.uri !== event.document.uri.toString()) {
      return;
    }
    const now = moved(shown.edit.range, event.contentChanges);
    if (now === null) {
      this.hide();
      return;
    }
    const isStill = !now.isTouched && isSameRange(now.range, shown.edit.range);
    if (isStill && shown.layout.boxes.length === 0) {
      // Most keystrokes: what is drawn stays as it is.
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

  /** A document was closed: what is for it goes. */
  onClose(document: vscode.TextDocument): void {
    if (this.shown?.edit.uri === document.uri.toString()) {
      this.hide();
    }
  }

  /** Brings the drawing, the hint and the keys in line with the cursor and the window. */
  refresh(): void {
    const editor = vscode.window.activeTextEditor;
    this.moveBoxes(editor);
    const { shown } = this;
    this.decision =
      shown !== null && editor !== undefined
        ? decide(shown.edit, viewOf(editor, this.around.mayDrawGhostText(editor.document)))
        : null;
    this.draw(editor);
    this.keys.set(this.shown === null || editor === undefined ? NO_KEYS : this.keysIn(editor, this.shown));
  }

  async next(): Promise<void> {
    if (this.pending() !== null) {
      await this.jumpOrAccept();
      return;
    }
    await this.around.askNow();
    const pending = this.pending();
    if (pending !== null) {
      await this.jump(pending);
    } else if (this.decision !== "ghost") {
      vscode.window.setStatusBarMessage("No next edit. “Next Edit: Explain” says why.", NONE_MS);
    }
  }

  async jumpOrAccept(): Promise<void> {
    const pending = this.pending();
    if (pending !== null) {
      await (this.keys.current.atEdit ? this.accept(pending) : this.jump(pending));
    }
  }

  async reject(): Promise<void> {
    const { shown } = this;
    this.hide();
    if (shown !== null && performance.now() - shown.since >= SEEN_MS) {
      await this.around.connection()?.command("nextedit.reject", [shown.edit.id]);
      this.around.askSoon();
    }
  }

  async choose(edit: NextEdit): Promise<void> {
    this.others = this.edits().filter((other) => other.id !== edit.id);
    this.place(edit, performance.now());
    this.reportShown(edit);
    if (this.shown !== null) {
      await this.jump(this.shown);
    }
  }

  dispose(): void {
    this.hide();
    this.changed.dispose();
  }

  private async jump(shown: Shown): Promise<void> {
    const { focus } = shown.layout;
    this.landing = { uri: shown.edit.uri, position: focus };
    await goTo(shown.edit.uri, focus.line, focus.character);
    this.refresh();
  }

  private async accept({ edit }: Shown): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) {
      return;
    }
    this.hide();
    const landed = await apply(edit, editor, this.around.connection());
    if (landed !== null) {
      this.landing = { uri: edit.uri, position: plain(landed) };
    }
    this.refresh();
    this.around.askSoon();
  }

  private place(edit: NextEdit, since: number): void {
    const plan = layoutOf(edit, vscode.window.activeTextEditor);
    if (plan === null) {
      this.hide();
      return;
    }
    const what = label(plan.hunks, plan.before);
    this.shown = { edit, layout: plan, label: what, since };
    this.refresh();
    this.changed.fire(this.shown);
    if (this.decision === "ghost") {
      this.around.drawGhostText();
    }
  }

  /** A box that the cursor's line would run into goes elsewhere. */
  private moveBoxes(editor: vscode.TextEditor | undefined): void {
    const { shown } = this;
    const isMoved = editor?.selection.active.line !== shown?.layout.cursorLine;
    if (shown !== null && shown.layout.boxes.length > 0 && isMoved) {
      this.shown = { ...shown, layout: layoutOf(shown.edit, editor) ?? shown.layout };
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
    renderer.draw(shown.layout, editorsOf(shown.edit.uri));
    if (decision === "inline") {
      renderer.eraseHint();
      return;
    }
    const { line } = shown.layout.focus;
    const file = decision === "elsewhere" ? nameOf(shown.edit.uri) : null;
    const cursorLine = editor.selection.active.line;
    const edge = edgeLine(
      file === null ? line : null,
      editor.visibleRanges,
      cursorLine,
      preferencesOf(editor.document).coveredLines,
    );
    renderer.hint({ line: edge, text: hint(line, edge, file, shown.label, "Tab") }, editor);
  }

  private keysIn(editor: vscode.TextEditor, shown: Shown): Keys {
    const cursor = plain(editor.selection.active);
    const { landing } = this;
    const isThere = landing?.uri === editor.document.uri.toString() && compare(landing.position, cursor) === 0;
    const lines = linesAt(shown.layout.firstLine, shown.layout.hunks);
    const within = preferencesOf(editor.document).acceptWithin;
    return keysOf({
      decision: this.decision,
      isAtEdit: isAt(cursor, lines, within),
      cursor,
      line: editor.document.lineAt(cursor.line).text,
      landing: isThere ? landing.position : null,
    });
  }

  private reportShown(edit: NextEdit): void {
    if (this.pending() !== null) {
      this.around.connection()?.tell(DID_SHOW_INLINE_EDIT, { item: { command: { arguments: [edit.id] } } });
    }
  }
}

function layoutOf(edit: NextEdit, editor: vscode.TextEditor | undefined): Layout | null {
  const document = documentOf(edit.uri);
  return document === undefined
    ? null
    : layout(edit, pageOf(document, editor?.document === document ? editor : undefined));
}
