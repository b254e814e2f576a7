/**
 * What is said of a next edit: in hints, to a screen reader, in menus.
 *
 * In: hunks and lines. Out: short texts. Not here: where they are shown.
 */

import { type Hunk } from "./diff";
import { type Range } from "./text";

// How much of a change a hint says, in characters.
const MAX_CHARACTERS = 48;

/** The whole change as a unified diff has it. */
export function diffText(hunks: readonly Hunk[], before: readonly string[]): string {
  return hunks
    .flatMap((hunk) => [
      ...before.slice(hunk.first, hunk.first + hunk.nOld).map((line) => `- ${line}`),
      ...hunk.lines.map((line) => `+ ${line}`),
    ])
    .join("\n");
}

/** What an edit does in a few words: its first change, and how many lines change besides. */
export function label(hunks: readonly Hunk[], before: readonly string[]): string {
  const hunk = hunks[0];
  if (hunk === undefined) {
    return "";
  }
  const nLines = hunks.reduce((sum, one) => sum + Math.max(one.nOld, one.lines.length), 0);
  return firstChange(hunk, before) + (nLines > 1 ? ` (${nLines} lines)` : "");
}

/**
 * The line behind which a hint stands: the edge of the window that is nearest to the edit, or for another document
 * (`null`) the lower one. `nCovered` lines at the upper edge are under the headings that the editor keeps there.
 */
export function edgeLine(line: number | null, visible: readonly Range[], cursorLine: number, nCovered: number): number {
  const first = visible[0];
  const last = visible[visible.length - 1];
  if (first === undefined || last === undefined) {
    return cursorLine;
  }
  if (line !== null && line >= first.start.line && line <= last.end.line) {
    // Folded away: the hint stays where the user looks.
    return cursorLine;
  }
  const isAbove = line !== null && line < first.start.line;
  return isAbove ? Math.min(first.start.line + nCovered, last.end.line) : last.end.line;
}

/** A hint for an edit that is not on the screen. */
export function hint(line: number, hintLine: number, file: string | null, what: string, key: string): string {
  const direction = file !== null ? "→" : line > hintLine ? "↓" : "↑";
  const where = file !== null ? `${file}:${line + 1}` : `line ${line + 1}`;
  return `${key} ${direction} ${where}: ${what}`;
}

/** The same for a screen reader, with what the key does. */
export function announcement(line: number, file: string | null, what: string, key: string): string {
  const where = file !== null ? `in ${file}, line ${line + 1}` : `on line ${line + 1}`;
  return `Next edit ${where}: ${spoken(what)}. ${key} goes there and applies it.`;
}

function firstChange(hunk: Hunk, before: readonly string[]): string {
  const part = hunk.words?.find((parts) => parts.length > 0)?.[0];
  const index = hunk.words?.findIndex((parts) => parts.length > 0) ?? 0;
  if (part !== undefined) {
    const from = (before[hunk.first + index] ?? "").slice(part.start, part.end);
    if (from === "") {
      return `+ ${clipped(part.newText)}`;
    }
    return part.newText === "" ? `- ${clipped(from)}` : `${clipped(from)} → ${clipped(part.newText)}`;
  }
  return hunk.lines.length === 0 ? `- ${clipped(before[hunk.first] ?? "")}` : `+ ${clipped(hunk.lines[0] ?? "")}`;
}

function clipped(text: string): string {
  const characters = Array.from(text.replace(/\s+/g, " ").trim());
  const isLong = characters.length > MAX_CHARACTERS;
  return isLong ? `${characters.slice(0, MAX_CHARACTERS - 1).join("")}…` : characters.join("");
}

/** Signs that a screen reader would leave out, in words. */
function spoken(what: string): string {
  return what
    .replace(/^\+ /, "insert ")
    .replace(/^- /, "delete ")
    .replace(/^(.*) → (.*)$/, "replace $1 by $2");
}
