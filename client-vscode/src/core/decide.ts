/**
 * Whether a next edit is drawn here, pointed to, left to the editor's text at the cursor, or not shown.
 *
 * In: the edit and what the user sees. Out: one word. Not here: how it is drawn (`layout`), the keys (`keys`).
 */

import { core, type NextEdit } from "./edit";
import { type Hunk } from "./diff";
import { compare, type Position, type Range } from "./text";

/** What the user sees of the active editor. */
export interface View {
  readonly uri: string;
  /** Whether it is a document that the server hears of. */
  readonly isFollowed: boolean;
  readonly cursor: Position;
  readonly visible: readonly Range[];
  /** Whether the editor draws text at the cursor. */
  readonly hasGhostText: boolean;
  readonly hasSelection: boolean;
  readonly nCursors: number;
}

/**
 * - `ghost`: the editor draws it as text at the cursor
 * - `inline`: drawn where it is
 * - `jump`: off screen, a hint points to it
 * - `elsewhere`: in another file, a hint points to it
 * - `silence`: not shown
 */
export type Decision = "ghost" | "inline" | "jump" | "elsewhere" | "silence";

/** How an edit is shown. */
export function decide(edit: NextEdit, view: View): Decision {
  if (edit.oldText === edit.newText || !view.isFollowed || view.hasSelection || view.nCursors > 1) {
    return "silence";
  }
  if (edit.uri !== view.uri) {
    return "elsewhere";
  }
  if (view.hasGhostText && isGhostText(edit, view.cursor)) {
    return "ghost";
  }
  const { line } = core(edit).range.start;
  return view.visible.some((range) => line >= range.start.line && line <= range.end.line) ? "inline" : "jump";
}

/** Whether the edit is an insertion on the cursor's line, at the cursor or behind it. */
export function isGhostText(edit: NextEdit, cursor: Position): boolean {
  const part = core(edit);
  const isOneLine = edit.range.start.line === edit.range.end.line;
  return (
    isOneLine && part.oldText === "" && part.range.start.line === cursor.line && compare(part.range.start, cursor) >= 0
  );
}

/** The lines at which the edit is, first and last: from there it is applied without a jump. */
export function linesAt(firstLine: number, hunks: readonly Hunk[]): { first: number; last: number } {
  let first = Number.POSITIVE_INFINITY;
  let last = firstLine;
  for (const hunk of hunks) {
    // An insertion is at the line before it as well as at the line behind it.
    first = Math.min(first, firstLine + hunk.first - (hunk.nOld === 0 ? 1 : 0));
    last = Math.max(last, firstLine + hunk.first + Math.max(hunk.nOld, 1) - 1);
  }
  return { first: Math.max(first, 0), last };
}

/** Whether a cursor is at the edit, give or take `within` lines. */
export function isAt(cursor: Position, lines: { first: number; last: number }, within: number): boolean {
  return cursor.line >= lines.first - within && cursor.line <= lines.last + within;
}
