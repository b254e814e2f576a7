/**
 * The real server in a process of its own, spoken to as the extension does.
 *
 * In: documents. Out: answers. Not here: expectations.
 *
 * The server is `.venv/bin/nextedit` of this repository, or the command in `NEXTEDIT_COMMAND`.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import {
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExecuteCommandRequest,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  type InitializeResult,
  type ProtocolConnection,
  ShowMessageNotification,
  type ShowMessageParams,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type TextDocumentContentChangeEvent,
} from "vscode-languageserver-protocol/node";

import { INLINE_EDIT, type InlineEditResult, STATUS, type StatusParams } from "../../src/server/protocol";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const PROGRAM = process.platform === "win32" ? join("Scripts", "nextedit.exe") : join("bin", "nextedit");
const COMMAND = process.env.NEXTEDIT_COMMAND ?? join(ROOT, ".venv", PROGRAM);

/** One server. */
export class RealServer {
  readonly messages: string[] = [];
  readonly statuses: StatusParams[] = [];
  private readonly opened = new Set<string>();

  private constructor(
    readonly connection: ProtocolConnection,
    private readonly child: ChildProcess,
    readonly initialized: InitializeResult,
  ) {}

  /** Starts it with these options. */
  static async start(options: Record<string, unknown>): Promise<RealServer> {
    if (!existsSync(COMMAND)) {
      throw new Error(`${COMMAND} is not there: run \`make setup\` first`);
    }
    const home = mkdtempSync(join(tmpdir(), "nextedit-test-"));
    const path = [ROOT, process.env.PYTHONPATH ?? ""].filter((one) => one !== "").join(delimiter);
    const env = { ...process.env, PYTHONPATH: path, NEXTEDIT_HOME: home, XDG_STATE_HOME: home };
    const child = spawn(COMMAND, ["serve", "--log-level", "error"], { stdio: ["pipe", "pipe", "inherit"], env });
    const reader = new StreamMessageReader(child.stdout);
    const connection = createProtocolConnection(reader, new StreamMessageWriter(child.stdin));
    connection.listen();
    const initialized = await connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: null, // eslint-disable-line @typescript-eslint/no-deprecated -- the protocol's type requires it
      capabilities: {
        general: { positionEncodings: ["utf-16"] },
        workspace: { workspaceEdit: { documentChanges: true } },
      },
      initializationOptions: options,
    });
    const server = new RealServer(connection, child, initialized);
    connection.onNotification(ShowMessageNotification.method, ({ message }: ShowMessageParams) => {
      server.messages.push(message);
    });
    connection.onNotification(STATUS, (status: StatusParams) => {
      server.statuses.push(status);
    });
    await connection.sendNotification(InitializedNotification.type, {});
    return server;
  }

  /** Opens a document at version 1. */
  async open(uri: string, languageId: string, text: string): Promise<void> {
    this.opened.add(uri);
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId, version: 1, text },
    });
  }

  /** Closes all documents: what happened in them is of no use to the next test. */
  async closeAll(): Promise<void> {
    for (const uri of this.opened) {
      await this.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } });
    }
    this.opened.clear();
  }

  /** Replaces a part of a line, key by key as far as the server can tell. */
  async change(uri: string, version: number, line: number, from: number, to: number, text: string): Promise<void> {
    const range = { start: { line, character: from }, end: { line, character: to } };
    const contentChanges: TextDocumentContentChangeEvent[] = [{ range, text }];
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version },
      contentChanges,
    });
  }

  /** The next edits, asked for at a place. */
  async nextEdits(uri: string, version: number, line: number, character: number): Promise<InlineEditResult> {
    return this.connection.sendRequest(INLINE_EDIT, {
      textDocument: { uri, version },
      position: { line, character },
      context: { triggerKind: 2 },
    });
  }

  /** Runs a command. */
  async command<T>(name: string, ...args: unknown[]): Promise<T> {
    return this.connection.sendRequest<T>(ExecuteCommandRequest.method, { command: name, arguments: args });
  }

  /** Ends it; the exit code. */
  async stop(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => {
      this.child.once("exit", resolve);
    });
    await this.connection.sendRequest(ShutdownRequest.type);
    await this.connection.sendNotification(ExitNotification.type);
    return ended;
  }
}
