import { describe, expect, test } from "vitest";

import { hunks, words } from "../../src/core/diff";

/** A line with its changes written into it: [-old-]{+new+}. */
function written(before: string, after: string): string {
  let out = "";
  let at = 0;
  for (const part of words(before, after)) {
    const old = before.slice(part.start, part.end);
    out += before.slice(at, part.start) + (old && `[-${old}-]`) + (part.newText && `{+${part.newText}+}`);
    at = part.end;
  }
  return out + before.slice(at);
}

describe("a line, word by word", () => {
  const CASES: [before: string, after: string, expected: string][] = [
    ["return size * depth", "return width * depth", "return [-size-]{+width+} * depth"],
    ["f(a)", "f(a, b)", "f(a{+, b+})"],
    ["f(a, b)", "f(a)", "f(a[-, b-])"],
    ["x = size + size", "x = width + width", "x = [-size-]{+width+} + [-size-]{+width+}"],
    ["", "new", "{+new+}"],
    ["same", "same", "same"],
    ["größe = 1", "breite = 1", "[-größe-]{+breite+} = 1"],
    ["s = '😀'", "s = '😁'", "s = '[-😀-]{+😁+}'"],
    ["\tx", "\t\tx", "[-\t-]{+\t\t+}x"],
  ];
  test.each(CASES)("%j → %j", (before, after, expected) => {
    expect(written(before, after)).toBe(expected);
  });
});

/** Hunks in short: `first -old +new`, with `w` when drawn word by word. */
function short(before: string[], after: string[]): string[] {
  return hunks(before, after).map(
    (hunk) => `${hunk.first} -${hunk.nOld} +${hunk.lines.length}${hunk.words === null ? "" : " w"}`,
  );
}

describe("lines", () => {
  const CASES: [what: string, before: string[], after: string[], expected: string[]][] = [
    ["nothing", ["a", "b"], ["a", "b"], []],
    ["a word", ["a = size", "b"], ["a = width", "b"], ["0 -1 +1 w"]],
    ["a new line", ["a", "b"], ["a", "new", "b"], ["1 -0 +1"]],
    ["a line behind the last", ["a"], ["a", "new"], ["1 -0 +1"]],
    ["a deleted line", ["a", "b", "c"], ["a", "c"], ["1 -1 +0"]],
    ["a changed line with a new one below", ["f(x):", "end"], ["f(x, y):", "new", "end"], ["0 -1 +1 w", "1 -0 +1"]],
    ["lines that have nothing in common", ["alpha beta"], ["gamma delta"], ["0 -1 +1"]],
    ["two changes with a line between", ["a = s", "b", "c = s"], ["a = w", "b", "c = w"], ["0 -1 +1 w", "2 -1 +1 w"]],
    ["one change several times", ["a = s(s, s, s)"], ["a = w(w, w, w)"], ["0 -1 +1 w"]],
    ["a line of which little stays", ["area = math.pi * (inner ** 2)"], ["return math.e * outer"], ["0 -1 +1"]],
    ["a line with many different changes", ["f(a, b, c, d, e, g)"], ["f(x, b, y, d, z, g)"], ["0 -1 +1"]],
    ["everything replaced", ["a", "b"], ["c", "d", "e"], ["0 -2 +3"]],
  ];
  test.each(CASES)("%s", (_what, before, after, expected) => {
    expect(short(before, after)).toEqual(expected);
  });

  test("a thousand lines are compared as a whole and at once", () => {
    const before = Array.from({ length: 1000 }, (_, index) => `old ${index}`);
    const after = Array.from({ length: 1000 }, (_, index) => `new ${index}`);
    expect(short(before, after)).toEqual(["0 -1000 +1000"]);
  });
});
