"""Where an answer that comes in line by line has come back to the draft.

In: the draft, and the answer's whole lines one after the other.  Out: how many lines follow as the draft has them, and
what is left of it.
Not here: tokens, stops, the network.
"""

from __future__ import annotations


class Alignment:
    """The cheapest way, in whole lines, to make the answer so far out of the beginning of the draft.

    One row of the usual table of edit distances is kept: ``_costs[j]`` is the least number of lines inserted, deleted
    or replaced that turn the first ``j`` lines of the draft into the answer so far.  What of the draft comes behind is
    not counted, for it may still be written.  A leap over deleted lines is believed when as many have followed: that is
    safe where a draft repeats itself, at the price of some lines written for nothing.
    """

    def __init__(self, draft: str) -> None:
        self._lines = lines_of(draft)
        self._costs = list(range(len(self._lines) + 1))
        # How many lines with more than white space were just written as they are, where the answer ends at line j.
        self._runs = [0] * len(self._costs)
        self._end = 0

    def add(self, line: str) -> None:
        """Take in the answer's next line, with its line end."""
        costs, runs = self._costs, self._runs
        new_costs, new_runs = [costs[0] + 1], [0]
        weight = 1 if line.strip() else 0
        for j, old in enumerate(self._lines, start=1):
            is_same = old == line
            kept = costs[j - 1] + (0 if is_same else 1)
            cost = min(kept, costs[j] + 1, new_costs[-1] + 1)
            new_costs.append(cost)
            new_runs.append(runs[j - 1] + weight if is_same and cost == kept else 0)
        self._costs, self._runs = new_costs, new_runs
        # Of equally cheap ways the one with the longer run, and then the one that skips less of the draft.
        self._end = min(range(len(new_costs)), key=lambda j: (new_costs[j], -new_runs[j], j))

    @property
    def n_following(self) -> int:
        """How many lines with more than white space follow as the draft has them, behind a change; 0 without one."""
        return self._runs[self._end] if self._costs[self._end] else 0

    @property
    def rest(self) -> str:
        """What the draft goes on with."""
        return "".join(self._lines[self._end :])


def lines_of(text: str) -> list[str]:
    """The lines with their ends; only a line feed ends one, as models write it."""
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]
