/**
 * The connection to the server: what the language client does, less what is done here by our own hand.
 *
 * In: the command that starts the server, its settings. Out: requests and notifications.
 * Not here: finding the server (`discovery`), when it is started again (`restarts`).
 */

import { type CancellationToken, type LogOutputChannel, type Position, type TextDocument } from "vscode";
import {
  CloseAction,
  type DynamicFeature,
  ErrorAction,
  type Executable,
  ExecuteCommandRequest,
  InlineCompletionRequest,
  LanguageClient,
  State,
  type StaticFeature,
} from "vscode-languageclient/node";
import { type InlineCompletionItem, type InlineCompletionList } from "vscode-languageclient/node";

import { SCHEMES } from "../core/documents";
import {
  INLINE_COMPLETION,
  INLINE_EDIT,
  type InlineEditResult,
  type ServerCommand,
  STATUS,
  type StatusParams,
  type Trigger,
} from "./protocol";

// Text at the cursor needs what the client's own feature cannot do; the commands have names and keys of their own.
const OWN_METHODS: ReadonlySet<string> = new Set([InlineCompletionRequest.method, ExecuteCommandRequest.method]);

/** The language client, without the features that this extension has itself. */
class Client extends LanguageClient {
  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    const isOwn = "registrationType" in feature && OWN_METHODS.has(feature.registrationType.method);
    if (!isOwn) {
      super.registerFeature(feature);
    }
  }
}

/** What starts the server, and how it is set. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Hears what becomes of the process, and what the server says of itself. */
export interface Listener {
  readonly running: () => void;
  readonly startFailed: () => void;
  /** The server died: whether it is started again, when the promise is fulfilled. */
  readonly closed: () => Promise<boolean>;
  readonly status: (status: StatusParams) => void;
  /** How much of a model is loaded, in percent; null when that is over. */
  readonly loaded: (percent: number | null) => void;
}

/** The entry that the suggestion list of the editor has selected. */
export interface Selected {
  readonly text: string;
  readonly range: import("vscode").Range;
}

/** One connection. */
export class Connection {
  readonly client: LanguageClient;

  constructor(launch: Launch, outputChannel: LogOutputChannel, listener: Listener) {
    const executable: Executable = {
      command: launch.command,
      args: [...launch.args],
      options: { cwd: launch.cwd },
    };
    this.client = new Client("nextedit", "Next Edit", executable, {
      outputChannel,
      documentSelector: SCHEMES.map((scheme) => ({ scheme })),
      initializationOptions: launch.settings,
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: async () => {
          const isToBeStarted = await listener.closed();
          return { action: isToBeStarted ? CloseAction.Restart : CloseAction.DoNotRestart, handled: true };
        },
      },
      middleware: {
        handleWorkDoneProgress: (token, params, next) => {
          listener.loaded(params.kind === "end" ? null : (params.percentage ?? 0));
          next(token, params);
        },
      },
    });
    this.client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) {
        listener.running();
      } else if (newState === State.StartFailed) {
        listener.startFailed();
      }
    });
    this.client.onNotification(STATUS, listener.status);
  }

  /** Asks for the next edit. */
  async nextEdits(
    document: TextDocument,
    position: Position,
    trigger: Trigger,
    token: CancellationToken,
  ): Promise<InlineEditResult> {
    const params = {
      textDocument: { uri: this.uriOf(document), version: document.version },
      position: { line: position.line, character: position.character },
      context: { triggerKind: trigger },
    };
    return this.client.sendRequest<InlineEditResult>(INLINE_EDIT, params, token);
  }

  /** Asks for text at the cursor. */
  async completions(
    document: TextDocument,
    position: Position,
    trigger: Trigger,
    selected: Selected | undefined,
    token: CancellationToken,
  ): Promise<readonly InlineCompletionItem[]> {
    const convert = this.client.code2ProtocolConverter;
    const params = {
      textDocument: { uri: this.uriOf(document) },
      position: { line: position.line, character: position.character },
      context: {
        triggerKind: trigger,
        ...(selected && { selectedCompletionInfo: { text: selected.text, range: convert.asRange(selected.range) } }),
      },
    };
    type Answer = InlineCompletionItem[] | InlineCompletionList | null;
    const answer = await this.client.sendRequest<Answer>(INLINE_COMPLETION, params, token);
    return answer === null ? [] : "items" in answer ? answer.items : answer;
  }

  /** Runs one of the server's commands. */
  async command<T>(name: ServerCommand, args: readonly unknown[]): Promise<T> {
    return this.client.sendRequest<T>(ExecuteCommandRequest.method, { command: name, arguments: args });
  }

  /** Tells the server something; nothing happens when it is not there. */
  tell(method: string, params: unknown): void {
    if (this.client.isRunning()) {
      void this.client.sendNotification(method, params);
    }
  }

  /** A document's address as the server knows it. */
  uriOf(document: Pick<TextDocument, "uri">): string {
    return this.client.code2ProtocolConverter.asUri(document.uri);
  }
}
