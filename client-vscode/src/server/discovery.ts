/**
 * Where the server is: the command that the user set, else one on the PATH, else the extension's own installation.
 *
 * In: what is known of this machine. Out: an absolute path, or that there is none.
 * Not here: installing (`installer`), starting (`manager`).
 *
 * Names are looked up here and not by the system, which on Windows tries the current folder first: nothing that lies
 * in a folder which the user does not trust is ever run.
 */

import { posix, win32 } from "node:path";

/** What the search needs to know of this machine. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folders that are open in the editor. */
  readonly folders: readonly string[];
  /** Whether the user trusts them. */
  readonly isTrusted: boolean;
  readonly isProgram: (path: string) => boolean;
}

/** A server that was found, and how. */
export interface Found {
  readonly kind: "setting" | "path" | "own";
  readonly command: string;
}

/** Why none was found: none is there, or the one that was set is not. */
export interface NotFound {
  readonly kind: "missing" | "wrongSetting";
}

export type Discovery = Found | NotFound;

/** Finds the server; `setting` is a path or empty, `own` the folder of the extension's own installation. */
export function discover(setting: string, own: string, machine: Machine): Discovery {
  if (setting !== "") {
    const isThere = pathsOf(machine).isAbsolute(setting) && machine.isProgram(setting);
    return isThere ? { kind: "setting", command: setting } : { kind: "wrongSetting" };
  }
  const onPath = findOnPath("nextedit", machine);
  if (onPath !== null) {
    return { kind: "path", command: onPath };
  }
  const command = programIn(own, "nextedit", machine.platform);
  return machine.isProgram(command) ? { kind: "own", command } : { kind: "missing" };
}

/** The absolute path of a program on the PATH, or null. */
export function findOnPath(name: string, machine: Machine): string | null {
  const paths = pathsOf(machine);
  const search = machine.environment.PATH ?? machine.environment.Path ?? "";
  for (const entry of search.split(paths.delimiter)) {
    const folder = entry.replace(/^"(.*)"$/, "$1");
    if (!paths.isAbsolute(folder) || (!machine.isTrusted && isWithin(folder, machine))) {
      continue;
    }
    for (const file of fileNames(name, machine)) {
      const path = paths.join(folder, file);
      if (machine.isProgram(path)) {
        return path;
      }
    }
  }
  return null;
}

/** A program of a virtual environment. */
export function programIn(environment: string, name: string, platform: NodeJS.Platform): string {
  return platform === "win32"
    ? win32.join(environment, "Scripts", `${name}.exe`)
    : posix.join(environment, "bin", name);
}

function pathsOf(machine: Machine): typeof posix {
  return machine.platform === "win32" ? win32 : posix;
}

/** Only programs: a `.cmd` or `.bat` file is run by a shell, which reads its arguments once more. */
function fileNames(name: string, machine: Machine): string[] {
  return machine.platform === "win32" ? [`${name}.exe`] : [name];
}

function isWithin(folder: string, machine: Machine): boolean {
  const paths = pathsOf(machine);
  return machine.folders.some((root) => {
    const between = paths.relative(root, folder);
    return between === "" || (!between.startsWith("..") && !paths.isAbsolute(between));
  });
}
