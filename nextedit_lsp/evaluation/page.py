"""A run as one page of HTML that loads nothing: rates, plots, and rounds to look through.

In: a report, the episodes, the rows of the run and of the one before it.  Out: the text of the page.
Not here: plots (``plots``), which rounds (``page_rounds``), numbers (``report``), escaping (``markup``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nextedit_lsp.evaluation import comparing, estimates, markup, page_rounds, plots
from nextedit_lsp.evaluation.episodes import Episode
from nextedit_lsp.evaluation.metrics import Row
from nextedit_lsp.evaluation.plots import Bar, Dot

# Measures of a table by group, with its headings.
_COLUMNS = {
    "shown": "shown",
    "loc@1": "loc_1",
    "loc@3": "loc_3",
    "loc@1 shown": "loc_1_shown",
    "exact@1": "exact_1",
    "right@1": "right_1",
    "P place": "precision_loc",
    "P exact": "precision_exact",
    "P right": "precision_right",
    "no-edit": "no_edit",
    "points": "points",
}
_BARS = {
    "place found (loc@1)": "loc_1",
    "whole hunk (exact@1)": "exact_1",
    "right, of what was shown": "precision_right",
}
# Rooms that take less of the time are left out.
_MIN_SHARE = 0.01
_CURVES = {"location": "right place", "right": "right edit", "exact": "whole hunk"}
_FILTERS = {"outcome": "outcome", "changed": "change", "language": "language", "kinds": "kind", "source": "source"}


def page(
    report: Mapping[str, Any], drawn: Sequence[Episode], rows: Sequence[Row], before: Sequence[Row], n_rounds: int
) -> str:
    """The whole page."""
    pairs = comparing.pairs(before, rows)
    shown = page_rounds.chosen(rows, pairs, n_rounds)
    data = page_rounds.as_values(shown, drawn, report["run"]["order"], pairs)
    body = "".join(_sections(report, rows, data))
    return markup.document(body, data)


def _sections(report: Mapping[str, Any], rows: Sequence[Row], data: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    yield _head(report["run"])
    if rows:
        yield markup.section("All rounds", _measures(report["rounds"]))
        yield markup.section(
            "Precision and coverage", markup.figures(_curve_figure(report), _bar_figure(report["by_kind"]))
        )
        for title, group in (("kind", "by_kind"), ("language", "by_language"), ("source", "by_source")):
            yield markup.section(f"By {title}", _group_table(report[group]))
        yield markup.section("What a round costs", *_cost(report["cost"], rows))
    if report["keystrokes"]:
        yield markup.section("Keystrokes saved", _measures(report["keystrokes"]["all"]))
    if report["comparison"]:
        yield markup.section("Compared with the run before", *_comparison(report["comparison"]))
    yield markup.section("Rounds", *_browser(len(data), len(rows)))


def _head(run: Mapping[str, Any]) -> str:
    facts = [(key, value if isinstance(value, str) else json.dumps(value)) for key, value in run.items()]
    intro = (
        f"{run['episodes']} commits, {run['order']} order. After the first hunks of a commit the predictor says what"
        " comes next; the hunks still to come are what it should find."
    )
    settings = markup.table([], (markup.row(fact) for fact in facts))
    folded = f"<details><summary>The run</summary>{settings}</details>"
    return f"<h1>How often suggestions are right</h1>{markup.soft(intro)}{folded}"


def _measures(rates: Mapping[str, Any], heading: str = "") -> str:
    """The measures among ``rates``, each with its interval."""
    rows = (
        markup.row([name, _share(rates[name]["value"]), _interval(rates[name]), f"{rates[name]['n']:g}"], what)
        for name, what in estimates.WHATS.items()
        if name in rates
    )
    return markup.table(["measure", heading, "95 % interval", "of", markup.WORDS], rows)


def _group_table(groups: Mapping[str, Mapping[str, Any]]) -> str:
    rows = []
    for name, rates in groups.items():
        shares = [_share(rates[key]["value"]) for key in _COLUMNS.values()]
        rows.append(markup.row([name, f"{rates['n_rounds']}+{rates['n_complete']}", *shares]))
    return markup.table(["", "rounds", *_COLUMNS], rows)


def _curve_figure(report: Mapping[str, Any]) -> str:
    series = {name: [_dot(point) for point in report["curves"][key]] for key, name in _CURVES.items()}
    operating = report["operating_point"]
    marks = {name: _dot(operating[key]) for key, name in _CURVES.items() if operating[key]}
    return markup.figure(
        plots.legend(series) + plots.curves(series, marks, "coverage", "precision"),
        "From left to right more is shown. The ring is where everything from a chance of 25 % on is.",
    )


def _bar_figure(by_kind: Mapping[str, Mapping[str, Any]]) -> str:
    groups = {
        kind: {
            name: Bar(rates[key]["value"], rates[key]["low"], rates[key]["high"], f"{_share(rates[key]['value'])} %")
            for name, key in _BARS.items()
            if rates[key]["value"] is not None
        }
        for kind, rates in by_kind.items()
    }
    plot = plots.bars(groups, "rates by kind of the expected edit")
    return markup.figure(plots.legend(_BARS) + plot, "By kind of the expected edit, with 95 % intervals.")


def _cost(cost: Mapping[str, Any], rows: Sequence[Row]) -> Iterable[str]:
    marks = {f"p{percent}": cost[f"p{percent}_ms"] for percent in (50, 95) if cost[f"p{percent}_ms"]}
    times = [row.cost.ms for row in rows]
    yield markup.figures(
        markup.figure(plots.histogram(times, marks, "time of a round", "ms"), "Rounds by the time that they took.")
    )
    shares = ", ".join(f"{room} {share:.0%}" for room, share in cost["share_by_room"].items() if share >= _MIN_SHARE)
    if shares:
        yield markup.soft(f"Under a profiler the time went to: {shares}.")
    if cost["model"]:
        model, mean = cost["model"], cost["model"]["mean"]
        yield markup.soft(
            f"A model was asked in {model['n_rounds']} rounds: p50 {model['p50_ms']:.0f} ms, p95 {model['p95_ms']:.0f}"
            f" ms; on average {mean['prompt_tokens']:.0f} prompt tokens, {mean['evaluated_tokens']:.0f} of them"
            f" evaluated, {mean['written_tokens']:.0f} written in {mean['passes']:.1f} passes."
        )


def _comparison(comparison: Mapping[str, Any]) -> Iterable[str]:
    yield markup.soft(
        f"On the {comparison['n_rounds']} rounds that both have. Those that changed are below, under “change”."
    )
    yield _group_table({"before": comparison["before"], "after": comparison["after"]})
    yield _measures(comparison["differences"], "after - before")
    yield markup.table(
        ["", "rounds"], (markup.row([name, str(len(found))]) for name, found in comparison["changed"].items())
    )


def _browser(n_here: int, n_all: int) -> Iterable[str]:
    if n_here != n_all:
        yield markup.soft(f"{n_here} of {n_all}: those that changed, then as many of each outcome.")
    selects = "".join(
        f'<label>{label} <select id="filter-{name}"><option value="">any</option></select></label>'
        for name, label in _FILTERS.items()
    )
    text = '<label>text <input id="words" type="search"></label><span class="soft" id="n-rounds"></span>'
    yield f'<div class="filters">{selects}{text}</div><div id="rounds"></div>'


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"


def _interval(estimate: Mapping[str, Any]) -> str:
    return "-" if estimate["low"] is None else f"{_share(estimate['low'])} to {_share(estimate['high'])}"


def _dot(point: Mapping[str, float]) -> Dot:
    coverage, precision = point["coverage"], point["precision"]
    words = f"from a chance of {point['chance']:.0%} on, coverage {coverage:.1%}, precision {precision:.1%}"
    return Dot(coverage, precision, words)
