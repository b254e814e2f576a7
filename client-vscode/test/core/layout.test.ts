import { describe, expect, test } from "vitest";

import { isAt, linesAt } from "../../src/core/decide";
import { expanded, layout, type Layout } from "../../src/core/layout";
import { marked, page } from "./examples";

function drawn(text: string, newText: string, cursorLine = 0): Layout {
  const example = marked(text, newText);
  const plan = layout(example.edit, page(example.text, cursorLine));
  if (plan === null) {
    throw new Error("nothing is drawn");
  }
  return plan;
}

describe("a small change", () => {
  test("is drawn in its line: the old word struck, the new one behind it", () => {
    const plan = drawn("a\nreturn ⟦size⟧ * 2", "width");
    expect(plan.struck).toEqual([{ start: { line: 1, character: 7 }, end: { line: 1, character: 11 } }]);
    expect(plan.insertions).toEqual([{ at: { line: 1, character: 11 }, text: "width", isNewLine: false }]);
    expect(plan.boxes).toEqual([]);
    expect(plan.focus).toEqual({ line: 1, character: 7 });
  });

  test("of several lines is drawn in each", () => {
    const plan = drawn("⟦if size:\n    f(size)\n⟧end", "if width:\n    f(width)\n");
    expect(plan.insertions.map((one) => [one.at.line, one.text])).toEqual([
      [0, "width"],
      [1, "width"],
    ]);
  });

  test("given as a replacement of the whole text is cut down to what differs", () => {
    const plan = drawn("⟦a\nb = size\nc⟧", "a\nb = width\nc");
    expect(plan.struck).toEqual([{ start: { line: 1, character: 4 }, end: { line: 1, character: 8 } }]);
  });
});

describe("one new line", () => {
  test("is drawn behind the line above it, and that is where one looks", () => {
    const plan = drawn("  this.y = y;\n⟦⟧}", "  this.z = z;\n");
    expect(plan.insertions).toEqual([{ at: { line: 0, character: 13 }, text: "this.z = z;", isNewLine: true }]);
    expect(plan.focus).toEqual({ line: 0, character: 13 });
  });

  test("above the first line is a box", () => {
    const plan = drawn("⟦⟧import os", "import re\n");
    expect(plan.boxes).toMatchObject([{ lines: ["import re"] }]);
    expect(plan.focus.line).toBe(0);
  });
});

describe("more lines", () => {
  const LONG = `${"long ".repeat(20)}\n`;

  test("strike the old ones and stand in a box beside them", () => {
    const plan = drawn("top\n⟦alpha\nbeta\n⟧end", "gamma\ndelta\nepsilon\n");
    expect(plan.struckLines).toEqual([1, 2]);
    expect(plan.boxes).toMatchObject([{ side: "right", line: 1, lines: ["gamma", "delta", "epsilon"], nMore: 0 }]);
    expect(plan.boxes[0]?.column).toBeGreaterThan("alpha".length);
  });

  test("stand below where there is no room beside", () => {
    const plan = drawn(`top\n⟦alpha\n⟧${LONG}${LONG}end`, "gamma\ndelta\n");
    expect(plan.boxes).toMatchObject([{ side: "below", line: 1 }]);
  });

  test("never cover the line that is being typed", () => {
    const text = `1\n2\n3\n⟦alpha\n⟧${LONG}${LONG}end`;
    expect(drawn(text, "gamma\ndelta\n", 4).boxes).toMatchObject([{ side: "above", line: 3 }]);
    const atTop = drawn(`⟦alpha\n⟧${LONG}${LONG}end`, "gamma\ndelta\n", 1);
    expect(atTop.boxes[0]?.side).toBe("right");
    expect(atTop.boxes[0]?.column).toBeGreaterThan(LONG.length);
  });

  test("leave room on the cursor's line for what is typed next", () => {
    const [away] = drawn("top\n⟦alpha\n⟧end", "gamma\ndelta\n", 0).boxes;
    const [here] = drawn("top\n⟦alpha\n⟧end", "gamma\ndelta\n", 1).boxes;
    expect(here?.column).toBeGreaterThan(away?.column ?? 0);
  });

  test("are cut when there are too many", () => {
    const plan = drawn("top\n⟦⟧end", "line\n".repeat(20));
    expect(plan.boxes).toMatchObject([{ nMore: 8 }]);
    expect(plan.boxes[0]?.lines.length).toBe(12);
  });
});

const SHAPES: [text: string, newText: string][] = [
  ["a⟦⟧", "\n\n\ndef full():\n    return 1"],
  ["a\n⟦⟧", "b\n"],
  ["⟦⟧a", "b\n"],
  ["⟦⟧", "a\nb\n"],
  ["a\n⟦⟧b", "c\nd\n"],
  ["a\n⟦b\n⟧c", ""],
  ["⟦a\nb\nc⟧", ""],
  ["a⟦\nb⟧", ""],
  ["x = ⟦1⟧", "2"],
  ["⟦one two\nthree⟧", "four five six\nseven\neight"],
];

test.each(SHAPES)("one looks at a line where %j → %j is applied without a jump", (text, newText) => {
  const plan = drawn(text, newText);
  expect(isAt(plan.focus, linesAt(plan.firstLine, plan.hunks), 0)).toBe(true);
});

describe("a deletion", () => {
  test("strikes whole lines and draws nothing new", () => {
    const plan = drawn("a\n⟦b\nc\n⟧d", "");
    expect(plan).toMatchObject({ struckLines: [1, 2], insertions: [], boxes: [] });
  });

  test("within a line strikes the words", () => {
    expect(drawn("f(a⟦, b⟧)", "").struck).toEqual([
      { start: { line: 0, character: 3 }, end: { line: 0, character: 6 } },
    ]);
  });
});

test("an edit that changes nothing is not drawn", () => {
  const { edit, text } = marked("⟦same⟧", "same");
  expect(layout(edit, page(text))).toBeNull();
});

test("an edit at the very end of a document is drawn", () => {
  expect(drawn("a\n⟦⟧", "b\n").insertions).toMatchObject([{ at: { line: 0, character: 1 }, text: "b" }]);
});

test.each([
  ["\tx", 0, "    x"],
  ["a\tx", 0, "a   x"],
  ["\tx", 2, "  x"],
  ["日\tx", 0, "日  x"],
])("tabs of %j at column %i", (text, column, expected) => {
  expect(expanded(text, 4, column)).toBe(expected);
});
