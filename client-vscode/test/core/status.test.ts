import { expect, test } from "vitest";

import { offHere } from "../../src/core/documents";
import { type State, statusText } from "../../src/core/status";

const READY: State = {
  phase: { kind: "running" },
  server: { kind: "Normal", message: "ready" },
  loadedPercent: null,
  isThinking: false,
  offHere: null,
  model: "sweep-0.5b",
  latencyMs: 12.4,
  pending: null,
};

test.each<[what: string, state: Partial<State>, text: string, says: string, tone: string]>([
  ["idle", {}, "$(arrow-right) Next Edit", "Next Edit: ready", "normal"],
  ["starting", { phase: { kind: "starting" } }, "$(loading~spin) Next Edit", "Next Edit: starting", "normal"],
  ["thinking", { isThinking: true }, "$(loading~spin) Next Edit", "Next Edit: thinking", "normal"],
  ["loading", { loadedPercent: 41.7 }, "$(loading~spin) Next Edit 42%", "Next Edit: loading the model, 42%", "normal"],
  [
    "paused",
    { server: { kind: "Inactive", message: "paused for 5 minutes" } },
    "$(debug-pause) Next Edit",
    "Next Edit: paused for 5 minutes",
    "normal",
  ],
  [
    "off in this file",
    { offHere: "switched off for markdown" },
    "$(circle-slash) Next Edit",
    "Next Edit: off here: switched off for markdown",
    "normal",
  ],
  [
    "without the model",
    { server: { kind: "Warning", message: "no model: not found" } },
    "$(warning) Next Edit",
    "Next Edit: no model: not found",
    "warning",
  ],
  [
    "without a server",
    { phase: { kind: "missing" } },
    "$(warning) Next Edit",
    "Next Edit: its server is not set up: click to do so",
    "warning",
  ],
  ["failed", { phase: { kind: "failed", why: "it ended" } }, "$(error) Next Edit", "Next Edit: it ended", "error"],
  [
    "pending",
    { pending: "size → width" },
    "$(arrow-right) Next Edit",
    "Next Edit: ready, pending: size → width",
    "normal",
  ],
])("%s", (_what, state, text, spoken, tone) => {
  expect(statusText({ ...READY, ...state })).toMatchObject({ text, spoken, tone });
});

test("the tooltip names the model and the last latency", () => {
  expect(statusText(READY).tooltip).toEqual(["Next Edit: ready", "model: sweep-0.5b", "last answer: 12 ms"]);
});

test.each([
  ["no document", null, null],
  ["a file", {}, null],
  ["an untitled document", { scheme: "untitled" }, null],
  ["a notebook's cell", { scheme: "vscode-notebook-cell" }, null],
  ["an output pane", { scheme: "output" }, "this is no file that you write in"],
  ["an old version", { scheme: "git" }, "this is no file that you write in"],
  ["a settings editor", { scheme: "vscode-userdata" }, "this is no file that you write in"],
  ["a repository in a web page", { scheme: "vscode-vfs" }, "this is no file that you write in"],
  ["a language that is off", { languages: { python: false } }, "switched off for python"],
  ["another language that is off", { languages: { markdown: false } }, null],
  ["a file with secrets", { leftAlone: "it may hold secrets (.env*)" }, "it may hold secrets (.env*)"],
])("suggestions in %s", (_what, changes, expected) => {
  const focused = { scheme: "file", languageId: "python", languages: {}, leftAlone: undefined };
  expect(offHere(changes && { ...focused, ...changes })).toBe(expected);
});
