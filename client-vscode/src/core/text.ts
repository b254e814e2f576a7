/**
 * Positions, ranges and changes of a text, as the editor counts them: lines from 0, UTF-16 units from 0.
 *
 * In: positions and texts. Out: positions and texts. Not here: the editor's own classes, which have the same fields.
 */

/** A place between two characters. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** From `start` up to `end`, which is not before it. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** `range` became `text`. */
export interface Change {
  readonly range: Range;
  readonly text: string;
}

/** Below 0 when `a` is before `b`, above 0 when it is behind it. */
export function compare(a: Position, b: Position): number {
  return a.line - b.line || a.character - b.character;
}

/** Whether two ranges are one. */
export function isSameRange(a: Range, b: Range): boolean {
  return compare(a.start, b.start) === 0 && compare(a.end, b.end) === 0;
}

/** The text with `\n` as its only line end. */
export function withNewlines(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}

/** Its lines, without line ends. */
export function linesOf(text: string): string[] {
  return withNewlines(text).split("\n");
}

/** Where a text ends that begins at `start`. */
export function endOf(start: Position, text: string): Position {
  const lines = linesOf(text);
  const last = lines[lines.length - 1] ?? "";
  return lines.length === 1
    ? { line: start.line, character: start.character + last.length }
    : { line: start.line + lines.length - 1, character: last.length };
}

/** How many units two texts share at the beginning and, without overlap, at the end; no character is cut in two. */
export function common(a: string, b: string): { head: number; tail: number } {
  const shortest = Math.min(a.length, b.length);
  let head = 0;
  while (head < shortest && a.charCodeAt(head) === b.charCodeAt(head)) {
    head += 1;
  }
  if (head > 0 && isHighSurrogate(a.charCodeAt(head - 1))) {
    head -= 1;
  }
  let tail = 0;
  while (tail < shortest - head && a.charCodeAt(a.length - 1 - tail) === b.charCodeAt(b.length - 1 - tail)) {
    tail += 1;
  }
  if (tail > 0 && isLowSurrogate(a.charCodeAt(a.length - tail))) {
    tail -= 1;
  }
  return { head, tail };
}

/** Where a position is after a change that lies before it. */
export function shifted(position: Position, change: Change): Position {
  const { start, end } = change.range;
  const landed = endOf(start, change.text);
  return position.line === end.line
    ? { line: landed.line, character: position.character - end.character + landed.character }
    : { line: position.line - end.line + landed.line, character: position.character };
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
