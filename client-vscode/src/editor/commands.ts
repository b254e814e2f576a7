/**
 * The commands, by name.
 *
 * In: the parts of the extension. Out: functions for the editor to call. Not here: their titles and keys
 * (`package.json`), the menu (`menu`).
 */

import { join } from "node:path";
import * as vscode from "vscode";

import { label } from "../core/words";
import { type NextEdit } from "../core/edit";
import { layout } from "../core/layout";
import { type Manager } from "../server/manager";
import { type ServerCommand, type Status } from "../server/protocol";
import { setUp } from "../server/setup";
import { type Difference } from "./difference";
import { type GhostText } from "./ghost";
import { switchModel } from "./models";
import { documentOf, nameOf, pageOf } from "./places";
import { applyAll } from "./preview";
import { runVisibly } from "./programs";
import { type Surface } from "./surface";

/** What the commands work on. */
export interface Parts {
  readonly context: vscode.ExtensionContext;
  readonly manager: Manager;
  readonly surface: Surface;
  readonly ghost: GhostText;
  readonly difference: Difference;
}

type Command = (...args: unknown[]) => unknown;

const PAUSE_MINUTES = 5;
const QUIET = { quiet: true };

/** All commands, by their names without `nextedit.`. */
export function commands(parts: Parts): Record<string, Command> {
  const { manager, surface, ghost, difference } = parts;
  const ask = <T>(name: ServerCommand, ...args: unknown[]): Promise<T | null> => askServer<T>(manager, name, args);
  return {
    next: () => surface.next(),
    jumpOrAccept: () => surface.jumpOrAccept(),
    dismiss: () => surface.reject(),
    dismissGhost: async () => {
      await ghost.reject(surface.giveUpGhostText());
      surface.again();
    },
    alternatives: () => showAlternatives(surface),
    showChange: () => showChange(surface, difference),
    applyAll: () => applyAllAsked(manager),
    explain: () => explain(manager),
    pauseMinutes: async () => {
      surface.hide();
      await ask<Status>("nextedit.pause", PAUSE_MINUTES, QUIET);
    },
    pause: async () => {
      surface.hide();
      await ask<Status>("nextedit.pause", QUIET);
    },
    resume: () => ask<Status>("nextedit.resume", QUIET),
    toggleLanguage,
    toggleWorkspace,
    switchModel: () => switchModel(manager),
    statistics: async () => {
      const status = await ask<Status>("nextedit.status", QUIET);
      if (status !== null) {
        await tell("Suggestions of this session", countsOf(status));
      }
    },
    evaluate: () => evaluate(manager),
    doctor: () => runDoctor(manager),
    showLog: () => {
      manager.output.show();
    },
    restart: () => manager.restart(),
    setUp: () => setUp(manager),
    settings: () => vscode.commands.executeCommand("workbench.action.openSettings", "@ext:nextedit-lsp.nextedit"),
    trySample: () => trySample(parts.context),
    // Run by items and actions of the server when they were applied.
    accept: (...ids) => ask("nextedit.accept", ...ids),
  };
}

/** Runs one of the server's commands; null, and a word to the user, when it does not run. */
async function askServer<T>(manager: Manager, name: ServerCommand, args: readonly unknown[]): Promise<T | null> {
  const connection = manager.connection();
  if (connection === null) {
    void vscode.window.showWarningMessage("Next Edit: the server does not run. Its item in the status bar says why.");
    return null;
  }
  return connection.command<T>(name, args);
}

async function explain(manager: Manager): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  const connection = manager.connection();
  const where = document && connection ? { textDocument: { uri: connection.uriOf(document) } } : {};
  const answer = await askServer<{ text: string }>(manager, "nextedit.explain", [{ ...where, ...QUIET }]);
  if (answer !== null) {
    await tell("Why this, or why nothing", answer.text);
  }
}

async function applyAllAsked(manager: Manager): Promise<void> {
  const connection = manager.connection();
  const editor = vscode.window.activeTextEditor;
  if (connection !== null && editor !== undefined && !(await applyAll(connection, editor))) {
    void vscode.window.showInformationMessage("Next Edit: no change repeats in the open files.");
  }
}

