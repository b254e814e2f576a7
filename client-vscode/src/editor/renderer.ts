/**
 * Draws a layout in an editor, by decorations alone: what every installation of VS Code allows.
 *
 * In: a layout, an editor. Out: decorations on the screen. Not here: what is drawn (`core/layout`).
 */

import * as vscode from "vscode";

import { type Insertion, type Layout } from "../core/layout";
import { boxCss } from "./css";
import { rangeOf } from "./places";

const INSERTED = new vscode.ThemeColor("nextedit.insertedText");
const INSERTED_BACKGROUND = new vscode.ThemeColor("nextedit.insertedTextBackground");
const INSERTED_BORDER = new vscode.ThemeColor("nextedit.insertedTextBorder");
const DELETED_BACKGROUND = new vscode.ThemeColor("nextedit.deletedTextBackground");
const DELETED_BORDER = new vscode.ThemeColor("nextedit.deletedTextBorder");
const BOX_BACKGROUND = new vscode.ThemeColor("nextedit.boxBackground");
const HINT = new vscode.ThemeColor("nextedit.hint");
const HINT_BACKGROUND = new vscode.ThemeColor("nextedit.hintBackground");

/** Where a hint stands and what it says. */
export interface Hint {
  readonly line: number;
  readonly text: string;
}

/** The decorations of this extension. */
export class Renderer implements vscode.Disposable {
  private readonly struck: vscode.TextEditorDecorationType;
  private readonly struckLine: vscode.TextEditorDecorationType;
  private readonly text: vscode.TextEditorDecorationType;
  private readonly gutter: vscode.TextEditorDecorationType;
  private readonly hints: vscode.TextEditorDecorationType;
  private drawnIn: vscode.TextEditor[] = [];
  private hintedIn: vscode.TextEditor | null = null;

  constructor(extension: vscode.Uri) {
    const make = vscode.window.createTextEditorDecorationType;
    const deleted = { backgroundColor: DELETED_BACKGROUND, textDecoration: "line-through" };
    this.struck = make({ ...deleted, border: "1px solid", borderColor: DELETED_BORDER });
    this.struckLine = make({ ...deleted, isWholeLine: true });
    this.text = make({ rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed });
    this.gutter = make({
      gutterIconPath: vscode.Uri.joinPath(extension, "media", "gutter.svg"),
      gutterIconSize: "contain",
      overviewRulerColor: HINT,
      overviewRulerLane: vscode.OverviewRulerLane.Left,
    });
    this.hints = make({});
  }

  /** Draws in all editors that show the document. */
  draw(layout: Layout, editors: readonly vscode.TextEditor[], hover: vscode.MarkdownString | null): void {
    this.erase(editors);
    this.drawnIn = [...editors];
    const withHover = (range: vscode.Range): vscode.DecorationOptions =>
      hover === null ? { range } : { range, hoverMessage: hover };
    for (const editor of editors) {
      editor.setDecorations(this.struck, layout.struck.map((range) => withHover(rangeOf(range))));
      editor.setDecorations(
        this.struckLine,
        layout.struckLines.map((line) => withHover(editor.document.lineAt(line).range)),
      );
      editor.setDecorations(this.text, [...layout.insertions.map(insertion), ...boxes(layout, editor)].map(
        (options) => (hover === null ? options : { ...options, hoverMessage: hover }),
      ));
      editor.setDecorations(this.gutter, [editor.document.lineAt(layout.focus.line).range]);
    }
  }

  /** Shows a hint behind a line. */
  hint(hint: Hint, editor: vscode.TextEditor): void {
    if (this.hintedIn !== null && this.hintedIn !== editor) {
      this.eraseHint();
    }
    this.hintedIn = editor;
    const end = editor.document.lineAt(hint.line).range.end;
    const after = {
      contentText: spaces(hint.text),
      color: HINT,
      backgroundColor: HINT_BACKGROUND,
      margin: "0 0 0 3ch",
      textDecoration: "none;padding:0 1ch;border-radius:3px",
    };
    editor.setDecorations(this.hints, [{ range: new vscode.Range(end, end), renderOptions: { after } }]);
  }

  /** Takes the hint away. */
  eraseHint(): void {
    this.hintedIn?.setDecorations(this.hints, []);
    this.hintedIn = null;
  }

  /** Takes everything away, but for what is about to be drawn anew. */
  erase(except: readonly vscode.TextEditor[] = []): void {
    for (const editor of this.drawnIn) {
      if (!except.includes(editor)) {
        for (const type of [this.struck, this.struckLine, this.text, this.gutter]) {
          editor.setDecorations(type, []);
        }
      }
    }
    this.drawnIn = [];
  }

  dispose(): void {
    for (const type of [this.struck, this.struckLine, this.text, this.gutter, this.hints]) {
      type.dispose();
    }
  }
}

function insertion(one: Insertion): vscode.DecorationOptions {
  const at = new vscode.Position(one.at.line, one.at.character);
  const text = one.isNewLine ? `⏎ ${one.text}` : one.text;
  const after = {
    contentText: spaces(text),
    color: INSERTED,
    backgroundColor: INSERTED_BACKGROUND,
    border: "1px solid",
    borderColor: INSERTED_BORDER,
    fontStyle: "italic",
    ...(one.isNewLine && { margin: "0 0 0 1ch" }),
  };
  return { range: new vscode.Range(at, at), renderOptions: { after } };
}

function boxes(layout: Layout, editor: vscode.TextEditor): vscode.DecorationOptions[] {
  return layout.boxes.map((box) => {
    const { end } = editor.document.lineAt(box.line).range;
    const after = {
      contentText: "",
      color: INSERTED,
      backgroundColor: BOX_BACKGROUND,
      border: "1px solid",
      borderColor: INSERTED_BORDER,
      textDecoration: boxCss(box),
    };
    return { range: new vscode.Range(end, end), renderOptions: { after } };
  });
}

/** Blanks that the browser does not join. */
function spaces(text: string): string {
  return text.replace(/[ \t]/g, "\u00a0");
}
