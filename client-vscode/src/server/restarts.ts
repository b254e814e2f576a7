/**
 * Whether a server that died is started again, and when.
 *
 * In: the times at which it died. Out: how long to wait, or that it is given up. Not here: starting it.
 */

// More deaths than this within the window are no accident.
const MAX_DEATHS = 4;
const WINDOW_MS = 3 * 60_000;
const FIRST_WAIT_MS = 250;
// Each wait is so many times the one before.
const GROWTH = 4;

/** Counts deaths. */
export class Restarts {
  private deaths: number[] = [];

  /** The server died at `now`, in milliseconds: how long to wait before the next start, or null to give up. */
  died(now: number): number | null {
    this.deaths = [...this.deaths.filter((death) => now - death < WINDOW_MS), now];
    return this.deaths.length > MAX_DEATHS ? null : FIRST_WAIT_MS * GROWTH ** (this.deaths.length - 1);
  }

  /** The user starts it by hand: what was before no longer counts. */
  forget(): void {
    this.deaths = [];
  }
}
