/**
 * The server's life: found, started, started again when it dies, given up with a reason.
 *
 * In: the configuration, what happens to the process. Out: a connection, and how everything is.
 * Not here: the search (`discovery`), installing (`setup`), how often it is started again (`restarts`).
 */

import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";

import { type Phase } from "../core/status";
import type { Connection } from "./client";
import { discover, type Discovery, type Machine } from "./discovery";
import { type StatusParams } from "./protocol";
import { Restarts } from "./restarts";
import { namesOf, optionsOf } from "./settings";

/** What changed of the server: its process, what it says of itself, how much of a model is loaded. */
export interface Condition {
  readonly phase: Phase;
  readonly status: StatusParams | null;
  readonly loadedPercent: number | null;
}

type Sections = Parameters<typeof namesOf>[0];

/** The manager. */
export class Manager implements vscode.Disposable {
  private held: Connection | null = null;
  private now: Condition = { phase: { kind: "starting" }, status: null, loadedPercent: null };
  private readonly restarts = new Restarts();
  private readonly changed = new vscode.EventEmitter<Condition>();
  private readonly names: readonly string[];
  readonly onDidChange = this.changed.event;
  private readonly started = new vscode.EventEmitter<void>();
  /** A server answers that knows nothing yet. */
  readonly onDidStart = this.started.event;

  constructor(
    private readonly context: vscode.ExtensionContext,
    readonly output: vscode.LogOutputChannel,
  ) {
    const { contributes } = context.extension.packageJSON as { contributes: { configuration: Sections } };
    this.names = namesOf(contributes.configuration);
  }

  /** The connection, while the server answers. */
  readonly connection = (): Connection | null => (this.held?.client.isRunning() === true ? this.held : null);

  /** How the server is. */
  get condition(): Condition {
    return this.now;
  }

  /** The version that belongs to this extension. */
  get version(): string {
    return (this.context.extension.packageJSON as { version: string }).version;
  }

  /** Where the extension's own installation of the server is. */
  get ownFolder(): string {
    return join(this.folder, `server-${this.version}`);
  }

  /** The extension's own folder, in which programs run: what lies in the user's is none of their business. */
  get folder(): string {
    return this.context.globalStorageUri.fsPath;
  }

  /** Finds the server and starts it. */
  async start(): Promise<void> {
    const found = this.discover();
    if (!("command" in found)) {
      const wrong = "nextedit.serverPath is not the absolute path of a program on this machine";
      this.become({ phase: found.kind === "missing" ? { kind: "missing" } : { kind: "failed", why: wrong } });
      return;
    }
    this.output.info(`server: ${found.command} (${found.kind})`);
    this.become({ phase: { kind: "starting" } });
    await vscode.workspace.fs.createDirectory(this.context.globalStorageUri);
    const launch = { command: found.command, args: ["serve"], cwd: this.folder, settings: this.options() };
    // The language client is large, and is loaded when there is a server to speak to.
    const { Connection } = await import("./client");
    const connection: Connection = new Connection(launch, this.output, {
      running: () => {
        if (this.held === connection) {
          this.become({ phase: { kind: "running" } });
          this.started.fire();
        }
      },
      startFailed: () => {
        if (this.held === connection) {
          this.fail("the server does not start: see its log");
        }
      },
      closed: () => this.closed(connection),
      status: (status) => {
        this.become({ status });
      },
      loaded: (loadedPercent) => {
        this.become({ loadedPercent });
      },
    });
    this.held = connection;
    await connection.client.start().catch((error: unknown) => {
      this.fail(`the server does not start: ${messageOf(error)}`);
    });
  }

  /** Stops the server, if there is one, and starts it anew. */
  async restart(): Promise<void> {
    this.restarts.forget();
    await this.stop();
    await this.start();
  }

  /** Stops the server. */
  async stop(): Promise<void> {
    const { held } = this;
    this.held = null;
    this.become({ phase: { kind: "starting" }, status: null, loadedPercent: null });
    await held?.client.stop().catch((error: unknown) => {
      this.output.warn(`the server did not stop in time: ${messageOf(error)}`);
    });
  }

  /** Tells the server its settings. */
  sendSettings(): void {
    this.connection()?.tell("workspace/didChangeConfiguration", { settings: { nextedit: this.options() } });
  }

  /** Says that the server is being installed, and how far it is. */
  installing(step: string): void {
    this.become({ phase: { kind: "installing", step } });
  }

  /** Says that there is no server, and why. */
  fail(why: string): void {
    this.output.error(why);
    this.become({ phase: { kind: "failed", why }, status: null, loadedPercent: null });
  }

  /** Where the server is. */
  discover(): Discovery {
    const setting = vscode.workspace.getConfiguration("nextedit").get<string>("serverPath", "");
    return discover(setting, this.ownFolder, machine());
  }

  dispose(): void {
    void this.stop();
    this.changed.dispose();
    this.started.dispose();
  }

  private options(): Record<string, unknown> {
    const config = vscode.workspace.getConfiguration();
    return optionsOf(this.names, (name) => config.get(name));
  }

  /** Whether a server that died is started again; waits as long as that is to be put off. */
  private async closed(connection: Connection): Promise<boolean> {
    const wait = this.restarts.died(performance.now());
    if (wait === null) {
      this.fail("the server ended several times in a row: see its log, then start it again from the menu");
      return false;
    }
    this.output.warn(`the server ended; it is started again in ${wait} ms`);
    this.become({ phase: { kind: "starting" }, status: null, loadedPercent: null });
    await new Promise((resolve) => setTimeout(resolve, wait));
    // By now the user may have started another.
    return this.held === connection;
  }

  private become(change: Partial<Condition>): void {
    this.now = { ...this.now, ...change };
    this.changed.fire(this.now);
  }
}

/** This machine, as the search for programs sees it. */
export function machine(): Machine {
  return {
    platform: process.platform,
    environment: process.env,
    folders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
    isTrusted: vscode.workspace.isTrusted,
    isProgram,
  };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
