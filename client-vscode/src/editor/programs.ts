/**
 * The server's other commands (`nextedit models`, `nextedit doctor`), run where the user sees them.
 *
 * In: arguments. Out: a terminal, or what a program printed. Not here: the server itself (`server/manager`).
 */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as vscode from "vscode";

/** Runs in a terminal that stays; the exit code. */
export async function runVisibly(command: string, args: readonly string[], cwd: string): Promise<number | undefined> {
  const name = `nextedit ${args[0] ?? ""}`;
  const execution = new vscode.ProcessExecution(command, [...args], { cwd });
  const task = new vscode.Task({ type: "nextedit" }, vscode.TaskScope.Global, name, "Next Edit", execution);
  task.presentationOptions = { focus: true, panel: vscode.TaskPanelKind.Dedicated, clear: true };
  const running = await vscode.tasks.executeTask(task);
  return new Promise((resolve) => {
    const listener = vscode.tasks.onDidEndTaskProcess((event) => {
      if (event.execution === running) {
        listener.dispose();
        resolve(event.exitCode);
      }
    });
  });
}

/** What a program prints, read as JSON. */
export async function json(command: string, args: readonly string[], cwd: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(command, [...args], { cwd, maxBuffer: 16 * 1024 * 1024 });
  return JSON.parse(stdout) as unknown;
}
