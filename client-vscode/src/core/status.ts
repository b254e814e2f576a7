/**
 * What the status item says.
 *
 * In: how everything is. Out: texts, and how grave it is. Not here: the item itself (`editor/statusItem`).
 */

/** How the server's process is. */
export type Phase =
  | { readonly kind: "starting" }
  | { readonly kind: "running" }
  | { readonly kind: "installing"; readonly step: string }
  | { readonly kind: "missing" }
  | { readonly kind: "failed"; readonly why: string };

/** How everything is. */
export interface State {
  readonly phase: Phase;
  /** What the server last said of itself. */
  readonly server: { readonly kind: "Normal" | "Inactive" | "Warning"; readonly message: string } | null;
  /** The share of a model that is loaded, in percent. */
  readonly loadedPercent: number | null;
  readonly isThinking: boolean;
  /** Why there are no suggestions in the document that has the focus. */
  readonly offHere: string | null;
  readonly model: string;
  readonly latencyMs: number | null;
  /** What is suggested now. */
  readonly pending: string | null;
}

export interface StatusText {
  readonly text: string;
  readonly tooltip: readonly string[];
  readonly tone: "normal" | "warning" | "error";
  /** For a screen reader: no signs. */
  readonly spoken: string;
}

const NAME = "Next Edit";

/** The text of the status item. */
export function statusText(state: State): StatusText {
  const { icon, says, tone } = headline(state);
  const detail = [
    state.model === "" ? "no model: suggests what your edits foretell" : `model: ${state.model}`,
    ...(state.latencyMs === null ? [] : [`last answer: ${Math.round(state.latencyMs)} ms`]),
    ...(state.pending === null ? [] : [`pending: ${state.pending}`]),
  ];
  const isRunning = state.phase.kind === "running";
  const percent = state.loadedPercent === null || !isRunning ? "" : ` ${Math.round(state.loadedPercent)}%`;
  return {
    text: `$(${icon}) ${NAME}${percent}`,
    tooltip: [`${NAME}: ${says}`, ...(isRunning ? detail : [])],
    tone,
    spoken: `${NAME}: ${says}${state.pending === null ? "" : `, pending: ${state.pending}`}`,
  };
}

function headline(state: State): { icon: string; says: string; tone: StatusText["tone"] } {
  const { phase, server } = state;
  switch (phase.kind) {
    case "starting":
      return { icon: "loading~spin", says: "starting", tone: "normal" };
    case "installing":
      return { icon: "loading~spin", says: phase.step, tone: "normal" };
    case "missing":
      return { icon: "warning", says: "its server is not set up: click to do so", tone: "warning" };
    case "failed":
      return { icon: "error", says: phase.why, tone: "error" };
    case "running":
      break;
  }
  if (state.loadedPercent !== null) {
    return { icon: "loading~spin", says: `loading the model, ${Math.round(state.loadedPercent)}%`, tone: "normal" };
  }
  if (server?.kind === "Inactive") {
    return { icon: "debug-pause", says: server.message, tone: "normal" };
  }
  if (state.offHere !== null) {
    return { icon: "circle-slash", says: `off here: ${state.offHere}`, tone: "normal" };
  }
  if (server?.kind === "Warning") {
    return { icon: "warning", says: server.message, tone: "warning" };
  }
  if (state.isThinking) {
    return { icon: "loading~spin", says: "thinking", tone: "normal" };
  }
  return { icon: "arrow-right", says: server?.message ?? "ready", tone: "normal" };
}
