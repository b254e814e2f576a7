/**
 * Draws a layout in an editor, by decorations alone: what every installation of VS Code allows.
 *
 * In: a layout, an editor. Out: decorations on the screen. Not here: what is drawn (`core/layout`).
 */

import * as vscode from "vscode";

import { boxCss } from "../core/css";
import { type Insertion, type Layout } from "../core/layout";
import { diffText } from "../core/words";
import { rangeOf } from "./places";

const INSERTED = new vscode.ThemeColor("nextedit.insertedText");
const INSERTED_BACKGROUND = new vscode.ThemeColor("nextedit.insertedTextBackground");
const INSERTED_BORDER = new vscode.ThemeColor("nextedit.insertedTextBorder");
const DELETED_BACKGROUND = new vscode.ThemeColor("nextedit.deletedTextBackground");
const DELETED_BORDER = new vscode.ThemeColor("nextedit.deletedTextBorder");
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
  private readonly deletedLine: vscode.TextEditorDecorationType;
  private readonly struckLine: vscode.TextEditorDecorationType;
  private readonly text: vscode.TextEditorDecorationType;
  private readonly gutter: vscode.TextEditorDecorationType;
  private readonly hints: vscode.TextEditorDecorationType;
  private readonly types: readonly vscode.TextEditorDecorationType[];
  private drawn: Layout | null = null;
  private drawnIn: vscode.TextEditor[] = [];
  private hinted: Hint | null = null;
  private hintedIn: vscode.TextEditor | null = null;

  constructor(extension: vscode.Uri) {
    const make = vscode.window.createTextEditorDecorationType;
    const deleted = { backgroundColor: DELETED_BACKGROUND, textDecoration: "line-through" };
    this.struck = make({ ...deleted, border: "1px solid", borderColor: DELETED_BORDER });
    this.deletedLine = make({ backgroundColor: DELETED_BACKGROUND, isWholeLine: true });
    this.struckLine = make({ textDecoration: "line-through" });
    this.text = make({ rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed });
    this.gutter = make({
      gutterIconPath: vscode.Uri.joinPath(extension, "media", "gutter.svg"),
      gutterIconSize: "contain",
      overviewRulerColor: HINT,
      overviewRulerLane: vscode.OverviewRulerLane.Left,
    });
    this.types = [this.struck, this.deletedLine, this.struckLine, this.text, this.gutter];
    this.hints = make({
      gutterIconPath: vscode.Uri.joinPath(extension, "media", "gutter.svg"),
      gutterIconSize: "contain",
    });
  }

  /** Draws in all editors that show the document; what is drawn already stays. */
  draw(layout: Layout, editors: readonly vscode.TextEditor[]): void {
    const isDrawn =
      layout === this.drawn &&
      editors.length === this.drawnIn.length &&
      editors.every((editor) => this.drawnIn.includes(editor));
    if (isDrawn) {
      return;
    }
    this.erase(editors);
    this.drawn = layout;
    this.drawnIn = [...editors];
    const hoverMessage = new vscode.MarkdownString().appendCodeblock(diffText(layout.hunks, layout.before), "diff");
    const withHover = (options: vscode.DecorationOptions): vscode.DecorationOptions => ({ ...options, hoverMessage });
    for (const editor of editors) {
      const lineRange = (line: number): vscode.Range => editor.document.lineAt(line).range;
      const text = [...layout.insertions.map(insertion), ...boxes(layout, editor)];
      editor.setDecorations(
        this.struck,
        layout.struck.map((range) => withHover({ range: rangeOf(range) })),
      );
      editor.setDecorations(
        this.deletedLine,
        layout.struckLines.map((line) => withHover({ range: lineRange(line) })),
      );
      editor.setDecorations(
        this.struckLine,
        layout.struckLines.map((line) => inkOf(editor.document.lineAt(line))),
      );
      editor.setDecorations(this.text, text.map(withHover));
      editor.setDecorations(this.gutter, [withHover({ range: lineRange(layout.focus.line) })]);
    }
  }

  /** Shows a hint behind a line. */
  hint(hint: Hint, editor: vscode.TextEditor): void {
    if (this.hintedIn === editor && this.hinted?.line === hint.line && this.hinted.text === hint.text) {
      return;
    }
    this.eraseHint();
    this.hinted = hint;
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
    this.hinted = null;
    this.hintedIn = null;
  }

  /** Takes everything away, but for what is about to be drawn anew. */
  erase(except: readonly vscode.TextEditor[] = []): void {
    for (const editor of this.drawnIn) {
      if (!except.includes(editor)) {
        for (const type of this.types) {
          editor.setDecorations(type, []);
        }
      }
    }
    this.drawnIn = [];
    this.drawn = null;
  }

  dispose(): void {
    for (const type of [...this.types, this.hints]) {
      type.dispose();
    }
  }
}

function insertion(one: Insertion): vscode.DecorationOptions {
  const at = new vscode.Position(one.at.line, one.at.character);
  const text = one.isNewLine ? `⏎ ${one.text}`.trimEnd() : one.text;
  const after = {
    contentText: spaces(text),
    color: INSERTED,
    backgroundColor: INSERTED_BACKGROUND,
    border: "1px solid",
    borderColor: INSERTED_BORDER,
    fontStyle: "italic",
    margin: one.isNewLine ? "0 0 0 1ch" : "0 1px 0 2px",
  };
  return { range: new vscode.Range(at, at), renderOptions: { after } };
}

function boxes(layout: Layout, editor: vscode.TextEditor): vscode.DecorationOptions[] {
  return layout.boxes.map((box) => {
    const { end } = editor.document.lineAt(box.line).range;
    const after = {
      contentText: "",
      color: INSERTED,
      textDecoration: boxCss(box),
    };
    return { range: new vscode.Range(end, end), renderOptions: { after } };
  });
}

/** A line from its first character that can be seen. */
function inkOf(line: vscode.TextLine): vscode.Range {
  return new vscode.Range(line.lineNumber, line.firstNonWhitespaceCharacterIndex, line.lineNumber, line.text.length);
}

/** Blanks that the browser does not join. */
function spaces(text: string): string {
  return text.replace(/[ \t]/g, "\u00a0");
}
