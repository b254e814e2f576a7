/**
 * All edits of one kind at once, shown in the editor's refactor preview before anything changes.
 *
 * In: the pending edit's document. Out: the edits, applied as far as the user ticked them. Not here: finding them:
 * the server's code action "Apply all".
 */

import * as vscode from "vscode";
import { type CodeAction, type CodeActionTriggerKind, type Command } from "vscode-languageclient/node";

import { type Connection } from "../server/client";

const METHOD = "textDocument/codeAction";
const KIND = "refactor.rewrite.nextedit";
const INVOKED: CodeActionTriggerKind = 1;

/** Offers all that repeat the same change; false when there are not two of them. */
export async function applyAll(connection: Connection, editor: vscode.TextEditor): Promise<boolean> {
  const convert = connection.client.code2ProtocolConverter;
  const params = {
    textDocument: { uri: connection.uriOf(editor.document) },
    range: convert.asRange(new vscode.Range(editor.selection.active, editor.selection.active)),
    context: { diagnostics: [], only: [KIND], triggerKind: INVOKED },
  };
  const actions = (await connection.client.sendRequest<(Command | CodeAction)[] | null>(METHOD, params)) ?? [];
  const all = actions.find((action) => isAll(action));
  const found = await connection.client.protocol2CodeConverter.asWorkspaceEdit(all?.edit);
  if (all === undefined || found === undefined) {
    return false;
  }
  // The server sees by itself which of them arrive: the user may have ticked some only.
  await vscode.workspace.applyEdit(toConfirm(found, all.title), { isRefactoring: true });
  return true;
}

function isAll(action: Command | CodeAction): action is CodeAction {
  return "edit" in action && (action.command?.arguments?.length ?? 0) > 1;
}

/** The same edit, each part of which the user is asked about. */
function toConfirm(edit: vscode.WorkspaceEdit, label: string): vscode.WorkspaceEdit {
  const result = new vscode.WorkspaceEdit();
  const metadata = { needsConfirmation: true, label };
  for (const [uri, edits] of edit.entries()) {
    for (const one of edits) {
      result.replace(uri, one.range, one.newText, metadata);
    }
  }
  return result;
}
