/**
 * What the keys may do now: the values of the context keys that the key bindings ask for.
 *
 * In: what is shown and where the cursor is. Out: flags. Not here: the bindings (`package.json`), setting them.
 */

import { type Decision } from "./decide";
import { compare, type Position } from "./text";

/** The context keys, without their prefix `nextedit.`. */
export interface Keys {
  /** An edit is drawn or pointed to. */
  readonly pending: boolean;
  /** The cursor is at the edit: Tab applies it instead of going there. */
  readonly atEdit: boolean;
  /** Tab would indent: the cursor is in front of its line's text, and the user put it there. */
  readonly tabIndents: boolean;
}

/** What decides about the keys. */
export interface Situation {
  readonly decision: Decision | null;
  readonly isAtEdit: boolean;
  readonly cursor: Position;
  /** The text of the cursor's line. */
  readonly line: string;
  /** Where a jump or an accepted edit left the cursor, while it is still there. */
  readonly landing: Position | null;
}

export const NO_KEYS: Keys = { pending: false, atEdit: false, tabIndents: false };

/** The context keys for a situation. */
export function keysOf(situation: Situation): Keys {
  const { decision, cursor, landing } = situation;
  const isPending = decision === "inline" || decision === "jump" || decision === "elsewhere";
  if (!isPending) {
    return NO_KEYS;
  }
  const isInFront = situation.line.slice(0, cursor.character).trim() === "";
  const isOwnPlace = landing !== null && compare(cursor, landing) === 0;
  return {
    pending: true,
    atEdit: decision === "inline" && situation.isAtEdit,
    tabIndents: isInFront && !isOwnPlace,
  };
}
