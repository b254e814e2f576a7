/**
 * Text that the editor's decorations cannot show: several lines, over the text beside them.
 *
 * In: lines and a place. Out: the declarations of a pseudo element. Not here: which lines (`layout`).
 *
 * A decoration may give CSS for its `textDecoration`, and whatever follows there is taken as it is: this is how
 * several lines get onto the screen without an API for it. Every character of the text that is not a plain letter
 * or digit is written by its number, so that no text can end the declaration.
 */

import { type Box } from "./layout";

const TINT = "var(--vscode-nextedit-insertedTextBackground)";
const BORDER = "var(--vscode-nextedit-insertedTextBorder)";

/** A CSS string literal that holds the text. */
export function literal(text: string): string {
  let out = "";
  for (const character of text) {
    const isPlain = /[A-Za-z0-9]/.test(character);
    out += isPlain ? character : `\\${character.codePointAt(0)?.toString(16) ?? ""} `;
  }
  return `"${out}"`;
}

/** The declarations that draw a box. */
export function boxCss(box: Box): string {
  const more = box.nMore > 0 ? [`… ${box.nMore} more lines: hover to see`] : [];
  const side = { right: "top:0", below: "top:100%", above: "bottom:100%" }[box.side];
  return [
    "none",
    `content:${literal([...box.lines, ...more].join("\n"))}`,
    "position:absolute",
    `left:${box.column}ch`,
    side,
    "white-space:pre",
    "z-index:5",
    "pointer-events:none",
    `padding:0 1ch 0 ${box.side === "right" ? "1ch" : "0"}`,
    // The tint of new text over a background that lets nothing through.
    `background:linear-gradient(${TINT},${TINT}),var(--vscode-nextedit-boxBackground)`,
    `box-shadow:-4px 0 0 ${BORDER},inset 0 0 0 1px ${BORDER}`,
    "font-style:normal",
  ].join(";");
}
