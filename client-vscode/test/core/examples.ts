/**
 * Documents and edits for tests, written as text.
 *
 * In: a text in which `⟦old⟧` marks what an edit replaces. Out: edits, pages, views. Not here: expectations.
 */

import { type View } from "../../src/core/decide";
import { type NextEdit } from "../../src/core/edit";
import { type Page } from "../../src/core/layout";
import { endOf, linesOf } from "../../src/core/text";

export const URI = "file:///w/a.py";

/** The edit of a marked text, and the text without the marks. */
export function marked(text: string, newText: string): { edit: NextEdit; text: string } {
  const open = text.indexOf("⟦");
  const close = text.indexOf("⟧");
  const oldText = text.slice(open + 1, close);
  const start = endOf({ line: 0, character: 0 }, text.slice(0, open));
  const range = { start, end: endOf(start, oldText) };
  const report = { command: "nextedit.accept", arguments: ["id"] };
  const edit = { uri: URI, range, oldText, newText, id: "id", report };
  return { edit, text: text.slice(0, open) + oldText + text.slice(close + 1) };
}

/** A document for the layout. */
export function page(text: string, cursorLine = 0): Page {
  const lines = linesOf(text);
  return { nLines: lines.length, lineAt: (line) => lines[line] ?? "", tabSize: 4, cursorLine };
}

/** An editor that shows the lines 0 to 40, with the cursor at a place. */
export function view(line: number, character: number, changes: Partial<View> = {}): View {
  const visible = [{ start: { line: 0, character: 0 }, end: { line: 40, character: 0 } }];
  const cursor = { line, character };
  return {
    uri: URI,
    isFollowed: true,
    cursor,
    visible,
    hasGhostText: true,
    hasSelection: false,
    nCursors: 1,
    ...changes,
  };
}
