/**
 * What is drawn of a next edit, and where: struck old text, new text in the line or behind it, a box for more lines.
 *
 * In: the edit, the lines of its document, the cursor. Out: a plan in lines and columns.
 * Not here: colours and CSS (`editor/renderer`), the texts of hints (`words`).
 */

import { type Hunk, hunks } from "./diff";
import { type NextEdit } from "./edit";
import { linesOf, type Position, type Range } from "./text";

/** Text drawn behind a position; the rest of the line moves right. */
export interface Insertion {
  readonly at: Position;
  readonly text: string;
  /** Whether the text becomes a line of its own below. */
  readonly isNewLine: boolean;
}

/** Lines drawn over the editor, beside, below or above a line. */
export interface Box {
  readonly line: number;
  readonly column: number;
  readonly side: "right" | "below" | "above";
  readonly lines: readonly string[];
  /** How many more lines there are than are shown. */
  readonly nMore: number;
}

/** All that is drawn in the document of the edit. */
export interface Layout {
  readonly hunks: readonly Hunk[];
  /** The lines that the edit touches, as they are. */
  readonly before: readonly string[];
  readonly firstLine: number;
  /** The cursor's line for which the boxes were placed. */
  readonly cursorLine: number;
  /** Old text, within lines. */
  readonly struck: readonly Range[];
  /** Old lines, whole. */
  readonly struckLines: readonly number[];
  readonly insertions: readonly Insertion[];
  readonly boxes: readonly Box[];
  /** Where to look. */
  readonly focus: Position;
}

/** What the layout needs to know of the document and the editor. */
export interface Page {
  readonly nLines: number;
  readonly lineAt: (line: number) => string;
  readonly tabSize: number;
  readonly cursorLine: number;
}

// More lines than this are cut; the hover shows them all.
const MAX_BOX_LINES = 12;
// Columns between a line's end and a box beside it.
const GAP = 3;
// Room that is left where the user types, which moves the text at every key.
const TYPING_GAP = 12;
// The editor does not tell how wide it is: what ends behind this column goes below.
const COLUMNS = 72;
// A line longer than this is cut in a box.
const MAX_BOX_COLUMNS = 100;

/** The plan; null when the edit changes nothing. */
export function layout(edit: NextEdit, page: Page): Layout | null {
  const firstLine = edit.range.start.line;
  const { before, after } = wholeLines(edit, page);
  const found = hunks(before, after);
  if (found.length === 0) {
    return null;
  }
  const struck: Range[] = [];
  const struckLines: number[] = [];
  const insertions: Insertion[] = [];
  const boxes: Box[] = [];
  for (const hunk of found) {
    const line = firstLine + hunk.first;
    if (hunk.words !== null) {
      drawWords(hunk, line, struck, insertions);
      continue;
    }
    for (let index = 0; index < hunk.nOld; index += 1) {
      struckLines.push(line + index);
    }
    const tail = newLine(hunk, line, page);
    if (tail !== null) {
      insertions.push(tail);
    } else if (hunk.lines.length > 0) {
      const drawn = box(hunk, line, page);
      boxes.push(drawn);
      if (hunk.nOld === 0 && line > 0 && drawn.side !== "right") {
        // Where the lines in the box go.
        insertions.push({ at: { line: line - 1, character: page.lineAt(line - 1).length }, text: "", isNewLine: true });
      }
    }
  }
  const focus = focusOf(found, firstLine, page);
  const { cursorLine } = page;
  return { hunks: found, before, firstLine, cursorLine, struck, struckLines, insertions, boxes, focus };
}

/** The whole lines that the edit touches, and what becomes of them. */
function wholeLines(edit: NextEdit, page: Page): { before: string[]; after: string[] } {
  const { start, end } = edit.range;
  const before: string[] = [];
  for (let line = start.line; line <= end.line; line += 1) {
    before.push(line < page.nLines ? page.lineAt(line) : "");
  }
  const head = (before[0] ?? "").slice(0, start.character);
  const tail = (before[before.length - 1] ?? "").slice(end.character);
  return { before, after: linesOf(head + edit.newText + tail) };
}

