/**
 * The extension's beginning and end: makes the parts and puts them together.
 *
 * In: the editor's context. Out: a running extension. Not here: what the parts do.
 */

import * as vscode from "vscode";

import { SCHEMES } from "./core/documents";
import { statusText } from "./core/status";
import { announcement } from "./core/words";
import { Announcer } from "./editor/announcer";
import { Asker } from "./editor/asker";
import { commands } from "./editor/commands";
import { Difference } from "./editor/difference";
import { Forwarding } from "./editor/forwarding";
import { GhostText } from "./editor/ghost";
import { showMenu } from "./editor/menu";
import { NativeEdits } from "./editor/native";
import { Overview } from "./editor/overview";
import { nameOf, rangeOf } from "./editor/places";
import { forgetPreferences } from "./editor/preferences";
import { Presenter, type Shown } from "./editor/presenter";
import { isGranted } from "./editor/proposed";
import { Renderer } from "./editor/renderer";
import { StatusItem } from "./editor/statusItem";
import { NativeSurface, type Surface } from "./editor/surface";
import { Manager } from "./server/manager";
import { Trigger } from "./server/protocol";
import { offer } from "./server/setup";

/** What other extensions, and the tests, may ask. */
export interface Api {
  /** The edit that is on the screen. */
  readonly pending: () => { uri: string; range: vscode.Range; text: string } | undefined;
  /** What the status item says. */
  readonly state: () => string;
}

const SELECTOR = SCHEMES.map((scheme) => ({ scheme }));

/** Called by the editor when the extension is first needed. */
export function activate(context: vscode.ExtensionContext): Api {
  const output = vscode.window.createOutputChannel("Next Edit", { log: true });
  const manager = new Manager(context, output);
  const item = new StatusItem();
  const overview = new Overview(manager, (state) => {
    item.show(state);
  });
  const difference = new Difference();
  const forwarding = new Forwarding(manager.connection);
  context.subscriptions.push(output, manager, item, overview, difference, forwarding);
  const isNative = isGranted(context.extension);
  void vscode.commands.executeCommand("setContext", "nextedit.native", isNative);
  output.info(`next edits are drawn by ${isNative ? "VS Code" : "the extension"}`);
  const shown = isNative ? useNative(context, manager, overview) : useOwn(context, manager, overview);
  const parts = { context, manager, difference, ...shown };
  const all = { ...commands(parts), menu: () => showMenu(overview.state) };
  for (const [name, run] of Object.entries(all)) {
    context.subscriptions.push(vscode.commands.registerCommand(`nextedit.${name}`, run));
  }
  context.subscriptions.push(
    manager.onDidChange(({ phase }) => {
      const isRunning = phase.kind === "running";
      void vscode.commands.executeCommand("setContext", "nextedit.running", isRunning);
      if (!isRunning) {
        shown.surface.hide();
      }
      overview.refresh();
    }),
    manager.onDidStart(() => {
      forwarding.all();
    }),
    vscode.window.onDidChangeActiveTextEditor(() => {
      overview.refresh();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      forgetPreferences();
      if (event.affectsConfiguration("nextedit.serverPath")) {
        void manager.restart();
      } else if (event.affectsConfiguration("nextedit")) {
        manager.sendSettings();
        shown.surface.again();
        overview.refresh();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      if (manager.connection() === null) {
        void manager.restart();
      } else {
        manager.sendSettings();
      }
    }),
  );
  void begin(context, manager);
  return { pending: shown.pending, state: () => statusText(overview.state).spoken };
}

interface Shower {
  readonly surface: Surface;
  readonly ghost: GhostText;
  readonly pending: Api["pending"];
}

/** The server's start is not waited for: the editor's is not to be held up. */
async function begin(context: vscode.ExtensionContext, manager: Manager): Promise<void> {
  await manager.start();
  if (manager.condition.phase.kind === "missing") {
    await offer(context, manager);
  }
}

/** Next edits in the editor's own view. */
function useNative(context: vscode.ExtensionContext, manager: Manager, overview: Overview): Shower {
  const ghost = new GhostText(manager.connection, true);
  const surface: NativeSurface = new NativeSurface(manager.connection, () => native);
  const native = new NativeEdits(manager.connection, ghost, (edits, elapsedMs) => {
    surface.take(edits);
    overview.answered(elapsedMs);
  });
  context.subscriptions.push(
    ghost,
    native,
    vscode.languages.registerInlineCompletionItemProvider(SELECTOR, native),
    native.onDidShow((shown) => {
      overview.suggests(shown === null ? null : textOf(shown.insertText));
    }),
    vscode.window.onDidChangeActiveTextEditor(() => {
      native.again();
    }),
  );
  const pending: Api["pending"] = () => {
    const { shown } = native;
    const uri = shown?.uri ?? vscode.window.activeTextEditor?.document.uri;
    return shown?.range === undefined || uri === undefined
      ? undefined
      : { uri: uri.toString(), range: shown.range, text: textOf(shown.insertText) };
  };
  return { surface, ghost, pending };
}

/** Next edits drawn by hand. */
function useOwn(context: vscode.ExtensionContext, manager: Manager, overview: Overview): Shower {
  const ghost = new GhostText(manager.connection, false);
  const announcer = new Announcer();
  const renderer = new Renderer(context.extensionUri);
  const asker: Asker = new Asker(
    manager.connection,
    ({ edits, elapsedMs }) => {
      overview.answered(elapsedMs);
      surface.show(edits);
    },
    (isThinking) => {
      overview.thinking(isThinking);
    },
  );
  const surface = new Presenter(renderer, {
    connection: manager.connection,
    askSoon: () => {
      asker.soon();
    },
    askNow: async () => {
      await asker.now(Trigger.Invoked);
    },
    mayDrawGhostText: (document) => ghost.mayDraw(document),
    drawGhostText: () => void ghost.draw(),
  });
  const refresh = (): void => {
    surface.refresh();
  };
  context.subscriptions.push(
    announcer,
    renderer,
    asker,
    surface,
    ghost,
    ghost.onDidAnswer(() => {
      surface.refresh();
    }),
    vscode.languages.registerInlineCompletionItemProvider(SELECTOR, ghost),
    surface.onDidChange((shown) => {
      overview.suggests(shown?.label ?? null);
      announcer.announce(shown === null ? null : announcementOf(shown));
    }),
    vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.contentChanges.length > 0) {
        surface.onChange(event);
        if (event.document === vscode.window.activeTextEditor?.document) {
          asker.soon();
        }
      }
    }),
    vscode.window.onDidChangeActiveTextEditor(() => {
      surface.refresh();
      asker.soon();
    }),
    vscode.workspace.onDidCloseTextDocument((document) => {
      surface.onClose(document);
    }),
    vscode.window.onDidChangeVisibleTextEditors(refresh),
    vscode.window.onDidChangeTextEditorSelection(refresh),
    vscode.window.onDidChangeTextEditorVisibleRanges(refresh),
    manager.onDidStart(() => {
      asker.soon();
    }),
  );
  const pending: Api["pending"] = () => {
    const edit = surface.pending()?.edit;
    return edit && { uri: edit.uri, range: rangeOf(edit.range), text: edit.newText };
  };
  return { surface, ghost, pending };
}

function announcementOf({ edit, layout, label }: Shown): string {
  const isHere = vscode.window.activeTextEditor?.document.uri.toString() === edit.uri;
  const file = isHere ? null : nameOf(edit.uri);
  return announcement(layout.focus.line, file, label, "Tab");
}

function textOf(inserted: string | vscode.SnippetString): string {
  return typeof inserted === "string" ? inserted : inserted.value;
}
