import { describe, expect, test } from "vitest";

import manifest from "../package.json" with { type: "json" };
import { namesOf, optionsOf } from "../src/server/settings";
import { type Context, holds } from "./when";

const { commands, configuration, keybindings } = manifest.contributes;

/** The commands of ours that a key runs in a context. */
function run(key: string, context: Context): string[] {
  return keybindings.filter((one) => one.key === key && holds(one.when, context)).map((one) => one.command);
}

const TYPING: Context = { editorTextFocus: true };
const PENDING: Context = { ...TYPING, "nextedit.pending": true };
const GHOST: Context = { ...TYPING, "nextedit.ghost": true, inlineSuggestionVisible: true };

describe("Tab", () => {
  test("goes to the pending edit", () => {
    expect(run("tab", PENDING)).toEqual(["nextedit.jumpOrAccept"]);
  });

  test.each<[what: string, context: Context]>([
    ["nothing is pending", TYPING],
    ["a completion list is open", { ...PENDING, suggestWidgetVisible: true }],
    ["there is text at the cursor", { ...PENDING, inlineSuggestionVisible: true }],
    ["VS Code shows another extension's next edit", { ...PENDING, inlineEditIsVisible: true }],
    ["a snippet is being filled in", { ...PENDING, inSnippetMode: true }],
    ["it would indent", { ...PENDING, "nextedit.tabIndents": true }],
    ["text is selected", { ...PENDING, editorHasSelection: true }],
    ["there are several cursors", { ...PENDING, editorHasMultipleSelections: true }],
    ["it moves the focus", { ...PENDING, editorTabMovesFocus: true }],
    ["the document cannot be changed", { ...PENDING, editorReadonly: true }],
    ["the focus is elsewhere", { ...PENDING, editorTextFocus: false }],
  ])("is left alone when %s", (_what, context) => {
    expect(run("tab", context)).toEqual([]);
  });
});

describe("Esc", () => {
  test("turns down the pending edit", () => {
    expect(run("escape", PENDING)).toEqual(["nextedit.dismiss"]);
  });

  test("turns down text at the cursor, and only that", () => {
    expect(run("escape", { ...GHOST, "nextedit.pending": true })).toEqual(["nextedit.dismissGhost"]);
  });

  test.each<[what: string, context: Context]>([
    ["nothing is pending", TYPING],
    ["a completion list is open", { ...PENDING, suggestWidgetVisible: true }],
    ["the find box is open", { ...PENDING, findWidgetVisible: true }],
    ["parameter hints are shown", { ...PENDING, parameterHintsVisible: true }],
    ["text is selected", { ...PENDING, editorHasSelection: true }],
    ["there are several cursors", { ...PENDING, editorHasMultipleSelections: true }],
    ["a snippet is being filled in", { ...PENDING, inSnippetMode: true }],
    ["Vim is in insert mode", { ...PENDING, "vim.active": true, "vim.mode": "Insert" }],
    ["the text at the cursor is another extension's", { ...GHOST, "nextedit.ghost": false }],
    ["VS Code draws next edits and hears of it itself", { ...GHOST, "nextedit.native": true }],
  ])("is left alone when %s", (_what, context) => {
    expect(run("escape", context)).toEqual([]);
  });

  test("works in Vim's normal mode", () => {
    expect(run("escape", { ...PENDING, "vim.active": true, "vim.mode": "Normal" })).toEqual(["nextedit.dismiss"]);
  });
});

describe("Alt+Enter", () => {
  test.each<[what: string, context: Context, expected: string[]]>([
    ["asks when nothing is pending", TYPING, ["nextedit.next"]],
    [
      "acts where Tab does not",
      { ...PENDING, suggestWidgetVisible: true, "nextedit.tabIndents": true },
      ["nextedit.next"],
    ],
    ["is the find box's", { ...PENDING, findWidgetVisible: true }, []],
    ["runs a notebook's cell", { ...TYPING, notebookEditorFocused: true }, []],
    ["goes to what is pending in a notebook's cell", { ...PENDING, notebookEditorFocused: true }, ["nextedit.next"]],
  ])("%s", (_what, context, expected) => {
    expect(run("alt+enter", context)).toEqual(expected);
  });
});

test("a key takes the next line of text at the cursor", () => {
  expect(run("ctrl+alt+right", GHOST)).toEqual(["editor.action.inlineSuggest.acceptNextLine"]);
  expect(run("ctrl+alt+right", TYPING)).toEqual([]);
});

test("every key runs a command that the palette has, or one for keys alone", () => {
  const known = [...commands.map((one) => one.command), "nextedit.jumpOrAccept", "nextedit.dismissGhost"];
  expect(keybindings.filter((one) => one.command.startsWith("nextedit.") && !known.includes(one.command))).toEqual([]);
});

describe("the settings", () => {
  const names = namesOf(configuration);
  type Properties = Record<string, { readonly default: unknown; readonly scope: string }>;
  const properties = Object.assign({}, ...configuration.map((section) => section.properties)) as Properties;

  test("of the server are sent without their prefix, those of the extension are not", () => {
    const options = optionsOf(names, (name) => properties[name]?.default);
    expect(options).toMatchObject({ enabled: true, model: null, statusNotification: true });
    expect(options).not.toHaveProperty("serverPath");
  });

  test("never name a program in a folder's own settings", () => {
    expect(properties["nextedit.serverPath"]?.scope).toBe("machine");
  });

  test("that choose a model or a host are not read from folders that are not trusted", () => {
    expect(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations).toEqual(
      expect.arrayContaining(["nextedit.server", "nextedit.serverKeyFile", "nextedit.model", "nextedit.adapters"]),
    );
  });

  test("of colours have a default for every kind of theme", () => {
    for (const colour of manifest.contributes.colors) {
      expect(Object.keys(colour.defaults).sort()).toEqual(["dark", "highContrast", "highContrastLight", "light"]);
    }
  });
});

test("the package for the marketplace names no proposed API", () => {
  expect(manifest).not.toHaveProperty("enabledApiProposals");
});
