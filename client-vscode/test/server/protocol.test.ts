import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CodeActionRequest, DiagnosticSeverity } from "vscode-languageserver-protocol/node";

import manifest from "../../package.json" with { type: "json" };
import {
  DID_CHANGE_DIAGNOSTICS,
  DID_CHANGE_VISIBLE_RANGES,
  DID_FOCUS,
  DID_SHOW_INLINE_EDIT,
  INLINE_COMPLETION,
  type Status,
} from "../../src/server/protocol";
import { namesOf, optionsOf } from "../../src/server/settings";
import { RealServer } from "./realServer";

const AREA = "def area(size, depth):\n    print(depth)\n    check(size)\n    log(depth)\n    return size * depth\n";
const POINT = "class Point:\n    def __init__(self, x, y):\n        self.x = x\n        self.y = y\n";
const { configuration } = manifest.contributes;
const defaults = Object.assign({}, ...configuration.map((section) => section.properties)) as Record<
  string,
  { default: unknown }
>;
const OPTIONS = optionsOf(namesOf(configuration), (name) => defaults[name]?.default);

let server: RealServer;

beforeAll(async () => {
  server = await RealServer.start({ ...OPTIONS, model: "none" });
});

afterEach(() => server.closeAll());

afterAll(async () => {
  expect(await server.stop()).toBe(0);
});

/** A document in which a parameter was renamed. */
async function renamed(uri: string): Promise<void> {
  await server.open(uri, "python", AREA);
  await server.change(uri, 2, 0, 9, 13, "width");
}

describe("the real server", () => {
  test("takes every setting of the manifest at its default", () => {
    expect(server.messages).toEqual([]);
    expect(server.initialized.capabilities.experimental).toMatchObject({
      nextedit: { inlineEdit: expect.any(String) as string },
    });
  });

  test("knows every command that the extension runs", () => {
    expect(server.initialized.capabilities.executeCommandProvider?.commands).toEqual(
      expect.arrayContaining([
        "nextedit.accept",
        "nextedit.reject",
        "nextedit.explain",
        "nextedit.pause",
        "nextedit.status",
      ]),
    );
  });

  test("answers with edits, the best first, that say what reports them", async () => {
    const uri = "untitled:rename.py";
    await renamed(uri);
    const { edits } = await server.nextEdits(uri, 2, 0, 14);
    expect(edits.length).toBeGreaterThan(1);
    expect(edits[0]).toMatchObject({
      text: "width",
      textDocument: { uri, version: 2 },
      range: { start: { line: 2, character: 10 }, end: { line: 2, character: 14 } },
      command: { command: "nextedit.accept", arguments: [expect.any(String)] },
    });
  });

  test("does not suggest again what was turned down", async () => {
    const uri = "untitled:reject.py";
    await renamed(uri);
    const { edits } = await server.nextEdits(uri, 2, 0, 14);
    const [first] = edits;
    await server.connection.sendNotification(DID_SHOW_INLINE_EDIT, { item: { command: first?.command } });
    await server.command("nextedit.reject", first?.command.arguments?.[0]);
    const again = await server.nextEdits(uri, 2, 0, 14);
    expect(again.edits.map((edit) => edit.range.start.line)).not.toContain(first?.range.start.line);
  });

  test("has all edits of one kind in one code action, which reports them all", async () => {
    const uri = "untitled:all.py";
    await renamed(uri);
    await server.nextEdits(uri, 2, 0, 14);
    const at = { line: 0, character: 14 };
    const actions = await server.connection.sendRequest(CodeActionRequest.type, {
      textDocument: { uri },
      range: { start: at, end: at },
      context: { diagnostics: [], only: ["refactor.rewrite.nextedit"], triggerKind: 1 },
    });
    expect(actions).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          title: expect.stringMatching(/^Apply all 2: /) as string,
          command: expect.objectContaining({ arguments: [expect.any(String), expect.any(String)] }) as object,
        }),
      ]),
    );
  });

  test("hears of a notebook's cells", async () => {
    const uri = "vscode-notebook-cell:/w/n.ipynb#W0sZmlsZQ%3D%3D";
    await renamed(uri);
    expect((await server.nextEdits(uri, 2, 0, 14)).edits).not.toEqual([]);
  });

  test("has text at the cursor while an edit is being repeated", async () => {
    const uri = "untitled:ghost.py";
    await server.open(uri, "python", POINT);
    await server.change(uri, 2, 1, 27, 27, ", z");
    await server.change(uri, 3, 3, 18, 18, "\n        self.");
    const items = await server.connection.sendRequest<{ insertText: string; range: unknown; command: unknown }[]>(
      INLINE_COMPLETION,
      { textDocument: { uri }, position: { line: 4, character: 13 }, context: { triggerKind: 2 } },
    );
    expect(items).toMatchObject([{ insertText: "z = z", command: { command: "nextedit.accept" } }]);
  });

  test("takes what the extension forwards, and says nothing of it", async () => {
    const uri = "untitled:forward.py";
    await renamed(uri);
    const range = { start: { line: 2, character: 10 }, end: { line: 2, character: 14 } };
    const diagnostics = [{ range, severity: DiagnosticSeverity.Error, message: "size is not defined", source: "x" }];
    await server.connection.sendNotification(DID_FOCUS, { textDocument: { uri } });
    await server.connection.sendNotification(DID_CHANGE_DIAGNOSTICS, {
      textDocument: { uri, version: 2 },
      diagnostics,
    });
    await server.connection.sendNotification(DID_CHANGE_VISIBLE_RANGES, { textDocument: { uri }, ranges: [range] });
    expect((await server.nextEdits(uri, 2, 0, 14)).edits[0]?.range.start.line).toBe(2);
    expect(server.messages).toEqual([]);
  });

  test("pauses, says so without being asked, and goes on", async () => {
    const paused = await server.command<Status>("nextedit.pause", 5, { quiet: true });
    expect(paused).toMatchObject({ kind: "Inactive", leftAlone: {} });
    expect(server.statuses.at(-1)).toMatchObject({ kind: "Inactive", message: paused.message });
    expect(await server.command<Status>("nextedit.resume", { quiet: true })).toMatchObject({ kind: "Normal" });
    expect(server.messages).toEqual([]);
  });

  test("explains", async () => {
    const uri = "untitled:explain.py";
    await renamed(uri);
    await server.nextEdits(uri, 2, 0, 14);
    const answer = await server.command<{ text: string }>("nextedit.explain", { textDocument: { uri }, quiet: true });
    expect(answer.text).toContain("rename `size` to `width`");
  });
});
