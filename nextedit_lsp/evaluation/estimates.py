"""What rows sum up to: rates with confidence intervals.

In: rows of protocol 1, or savings of protocol 2.  Out: an Estimate for each measure.
Not here: judging (``metrics``), printing (``showing``).

Each measure is a ratio of two sums over rows.  Rows of one commit hang together, so the intervals are those of a
bootstrap that draws whole commits (Cameron, Gelbach and Miller 2008, "Bootstrap-based improvements for inference with
clustered errors"): 95 %, by percentiles, from a fixed seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from nextedit_lsp.evaluation.metrics import Row, Verdict
from nextedit_lsp.evaluation.saving import Saving

# A right suggestion gains this much, a wrong one costs the rest: it is a third of the gain.
GAIN_OF_RIGHT = 0.75
COST_OF_WRONG = 0.25

N_DRAWS = 1000
SEED = 1
_PERCENTILES = (2.5, 97.5)

_Matrix = NDArray[np.float64]


class OfEpisode(Protocol):
    """Anything that belongs to one episode."""

    @property
    def episode(self) -> str:
        """The episode's id."""


R = TypeVar("R", bound=OfEpisode)


@dataclass(frozen=True, slots=True)
class Measure(Generic[R]):
    """A ratio: ``counted`` gives what a row adds above and below the line, None where the row has no say."""

    name: str
    what: str
    counted: Callable[[R], tuple[float, float] | None]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A ratio, the bounds of its 95 % interval, and how much stands below its line; None where that is nothing."""

    value: float | None
    low: float | None
    high: float | None
    n: float


def estimates(rows: Sequence[R], measures: Sequence[Measure[R]], n_draws: int = N_DRAWS) -> dict[str, Estimate]:
    """Every measure over ``rows``, by its name; without draws no intervals."""
    sums = _sums_by_episode(rows, measures, dict.fromkeys(row.episode for row in rows))
    n_above, n_below = sums[:, : len(measures)], sums[:, len(measures) :]
    drawn = _drawn_ratios(sums, len(measures), n_draws) if n_draws and len(sums) else None
    result: dict[str, Estimate] = {}
    for i, measure in enumerate(measures):
        below = float(n_below[:, i].sum())
        if not below:
            result[measure.name] = Estimate(None, None, None, 0)
            continue
        low, high = (None, None) if drawn is None else map(float, np.nanpercentile(drawn[:, i], _PERCENTILES))
        result[measure.name] = Estimate(float(n_above[:, i].sum()) / below, low, high, below)
    return result


def differences(
    before: Sequence[R], after: Sequence[R], measures: Sequence[Measure[R]], n_draws: int = N_DRAWS
) -> dict[str, Estimate]:
    """After less before, of rows of the same episodes; each draw takes the same episodes for both.

    ``n`` is what stands below the line after.
    """
    order = {row.episode: None for row in (*before, *after)}
    ratios, whole = [], []
    for rows in (before, after):
        sums = _sums_by_episode(rows, measures, order)
        ratios.append(_drawn_ratios(sums, len(measures), n_draws))
        whole.append(sums.sum(axis=0))
    result: dict[str, Estimate] = {}
    for i, measure in enumerate(measures):
        (above_before, below_before), (above, below) = ((float(one[i]), float(one[len(measures) + i])) for one in whole)
        if not below_before or not below:
            result[measure.name] = Estimate(None, None, None, 0)
            continue
        low, high = map(float, np.nanpercentile(ratios[1][:, i] - ratios[0][:, i], _PERCENTILES))
        result[measure.name] = Estimate(above / below - above_before / below_before, low, high, below)
    return result


def _sums_by_episode(rows: Sequence[R], measures: Sequence[Measure[R]], order: Iterable[str]) -> _Matrix:
    """For each episode, in ``order``, what its rows add above the line of each measure, then below."""
    places = {episode: place for place, episode in enumerate(order)}
    sums = np.zeros((len(places), 2 * len(measures)))
    for row in rows:
        for i, measure in enumerate(measures):
            counted = measure.counted(row)
            if counted is not None:
                sums[places[row.episode], i] += counted[0]
                sums[places[row.episode], len(measures) + i] += counted[1]
    return sums


def _drawn_ratios(sums: _Matrix, n_measures: int, n_draws: int) -> _Matrix:
    """The ratios of each draw of as many episodes as there are, with replacement; nan where nothing is below."""
    generator = np.random.default_rng(SEED)
    n = len(sums)
    if not n:
        return np.full((n_draws, n_measures), np.nan)
    weights = generator.multinomial(n, np.full(n, 1 / n), size=n_draws)
    drawn = weights @ sums
    with np.errstate(invalid="ignore", divide="ignore"):
        return drawn[:, :n_measures] / np.where(drawn[:, n_measures:] == 0, np.nan, drawn[:, n_measures:])


def _asked(holds: Callable[[Row], bool]) -> Callable[[Row], tuple[float, float] | None]:
    """The share of rounds with something to find."""
    return lambda row: None if row.is_complete else (holds(row), 1)


def _of_shown(
    value: Callable[[Verdict], float | None], *, with_complete: bool = False
) -> Callable[[Row], tuple[float, float] | None]:
    """The mean over what was shown first."""

    def counted(row: Row) -> tuple[float, float] | None:
        if row.shown is None or (row.is_complete and not with_complete):
            return None
        found = value(row.shown)
        return None if found is None else (found, 1)

    return counted


def _points(row: Row) -> tuple[float, float]:
    return (GAIN_OF_RIGHT if row.is_right else -COST_OF_WRONG if row.is_wrong else 0.0, 1)


ROUNDS: tuple[Measure[Row], ...] = (
    Measure("shown", "coverage: rounds in which something was suggested", _asked(lambda row: row.shown is not None)),
    Measure("loc_1", "the first place of the ranking touches a remaining hunk", _asked(lambda row: row.rank == 1)),
    Measure("loc_3", "one of the first three does", _asked(lambda row: 0 < row.rank <= 3)),
    Measure("loc_10", "one of the first ten does", _asked(lambda row: 0 < row.rank <= 10)),
    Measure("loc_1_shown", "the first suggestion touches a remaining hunk", _asked(lambda row: row.rank_shown == 1)),
    Measure("loc_3_shown", "one of the first three does", _asked(lambda row: 0 < row.rank_shown <= 3)),
    Measure(
        "exact_1",
        "the first suggestion makes one hunk, whole",
        _asked(lambda row: row.shown is not None and row.shown.is_exact),
    ),
    Measure("right_1", "it makes a hunk, a part of one or several, and nothing else", _asked(lambda row: row.is_right)),
    Measure(
        "precision_loc", "of what was shown first: touches a remaining hunk", _of_shown(lambda one: one.is_located)
    ),
    Measure("precision_exact", "… makes one hunk, whole", _of_shown(lambda one: one.is_exact)),
    Measure("precision_right", "… is right", _of_shown(lambda one: one.is_right)),
    Measure(
        "no_edit", "complete commits that stay silent", lambda row: (row.shown is None, 1) if row.is_complete else None
    ),
    Measure("points", "+0.75 a right suggestion, -0.25 a wrong one, by round, complete commits among them", _points),
    Measure(
        "similarity", "edit similarity of what was shown at a remaining hunk", _of_shown(lambda one: one.similarity)
    ),
    Measure("delta_chrf", "deltaChrF of what was shown", _of_shown(lambda one: one.delta_chrf)),
    Measure("kept", "kept rate of what was shown", _of_shown(lambda one: one.kept)),
    Measure(
        "reversals",
        "shown that takes back lines of a done hunk",
        _of_shown(lambda one: one.is_reversal, with_complete=True),
    ),
    Measure(
        "reversal_ratio",
        "share of the characters shown that take back",
        _of_shown(lambda one: one.reversal, with_complete=True),
    ),
    Measure(
        "new_errors",
        "shown that brings syntax errors in",
        _of_shown(lambda one: None if one.n_new_errors is None else one.n_new_errors > 0, with_complete=True),
    ),
)


def _gain(of: Callable[[Saving], int], *, without_first: bool = False) -> Callable[[Saving], tuple[float, float]]:
    return lambda one: (one.by_hand - of(one), one.by_hand - (one.first if without_first else 0))


SAVINGS: tuple[Measure[Saving], ...] = (
    Measure("gain", "keystrokes saved, of all; right is a whole hunk", _gain(lambda one: one.strict.keystrokes)),
    Measure(
        "gain_lenient",
        "the same where a right part is accepted and the rest typed",
        _gain(lambda one: one.lenient.keystrokes),
    ),
    Measure(
        "gain_after_first",
        "keystrokes saved, of those after the first hunk",
        _gain(lambda one: one.strict.keystrokes, without_first=True),
    ),
    Measure(
        "gain_lenient_after_first", "the same, lenient", _gain(lambda one: one.lenient.keystrokes, without_first=True)
    ),
    Measure(
        "gain_mean",
        "keystrokes saved, each commit counting the same",
        lambda one: ((one.by_hand - one.strict.keystrokes) / one.by_hand, 1) if one.by_hand else None,
    ),
    Measure(
        "lines", "changed lines that were accepted, of all", lambda one: (one.strict.n_lines_accepted, one.n_lines)
    ),
    Measure(
        "precision",
        "accepted, of all shown",
        lambda one: (one.strict.n_accepted, one.strict.n_accepted + one.strict.n_wrong),
    ),
    Measure(
        "precision_lenient",
        "the same, lenient",
        lambda one: (one.lenient.n_accepted, one.lenient.n_accepted + one.lenient.n_wrong),
    ),
)


# What each measure counts, in words.
WHATS: Mapping[str, str] = {
    **{one.name: one.what for one in ROUNDS},
    **{one.name: one.what for one in SAVINGS},
}


def grouped(rows: Sequence[R], keys: Callable[[R], Sequence[str]]) -> Mapping[str, list[R]]:
    """The rows by each of their keys, sorted by key."""
    groups: dict[str, list[R]] = {}
    for row in rows:
        for key in keys(row):
            groups.setdefault(key, []).append(row)
    return dict(sorted(groups.items()))


def place_sizes(rows: Sequence[Row]) -> dict[str, float] | None:
    """How long rankings are, and how many lines their first place claims: wide places are found easily."""
    ranked = [(row.n_places, row.place.n_rows) for row in rows if row.place is not None]
    if not ranked:
        return None
    return {
        "mean_n": sum(n for n, _ in ranked) / len(ranked),
        "mean_rows": sum(n_rows for _, n_rows in ranked) / len(ranked),
    }
