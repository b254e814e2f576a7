/**
 * What differs between old and new lines: line by line, and within a line word by word.
 *
 * In: lines. Out: hunks. Not here: how they are drawn (`layout`).
 */

/** `oldText`, from `start` to `end` of the old line, becomes `newText`; `newEnd` is where that ends in the new line. */
export interface Part {
  readonly start: number;
  readonly end: number;
  readonly newText: string;
  readonly newEnd: number;
}

/** Old lines from `first` (for an insertion the line that it goes before) become `lines`. */
export interface Hunk {
  readonly first: number;
  readonly nOld: number;
  readonly newFirst: number;
  readonly lines: readonly string[];
  /** Line by line, when the change is small enough to be drawn inside the lines. */
  readonly words: readonly (readonly Part[])[] | null;
}

// A line with more different changes than this is easier to read whole; the same change several times counts once.
const MAX_DIFFERENT = 2;
const MAX_PARTS = 5;
// So is one of whose words less than this share stays.
const LEAST_KEPT = 0.5;
// More changed lines than this are drawn as a block.
const MAX_INLINE_LINES = 4;
// Lines that share at least this much are taken for one line before and after.
const LEAST_ALIKE = 0.5;
// Sequences whose table would be larger than this are not aligned: the whole of them differs.
const MAX_CELLS = 40_000;

/** What differs, from the top down. */
export function hunks(before: readonly string[], after: readonly string[]): Hunk[] {
  const pairs = aligned(before, after, likeness);
  const found: Hunk[] = [];
  let first = 0;
  let newFirst = 0;
  for (const [a, b] of [...pairs, [before.length, after.length] as const]) {
    const isEqual = a < before.length && before[a] === after[b];
    const isEnd = a === before.length;
    const isTouching = a === first && b === newFirst;
    if (!isTouching) {
      found.push(hunk(before, after, first, a, newFirst, b));
    }
    if (!isEnd && !isEqual) {
      found.push(hunk(before, after, a, a + 1, b, b + 1));
    }
    first = a + 1;
    newFirst = b + 1;
  }
  return joined(before, after, found);
}

/** The parts of a line that change. */
export function words(before: string, after: string): Part[] {
  const old = tokensOf(before);
  const fresh = tokensOf(after);
  const pairs = aligned(old, fresh, (a, b) => (a === b ? a.length : 0));
  const from = offsetsOf(old);
  const to = offsetsOf(fresh);
  const parts: Part[] = [];
  let a = 0;
  let b = 0;
  for (const [i, j] of [...pairs, [old.length, fresh.length] as const]) {
    if (i > a || j > b) {
      const newEnd = to[j] ?? 0;
      parts.push({ start: from[a] ?? 0, end: from[i] ?? 0, newText: after.slice(to[b], newEnd), newEnd });
    }
    a = i + 1;
    b = j + 1;
  }
  return parts;
}

function hunk(
  before: readonly string[],
  after: readonly string[],
  first: number,
  last: number,
  newFirst: number,
  newLast: number,
): Hunk {
  const lines = after.slice(newFirst, newLast);
  const old = before.slice(first, last);
  return { first, nOld: last - first, newFirst, lines, words: wordsOf(old, lines) };
}

/** Word by word, or null when the lines are easier to read whole. */
function wordsOf(old: readonly string[], lines: readonly string[]): Part[][] | null {
  if (old.length !== lines.length || old.length > MAX_INLINE_LINES) {
    return null;
  }
  const all = old.map((line, index) => words(line, lines[index] ?? ""));
  return all.every((parts, index) => isSmall(old[index] ?? "", parts)) ? all : null;
}

function isSmall(line: string, parts: readonly Part[]): boolean {
  const changes = new Set(parts.map((part) => `${line.slice(part.start, part.end)}\n${part.newText}`));
  const nWords = wordsIn(line).length;
  const nRemoved = parts.reduce((sum, part) => sum + wordsIn(line.slice(part.start, part.end)).length, 0);
  // One word for another reads well however often it stands there.
  const isRenaming =
    changes.size === 1 && parts.every((part) => wordsIn(part.newText).length === 1) && nRemoved === parts.length;
  const isKept = nRemoved === 0 || isRenaming || nWords - nRemoved >= LEAST_KEPT * nWords;
  return changes.size <= MAX_DIFFERENT && parts.length <= MAX_PARTS && isKept;
}

