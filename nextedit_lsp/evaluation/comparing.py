"""Two runs compared: their rates on the rounds that both have, and the rounds that changed.

In: the rows of two runs.  Out: pairs of rows by what became of them, and text on a console.
Not here: reading runs (``run_file``), the page (``page``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from nextedit_lsp.evaluation import estimates, showing
from nextedit_lsp.evaluation.metrics import Row

Pair = tuple[Row, Row]

# Changed rounds of one kind that are printed.
MAX_LISTED = 12

RIGHT_NOW, RIGHT_NO_LONGER = "right now", "right no longer"
WRONG_NOW, WRONG_NO_LONGER = "wrong now", "wrong no longer"
FOUND_NOW, FOUND_NO_LONGER = "place found now", "place found no longer"


def pairs(before: Sequence[Row], after: Sequence[Row]) -> list[Pair]:
    """The rows of the rounds that both runs have, in the order of ``after``."""
    old = {(row.episode, row.k): row for row in before}
    return [(old[key], row) for row in after if (key := (row.episode, row.k)) in old]


def changed(pair: Pair) -> list[str]:
    """What became of a round; nothing where it is right, wrong or silent as before."""
    before, after = pair
    found = []
    for is_now, was, now, no_longer in (
        (after.is_right, before.is_right, RIGHT_NOW, RIGHT_NO_LONGER),
        (after.is_wrong, before.is_wrong, WRONG_NOW, WRONG_NO_LONGER),
        (after.rank == 1, before.rank == 1, FOUND_NOW, FOUND_NO_LONGER),
    ):
        if is_now != was:
            found.append(now if is_now else no_longer)
    return found


def by_change(found: Sequence[Pair]) -> Mapping[str, list[Pair]]:
    """The pairs by what became of them."""
    names = (RIGHT_NOW, RIGHT_NO_LONGER, WRONG_NOW, WRONG_NO_LONGER, FOUND_NOW, FOUND_NO_LONGER)
    return {name: [pair for pair in found if name in changed(pair)] for name in names}


def print_comparison(console: Console, before: Sequence[Row], after: Sequence[Row]) -> None:
    """The rates of the rounds that both runs have, and which changed."""
    found = pairs(before, after)
    named = {"before": [pair[0] for pair in found], "after": [pair[1] for pair in found]}
    showing.table_of_runs(console, f"compared on {len(found)} rounds", named)
    if found:
        differences = estimates.differences(named["before"], named["after"], estimates.ROUNDS)
        showing.print_intervals(console, differences, "after - before")
    for name, changed_pairs in by_change(found).items():
        console.print(Text(f"{name}: {len(changed_pairs)}", style="bold"))
        for old, new in changed_pairs[:MAX_LISTED]:
            was, now = (row.shown.title if row.shown else "-" for row in (old, new))
            console.print(Text(f"  {new.episode} k={new.k}: {was} → {now}"), soft_wrap=True)
