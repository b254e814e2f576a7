/**
 * What is said of a next edit: in hints, to a screen reader, in menus.
 *
 * In: hunks and lines. Out: short texts. Not here: where they are shown.
 */

import { type Hunk } from "./diff";

// How much of a change a hint says, in characters.
const MAX_CHARACTERS = 48;

/** What an edit does in a few words: its first change, and how many lines change besides. */
export function label(hunks: readonly Hunk[], before: readonly string[]): string {
  const hunk = hunks[0];
  if (hunk === undefined) {
    return "";
  }
  const nLines = hunks.reduce((sum, one) => sum + Math.max(one.nOld, one.lines.length), 0);
  return firstChange(hunk, before) + (nLines > 1 ? ` (${nLines} lines)` : "");
}

/** A hint for an edit that is not on the screen. */
export function hint(line: number, cursorLine: number, file: string | null, what: string, key: string): string {
  const direction = file !== null ? "→" : line > cursorLine ? "↓" : "↑";
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