/** Names and numbers: brackets and operators say little of what a line is. */
function wordsIn(text: string): string[] {
  return text.match(/[\p{L}\p{N}\p{M}_]+/gu) ?? [];
}

/** Neighbours that are not both drawn word by word become one block: the eye reads them so. */
function joined(before: readonly string[], after: readonly string[], found: readonly Hunk[]): Hunk[] {
  const result: Hunk[] = [];
  for (const next of found) {
    const last = result[result.length - 1];
    const touches =
      last !== undefined &&
      last.first + last.nOld === next.first &&
      last.newFirst + last.lines.length === next.newFirst;
    if (last !== undefined && touches && last.words === null && next.words === null) {
      const end = next.first + next.nOld;
      const newEnd = next.newFirst + next.lines.length;
      result[result.length - 1] = hunk(before, after, last.first, end, last.newFirst, newEnd);
    } else {
      result.push(next);
    }
  }
  return result;
}

/** 1 for equal lines, the share of common words for lines that are alike, else 0. */
function likeness(a: string, b: string): number {
  if (a === b) {
    return 1;
  }
  const old = new Set(wordsIn(a));
  const fresh = new Set(wordsIn(b));
  if (old.size === 0 || fresh.size === 0) {
    return 0;
  }
  let nCommon = 0;
  for (const word of old) {
    nCommon += fresh.has(word) ? 1 : 0;
  }
  const share = (2 * nCommon) / (old.size + fresh.size);
  // Below an equal line, which is worth more than any other.
  return share >= LEAST_ALIKE ? share * 0.9 : 0;
}

/** Pairs of indices, in order, whose worth together is greatest; only what differs in the middle is weighed. */
function aligned(
  a: readonly string[],
  b: readonly string[],
  worth: (a: string, b: string) => number,
): (readonly [number, number])[] {
  const shortest = Math.min(a.length, b.length);
  let head = 0;
  while (head < shortest && a[head] === b[head]) {
    head += 1;
  }
  let tail = 0;
  while (tail < shortest - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) {
    tail += 1;
  }
  const n = a.length - head - tail;
  const m = b.length - head - tail;
  const pairs: (readonly [number, number])[] = [];
  for (let index = 0; index < head; index += 1) {
    pairs.push([index, index]);
  }
  if (n * m <= MAX_CELLS) {
    pairs.push(...bestPairs(a, b, head, n, m, worth));
  }
  for (let index = tail; index > 0; index -= 1) {
    pairs.push([a.length - index, b.length - index]);
  }
  return pairs;
}

function bestPairs(
  a: readonly string[],
  b: readonly string[],
  head: number,
  n: number,
  m: number,
  worth: (a: string, b: string) => number,
): (readonly [number, number])[] {
  const width = m + 1;
  const best = new Float64Array((n + 1) * width);
  const paired = new Float64Array((n + 1) * width);
  for (let i = n - 1; i >= 0; i -= 1) {
    for (let j = m - 1; j >= 0; j -= 1) {
      const gain = worth(a[head + i] ?? "", b[head + j] ?? "");
      const together = gain > 0 ? gain + (best[(i + 1) * width + j + 1] ?? 0) : 0;
      paired[i * width + j] = together;
      best[i * width + j] = Math.max(together, best[(i + 1) * width + j] ?? 0, best[i * width + j + 1] ?? 0);
    }
  }
  const pairs: (readonly [number, number])[] = [];
  let i = 0;
  let j = 0;
  while (i < n && j < m && (best[i * width + j] ?? 0) > 0) {
    const here = best[i * width + j] ?? 0;
    if (paired[i * width + j] === here) {
      pairs.push([head + i, head + j]);
      i += 1;
      j += 1;
    } else if (best[(i + 1) * width + j] === here) {
      i += 1;
    } else {
      j += 1;
    }
  }
  return pairs;
}

/** Words, runs of blanks, and every other character by itself. */
function tokensOf(line: string): string[] {
  return line.match(/[\p{L}\p{N}\p{M}_]+|\s+|./gu) ?? [];
}

function offsetsOf(tokens: readonly string[]): number[] {
  const offsets = [0];
  for (const token of tokens) {
    offsets.push((offsets[offsets.length - 1] ?? 0) + token.length);
  }
  return offsets;
}
