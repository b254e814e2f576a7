import { describe, expect, test } from "vitest";

import { layout } from "../../src/core/layout";
import { announcement, diffText, edgeLine, hint, label } from "../../src/core/words";
import { marked, page } from "./examples";

function labelOf(text: string, newText: string): string {
  const example = marked(text, newText);
  const plan = layout(example.edit, page(example.text));
  return label(plan?.hunks ?? [], plan?.before ?? []);
}

test.each([
  ["a word", "x = ⟦size⟧", "width", "size → width"],
  ["an insertion", "f(a⟦⟧)", ", b", "+ , b"],
  ["a deletion", "f(a⟦, b⟧)", "", "- , b"],
  ["a new line", "a\n⟦⟧b", "    this.z = z;\n", "+ this.z = z;"],
  ["deleted lines", "⟦alpha\nbeta\n⟧c", "", "- alpha (2 lines)"],
  ["several lines", "⟦f(size)\ng(size)⟧", "f(width)\ng(width)", "size → width (2 lines)"],
  ["a long text", "x = ⟦1⟧", "y".repeat(100), `1 → ${"y".repeat(47)}…`],
])("the label of %s", (_what, text, newText, expected) => {
  expect(labelOf(text, newText)).toBe(expected);
});

describe("a hint", () => {
  test.each([
    [86, 10, null, "Tab ↓ line 87: total → sum"],
    [3, 10, null, "Tab ↑ line 4: total → sum"],
    [3, 10, "src/b.py", "Tab → src/b.py:4: total → sum"],
  ])("for line %i from line %i, file %s", (line, from, file, expected) => {
    expect(hint(line, from, file, "total → sum", "Tab")).toBe(expected);
  });

  const VISIBLE = [{ start: { line: 20, character: 0 }, end: { line: 60, character: 0 } }];
  test.each([
    ["an edit below", 87, 60],
    ["an edit above, under the headings that stay", 3, 22],
    ["another document", null, 60],
    ["an edit that is folded away", 40, 30],
  ])("stands at the edge for %s", (_what, line, expected) => {
    expect(edgeLine(line, VISIBLE, 30, 2)).toBe(expected);
  });
});

test.each([
  [null, "size → width", "Next edit on line 4: replace size by width. Tab goes there and applies it."],
  ["b.py", "+ this.z = z;", "Next edit in b.py, line 4: insert this.z = z;. Tab goes there and applies it."],
  [null, "- old", "Next edit on line 4: delete old. Tab goes there and applies it."],
])("is announced without signs", (file, what, expected) => {
  expect(announcement(3, file, what, "Tab")).toBe(expected);
});

test("the whole change reads as a diff", () => {
  const example = marked("a\n⟦b\n⟧c", "x\ny\n");
  const plan = layout(example.edit, page(example.text));
  expect(diffText(plan?.hunks ?? [], plan?.before ?? [])).toBe("- b\n+ x\n+ y");
});
