/**
 * Setting the server up for a user who has none: asked once, shown while it goes on, tried again when it fails.
 *
 * In: the user's wish. Out: a server that runs. Not here: the steps (`installer`), the search (`discovery`).
 */

import { spawn } from "node:child_process";
import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as vscode from "vscode";

import { findOnPath } from "./discovery";
import { install, remedy, type Run } from "./installer";
import { machine, type Manager } from "./manager";

// Remembers that the user was asked, by the version for which they were.
const ASKED = "setup.asked";
const PYTHONS = ["python3", "python", "python3.13", "python3.12", "python3.11", "python3.10", "py"];

/** Asks, once for each version, whether the server shall be set up. */
export async function offer(context: vscode.ExtensionContext, manager: Manager): Promise<void> {
  if (context.globalState.get(ASKED) === manager.version) {
    return;
  }
  await context.globalState.update(ASKED, manager.version);
  const answer = await vscode.window.showInformationMessage(
    `Next Edit needs its server, the Python program nextedit-lsp ${manager.version}. ` +
      "Set it up in a folder of its own? It comes from your package index; nothing else on this machine changes.",
    "Set Up",
    "Choose the Program…",
    "Not Now",
  );
  if (answer === "Set Up") {
    await setUp(manager);
  } else if (answer === "Choose the Program…") {
    await chooseProgram();
  }
}

/** Installs the server of this version and starts it. */
export async function setUp(manager: Manager): Promise<void> {
  await manager.stop();
  const { output } = manager;
  await mkdir(manager.folder, { recursive: true });
  const failure = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: "Next Edit", cancellable: true },
    async (progress, token) => {
      const here = machine();
      const pythons = PYTHONS.map((name) => findOnPath(name, here)).filter((path) => path !== null);
      const plan = { folder: manager.ownFolder, version: manager.version, pythons, platform: here.platform };
      const failure = await install(plan, runner(token, manager.folder), {
        step: (text) => {
          progress.report({ message: text });
          manager.installing(text);
        },
        log: (line) => {
          output.info(line);
        },
      });
      return token.isCancellationRequested ? "cancelled" : failure;
    },
  );
  if (failure === null) {
    await removeOthers(manager.ownFolder);
    await manager.restart();
    return;
  }
  // Half an installation would be taken for one.
  await rm(manager.ownFolder, { recursive: true, force: true });
  if (failure === "cancelled") {
    await manager.restart();
    return;
  }
  const why = remedy(failure, manager.version);
  manager.fail(why);
  const answer = await vscode.window.showErrorMessage(
    `Next Edit: ${why}`,
    "Try Again",
    "Show Log",
    "Choose the Program…",
  );
  if (answer === "Try Again") {
    await setUp(manager);
  } else if (answer === "Show Log") {
    output.show();
  } else if (answer === "Choose the Program…") {
    await chooseProgram();
  }
}

/** Lets the user point to a server that is there; the setting's change starts it. */
async function chooseProgram(): Promise<void> {
  const picked = await vscode.window.showOpenDialog({ title: "The program nextedit", openLabel: "Use This" });
  const path = picked?.[0]?.fsPath;
  if (path !== undefined) {
    const config = vscode.workspace.getConfiguration("nextedit");
    await config.update("serverPath", path, vscode.ConfigurationTarget.Global);
  }
}

/** Runs programs in the extension's own folder, never in the user's. */
function runner(token: vscode.CancellationToken, cwd: string): Run {
  return (command, args, onLine) =>
    new Promise((resolve) => {
      const child = spawn(command, [...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
      const stop = token.onCancellationRequested(() => child.kill());
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8");
        stream.on("data", (text: string) => {
          text
            .split(/\r?\n/)
            .filter((line) => line.trim() !== "")
            .forEach(onLine);
        });
      }
      child.on("error", () => {
        stop.dispose();
        resolve(null);
      });
      child.on("close", (code) => {
        stop.dispose();
        resolve(code);
      });
    });
}

/** Removes the installations of other versions. */
async function removeOthers(folder: string): Promise<void> {
  const parent = dirname(folder);
  for (const name of await readdir(parent)) {
    if (name.startsWith("server-") && name !== basename(folder)) {
      await rm(join(parent, name), { recursive: true, force: true });
    }
  }
}
