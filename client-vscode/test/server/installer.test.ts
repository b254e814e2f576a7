import { describe, expect, test } from "vitest";

import { type Failure, install, type Plan, remedy, type Run } from "../../src/server/installer";

const PLAN: Plan = {
  folder: "/own",
  version: "1.2.3",
  pythons: ["/usr/bin/python3", "/usr/bin/python"],
  platform: "linux",
};
const SILENT = { step: () => undefined, log: () => undefined };

/** Runs nothing: what a program's first arguments are decides about its exit code and what it says. */
function fake(answers: Record<string, [code: number | null, ...lines: string[]]>): { run: Run; calls: string[] } {
  const calls: string[] = [];
  const run: Run = (command, args, onLine) => {
    const call = [command, ...args].join(" ");
    calls.push(call);
    const [code, ...lines] = Object.entries(answers).find(([start]) => call.startsWith(start))?.[1] ?? [0];
    lines.forEach(onLine);
    return Promise.resolve(code);
  };
  return { run, calls };
}

test("installs the version that belongs to the extension, into a folder of its own", async () => {
  const { run, calls } = fake({});
  expect(await install(PLAN, run, SILENT)).toBeNull();
  expect(calls[1]).toBe("/usr/bin/python3 -I -m venv --clear /own");
  expect(calls[2]).toMatch(/^\/own\/bin\/python -I -m pip install .* nextedit-lsp==1\.2\.3$/);
});

test("takes the first Python that is new enough", async () => {
  const { run, calls } = fake({ "/usr/bin/python3 -I -c": [1] });
  expect(await install(PLAN, run, SILENT)).toBeNull();
  expect(calls[2]).toBe("/usr/bin/python -I -m venv --clear /own");
});

describe("what can go wrong", () => {
  test.each<[what: string, answers: Parameters<typeof fake>[0], failure: Failure]>([
    ["no Python", { "/usr/bin/python3 -I -c": [null], "/usr/bin/python -I -c": [1] }, "noPython"],
    ["no venv module", { "/usr/bin/python3 -I -m venv": [1] }, "noVenv"],
    [
      "no network",
      { "/own/bin/python": [1, "NewConnectionError('...')", "ERROR: No matching distribution"] },
      "offline",
    ],
    ["no compiler", { "/own/bin/python": [1, "CMake Error: CMAKE_CXX_COMPILER not set"] }, "noCompiler"],
    ["anything else", { "/own/bin/python": [2, "No space left on device"] }, "failed"],
  ])("%s", async (_what, answers, failure) => {
    expect(await install(PLAN, fake(answers).run, SILENT)).toBe(failure);
    expect(remedy(failure, "1.2.3")).toContain("nextedit.serverPath");
  });
});
