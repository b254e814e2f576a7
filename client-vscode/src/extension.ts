/**
 * The extension's beginning and end: makes the parts and puts them together.
 *
 * In: the editor's context. Out: a running extension. Not here: what the parts do.
 */

import * as vscode from "vscode";
import { CloseAction, ErrorAction } from "vscode-languageclient/node";

import { SCHEMES } from "./core/documents";
import { Asker } from "./editor/asker";
import { GhostText } from "./editor/ghost";
import { Presenter } from "./editor/presenter";
import { Renderer } from "./editor/renderer";
import { Connection } from "./server/client";
import { DID_FOCUS } from "./server/protocol";

/** Called by the editor when the extension is first needed. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("Next Edit", { log: true });
  const command = vscode.workspace.getConfiguration("nextedit").get<string>("serverPath", "") || "nextedit";
  const connection = new Connection(
    { command, args: ["serve"], cwd: context.globalStorageUri.fsPath, settings: { statusNotification: true } },
    { outputChannel: output },
    {
      error: () => ({ action: ErrorAction.Continue }),
      closed: () => ({ action: CloseAction.Restart }),
    },
  );
  const running = (): Connection | null => (connection.client.isRunning() ? connection : null);
  const renderer = new Renderer(context.extensionUri);
  const ghost = new GhostText(running);
  const asker: Asker = new Asker(running, (answer) => {
    presenter.show(answer.edits[0]);
  });
  const presenter = new Presenter(renderer, {
    connection: running,
    ask: () => {
      asker.soon();
    },
    drawGhostText: () => void ghost.draw(),
  });
  context.subscriptions.push(
    output,
    renderer,
    presenter,
    asker,
    vscode.languages.registerInlineCompletionItemProvider(SCHEMES.map((scheme) => ({ scheme })), ghost),
    vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.contentChanges.length > 0) {
        presenter.onChange(event);
        if (event.document === vscode.window.activeTextEditor?.document) {
          asker.soon();
        }
      }
    }),
    vscode.window.onDidChangeActiveTextEditor((editor) => {
      const params = editor && { textDocument: { uri: connection.uriOf(editor.document) } };
      connection.tell(DID_FOCUS, params ?? {});
      presenter.refresh();
      asker.soon();
    }),
    vscode.window.onDidChangeTextEditorSelection(() => {
      presenter.refresh();
    }),
    vscode.window.onDidChangeTextEditorVisibleRanges(() => {
      presenter.refresh();
    }),
    vscode.commands.registerCommand("nextedit.jumpOrAccept", () => presenter.jumpOrAccept()),
    vscode.commands.registerCommand("nextedit.dismiss", () => presenter.reject()),
    vscode.commands.registerCommand("nextedit.accept", (...ids: unknown[]) =>
      connection.command("nextedit.accept", ids),
    ),
    { dispose: () => void connection.client.stop() },
  );
  await vscode.workspace.fs.createDirectory(context.globalStorageUri);
  await connection.client.start();
  asker.soon();
}
