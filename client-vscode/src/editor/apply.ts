/**
 * Applies a next edit, as one undo step, and leaves the cursor behind it.
 *
 * In: an edit whose region holds its old text. Out: the document changed, the acceptance reported.
 * Not here: what is asked next (`presenter`).
 */

import * as vscode from "vscode";

import { cursorAfter, type NextEdit } from "../core/edit";
import { type Connection } from "../server/client";
import { rangeOf, textOf } from "./places";

/** Shows the document of an edit, with the cursor at a place. */
export async function goTo(uri: string, line: number, character: number): Promise<vscode.TextEditor> {
  const at = new vscode.Position(line, character);
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri, true));
  const editor = (await cellEditor(document)) ?? (await vscode.window.showTextDocument(document));
  editor.selection = new vscode.Selection(at, at);
  editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  return editor;
}

/** Applies the edit in an editor of its document; where the cursor is then, or null when it no longer fits. */
export async function apply(
  edit: NextEdit,
  editor: vscode.TextEditor,
  connection: Connection | null,
): Promise<vscode.Position | null> {
  if (textOf(editor.document, edit.range) !== edit.oldText) {
    return null;
  }
  const isApplied = await editor.edit((builder) => {
    builder.replace(rangeOf(edit.range), edit.newText);
  });
  if (!isApplied) {
    return null;
  }
  const after = cursorAfter(edit);
  const at = new vscode.Position(after.line, after.character);
  editor.selection = new vscode.Selection(at, at);
  editor.revealRange(editor.selection);
  await connection?.command("nextedit.accept", edit.report.arguments).catch(() => undefined);
  return at;
}

/** The editor of a notebook's cell, with the focus in it; undefined for other documents. */
async function cellEditor(document: vscode.TextDocument): Promise<vscode.TextEditor | undefined> {
  for (const notebook of vscode.workspace.notebookDocuments) {
    const cell = notebook.getCells().find((one) => one.document === document);
    if (cell !== undefined) {
      const range = new vscode.NotebookRange(cell.index, cell.index + 1);
      const editor = await vscode.window.showNotebookDocument(notebook, { selections: [range] });
      editor.revealRange(range, vscode.NotebookEditorRevealType.InCenterIfOutsideViewport);
      await vscode.commands.executeCommand("notebook.cell.edit");
      const active = vscode.window.activeTextEditor;
      return active?.document === document ? active : undefined;
    }
  }
  return undefined;
}
