/**
 * The pending edit in the editor's own diff view, for changes that are too large to be read in the lines.
 *
 * In: an edit. Out: a tab with the file before and after. Not here: the short forms (`renderer`).
 */

import * as vscode from "vscode";

import { type NextEdit } from "../core/edit";
import { documentOf, nameOf, rangeOf } from "./places";

const SCHEME = "nextedit-preview";

/** Holds the text after the edit that was looked at last. */
export class Difference implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private text = "";
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);

  provideTextDocumentContent(): string {
    return this.text;
  }

  /** Opens the diff. */
  async open(edit: NextEdit): Promise<void> {
    const document = documentOf(edit.uri);
    if (document === undefined) {
      return;
    }
    const range = rangeOf(edit.range);
    const before = document.getText(new vscode.Range(new vscode.Position(0, 0), range.start));
    const after = document.getText(new vscode.Range(range.end, document.lineAt(document.lineCount - 1).range.end));
    this.text = before + edit.newText + after;
    const preview = document.uri.with({ scheme: SCHEME, query: "", fragment: "" });
    this.changed.fire(preview);
    const name = nameOf(edit.uri);
    const options: vscode.TextDocumentShowOptions = {
      preview: true,
      selection: new vscode.Range(range.start, range.start),
    };
    await vscode.commands.executeCommand("vscode.diff", document.uri, preview, `${name} ↔ next edit`, options);
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
