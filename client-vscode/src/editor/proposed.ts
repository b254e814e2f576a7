/**
 * What this extension uses of the editor's proposed API `inlineCompletionsAdditions`, and whether it may.
 *
 * In: the extension as the editor loaded it. Out: types, and yes or no. Not here: using it (`native`).
 *
 * The editor empties the list of proposals in the manifest that it hands out when it does not grant them.
 */

import type * as vscode from "vscode";

const PROPOSAL = "inlineCompletionsAdditions";

/** An item that may change text anywhere. */
export interface EditItem extends vscode.InlineCompletionItem {
  isInlineEdit?: boolean;
  /** Where the cursor has to be for the change to be drawn; elsewhere a hint points to it. */
  showRange?: vscode.Range;
  /** The document that changes, when it is another than the one that was asked about. */
  uri?: vscode.Uri;
}

/** Why an item is no longer shown. */
export interface EndOfLife {
  /** 0: accepted, 1: rejected, 2: ignored. */
  readonly kind: number;
}

/** The provider with all that it may hear of its items. */
export interface EditProvider extends vscode.InlineCompletionItemProvider {
  readonly onDidChange: vscode.Event<void>;
  handleDidShowCompletionItem(item: EditItem): void;
  handleDidPartiallyAcceptCompletionItem(item: EditItem, length: unknown): void;
  handleEndOfLifetime(item: EditItem, reason: EndOfLife): void;
}

/** Whether the editor grants the proposed API. */
export function isGranted(extension: vscode.Extension<unknown>): boolean {
  const { enabledApiProposals } = extension.packageJSON as { enabledApiProposals?: readonly string[] };
  return enabledApiProposals?.some((name) => name.startsWith(PROPOSAL)) ?? false;
}
