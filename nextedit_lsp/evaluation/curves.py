"""Precision over coverage as the threshold of the chance moves.

In: rows.  Out: points of a curve, and what each threshold of a list would have shown.
Not here: drawing (``plots``), printing (``showing``).

Of a round in which nothing was shown the best that was only too unlikely counts (``Row.best``), so the curve goes below
the threshold that the run had.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from nextedit_lsp.evaluation.estimates import COST_OF_WRONG, GAIN_OF_RIGHT
from nextedit_lsp.evaluation.metrics import Row

# A suggestion is worth showing where its chance exceeds what a wrong one costs: +0.75 and -0.25 meet at 25 %.
OPERATING_CHANCE = COST_OF_WRONG / (COST_OF_WRONG + GAIN_OF_RIGHT)

# A curve of more points looks the same.
MAX_POINTS = 150

# The chance that a row's answer was given, and whether it is right; None where there was no answer.
Answer = Callable[[Row], tuple[float, bool] | None]


@dataclass(frozen=True, slots=True)
class Point:
    """With everything from ``chance`` on: the share of rounds with an answer, and of these the share that is right."""

    chance: float
    coverage: float
    precision: float


@dataclass(frozen=True, slots=True)
class Threshold:
    """What would be shown from ``chance`` on: location by the place's chance, the rest by the suggestion's.

    ``no_edit`` and ``no_place`` are the shares of the complete commits in which no suggestion and no place would be.
    """

    chance: float
    location: Point | None
    exact: Point | None
    right: Point | None
    no_edit: float | None
    no_place: float | None
    points: float


def location(row: Row) -> tuple[float, bool] | None:
    """The first place: of the ranking, else of the suggestions."""
    return None if row.place_chance is None else (row.place_chance, row.is_place_right)


def exact(row: Row) -> tuple[float, bool] | None:
    """The best suggestion: does it make one hunk?"""
    return None if row.best is None else (row.best.chance, row.best.is_exact)


def right(row: Row) -> tuple[float, bool] | None:
    """The best suggestion: is it right?"""
    return None if row.best is None else (row.best.chance, row.best.is_right)


def curve(rows: Sequence[Row], answer: Answer) -> list[Point]:
    """The points from the highest chance down, over the rounds with something to find."""
    asked = [row for row in rows if not row.is_complete]
    answers = sorted((found for row in asked if (found := answer(row)) is not None), key=lambda one: -one[0])
    points: list[Point] = []
    n_shown = n_right = 0
    for chance, group in groupby(answers, key=lambda one: one[0]):
        for _, is_right in group:
            n_shown += 1
            n_right += is_right
        points.append(Point(chance, n_shown / len(asked), n_right / n_shown))
    step = -(-len(points) // MAX_POINTS) or 1
    kept = points[::step]
    return kept if not points or kept[-1] is points[-1] else [*kept, points[-1]]


def calibration(rows: Sequence[Row], answer: Answer) -> list[dict[str, float]]:
    """For each tenth of the chances: their mean, the share that is right, and how many there are."""
    tenths: dict[int, list[tuple[float, bool]]] = {}
    for row in rows:
        found = None if row.is_complete else answer(row)
        if found is not None:
            tenths.setdefault(min(int(10 * found[0]), 9), []).append(found)
    return [
        {
            "chance": sum(chance for chance, _ in found) / len(found),
            "share": sum(is_right for _, is_right in found) / len(found),
            "n": len(found),
        }
        for _, found in sorted(tenths.items())
    ]


def at(rows: Sequence[Row], chance: float) -> Threshold:
    """What would be shown from ``chance`` on."""
    complete = [row for row in rows if row.is_complete]
    silent = [row for row in complete if row.best is None or row.best.chance < chance]
    placeless = [row for row in complete if row.place_chance is None or row.place_chance < chance]
    n_right = n_wrong = 0
    for row in rows:
        if row.best is not None and row.best.chance >= chance:
            n_right += row.best.is_right
            n_wrong += not row.best.is_right
    return Threshold(
        chance,
        location=_at(rows, location, chance),
        exact=_at(rows, exact, chance),
        right=_at(rows, right, chance),
        no_edit=len(silent) / len(complete) if complete else None,
        no_place=len(placeless) / len(complete) if complete else None,
        points=(GAIN_OF_RIGHT * n_right - COST_OF_WRONG * n_wrong) / len(rows) if rows else 0.0,
    )


def _at(rows: Sequence[Row], answer: Answer, chance: float) -> Point | None:
    asked = [row for row in rows if not row.is_complete]
    shown = [found[1] for row in asked if (found := answer(row)) is not None and found[0] >= chance]
    return Point(chance, len(shown) / len(asked), sum(shown) / len(shown)) if shown else None
