/**
 * Which documents the server hears of, and why there are no suggestions in one.
 *
 * In: what is known of a document. Out: yes or no, a reason. Not here: files that the server leaves alone by itself:
 * ignored, too large, binary or likely to hold secrets.
 *
 * Named are the schemes of what a person writes in. All others are output panes, diffs, old versions, settings and
 * other documents that are made, not written; folders that only a web page holds are no files that a server could
 * read.
 */

/** Files, also of a remote host on which the extension runs; documents that were never saved; notebooks' cells. */
export const SCHEMES = ["file", "untitled", "vscode-notebook-cell"] as const;

/** Whether the server hears of documents whose address begins with this scheme. */
export function isFollowed(scheme: string): boolean {
  return SCHEMES.some((one) => one === scheme);
}

/** What is known of the document that has the focus. */
export interface Focused {
  readonly scheme: string;
  readonly languageId: string;
  /** The setting `nextedit.languages`. */
  readonly languages: Readonly<Record<string, boolean>>;
  /** Why the server leaves the document alone. */
  readonly leftAlone: string | undefined;
}

/** Why no suggestions come by themselves in a document, or null when they do. */
export function offHere(focused: Focused | null): string | null {
  if (focused === null) {
    return null;
  }
  if (!isFollowed(focused.scheme)) {
    return "this is no file that you write in";
  }
  if (focused.languages[focused.languageId] === false) {
    return `switched off for ${focused.languageId}`;
  }
  return focused.leftAlone ?? null;
}
