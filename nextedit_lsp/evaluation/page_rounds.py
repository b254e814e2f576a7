"""The rounds that a page shows, as plain values: what was done, expected and suggested, and why.

In: episodes, the rows of a run and of the one before it.  Out: a list that JSON can hold.
Not here: the page (``page``).

A page can't hold all rounds of a long run.  Those that changed come first, then a like number of each outcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from nextedit_lsp.evaluation import comparing, episodes, orders, rounds
from nextedit_lsp.evaluation.episodes import Episode
from nextedit_lsp.evaluation.metrics import PlaceVerdict, Row, Verdict
from nextedit_lsp.evaluation.rounds import PlacedHunk, Round
from nextedit_lsp.vetting.silence import Silence

SEED = 1

RIGHT, WRONG, MISSED, SILENT, QUIET = "right", "wrong", "missed", "silent", "rightly silent"
OUTCOMES = (WRONG, RIGHT, MISSED, SILENT, QUIET)

# Lines of hunks on either side of a round that are shown.
MAX_LINES = 80


def outcome_of(row: Row) -> str:
    """What became of a round in a word; *missed*: silent though a remaining hunk repeats a change."""
    if row.shown is not None:
        return RIGHT if row.is_right else WRONG
    if row.is_complete:
        return QUIET
    return MISSED if row.is_repeat else SILENT


def chosen(rows: Sequence[Row], pairs: Sequence[comparing.Pair], n_wanted: int) -> list[Row]:
    """The rows to show, in the order of the run."""
    changed = [pair[1] for pair in pairs if comparing.changed(pair)]
    by_outcome = {outcome: [row for row in rows if outcome_of(row) == outcome] for outcome in OUTCOMES}
    mixed = [episodes.sampled(found, n_wanted, SEED) for found in by_outcome.values()]
    in_turn = [row for turn in zip_longest(*mixed) for row in turn if row is not None]
    kept: dict[tuple[str, int], Row] = {}
    for row in [*episodes.sampled(changed, n_wanted, SEED), *in_turn]:
        if len(kept) >= n_wanted:
            break
        kept[row.episode, row.k] = row
    return [row for row in rows if (row.episode, row.k) in kept]


def as_values(
    shown: Sequence[Row], drawn: Iterable[Episode], order: str, pairs: Sequence[comparing.Pair]
) -> list[dict[str, Any]]:
    """The rounds of these rows."""
    by_id = {episode.id: episode for episode in drawn}
    before = {(new.episode, new.k): (old, comparing.changed((old, new))) for old, new in pairs}
    states: dict[str, dict[int, Round]] = {}
    values = []
    for row in shown:
        if row.episode not in states:
            episode = by_id[row.episode]
            states[row.episode] = {one.k: one for one in rounds.rounds(episode, orders.ORDERS[order](episode))}
        values.append(_values(row, states[row.episode][row.k], before))
    return values


def _values(row: Row, round_: Round, before: Mapping[tuple[str, int], tuple[Row, list[str]]]) -> dict[str, Any]:
    old, changed = before.get((row.episode, row.k), (None, []))
    return {
        "episode": row.episode,
        "k": row.k,
        "n": row.n,
        "language": row.language,
        "kinds": list(row.kinds),
        "outcome": outcome_of(row),
        "changed": changed,
        "ms": row.cost.ms,
        "why": Silence[row.silence].value if row.silence in Silence.__members__ else row.silence,
        "shown": _verdict(row.shown),
        "withheld": _verdict(row.withheld),
        "before": _verdict(old.shown) if old else None,
        "place": _place(row.place) if row.place else "",
        "rank": row.rank,
        "done": _diff(reversed(round_.done)),
        "expected": _diff(round_.remaining),
    }


def _place(place: PlaceVerdict) -> str:
    return f"{place.path}:{place.row + 1} · {place.source} · {place.reason} · {place.chance:.0%}"


def _verdict(verdict: Verdict | None) -> dict[str, Any] | None:
    if verdict is None:
        return None
    facts = {
        "whole hunk": verdict.is_exact,
        "part": verdict.is_part,
        "right place": verdict.is_located and not verdict.is_right,
        "takes back": verdict.is_reversal,
        "breaks syntax": (verdict.n_new_errors or 0) > 0,
    }
    return {
        "title": verdict.title,
        "source": verdict.source,
        "reason": verdict.reason,
        "chance": verdict.chance,
        "diff": verdict.diff,
        "facts": [name for name, holds in facts.items() if holds],
    }


def _diff(hunks: Iterable[PlacedHunk]) -> str:
    lines: list[str] = []
    for hunk in hunks:
        lines.append(f"@@ {hunk.path}:{hunk.start + 1}")
        lines += [f"-{line}" for line in hunk.old] + [f"+{line}" for line in hunk.new]
    return "\n".join(
        lines if len(lines) <= MAX_LINES else [*lines[:MAX_LINES], f"… {len(lines) - MAX_LINES} more lines"]
    )
