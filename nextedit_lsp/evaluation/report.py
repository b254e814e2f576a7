"""All that a run sums up to, as plain values: what ``--json`` writes and the page shows.

In: a run's header, outcomes, and the rows of another run to compare with.  Out: a dict that JSON can hold.
Not here: single rounds, which the run file has.

    {"format": 1,
     "run": {"code", "episodes", "order", "protocols", "predictor", "settings", "model", …},
     "rounds": RATES,                               protocol 1, all rounds
     "by_language" | "by_kind" | "by_source": {name: RATES},
     "repeats": RATES,                              rounds in which a remaining hunk repeats a change
     "curves": {"location" | "exact" | "right": [{"chance", "coverage", "precision"}, …]},
     "operating_point": {"chance": 0.25, "location" | "exact" | "right": {…}, "no_edit", "points"},
     "cost": {"p50_ms", "p95_ms", "p99_ms", "n_errors", "share_by_room": {room: share}, "model": {…} | null},
     "keystrokes": {"all": RATES, "by_language": {name: RATES}} | null,      protocol 2
     "comparison": {"n_rounds", "before": RATES, "after": RATES, "differences": RATES,
                    "changed": {what: [[episode, k], …]}} | null,
     "calibration": {"location" | "exact" | "right": [{"chance", "share", "n"}, …]},
     "places": {"mean_n", "mean_rows"} | null}      of the rankings: places a round, lines of the first

    RATES: {"n_rounds", "n_complete" (protocol 1), measure: {"value", "low", "high", "n"}, …}

Rates are shares from 0 to 1, null where there was nothing to count; ``low`` and ``high`` bound the 95 % interval, ``n``
is what stands below the line of the ratio.  What each measure counts: ``estimates.ROUNDS`` and ``estimates.SAVINGS``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from nextedit_lsp.evaluation import comparing, curves, estimates, profiling
from nextedit_lsp.evaluation.evaluating import Outcome
from nextedit_lsp.evaluation.kinds import KINDS
from nextedit_lsp.evaluation.metrics import Cost, Row
from nextedit_lsp.evaluation.percentiles import percentile
from nextedit_lsp.evaluation.saving import Saving

FORMAT = 1

# The groups are many and each is small: fewer draws do.
N_GROUP_DRAWS = 300

ANSWERS: Mapping[str, curves.Answer] = {"location": curves.location, "exact": curves.exact, "right": curves.right}


def report(header: Mapping[str, Any], outcomes: Sequence[Outcome], before: Sequence[Row]) -> dict[str, Any]:
    """The whole report."""
    rows = [row for outcome in outcomes for row in outcome.rows]
    savings = [outcome.saving for outcome in outcomes if outcome.saving is not None]
    by_kind = _grouped(rows, lambda row: row.kinds)
    return {
        "format": FORMAT,
        "run": dict(header),
        "rounds": _rates(rows, estimates.N_DRAWS),
        "by_language": _grouped(rows, lambda row: [row.language]),
        "by_kind": {kind: by_kind[kind] for kind in KINDS if kind in by_kind},
        "by_source": _grouped(rows, lambda row: [row.shown.source] if row.shown else []),
        "repeats": _rates([row for row in rows if row.is_repeat], N_GROUP_DRAWS),
        "curves": {name: [asdict(point) for point in curves.curve(rows, answer)] for name, answer in ANSWERS.items()},
        "operating_point": asdict(curves.at(rows, curves.OPERATING_CHANCE)),
        "cost": _cost(rows, outcomes),
        "keystrokes": _keystrokes(savings) if savings else None,
        "comparison": _comparison(before, rows) if before else None,
        "places": estimates.place_sizes(rows),
        "calibration": {name: curves.calibration(rows, answer) for name, answer in ANSWERS.items()},
    }


def _rates(rows: Sequence[Row], n_draws: int) -> dict[str, Any]:
    n_complete = sum(row.is_complete for row in rows)
    found = estimates.estimates(rows, estimates.ROUNDS, n_draws)
    counts = {"n_rounds": len(rows) - n_complete, "n_complete": n_complete}
    return {**counts, **{name: asdict(one) for name, one in found.items()}}


def _grouped(rows: Sequence[Row], keys: Callable[[Row], Sequence[str]]) -> dict[str, Any]:
    return {key: _rates(chosen, N_GROUP_DRAWS) for key, chosen in estimates.grouped(rows, keys).items()}


def _keystrokes(savings: Sequence[Saving]) -> dict[str, Any]:
    def rates(chosen: Sequence[Saving], n_draws: int) -> dict[str, Any]:
        found = estimates.estimates(chosen, estimates.SAVINGS, n_draws)
        return {"n_episodes": len(chosen), **{name: asdict(one) for name, one in found.items()}}

    by_language = estimates.grouped(savings, lambda one: [one.language])
    return {
        "all": rates(savings, estimates.N_DRAWS),
        "by_language": {name: rates(chosen, N_GROUP_DRAWS) for name, chosen in by_language.items()},
    }


def _cost(rows: Sequence[Row], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    times = [row.cost.ms for row in rows]
    seconds = profiling.total(outcome.profile for outcome in outcomes)
    whole = sum(seconds.values())
    return {
        **{f"p{percent}_ms": percentile(times, percent) for percent in (50, 95, 99)},
        "n_errors": sum(bool(row.error) for row in rows) + sum(bool(outcome.error) for outcome in outcomes),
        "share_by_room": {room: spent / whole for room, spent in seconds.items()} if whole else {},
        "model": _model_cost([row.cost for row in rows if row.cost.n_questions]),
    }


def _model_cost(costs: Sequence[Cost]) -> dict[str, Any] | None:
    """The model's part, of the rounds in which it was asked."""
    if not costs:
        return None
    names = ("n_questions", "prompt_tokens", "evaluated_tokens", "written_tokens", "passes")
    return {
        "n_rounds": len(costs),
        "p50_ms": percentile([cost.model_ms for cost in costs], 50),
        "p95_ms": percentile([cost.model_ms for cost in costs], 95),
        "mean": {name: sum(getattr(cost, name) for cost in costs) / len(costs) for name in names},
    }


def _comparison(before: Sequence[Row], after: Sequence[Row]) -> dict[str, Any]:
    pairs = comparing.pairs(before, after)
    old, new = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    differences = estimates.differences(old, new, estimates.ROUNDS) if pairs else {}
    return {
        "n_rounds": len(pairs),
        "before": _rates(old, N_GROUP_DRAWS),
        "after": _rates(new, N_GROUP_DRAWS),
        "differences": {name: asdict(one) for name, one in differences.items()},
        "changed": {
            name: [[new.episode, new.k] for _, new in found] for name, found in comparing.by_change(pairs).items()
        },
    }
