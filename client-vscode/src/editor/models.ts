/**
 * Choosing the model.
 *
 * In: what `nextedit models list` says, the user's choice. Out: the setting, or a download in a terminal.
 * Not here: models themselves: the server's.
 */

import * as vscode from "vscode";

import { type Manager } from "../server/manager";
import { json, runVisibly } from "./programs";

/** A model as `nextedit models list --json` has it. */
interface Model {
  readonly name: string;
  readonly title: string;
  readonly bytes: number;
  readonly licence: string;
  readonly this_machine: string;
  readonly here: boolean;
  readonly in_use: boolean;
}

interface Choice extends vscode.QuickPickItem {
  readonly choose: () => Promise<void>;
}

/** Lets the user choose. */
export async function switchModel(manager: Manager): Promise<void> {
  const found = manager.discover();
  if (!("command" in found)) {
    return;
  }
  const { command } = found;
  const cwd = manager.folder;
  const models = (await json(command, ["models", "list", "--json"], cwd)) as Model[];
  const choices: Choice[] = [
    { label: "No model", description: "suggest what my edits foretell", choose: () => setModel("none") },
    ...models.filter((model) => model.here).map((model) => choiceOf(model, () => setModel(model.name))),
    { label: "A GGUF file…", description: "of your own", choose: chooseFile },
    separator("Download"),
    ...models
      .filter((model) => !model.here)
      .map((model) =>
        choiceOf(model, async () => {
          if ((await runVisibly(command, ["models", "pull", model.name], cwd)) === 0) {
            await setModel(model.name);
          }
        }),
      ),
  ];
  const picked = await vscode.window.showQuickPick(choices, {
    title: "The model of Next Edit",
    placeHolder: "Check the licence: not every model may be used for every purpose",
    matchOnDescription: true,
    matchOnDetail: true,
  });
  await picked?.choose();
}

function choiceOf(model: Model, choose: () => Promise<void>): Choice {
  const size = `${(model.bytes / 1e9).toFixed(1)} GB`;
  return {
    label: model.name,
    description: model.in_use ? "in use" : "",
    detail: `${model.title}, ${size}, ${model.licence}, ${model.this_machine}`,
    choose,
  };
}

function separator(label: string): Choice {
  return { label, kind: vscode.QuickPickItemKind.Separator, choose: () => Promise.resolve() };
}

async function setModel(name: string): Promise<void> {
  await vscode.workspace.getConfiguration("nextedit").update("model", name, vscode.ConfigurationTarget.Global);
}

async function chooseFile(): Promise<void> {
  const picked = await vscode.window.showOpenDialog({ title: "A model", filters: { Models: ["gguf"] } });
  const path = picked?.[0]?.fsPath;
  if (path !== undefined) {
    await setModel(path);
  }
}
