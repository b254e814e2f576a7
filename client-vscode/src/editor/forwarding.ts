/**
 * What the editor knows and the server wants to: which document has the focus, what is on the screen, what is wrong.
 *
 * In: events of the editor. Out: notifications. Not here: texts, which the language client sends.
 */

import * as vscode from "vscode";

import { isFollowed } from "../core/documents";
import { type Connection } from "../server/client";
import {
  DID_CHANGE_DIAGNOSTICS,
  DID_CHANGE_VISIBLE_RANGES,
  DID_FOCUS,
  type DiagnosticsParams,
  type VisibleRangesParams,
} from "../server/protocol";
import { documentOf } from "./places";

// Language servers send their findings in several goes; scrolling moves the screen line by line.
const DIAGNOSTICS_MS = 150;
const VISIBLE_MS = 100;

/** Forwards until it is disposed of. */
export class Forwarding implements vscode.Disposable {
  private readonly listeners: vscode.Disposable;
  private readonly waiting = new Map<string, vscode.Uri>();
  private diagnosticsTimer: NodeJS.Timeout | undefined;
  private visibleTimer: NodeJS.Timeout | undefined;

  constructor(private readonly connection: () => Connection | null) {
    this.listeners = vscode.Disposable.from(
      vscode.languages.onDidChangeDiagnostics(({ uris }) => {
        this.diagnosticsSoon(uris);
      }),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        this.focus(editor);
      }),
      vscode.window.onDidChangeTextEditorVisibleRanges(() => {
        this.visibleSoon();
      }),
      vscode.window.onDidChangeVisibleTextEditors(() => {
        this.visibleSoon();
      }),
    );
  }

  /** Tells a server that has just started everything. */
  all(): void {
    this.focus(vscode.window.activeTextEditor);
    this.visibleSoon();
    this.diagnosticsSoon(vscode.languages.getDiagnostics().map(([uri]) => uri));
  }

  dispose(): void {
    clearTimeout(this.diagnosticsTimer);
    clearTimeout(this.visibleTimer);
    this.listeners.dispose();
  }

  private focus(editor: vscode.TextEditor | undefined): void {
    const connection = this.connection();
    if (connection === null) {
      return;
    }
    const isOurs = editor !== undefined && isFollowed(editor.document.uri.scheme);
    connection.tell(DID_FOCUS, isOurs ? { textDocument: { uri: connection.uriOf(editor.document) } } : {});
  }

  private diagnosticsSoon(uris: readonly vscode.Uri[]): void {
    for (const uri of uris) {
      this.waiting.set(uri.toString(), uri);
    }
    clearTimeout(this.diagnosticsTimer);
    this.diagnosticsTimer = setTimeout(() => {
      this.sendDiagnostics();
    }, DIAGNOSTICS_MS);
  }

  private sendDiagnostics(): void {
    const connection = this.connection();
    for (const [key, uri] of this.waiting) {
      const document = documentOf(key);
      if (connection !== null && document !== undefined && isFollowed(uri.scheme)) {
        const convert = connection.client.code2ProtocolConverter;
        const params: DiagnosticsParams = {
          textDocument: { uri: convert.asUri(uri), version: document.version },
          diagnostics: convert.asDiagnosticsSync(vscode.languages.getDiagnostics(uri)),
        };
        connection.tell(DID_CHANGE_DIAGNOSTICS, params);
      }
    }
    this.waiting.clear();
  }

  private visibleSoon(): void {
    clearTimeout(this.visibleTimer);
    this.visibleTimer = setTimeout(() => {
      this.sendVisible();
    }, VISIBLE_MS);
  }

  private sendVisible(): void {
    const connection = this.connection();
    for (const editor of vscode.window.visibleTextEditors) {
      if (connection !== null && isFollowed(editor.document.uri.scheme)) {
        const convert = connection.client.code2ProtocolConverter;
        const params: VisibleRangesParams = {
          textDocument: { uri: connection.uriOf(editor.document) },
          ranges: editor.visibleRanges.map((range) => convert.asRange(range)),
        };
        connection.tell(DID_CHANGE_VISIBLE_RANGES, params);
      }
    }
  }
}
