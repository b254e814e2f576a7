import { describe, expect, test } from "vitest";

import { discover, findOnPath, type Machine } from "../../src/server/discovery";

function machine(programs: string[], changes: Partial<Machine> = {}): Machine {
  return {
    platform: "linux",
    environment: { PATH: "/usr/bin:/w/.venv/bin:relative:" },
    folders: ["/w"],
    isTrusted: true,
    isProgram: (path) => programs.includes(path),
    ...changes,
  };
}

const WINDOWS: Partial<Machine> = {
  platform: "win32",
  environment: { Path: 'C:\\Windows;.;"C:\\Program Files\\nextedit"' },
  folders: ["C:\\w"],
};

describe("the server", () => {
  test.each<[what: string, setting: string, programs: string[], changes: Partial<Machine>, expected: object]>([
    [
      "is the one that is set",
      "/opt/nextedit",
      ["/opt/nextedit", "/usr/bin/nextedit"],
      {},
      { kind: "setting", command: "/opt/nextedit" },
    ],
    ["that is set must be there", "/opt/nextedit", ["/usr/bin/nextedit"], {}, { kind: "wrongSetting" }],
    ["that is set must be an absolute path", "nextedit", ["nextedit"], {}, { kind: "wrongSetting" }],
    [
      "is on the PATH",
      "",
      ["/usr/bin/nextedit", "/own/bin/nextedit"],
      {},
      { kind: "path", command: "/usr/bin/nextedit" },
    ],
    ["is the extension's own", "", ["/own/bin/nextedit"], {}, { kind: "own", command: "/own/bin/nextedit" }],
    ["is missing", "", [], {}, { kind: "missing" }],
    [
      "of a trusted folder may be used",
      "",
      ["/w/.venv/bin/nextedit"],
      {},
      { kind: "path", command: "/w/.venv/bin/nextedit" },
    ],
    [
      "of a folder that is not trusted is not used",
      "",
      ["/w/.venv/bin/nextedit"],
      { isTrusted: false },
      { kind: "missing" },
    ],
    [
      "outside of that folder is",
      "",
      ["/usr/bin/nextedit"],
      { isTrusted: false },
      { kind: "path", command: "/usr/bin/nextedit" },
    ],
  ])("%s", (_what, setting, programs, changes, expected) => {
    expect(discover(setting, "/own", machine(programs, changes))).toEqual(expected);
  });
});

describe("a program on the PATH", () => {
  test.each([
    ["of relative entries is never used", ["relative/nextedit", "/nextedit"], {}, null],
    [
      "on Windows is an .exe",
      ["C:\\Program Files\\nextedit\\nextedit.exe"],
      WINDOWS,
      "C:\\Program Files\\nextedit\\nextedit.exe",
    ],
    ["on Windows is no script for a shell", ["C:\\Windows\\nextedit.cmd", "C:\\Windows\\nextedit.bat"], WINDOWS, null],
    ["on Windows is not in the current folder", [".\\nextedit.exe", "nextedit.exe"], WINDOWS, null],
  ])("%s", (_what, programs, changes, expected) => {
    expect(findOnPath("nextedit", machine(programs, changes))).toBe(expected);
  });
});