/** A text without tabs, as it would stand at a column. */
export function expanded(text: string, tabSize: number, column = 0): string {
  let out = "";
  let at = column;
  for (const character of text) {
    const piece = character === "\t" ? " ".repeat(tabSize - (at % tabSize)) : character;
    out += piece;
    at += character === "\t" ? piece.length : width(character);
  }
  return out;
}

/** How many columns a text without tabs takes. */
export function columns(text: string): number {
  let sum = 0;
  for (const character of text) {
    sum += width(character);
  }
  return sum;
}

function drawWords(hunk: Hunk, line: number, struck: Range[], insertions: Insertion[]): void {
  (hunk.words ?? []).forEach((parts, index) => {
    for (const part of parts) {
      const start = { line: line + index, character: part.start };
      const end = { line: line + index, character: part.end };
      if (part.end > part.start) {
        struck.push({ start, end });
      }
      if (part.newText !== "") {
        insertions.push({ at: end, text: part.newText, isNewLine: false });
      }
    }
  });
}

/** One new line, drawn behind the line above it; null when it takes more than that. */
function newLine(hunk: Hunk, line: number, page: Page): Insertion | null {
  const text = hunk.lines[0];
  if (hunk.nOld > 0 || hunk.lines.length !== 1 || text === undefined || line === 0 || text.trim() === "") {
    return null;
  }
  const above = page.lineAt(line - 1);
  return { at: { line: line - 1, character: above.length }, text: text.trim(), isNewLine: true };
}

function box(hunk: Hunk, line: number, page: Page): Box {
  const all = hunk.lines.map((text) => expanded(text, page.tabSize));
  const shown = all.slice(0, MAX_BOX_LINES).map((text) => cut(text));
  const nMore = all.length - shown.length;
  const height = shown.length + (nMore > 0 ? 1 : 0);
  const boxWidth = Math.max(...shown.map(columns));
  const anchor = hunk.nOld === 0 ? Math.max(line - 1, 0) : line;
  const last = hunk.nOld === 0 ? anchor : line + hunk.nOld - 1;
  const beside = besideColumn(anchor, height, page);
  const content = { lines: shown, nMore };
  if (beside + boxWidth <= COLUMNS) {
    return { line: anchor, column: beside, side: "right", ...content };
  }
  const isCursorBelow = page.cursorLine > last && page.cursorLine <= last + height;
  if (!isCursorBelow) {
    return { line: last, column: 0, side: "below", ...content };
  }
  const top = hunk.nOld === 0 ? anchor : line;
  // Below are the line that is being typed and its neighbours; above the first line of a file there is nothing.
  return top >= height
    ? { line: top, column: 0, side: "above", ...content }
    : { line: anchor, column: beside, side: "right", ...content };
}

/** The first column right of the text of all lines that a box beside them would stand in. */
function besideColumn(first: number, height: number, page: Page): number {
  let most = 0;
  for (let line = first; line < Math.min(first + height, page.nLines); line += 1) {
    const end = columns(expanded(page.lineAt(line), page.tabSize));
    most = Math.max(most, end + (line === page.cursorLine ? TYPING_GAP : GAP));
  }
  return most;
}

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length <= MAX_BOX_COLUMNS ? text : `${characters.slice(0, MAX_BOX_COLUMNS - 1).join("")}…`;
}

function focusOf(found: readonly Hunk[], firstLine: number, page: Page): Position {
  const hunk = found[0];
  const line = firstLine + (hunk?.first ?? 0);
  if (hunk?.nOld === 0 && line > 0) {
    // New lines are drawn behind or below the line above them.
    return { line: line - 1, character: page.lineAt(line - 1).length };
  }
  return { line, character: hunk?.words?.[0]?.[0]?.start ?? page.lineAt(line).search(/\S|$/) };
}

// East Asian scripts and emoji take two columns: near enough for a place beside text.
const EAST_ASIAN = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;
const EMOJI = /\p{Extended_Pictographic}/u;

function width(character: string): number {
  return EAST_ASIAN.test(character) || EMOJI.test(character) ? 2 : 1;
}
