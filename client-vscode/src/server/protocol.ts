/**
 * The messages beyond the Language Server Protocol, as the wire has them: see docs/lsp-extensions.md.
 *
 * In: nothing. Out: types and names. Not here: sending them (`client`).
 */

import { type Command, type Diagnostic, type Range } from "vscode-languageclient/node";

export const INLINE_EDIT = "textDocument/copilotInlineEdit";
export const INLINE_COMPLETION = "textDocument/inlineCompletion";
export const DID_FOCUS = "textDocument/didFocus";
export const DID_SHOW_INLINE_EDIT = "textDocument/didShowInlineEdit";
export const DID_SHOW_COMPLETION = "textDocument/didShowCompletion";
export const DID_PARTIALLY_ACCEPT = "textDocument/didPartiallyAcceptCompletion";
export const DID_CHANGE_DIAGNOSTICS = "nextedit/didChangeDiagnostics";
export const DID_CHANGE_VISIBLE_RANGES = "nextedit/didChangeVisibleRanges";
export const STATUS = "nextedit/status";

/** How a request came about. */
export const enum Trigger {
  /** The user asked. */
  Invoked = 1,
  Automatic = 2,
}

/** One next edit as the server sends it. */
export interface WireEdit {
  readonly text: string;
  readonly textDocument: { readonly uri: string; readonly version: number | null };
  readonly range: Range;
  readonly command: Command;
}

export interface InlineEditResult {
  readonly edits: readonly WireEdit[];
}

/** `nextedit/didChangeDiagnostics`: what the editor says of a document now. */
export interface DiagnosticsParams {
  readonly textDocument: { readonly uri: string; readonly version?: number };
  readonly diagnostics: readonly Diagnostic[];
}

/** `nextedit/didChangeVisibleRanges`: the lines on the screen. */
export interface VisibleRangesParams {
  readonly textDocument: { readonly uri: string };
  readonly ranges: readonly Range[];
}

/** `nextedit/status`. */
export interface StatusParams {
  readonly busy: boolean;
  readonly kind: "Normal" | "Inactive" | "Warning";
  readonly message: string;
}

/** The answer of the command `nextedit.status`. */
export interface Status extends StatusParams {
  readonly model: { readonly name: string; readonly state: string; readonly problem: string | null };
  readonly pausedSeconds: number | null;
  readonly documents: number;
  readonly leftAlone: Readonly<Record<string, string>>;
  readonly counts: Readonly<Record<string, number>>;
}

/** The server's commands. */
export type ServerCommand =
  | "nextedit.next"
  | "nextedit.accept"
  | "nextedit.acceptAll"
  | "nextedit.reject"
  | "nextedit.explain"
  | "nextedit.pause"
  | "nextedit.resume"
  | "nextedit.status";
