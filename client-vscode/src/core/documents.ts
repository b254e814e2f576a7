/**
 * Which documents the server hears of.
 *
 * In: the scheme of a document's address. Out: yes or no. Not here: files that the server leaves alone by itself:
 * ignored, too large, binary or likely to hold secrets.
 *
 * Named are the schemes of what a person writes in. All others are output panes, diffs, old versions, settings and
 * other documents that are made, not written; folders that only a web page holds are no files that a server could
 * read.
 */

/** Files, also those of a remote host on which the extension runs; documents that were never saved; notebooks' cells. */
export const SCHEMES = ["file", "untitled", "vscode-notebook-cell"] as const;

/** Whether the server hears of documents whose address begins with this scheme. */
export function isFollowed(scheme: string): boolean {
  return SCHEMES.some((one) => one === scheme);
}
