import { describe, expect, test } from "vitest";

import { core, cursorAfter, follow, moved } from "../../src/core/edit";
import { type Change } from "../../src/core/text";
import { marked } from "./examples";

/** A change of one line, or with a fifth number from one line to another. */
function change(line: number, from: number, to: number, text: string, toLine = line): Change {
  return { range: { start: { line, character: from }, end: { line: toLine, character: to } }, text };
}

describe("the region of an edit while the text around it changes", () => {
  const { edit } = marked("one\ntwo ⟦three⟧ four\nfive", "3");
  const CASES: [what: string, changes: Change[], start: [number, number] | null, isTouched: boolean][] = [
    ["a line inserted above", [change(0, 0, 0, "zero\n")], [2, 4], false],
    ["a line deleted above", [change(0, 0, 0, "", 1)], [0, 4], false],
    ["text inserted before it on its line", [change(1, 0, 0, "ab")], [1, 6], false],
    ["the line joined to the one above", [change(0, 3, 0, " ", 1)], [0, 8], false],
    ["text inserted behind it", [change(1, 10, 10, "x")], [1, 4], false],
    ["text inserted below", [change(2, 0, 4, "6")], [1, 4], false],
    ["text typed inside", [change(1, 6, 6, "x")], [1, 4], true],
    ["text typed at its beginning", [change(1, 4, 4, "3")], [1, 4], true],
    ["text typed at its end", [change(1, 9, 9, "x")], [1, 4], true],
    ["a deletion across its beginning", [change(1, 2, 6, "")], null, false],
    ["a deletion across its end", [change(1, 6, 10, "")], null, false],
    ["two changes of one event, the lower one first", [change(2, 0, 0, "x"), change(0, 0, 0, "\n\n")], [3, 4], false],
  ];
  test.each(CASES)("%s", (_what, changes, start, isTouched) => {
    const now = moved(edit.range, changes);
    if (start === null) {
      expect(now).toBeNull();
    } else {
      expect(now?.range.start).toEqual({ line: start[0], character: start[1] });
      expect(now?.isTouched).toBe(isTouched);
    }
  });
});

describe("the edit while the user types into it", () => {
  const CASES: [what: string, oldText: string, newText: string, now: string, isKept: boolean][] = [
    ["nothing typed", "size", "width", "size", true],
    ["a part of an insertion", "f()", "f(width)", "f(wi)", true],
    ["a part of the new text before the old", "size", "width", "wisize", true],
    ["a part of the new text in place of the old", "size", "width", "wid", true],
    ["all of it", "size", "width", "width", false],
    ["something else", "size", "width", "lesize", false],
    ["what is kept was changed", "f()", "f(width)", "g()", false],
    ["the old text deleted", "size", "width", "", false],
  ];
  test.each(CASES)("%s", (_what, oldText, newText, now, isKept) => {
    const { edit } = marked(`⟦${oldText}⟧`, newText);
    const followed = follow(edit, edit.range, now);
    expect(followed !== null).toBe(isKept);
    expect(followed?.newText ?? newText).toBe(newText);
    expect(followed?.oldText ?? now).toBe(now);
  });
});

describe("what an edit changes", () => {
  test("is what its texts do not share", () => {
    const { edit } = marked("x = ⟦area(size)⟧", "area(width)");
    expect(core(edit)).toEqual({
      range: { start: { line: 0, character: 9 }, end: { line: 0, character: 13 } },
      oldText: "size",
      newText: "width",
    });
  });

  test("cuts no emoji in two", () => {
    expect(core(marked("⟦😀⟧", "😁").edit).newText).toBe("😁");
  });

  test("ends where the cursor goes", () => {
    expect(cursorAfter(marked("⟦a)⟧", "a,\n  b)").edit)).toEqual({ line: 1, character: 3 });
  });
});
