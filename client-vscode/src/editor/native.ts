/**
 * Next edits in the editor's own view, where the proposed API is granted: it draws, points, jumps and applies.
 *
 * In: the editor's questions, what it tells of its items. Out: items, reports. Not here: drawing by hand (`presenter`).
 */

import * as vscode from "vscode";

import { type NextEdit } from "../core/edit";
import { type Connection } from "../server/client";
import { DID_PARTIALLY_ACCEPT, DID_SHOW_COMPLETION, DID_SHOW_INLINE_EDIT, Trigger } from "../server/protocol";
import { type GhostText } from "./ghost";
import { editOf, rangeOf } from "./places";
import { type EditItem, type EditProvider, type EndOfLife } from "./proposed";

const ACCEPTED = 0;
const REJECTED = 1;

/** Text at the cursor where there is some, else the next edit, as one provider. */
export class NativeEdits implements EditProvider, vscode.Disposable {
  private readonly refresh = new vscode.EventEmitter<void>();
  readonly onDidChange = this.refresh.event;
  private readonly shownEmitter = new vscode.EventEmitter<EditItem | null>();
  /** What is on the screen is another item, or none. */
  readonly onDidShow = this.shownEmitter.event;
  private visible: EditItem | null = null;

  constructor(
    private readonly connection: () => Connection | null,
    private readonly ghost: GhostText,
    private readonly answered: (edits: readonly NextEdit[], elapsedMs: number) => void,
  ) {}

  /** What is on the screen. */
  get shown(): EditItem | null {
    return this.visible;
  }

  /** Has the editor ask again. */
  again(): void {
    this.refresh.fire();
  }

  async provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<EditItem[]> {
    const atCursor = await this.ghost.provideInlineCompletionItems(document, position, context, token);
    const connection = this.connection();
    // With the list of completions open, only what extends its entry is shown.
    if (atCursor.length > 0 || connection === null || isLate(token) || context.selectedCompletionInfo) {
      return atCursor;
    }
    const { version } = document;
    const since = performance.now();
    const isInvoked = context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
    const trigger = isInvoked ? Trigger.Invoked : Trigger.Automatic;
    const result = await connection.nextEdits(document, position, trigger, token).catch(() => ({ edits: [] }));
    if (isLate(token) || document.version !== version) {
      return [];
    }
    const convert = connection.client.protocol2CodeConverter;
    const edits = result.edits
      .map((wire) => editOf(wire, convert.asUri(wire.textDocument.uri)))
      .filter((one) => one !== null);
    this.answered(edits, performance.now() - since);
    return edits.slice(0, 1).map((edit) => itemOf(edit, document));
  }

  handleDidShowCompletionItem(item: EditItem): void {
    this.visible = item;
    this.shownEmitter.fire(item);
    this.connection()?.tell(item.isInlineEdit === true ? DID_SHOW_INLINE_EDIT : DID_SHOW_COMPLETION, reportOf(item));
  }

  handleDidPartiallyAcceptCompletionItem(item: EditItem, length: unknown): void {
    const acceptedLength = typeof length === "number" ? length : (length as { acceptedLength: number }).acceptedLength;
    this.connection()?.tell(DID_PARTIALLY_ACCEPT, { ...reportOf(item), acceptedLength });
  }

  handleEndOfLifetime(item: EditItem, reason: EndOfLife): void {
    if (this.visible === item) {
      this.visible = null;
      this.shownEmitter.fire(null);
    }
    if (reason.kind === REJECTED) {
      void this.connection()
        ?.command("nextedit.reject", [idOf(item)])
        .catch(() => undefined);
    } else if (reason.kind === ACCEPTED) {
      // The editor asks by itself only after what was typed.
      this.again();
    }
  }

  dispose(): void {
    this.refresh.dispose();
    this.shownEmitter.dispose();
  }
}

function itemOf(edit: NextEdit, document: vscode.TextDocument): EditItem {
  const command = { title: "", command: edit.report.command, arguments: [...edit.report.arguments] };
  const item: EditItem = new vscode.InlineCompletionItem(edit.newText, rangeOf(edit.range), command);
  item.isInlineEdit = true;
  if (edit.uri !== document.uri.toString()) {
    item.uri = vscode.Uri.parse(edit.uri, true);
  }
  return item;
}

function isLate(token: vscode.CancellationToken): boolean {
  return token.isCancellationRequested;
}

function idOf(item: EditItem): string {
  const { command } = item;
  return String(command?.arguments?.[0] ?? "");
}

function reportOf(item: EditItem): { item: { command: { arguments: string[] } } } {
  return { item: { command: { arguments: [idOf(item)] } } };
}
