/**
 * The settings that are asked for at every move of the cursor, looked up once a document.
 *
 * In: a document. Out: values. Not here: the server's settings (`server/settings`).
 */

import * as vscode from "vscode";

/** What the user prefers in a document. */
export interface Preferences {
  /** Whether the editor draws text at the cursor at all. */
  readonly hasInlineSuggestions: boolean;
  /** How many lines from an edit Tab applies it without going there. */
  readonly acceptWithin: number;
  /** How many lines the headings at the editor's upper edge may cover. */
  readonly coveredLines: number;
}

let known = new WeakMap<vscode.TextDocument, Preferences>();

/** Forgets everything: a setting changed. */
export function forgetPreferences(): void {
  known = new WeakMap();
}

/** What the user prefers in a document. */
export function preferencesOf(document: vscode.TextDocument): Preferences {
  const before = known.get(document);
  if (before !== undefined) {
    return before;
  }
  const editor = vscode.workspace.getConfiguration("editor", document);
  const own = vscode.workspace.getConfiguration("nextedit", document);
  const hasHeadings = editor.get<boolean>("stickyScroll.enabled", true);
  const preferences = {
    hasInlineSuggestions: editor.get<boolean>("inlineSuggest.enabled", true),
    acceptWithin: own.get<number>("acceptWithin", 0),
    coveredLines: hasHeadings ? editor.get<number>("stickyScroll.maxLineCount", 0) : 0,
  };
  known.set(document, preferences);
  return preferences;
}
