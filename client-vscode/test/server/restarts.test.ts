import { expect, test } from "vitest";

import { Restarts } from "../../src/server/restarts";

test("waits longer each time, then gives up", () => {
  const restarts = new Restarts();
  expect([0, 1000, 2000, 3000, 4000].map((now) => restarts.died(now))).toEqual([250, 1000, 4000, 16_000, null]);
});

test("forgets what was long ago", () => {
  const restarts = new Restarts();
  [0, 1000, 2000, 3000].forEach((now) => restarts.died(now));
  expect(restarts.died(1_000_000)).toBe(250);
});

test("begins anew when the user starts it by hand", () => {
  const restarts = new Restarts();
  [0, 1, 2, 3, 4].forEach((now) => restarts.died(now));
  restarts.forget();
  expect(restarts.died(5)).toBe(250);
});
