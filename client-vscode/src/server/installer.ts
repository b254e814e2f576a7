/**
 * The server in a virtual environment of its own, at the version of this extension.
 *
 * In: a folder, Python programs to try, a way to run programs. Out: a folder with the server in it, or what went wrong.
 * Not here: asking the user, showing progress (`setup`).
 */

import { programIn } from "./discovery";

// Python is run isolated (-I): what else the user's environment has would be taken for a part of the installation.

/** How programs are run; each line that they write goes to `onLine`. The exit code, or null when it cannot be run. */
export type Run = (command: string, args: readonly string[], onLine: (line: string) => void) => Promise<number | null>;

/** What to install, and where. */
export interface Plan {
  readonly folder: string;
  readonly version: string;
  readonly pythons: readonly string[];
  readonly platform: NodeJS.Platform;
}

/** Told while it goes on. */
export interface Progress {
  readonly step: (text: string) => void;
  readonly log: (line: string) => void;
}

/** Why it could not be installed. */
export type Failure = "noPython" | "noVenv" | "offline" | "noCompiler" | "failed";

// Printed by a Python that is new enough; older ones fail at it.
const CHECK = "import sys; sys.exit(sys.version_info < (3, 10))";
// What pip says when it reaches no index, or one without the package.
const OFFLINE =
  /NewConnectionError|Temporary failure in name resolution|getaddrinfo failed|ConnectTimeout|No matching distribution/;
const NO_COMPILER = /CMAKE_C(XX)?_COMPILER|CMake must be installed|Failed building wheel/;

/** Installs; null when all went well. */
export async function install(plan: Plan, run: Run, progress: Progress): Promise<Failure | null> {
  progress.step("looking for Python");
  const python = await findPython(plan.pythons, run, progress.log);
  if (python === null) {
    return "noPython";
  }
  progress.step("making a virtual environment");
  progress.log(`Python: ${python}`);
  if ((await run(python, ["-I", "-m", "venv", "--clear", plan.folder], progress.log)) !== 0) {
    return "noVenv";
  }
  progress.step("installing the server: a few minutes where it has to be compiled");
  let failure: Failure = "failed";
  const pip = programIn(plan.folder, "python", plan.platform);
  const args = [
    "-I",
    "-m",
    "pip",
    "install",
    "--disable-pip-version-check",
    "--no-input",
    `nextedit-lsp==${plan.version}`,
  ];
  const code = await run(pip, args, (line) => {
    progress.log(line);
    if (OFFLINE.test(line)) {
      failure = "offline";
    } else if (NO_COMPILER.test(line)) {
      failure = "noCompiler";
    }
  });
  return code === 0 ? null : failure;
}

/** What to say of a failure, with what can be done about it. */
export function remedy(failure: Failure, version: string): string {
  const manual = "or install it by hand and set nextedit.serverPath";
  const says: Record<Failure, string> = {
    noPython: `No Python 3.10 or later was found. Install one and try again, ${manual}.`,
    noVenv:
      "Python could not make a virtual environment (on Debian and Ubuntu: apt install python3-venv). " +
      `Then try again, ${manual}.`,
    offline:
      `nextedit-lsp ${version} could not be had: this machine is offline, or its package index does not have it. ` +
      "pip's own settings for mirrors, proxies and wheel folders (PIP_INDEX_URL, PIP_FIND_LINKS) are honoured. " +
      `Try again later, ${manual}.`,
    noCompiler:
      "A part of the server must be compiled here, and that failed: it needs a C++ compiler. " +
      `See the log, ${manual}.`,
    failed: `The server could not be installed. See the log, ${manual}.`,
  };
  return says[failure];
}

async function findPython(pythons: readonly string[], run: Run, log: (line: string) => void): Promise<string | null> {
  for (const python of pythons) {
    if ((await run(python, ["-I", "-c", CHECK], log)) === 0) {
      return python;
    }
    log(`not 3.10 or later: ${python}`);
  }
  return null;
}
