/**
 * Text at the cursor, which the editor itself draws, follows while the user types, and takes by the word.
 *
 * In: the editor's questions. Out: items for it. Not here: next edits elsewhere (`presenter`).
 */

import * as vscode from "vscode";

import { isFollowed } from "../core/documents";
import { type Connection } from "../server/client";
import { DID_SHOW_COMPLETION, Trigger } from "../server/protocol";

/** The text that the editor was given last. */
export interface Ghost {
  readonly uri: string;
  readonly version: number;
  readonly id: string;
}

/** Answers the editor when it asks for inline completions. */
export class GhostText implements vscode.InlineCompletionItemProvider {
  private given: Ghost | null = null;
  private isOurTrigger = false;

  constructor(private readonly connection: () => Connection | null) {}

  /** What was given last. */
  get last(): Ghost | null {
    return this.given;
  }

  /** Has the editor ask, unless it did so for the document as it is. */
  async draw(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    const { given } = this;
    if (document === undefined || (given?.uri === document.uri.toString() && given.version === document.version)) {
      return;
    }
    this.isOurTrigger = true;
    await vscode.commands.executeCommand("editor.action.inlineSuggest.trigger");
  }

  /** Forgets what was given and has the server forget it for good. */
  async reject(): Promise<void> {
    const { given } = this;
    this.given = null;
    await vscode.commands.executeCommand("editor.action.inlineSuggest.hide");
    if (given !== null) {
      await this.connection()?.command("nextedit.reject", [given.id]);
    }
  }

  async provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[]> {
    const connection = this.connection();
    if (connection === null || !connection.client.isRunning() || !isFollowed(document.uri.scheme)) {
      return [];
    }
    const isInvoked = context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke && !this.isOurTrigger;
    this.isOurTrigger = false;
    const { version } = document;
    const trigger = isInvoked ? Trigger.Invoked : Trigger.Automatic;
    const selected = context.selectedCompletionInfo;
    const items = await connection.completions(document, position, trigger, selected, token).catch(() => []);
    if (token.isCancellationRequested || document.version !== version) {
      return [];
    }
    this.given = null;
    return items.flatMap((item) => {
      const { insertText, range, command } = item;
      if (typeof insertText !== "string" || range === undefined || command === undefined) {
        return [];
      }
      const id = String(command.arguments?.[0] ?? "");
      this.given = { uri: document.uri.toString(), version, id };
      connection.tell(DID_SHOW_COMPLETION, { item: { command: { arguments: [id] } } });
      const place = connection.client.protocol2CodeConverter.asRange(range);
      return [new vscode.InlineCompletionItem(insertText, place, { ...command, arguments: command.arguments ?? [] })];
    });
  }
}
