import { describe, expect, test } from "vitest";

import { decide, type View } from "../../src/core/decide";
import { marked, view } from "./examples";

const CASES: [what: string, text: string, newText: string, view: View, decision: string][] = [
  ["an insertion at the cursor", "area(w, ⟦⟧)", "depth", view(0, 8), "ghost"],
  ["an insertion behind the cursor on its line", "area(w, ⟦⟧)", "depth", view(0, 2), "ghost"],
  ["an insertion that also names the text around it", "ar⟦ea(w, )⟧", "ea(w, depth)", view(0, 8), "ghost"],
  ["an insertion of several lines at the cursor", "self.x = x⟦⟧", "\nself.y = y", view(0, 10), "ghost"],
  ["an insertion before the cursor", "area(⟦⟧w)", "depth, ", view(0, 7), "inline"],
  ["an insertion on another line", "a\nb⟦⟧", "c", view(0, 0), "inline"],
  [
    "an insertion where the editor draws no text at the cursor",
    "f(⟦⟧)",
    "x",
    view(0, 2, { hasGhostText: false }),
    "inline",
  ],
  ["a replacement on the cursor's line", "⟦size⟧ = 1", "width", view(0, 0), "inline"],
  ["a deletion", "a⟦, b⟧", "", view(0, 0), "inline"],
  ["a place below the screen", `${"\n".repeat(50)}⟦size⟧`, "width", view(0, 0), "jump"],
  [
    "a place between two folded regions",
    "a\n⟦size⟧\nb",
    "width",
    view(0, 0, {
      visible: [
        { start: { line: 0, character: 0 }, end: { line: 0, character: 9 } },
        { start: { line: 2, character: 0 }, end: { line: 9, character: 0 } },
      ],
    }),
    "jump",
  ],
  ["another file", "⟦size⟧", "width", view(0, 0, { uri: "file:///w/b.py" }), "elsewhere"],
  [
    "a settings file, from which another is not pointed to",
    "⟦size⟧",
    "width",
    view(0, 0, { uri: "vscode-userdata:/settings.json", isFollowed: false }),
    "silence",
  ],
  ["no change", "⟦size⟧", "size", view(0, 0), "silence"],
  ["a selection", "⟦size⟧", "width", view(0, 0, { hasSelection: true }), "silence"],
  ["several cursors", "⟦size⟧", "width", view(0, 0, { nCursors: 2 }), "silence"],
];

describe("how an edit is shown", () => {
  test.each(CASES)("%s", (_what, text, newText, seen, decision) => {
    expect(decide(marked(text, newText).edit, seen)).toBe(decision);
  });
});
