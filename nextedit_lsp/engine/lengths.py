"""How many drafted tokens are worth verifying, from what passes cost here and how often drafts held.

In: the measured cost of a pass by its number of tokens; for each draft how much of it held.  Out: a length.
Not here: drafts (``drafting``), measuring (``worker``).

On a CPU a drafted token is far from free: four cost as much as three single passes, while 64 cost little more than 32.
So a draft is worth it either short and sure or long.  The length that yields the most tokens a second is chosen: with
a_1, a_2, ... the chances that each drafted token holds if those before it do, a pass over n drafted tokens and the one
before them yields 1 + a_1 + a_1 a_2 + ... tokens for the cost of n + 1 (Leviathan et al. 2023, with measured costs for
a constant one).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field

LENGTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 96)
# With flash attention on a CPU, llama.cpp takes 64 tokens at a time where there are so many, and else each by itself:
# behind a prompt of 300 tokens, 64 of them then take a third of the time of 32.
FULL_PASSES = (64, 128)
MAX_DRAFT = 128

# The chance that a drafted token holds, by how many held in a row before it: measured on rewrites of the
# copy-and-rename model (``benchmarks/engine.py``), as the start; what happens here is counted on top.
_PRIOR = ((1, 0.31), (2, 0.65), (4, 0.93), (8, 0.95), (16, 0.98))
_PRIOR_WEIGHT = 10.0
# Older counts fade, so that another kind of work is learned within some hundred tokens.
_FADE = 0.995

# For a model that was not measured: each further token costs this part of the first, from where batches pay.
_DEFAULT_COSTS = {1: 1.0, 2: 1.45, 4: 2.1, 8: 3.2, 16: 5.0, 32: 8.5, 64: 10.0, 128: 19.0}


@dataclass(slots=True)
class Lengths:
    """``costs``: milliseconds of a pass by its number of tokens, with all logits; between them straight lines."""

    costs: Mapping[int, float] = field(default_factory=lambda: dict(_DEFAULT_COSTS))
    _held: dict[int, float] = field(default_factory=dict)
    _tried: dict[int, float] = field(default_factory=dict)

    def best(self, run: int, n_available: int, n_beside: int = 1) -> int:
        """How many of ``n_available`` drafted tokens to verify; ``n_beside`` tokens are run in any case.

        ``run`` is how many tokens of the draft held in a row before.
        """
        best_n, best_rate = 0, 1.0 / self.cost(n_beside)
        yielded, sure, drafted = 1.0, 1.0, 0
        full = (size - n_beside for size in FULL_PASSES if size > n_beside)
        for length in sorted({*LENGTHS, *full}):
            n = min(length, n_available)
            while drafted < n:
                sure *= self.chance(run + drafted)
                yielded += sure
                drafted += 1
            rate = yielded / self.cost(n + n_beside)
            if rate > best_rate:
                best_n, best_rate = n, rate
            if n == n_available:
                break
        return best_n

    def learn(self, run: int, n_drafted: int, n_held: int) -> None:
        """Counts a draft, of which the first ``n_held`` tokens held, after a run of ``run``."""
        for place in range(min(n_held + 1, n_drafted)):
            kind = _kind(run + place)
            self._tried[kind] = self._tried.get(kind, 0.0) * _FADE + 1
            self._held[kind] = self._held.get(kind, 0.0) * _FADE + (place < n_held)

    def chance(self, run: int) -> float:
        """The chance that the next drafted token holds after a run of ``run``."""
        kind = _kind(run)
        held = self._held.get(kind, 0.0) + _PRIOR_WEIGHT * _PRIOR[kind][1]
        return held / (self._tried.get(kind, 0.0) + _PRIOR_WEIGHT)

    def cost(self, n: int) -> float:
        """Milliseconds of a pass over ``n`` tokens, filled up with others where that is faster."""
        return self._cost(self.size(n))

    def size(self, n: int) -> int:
        """With how many tokens to run a pass over ``n``: llama.cpp has a faster way for 64 and more on a CPU."""
        return min((n, *(size for size in FULL_PASSES if size > n and size in self.costs)), key=self._cost)

    def _cost(self, n: int) -> float:
        known = sorted(self.costs)
        if n in self.costs:
            return self.costs[n]
        at = bisect_left(known, n)
        if at == 0:
            return self.costs[known[0]]
        low, high = (known[at - 1], known[at]) if at < len(known) else (known[max(0, len(known) - 2)], known[-1])
        if low == high:
            return self.costs[low] * n / low
        slope = (self.costs[high] - self.costs[low]) / (high - low)
        return max(self.costs[low] + slope * (n - low), self.costs[known[0]])


def _kind(run: int) -> int:
    kind = 0
    for index, (least, _) in enumerate(_PRIOR):
        if run >= least:
            kind = index
    return kind
