/**
 * Text at the cursor, which the editor itself draws, follows while the user types, and takes by the word.
 *
 * In: the editor's questions. Out: items for it. Not here: next edits elsewhere (`presenter`, `native`).
 */

import * as vscode from "vscode";
import { type InlineCompletionItem } from "vscode-languageclient/node";

import { isFollowed } from "../core/documents";
import { type Connection } from "../server/client";
import { DID_SHOW_COMPLETION, Trigger } from "../server/protocol";

/** What the editor was answered last: the id of the text that it was given, or null for none. */
interface Given {
  readonly uri: string;
  readonly version: number;
  readonly id: string | null;
}

/** Answers the editor when it asks for inline completions. */
export class GhostText implements vscode.InlineCompletionItemProvider, vscode.Disposable {
  private given: Given | null = null;
  private isOurTrigger = false;
  private readonly answered = new vscode.EventEmitter<void>();
  /** The editor was given text, or none. */
  readonly onDidAnswer = this.answered.event;

  /** `isToldOfItems`: the editor says by itself when it shows an item; else one that it was given counts as shown. */
  constructor(
    private readonly connection: () => Connection | null,
    private readonly isToldOfItems: boolean,
  ) {}

  /** Whether the editor draws text in a document: it was given some, or has not asked yet about its state. */
  mayDraw(document: vscode.TextDocument): boolean {
    return !this.isAnsweredFor(document) || this.given?.id != null;
  }

  /** Has the editor ask, unless it did so for the document as it is. */
  async draw(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (document !== undefined && !this.isAnsweredFor(document)) {
      this.isOurTrigger = true;
      await vscode.commands.executeCommand("editor.action.inlineSuggest.trigger");
    }
  }

  /** Takes the text off the screen and has the server forget it for good, as well as what else is the same. */
  async reject(others: readonly string[]): Promise<void> {
    const { given } = this;
    const document = vscode.window.activeTextEditor?.document;
    const id = document !== undefined && this.isAnsweredFor(document) ? given?.id : null;
    this.become(given === null ? null : { ...given, id: null });
    await vscode.commands.executeCommand("editor.action.inlineSuggest.hide");
    const ids = new Set(typeof id === "string" ? [id, ...others] : others);
    if (ids.size > 0) {
      await this.connection()?.command("nextedit.reject", [...ids]);
    }
  }

  async provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[]> {
    const connection = this.connection();
    if (connection === null || !isFollowed(document.uri.scheme)) {
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
    const item = items.map((one) => itemOf(one, connection)).find((one) => one !== null);
    const id = item === undefined ? null : String(item.command?.arguments?.[0] ?? "");
    this.become({ uri: document.uri.toString(), version, id });
    if (id !== null && !this.isToldOfItems) {
      connection.tell(DID_SHOW_COMPLETION, { item: { command: { arguments: [id] } } });
    }
    return item === undefined ? [] : [item];
  }

  dispose(): void {
    this.answered.dispose();
  }

  private isAnsweredFor(document: vscode.TextDocument): boolean {
    return this.given?.uri === document.uri.toString() && this.given.version === document.version;
  }

  private become(given: Given | null): void {
    const isThere = typeof given?.id === "string";
    if (isThere !== (typeof this.given?.id === "string")) {
      void vscode.commands.executeCommand("setContext", "nextedit.ghost", isThere);
    }
    this.given = given;
    this.answered.fire();
  }
}

function itemOf(item: InlineCompletionItem, connection: Connection): vscode.InlineCompletionItem | null {
  const { insertText, range, command } = item;
  if (typeof insertText !== "string" || range === undefined || command === undefined) {
    return null;
  }
  const place = connection.client.protocol2CodeConverter.asRange(range);
  return new vscode.InlineCompletionItem(insertText, place, { ...command, arguments: command.arguments ?? [] });
}
