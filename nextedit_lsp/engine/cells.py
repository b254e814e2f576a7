"""What the cache holds, and what of a prompt need not be run again.

In: prompts as tokens.  Out: the sequence that a prompt lies in, and the runs of it that are still to be evaluated.
Not here: evaluating them (``reading``), llama.cpp.

    kept     [context ............][edits ....][region before]      the cache as it is
    wanted   [context ............][edits ....][new edit][region before]
              └── common prefix, kept ────────┘└ evaluated ┘└ moved ┘

Several sequences stay warm, one a document as a rule.  A prompt goes where most of it lies already.  Where only a part
of that sequence is common to both, the oldest sequence is given up instead and shares the common part, which costs
nothing.

What only moved can be moved in the cache (its keys are turned to the new position), as PIE (arXiv 2407.03157) and
llama.cpp's ``--cache-reuse`` do.  What a moved token has seen before it is then what stood there earlier: an
approximation, so only runs of at least ``min_moved`` tokens are moved, and none with 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from nextedit_lsp.engine.tokens import Memory, n_common

# A prompt that shares at least this part of what a sequence holds is that sequence's next state.
CONTINUED_SHARE = 0.5

# Tokens that only moved: where they stood in the cache, where they stand in the prompt, how many.
Moved = tuple[int, int, int]


@dataclass(slots=True)
class Slot:
    """A sequence that is kept warm; ``tokens`` are what the cache holds of it, position by position."""

    sequence: int
    tokens: list[int] = field(default_factory=list)
    used_at: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """Positions ``start`` up to ``end`` of the prompt: to be evaluated, or moved in from the scratch sequence."""

    start: int
    end: int
    is_moved: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """Where a prompt lies: ``n_kept`` tokens of it stand in ``slot`` already, ``runs`` are the rest, in order."""

    slot: Slot
    n_kept: int
    runs: tuple[Run, ...]


class Cells:
    """The warm sequences of one context with room for ``n_cells`` tokens."""

    def __init__(self, memory: Memory, *, n_warm: int, n_cells: int, scratch: int, min_moved: int = 0) -> None:
        self.slots = [Slot(sequence) for sequence in range(n_warm)]
        self.scratch = scratch
        self._memory = memory
        self._n_cells = n_cells
        self._min_moved = min_moved if memory.can_shift and memory.drops_tails else 0
        self._clock = 0

    def fit(self, tokens: Sequence[int], n_spare: int) -> Fit:
        """Makes room for a prompt and ``n_spare`` more tokens, keeping what can be kept of it."""
        slot, n_kept, moved = self._chosen(tokens)
        self._clock += 1
        slot.used_at = self._clock
        self._make_room(slot, len(tokens) + n_spare)
        runs = self._moved(slot, n_kept, len(tokens), moved)
        self._memory.drop(slot.sequence, n_kept)
        del slot.tokens[n_kept:]
        return Fit(slot, n_kept, runs or ((Run(n_kept, len(tokens)),) if n_kept < len(tokens) else ()))

    def forget(self, slot: Slot, n_kept: int = 0) -> None:
        """Gives up what a slot holds behind its first ``n_kept`` tokens."""
        if n_kept and not self._memory.drops_tails:
            n_kept = 0
        self._memory.drop(slot.sequence, n_kept)
        del slot.tokens[n_kept:]

    def forget_others(self) -> None:
        """Gives up everything but the slot that was used last."""
        last = max(self.slots, key=lambda slot: slot.used_at)
        for slot in self.slots:
            if slot is not last:
                self.forget(slot)

    def _chosen(self, tokens: Sequence[int]) -> tuple[Slot, int, list[Moved]]:
        """The slot for a prompt, how much of it is kept there, and what only moved behind that."""
        common = [(self._n_usable(slot, tokens), slot.used_at, slot) for slot in self.slots]
        n_kept, _, best = max(common, key=lambda item: item[:2])
        moved = moved_runs(best.tokens, tokens, n_kept, self._min_moved) if self._min_moved else []
        if n_kept + sum(n for _, _, n in moved) >= CONTINUED_SHARE * len(best.tokens):
            return best, n_kept, moved
        # The prompt is another document's: the sequence unused for longest is given up for it.
        others = [slot for slot in self.slots if slot is not best]
        oldest = min(others, key=lambda slot: (bool(slot.tokens), slot.used_at), default=best)
        if oldest is best:
            return best, n_kept, moved
        self.forget(oldest)
        if n_kept:
            self._memory.copy(best.sequence, oldest.sequence, 0, n_kept)
            oldest.tokens[:] = tokens[:n_kept]
        return oldest, n_kept, []

    def _n_usable(self, slot: Slot, tokens: Sequence[int]) -> int:
        n = n_common(slot.tokens, tokens)
        return n if self._memory.drops_tails or n == len(slot.tokens) else 0

    def _make_room(self, slot: Slot, n_tokens: int) -> None:
        """Gives up the sequences unused for longest until the prompt fits; what is shared is counted twice."""
        others = sorted((other for other in self.slots if other is not slot), key=lambda other: other.used_at)
        n_taken = sum(len(other.tokens) for other in others)
        for other in others:
            if n_taken + n_tokens <= self._n_cells:
                return
            n_taken -= len(other.tokens)
            self.forget(other)

    def _moved(self, slot: Slot, n_kept: int, n_tokens: int, found: list[Moved]) -> tuple[Run, ...]:
        """The runs behind the common prefix, those that only moved already lying in the scratch sequence."""
        if not found or self._shares(slot, n_kept):
            return ()
        self._memory.drop(self.scratch, 0)
        for old, _, n in found:
            self._memory.copy(slot.sequence, self.scratch, old, old + n)
        self._memory.drop(slot.sequence, n_kept)
        # Runs that move towards the end go last first, so that none lands where another still stands.
        for old, new, n in sorted(found, key=lambda run: -run[0] if run[1] > run[0] else run[0]):
            if new != old:
                self._memory.shift(self.scratch, old, old + n, new - old)
        runs: list[Run] = []
        at = n_kept
        for _, new, n in found:
            if new > at:
                runs.append(Run(at, new))
            runs.append(Run(new, new + n, is_moved=True))
            at = new + n
        if at < n_tokens:
            runs.append(Run(at, n_tokens))
        return tuple(runs)

    def _shares(self, slot: Slot, n_kept: int) -> bool:
        """Whether cells behind ``n_kept`` may belong to another sequence too: moving them would move them there."""
        return any(n_common(other.tokens, slot.tokens) > n_kept for other in self.slots if other is not slot)


def moved_runs(old: Sequence[int], new: Sequence[int], start: int, min_run: int) -> list[Moved]:
    """Runs of ``new`` behind ``start`` that stand in ``old`` elsewhere behind ``start``, in the same order.

    Each is (place in old, place in new, length), at least ``min_run`` long; found greedily from the left.
    """
    places: dict[tuple[int, ...], list[int]] = {}
    for at in range(start, len(old) - min_run + 1):
        places.setdefault(tuple(old[at : at + min_run]), []).append(at)
    runs: list[Moved] = []
    at, least = start, start
    while at + min_run <= len(new):
        seen = places.get(tuple(new[at : at + min_run]), ())
        place = next((place for place in seen if place >= least), None)
        if place is None:
            at += 1
            continue
        n = min_run
        while at + n < len(new) and place + n < len(old) and new[at + n] == old[place + n]:
            n += 1
        runs.append((place, at, n))
        at, least = at + n, place + n
    return runs