async function showChange(surface: Surface, difference: Difference): Promise<void> {
  const [edit] = surface.edits();
  await (edit === undefined ? nothingPending() : difference.open(edit));
}

async function showAlternatives(surface: Surface): Promise<void> {
  const edits = surface.edits();
  if (edits.length === 0) {
    await nothingPending();
    return;
  }
  const picked = await vscode.window.showQuickPick(
    edits.map((edit) => ({ ...described(edit), edit })),
    { title: "Next edits, the likeliest first", matchOnDescription: true },
  );
  if (picked !== undefined) {
    await surface.choose(picked.edit);
  }
}

function described(edit: NextEdit): vscode.QuickPickItem {
  const document = documentOf(edit.uri);
  const plan = document && layout(edit, pageOf(document, undefined));
  const what = plan ? label(plan.hunks, plan.before) : edit.newText;
  return { label: what, description: `${nameOf(edit.uri)}:${edit.range.start.line + 1}` };
}

async function nothingPending(): Promise<void> {
  await vscode.window.showInformationMessage("Next Edit: nothing is pending.");
}

async function toggleLanguage(): Promise<void> {
  const id = vscode.window.activeTextEditor?.document.languageId;
  if (id !== undefined) {
    const config = vscode.workspace.getConfiguration("nextedit");
    const languages = config.get<Record<string, boolean>>("languages", {});
    const { [id]: isOn, ...others } = languages;
    const changed = isOn === false ? others : { ...others, [id]: false };
    await config.update("languages", changed, vscode.ConfigurationTarget.Global);
  }
}

async function toggleWorkspace(): Promise<void> {
  const config = vscode.workspace.getConfiguration("nextedit");
  const hasWorkspace = vscode.workspace.workspaceFolders !== undefined;
  const target = hasWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  const isOn = config.get<boolean>("enabled", true);
  const isOnElsewhere = config.inspect<boolean>("enabled")?.globalValue ?? true;
  // What is so anyway needs no line in the folder's settings.
  await config.update("enabled", hasWorkspace && isOnElsewhere !== isOn ? undefined : !isOn, target);
}

async function runDoctor(manager: Manager): Promise<void> {
  const found = manager.discover();
  if ("command" in found) {
    await runVisibly(found.command, ["doctor"], manager.folder);
  }
}

/** Measures on the commits of the folder's repository how often suggestions are right, and opens the page about it. */
async function evaluate(manager: Manager): Promise<void> {
  const found = manager.discover();
  const folder = await historyFolder();
  if (folder === undefined || !("command" in found)) {
    return;
  }
  const page = join(manager.folder, "evaluation.html");
  const code = await runVisibly(found.command, ["evaluate", "--git", folder, "--html", page], manager.folder);
  if (code === 0) {
    await vscode.env.openExternal(vscode.Uri.file(page));
  }
}

async function historyFolder(): Promise<string | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) {
    void vscode.window.showInformationMessage("Next Edit: open the folder of a git repository first.");
  }
  const folder = folders.length > 1 ? await vscode.window.showWorkspaceFolderPick() : folders[0];
  return folder?.uri.fsPath;
}

async function trySample(context: vscode.ExtensionContext): Promise<void> {
  const file = vscode.Uri.joinPath(context.extensionUri, "media", "sample.py");
  const content = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
  const document = await vscode.workspace.openTextDocument({ language: "python", content });
  await vscode.window.showTextDocument(document);
}

async function tell(title: string, detail: string): Promise<void> {
  await vscode.window.showInformationMessage(title, { modal: true, detail });
}

function countsOf({ counts, model }: Status): string {
  const of = (name: string): number => counts[name] ?? 0;
  const lines = [`shown: ${of("shown")}`, `accepted: ${of("accepted")}`, `turned down: ${of("rejected")}`];
  return [...lines, model.name === "" ? "no model" : `model: ${model.name}`].join("\n");
}
