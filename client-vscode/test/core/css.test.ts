import { expect, test } from "vitest";

import { boxCss, literal } from "../../src/core/css";

/** What a browser reads in a CSS string literal. */
function read(css: string): string {
  return css.slice(1, -1).replace(/\\([0-9a-f]+) /g, (_all, code: string) => String.fromCodePoint(parseInt(code, 16)));
}

const TEXTS = [
  "plain",
  "two\nlines",
  '"quoted" and \\ escaped',
  "'; } body { display: none; /*",
  "url(javascript:alert(1))",
  "tab\t, 日本, 😀, \u0000, \u202e",
];

test.each(TEXTS)("%j comes through as it is", (text) => {
  expect(read(literal(text))).toBe(text);
});

test.each(TEXTS)("%j cannot end the declaration", (text) => {
  expect(literal(text)).toMatch(/^"(?:[A-Za-z0-9]|\\[0-9a-f]+ )*"$/);
});

test("a box says how much it leaves out, and stands where it was put", () => {
  const css = boxCss({ line: 3, column: 12, side: "below", lines: ["a"], nMore: 4 });
  expect(css).toContain("left:12ch;top:100%;");
  expect(css).toContain(literal("a\n… 4 more lines: hover to see"));
});
