import { describe, expect, test } from "vitest";

import { type Decision } from "../../src/core/decide";
import { isAt, linesAt } from "../../src/core/decide";
import { hunks } from "../../src/core/diff";
import { keysOf, NO_KEYS, type Situation } from "../../src/core/keys";

function situation(changes: Partial<Situation>): Situation {
  return {
    decision: "inline",
    isAtEdit: false,
    cursor: { line: 3, character: 6 },
    line: "    return size",
    landing: null,
    ...changes,
  };
}

describe("the context keys", () => {
  test.each<[Decision | null]>([[null], ["ghost"], ["silence"]])("are all off for %s", (decision) => {
    expect(keysOf(situation({ decision, isAtEdit: true }))).toEqual(NO_KEYS);
  });

  test.each<[Decision]>([["inline"], ["jump"], ["elsewhere"]])("say that an edit is pending for %s", (decision) => {
    expect(keysOf(situation({ decision })).pending).toBe(true);
  });

  test("Tab applies only what is drawn where the cursor is", () => {
    expect(keysOf(situation({ isAtEdit: true })).atEdit).toBe(true);
    expect(keysOf(situation({ isAtEdit: true, decision: "elsewhere" })).atEdit).toBe(false);
  });

  test.each([
    ["in front of the text", 4, true],
    ["at the line's beginning", 0, true],
    ["in the text", 6, false],
  ])("Tab indents %s", (_what, character, expected) => {
    expect(keysOf(situation({ cursor: { line: 3, character } })).tabIndents).toBe(expected);
  });

  test("Tab does not indent where the last jump led to, until the cursor moves", () => {
    const cursor = { line: 3, character: 4 };
    expect(keysOf(situation({ cursor, landing: cursor })).tabIndents).toBe(false);
    expect(keysOf(situation({ cursor, landing: { line: 2, character: 4 } })).tabIndents).toBe(true);
  });
});

describe("being at an edit", () => {
  const inserted = linesAt(10, hunks(["a", "b"], ["a", "new", "b"]));
  const changed = linesAt(10, hunks(["f(size)", "g", "h(size)"], ["f(width)", "g", "h(width)"]));
  test.each([
    ["on the line above a new line", inserted, 10, 0, true],
    ["on the line that it pushes down", inserted, 11, 0, true],
    ["further up", inserted, 9, 0, false],
    ["on the first changed line", changed, 10, 0, true],
    ["between two changed lines", changed, 11, 0, true],
    ["below them", changed, 13, 0, false],
    ["below them, within two lines", changed, 13, 2, true],
  ])("%s", (_what, lines, line, within, expected) => {
    expect(isAt({ line, character: 0 }, lines, within)).toBe(expected);
  });
});
