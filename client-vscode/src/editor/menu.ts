/**
 * The menu of the status item.
 *
 * In: how everything is. Out: one of the commands, run. Not here: the commands themselves.
 */

import * as vscode from "vscode";

import { type State } from "../core/status";

interface Entry extends vscode.QuickPickItem {
  readonly command: string;
}

/** Shows the menu and runs what is chosen. */
export async function showMenu(state: State): Promise<void> {
  const picked = await vscode.window.showQuickPick(entries(state), { title: "Next Edit" });
  if (picked !== undefined) {
    await vscode.commands.executeCommand(picked.command);
  }
}

/** What can be done now, the likeliest first. */
function entries(state: State): Entry[] {
  const { phase } = state;
  if (phase.kind !== "running") {
    return [
      entry("nextedit.setUp", "cloud-download", "Set up the server…"),
      entry("nextedit.restart", "debug-restart", "Start the server again"),
      entry("nextedit.showLog", "output", "Show the log", phase.kind === "failed" ? phase.why : undefined),
      entry("nextedit.settings", "gear", "Settings"),
    ];
  }
  const languageId = vscode.window.activeTextEditor?.document.languageId;
  const config = vscode.workspace.getConfiguration("nextedit");
  const isOff = languageId !== undefined && config.get<Record<string, boolean>>("languages", {})[languageId] === false;
  const isEnabled = config.get<boolean>("enabled", true);
  const pause = [
    entry("nextedit.pauseMinutes", "debug-pause", "Pause for 5 minutes"),
    entry("nextedit.pause", "debug-pause", "Pause until restart"),
  ];
  const { server } = state;
  return [
    ...(server?.kind === "Inactive" && isEnabled
      ? [entry("nextedit.resume", "debug-continue", "Resume", server.message)]
      : pause),
    ...(languageId === undefined
      ? []
      : [entry("nextedit.toggleLanguage", "symbol-misc", `Switch ${isOff ? "on" : "off"} for ${languageId}`)]),
    entry("nextedit.toggleWorkspace", "root-folder", `Switch ${isEnabled ? "off" : "on"} in this workspace`),
    entry("nextedit.switchModel", "package", "Choose the model…", state.model === "" ? "none" : state.model),
    entry("nextedit.explain", "question", "Explain: why this, or why nothing"),
    entry("nextedit.alternatives", "list-ordered", "Alternatives…"),
    entry("nextedit.applyAll", "replace-all", "Apply all of this kind…"),
    entry("nextedit.statistics", "graph", "What became of suggestions"),
    entry("nextedit.evaluate", "beaker", "Measure on this folder's commits"),
    entry("nextedit.showLog", "output", "Show the log"),
    entry("nextedit.doctor", "pulse", "Check the installation"),
    entry("nextedit.restart", "debug-restart", "Start the server again"),
    entry("nextedit.settings", "gear", "Settings"),
  ];
}

function entry(command: string, icon: string, text: string, description?: string): Entry {
  return { command, label: `$(${icon}) ${text}`, ...(description !== undefined && { description }) };
}
