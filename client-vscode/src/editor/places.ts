/**
 * Between the editor's documents and the plain positions of the core.
 *
 * In: documents, editors, edits of the wire. Out: edits, pages and views. Not here: decisions.
 */

import * as vscode from "vscode";

import { type View } from "../core/decide";
import { isFollowed } from "../core/documents";
import { type NextEdit } from "../core/edit";
import { type Page } from "../core/layout";
import { type Range, withNewlines } from "../core/text";
import { type WireEdit } from "../server/protocol";
import { preferencesOf } from "./preferences";

// What the editor assumes where a tab size is not known.
const TAB_SIZE = 4;

/** An editor's range. */
export function rangeOf(range: Range): vscode.Range {
  return new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character);
}

/** The document of an address, if the editor has it open. */
export function documentOf(uri: string): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri);
}

/** A document's name for people: its path in the workspace, or which cell of its notebook it is. */
export function nameOf(uri: string): string {
  for (const notebook of vscode.workspace.notebookDocuments) {
    const cell = notebook.getCells().find((one) => one.document.uri.toString() === uri);
    if (cell !== undefined) {
      return `cell ${cell.index + 1}`;
    }
  }
  return vscode.workspace.asRelativePath(vscode.Uri.parse(uri, true));
}

/** The editors that show a document. */
export function editorsOf(uri: string): vscode.TextEditor[] {
  return vscode.window.visibleTextEditors.filter((editor) => editor.document.uri.toString() === uri);
}

/** The text of a range, with `\n` line ends. */
export function textOf(document: vscode.TextDocument, range: Range): string {
  return withNewlines(document.getText(rangeOf(range)));
}

/** The server's edit for the document as it is; null when it is for another state of it. */
export function editOf(wire: WireEdit, uri: vscode.Uri): NextEdit | null {
  const document = documentOf(uri.toString());
  const { version } = wire.textDocument;
  if (document === undefined || (version !== null && version !== document.version)) {
    return null;
  }
  const validated = document.validateRange(rangeOf(wire.range));
  const range = { start: plain(validated.start), end: plain(validated.end) };
  return {
    uri: uri.toString(),
    range,
    oldText: textOf(document, range),
    newText: withNewlines(wire.text),
    id: String(wire.command.arguments?.[0] ?? ""),
    report: { command: wire.command.command, arguments: wire.command.arguments ?? [] },
  };
}

/** A position without the editor's class. */
export function plain(position: vscode.Position): { line: number; character: number } {
  return { line: position.line, character: position.character };
}

/** What a layout needs of a document, seen in an editor or in none. */
export function pageOf(document: vscode.TextDocument, editor: vscode.TextEditor | undefined): Page {
  const tabSize = editor?.options.tabSize;
  return {
    nLines: document.lineCount,
    lineAt: (line) => document.lineAt(line).text,
    tabSize: typeof tabSize === "number" ? tabSize : TAB_SIZE,
    cursorLine: editor?.selection.active.line ?? -1,
  };
}

/** What the user sees of an editor. */
export function viewOf(editor: vscode.TextEditor, mayDrawGhostText: boolean): View {
  return {
    uri: editor.document.uri.toString(),
    isFollowed: isFollowed(editor.document.uri.scheme),
    cursor: plain(editor.selection.active),
    visible: editor.visibleRanges,
    hasGhostText: mayDrawGhostText && preferencesOf(editor.document).hasInlineSuggestions,
    hasSelection: !editor.selection.isEmpty,
    nCursors: editor.selections.length,
  };
}
