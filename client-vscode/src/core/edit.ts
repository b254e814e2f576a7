/**
 * A next edit, kept in its place while the text around it changes.
 *
 * In: an edit and what the user changes. Out: the edit where it is now, or nothing when it no longer fits.
 * Not here: how it is drawn (`layout`), where it comes from (`asker`).
 */

import { type Change, common, compare, endOf, type Position, type Range, shifted } from "./text";

/** The command that reports the acceptance; its first argument is the suggestion's id. */
export interface Report {
  readonly command: string;
  readonly arguments: readonly unknown[];
}

/** `range` of a document, which holds `oldText`, shall become `newText`; both texts have `\n` line ends. */
export interface NextEdit {
  readonly uri: string;
  readonly range: Range;
  readonly oldText: string;
  readonly newText: string;
  readonly id: string;
  readonly report: Report;
}

/** Where the edit's region is after changes, and whether one of them fell into it. */
export interface Moved {
  readonly range: Range;
  readonly isTouched: boolean;
}

/** Carries a region over changes in the order in which they were made; null when one cut through its edge. */
export function moved(range: Range, changes: readonly Change[]): Moved | null {
  let { start, end } = range;
  let isTouched = false;
  for (const change of changes) {
    const from = change.range.start;
    const to = change.range.end;
    const isInsertion = compare(from, to) === 0;
    const isBefore = isInsertion ? compare(to, start) < 0 : compare(to, start) <= 0;
    const isBehind = isInsertion ? compare(from, end) > 0 : compare(from, end) >= 0;
    if (isBefore) {
      start = shifted(start, change);
      end = shifted(end, change);
    } else if (!isBehind) {
      if (compare(from, start) < 0 || compare(to, end) > 0) {
        return null;
      }
      // What is typed at the edges belongs to the region.
      isTouched = true;
      end = shifted(end, change);
    }
  }
  return { range: { start, end }, isTouched };
}

/**
 * The edit when its region holds `now`: the same edit, what is left of it when `now` is on the way from the old text
 * to the new, or null.
 */
export function follow(edit: NextEdit, range: Range, now: string): NextEdit | null {
  if (now === edit.oldText) {
    return { ...edit, range };
  }
  const { head, tail } = common(edit.oldText, edit.newText);
  const isFramed =
    now.length >= head + tail &&
    now.startsWith(edit.oldText.slice(0, head)) &&
    now.endsWith(edit.oldText.slice(edit.oldText.length - tail));
  if (now === edit.newText || !isFramed) {
    return null;
  }
  const middle = now.slice(head, now.length - tail);
  const wanted = edit.newText.slice(head, edit.newText.length - tail);
  const replaced = edit.oldText.slice(head, edit.oldText.length - tail);
  // Typed: the beginning of the new text, with or without what it takes the place of behind it.
  const typed = replaced !== "" && middle.endsWith(replaced) ? middle.slice(0, -replaced.length) : middle;
  return typed !== "" && wanted.startsWith(typed) ? { ...edit, range, oldText: now } : null;
}

/** The part of the edit that differs: without what old and new text share at both ends. */
export function core(edit: NextEdit): { range: Range; oldText: string; newText: string } {
  const { head, tail } = common(edit.oldText, edit.newText);
  const start = endOf(edit.range.start, edit.oldText.slice(0, head));
  const oldText = edit.oldText.slice(head, edit.oldText.length - tail);
  const newText = edit.newText.slice(head, edit.newText.length - tail);
  return { range: { start, end: endOf(start, oldText) }, oldText, newText };
}

/** Where the cursor stands after the edit was applied: behind what is new, and on its last line. */
export function cursorAfter(edit: NextEdit): Position {
  const { head, tail } = common(edit.oldText, edit.newText);
  const before = edit.newText.slice(0, edit.newText.length - tail);
  const isWholeLine = before.endsWith("\n") && before.length > head + 1;
  return endOf(edit.range.start, isWholeLine ? before.slice(0, -1) : before);
}

/** Whether two edits do the same at the same place. */
export function isSame(a: NextEdit, b: NextEdit): boolean {
  return (
    a.uri === b.uri &&
    a.newText === b.newText &&
    compare(a.range.start, b.range.start) === 0 &&
    compare(a.range.end, b.range.end) === 0
  );
}
