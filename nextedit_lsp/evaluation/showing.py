"""Results for the terminal: rates, intervals, the curve, keystrokes saved, single rounds.

In: rows, savings, or a round with its prediction.  Out: text on a console.
Not here: computing rates (``estimates``), comparing runs (``comparing``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from nextedit_lsp.evaluation import curves, estimates, judging, profiling
from nextedit_lsp.evaluation.episodes import Hunk
from nextedit_lsp.evaluation.estimates import Estimate
from nextedit_lsp.evaluation.kinds import KINDS
from nextedit_lsp.evaluation.metrics import Row
from nextedit_lsp.evaluation.percentiles import percentile
from nextedit_lsp.evaluation.rounds import PlacedHunk, Round
from nextedit_lsp.evaluation.saving import Saving
from nextedit_lsp.predictor import Prediction

# Heading and measure for each column.
_COLUMNS = {
    "shown": "shown",
    "loc@1": "loc_1",
    "loc@3": "loc_3",
    "…shown": "loc_1_shown",
    "exact": "exact_1",
    "right": "right_1",
    "P loc": "precision_loc",
    "P exact": "precision_exact",
    "P right": "precision_right",
    "no-edit": "no_edit",
    "points": "points",
}
_LEGEND = (
    "rates in percent; rounds + complete states; loc = of the ranking, …shown = of what was shown;"
    " P = of what was shown; right = a hunk, a part of one, or several"
)
_THRESHOLDS = (0.05, 0.1, 0.2, curves.OPERATING_CHANCE, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
# Whose chances are compared with what came of them.
_CALIBRATED = (curves.location, curves.right)
# Rooms that take less of the time are left out.
MIN_SHARE = 0.01
# Hunks of one round that are printed in full.
_MAX_LISTED = 12


def print_summary(console: Console, rows: Sequence[Row]) -> None:
    """The rates by language, kind, source of the suggestion, of rounds that repeat a change, and of all."""
    table = _table(("", "rounds", *_COLUMNS, "p50 ms", "p95 ms"), _LEGEND)
    for language, chosen in estimates.grouped(rows, lambda row: [row.language]).items():
        table.add_row(language, *_cells(chosen))
    table.add_section()
    by_kind = estimates.grouped(rows, lambda row: row.kinds)
    for kind in KINDS:
        if kind in by_kind:
            table.add_row(f"kind {kind}", *_cells(by_kind[kind]))
    table.add_section()
    for source, chosen in estimates.grouped(rows, lambda row: [row.shown.source] if row.shown else []).items():
        table.add_row(f"by {source}", *_cells(chosen))
    table.add_section()
    table.add_row("repeats", *_cells([row for row in rows if row.is_repeat]))
    table.add_row("all", *_cells(rows), style="bold")
    console.print(table)


def print_intervals(console: Console, found: Mapping[str, Estimate], heading: str = "") -> None:
    """Each measure with its interval."""
    table = _table(("measure", heading, "95 % interval", "of", "what"), "intervals: bootstrap over commits")
    for name, estimate in found.items():
        interval = "-" if estimate.low is None else f"{_percent(estimate.low)} to {_percent(estimate.high)}"
        table.add_row(name, _percent(estimate.value), interval, f"{estimate.n:g}", Text(estimates.WHATS[name]))
    console.print(table)


def print_curve(console: Console, rows: Sequence[Row]) -> None:
    """What the rates would be if everything from a chance on were shown, and nothing below."""
    headings = ("chance", "places", "P loc", "no place", "shown", "P exact", "P right", "no-edit", "points")
    table = _table(headings, "places by their own chance, the rest by the suggestion's; 0.25 is where it begins to pay")
    for chance in _THRESHOLDS:
        at = curves.at(rows, chance)
        cells = [*_point(at.location), _percent(at.no_place), *_point(at.exact)]
        right = _percent(at.right.precision if at.right else None)
        style = "bold" if chance == curves.OPERATING_CHANCE else ""
        table.add_row(f"{chance:g}", *cells, right, _percent(at.no_edit), _percent(at.points), style=style)
    console.print(table)
    calibrated = _table(
        ("tenth", "places", "right", "suggestions", "right"), "is the chance kept? means, and the share right"
    )
    found = [{int(10 * one["chance"]): one for one in curves.calibration(rows, answer)} for answer in _CALIBRATED]
    for tenth in range(10):
        cells = [cell for one in found for cell in _calibration(one.get(tenth))]
        calibrated.add_row(f"{tenth / 10:g}", *cells)
    console.print(calibrated)


def print_savings(console: Console, savings: Sequence[Saving]) -> None:
    """Protocol 2: by language, and all."""
    names = [measure.name for measure in estimates.SAVINGS]
    table = _table(("", "commits", *names), "percent; keystrokes are those of Coeditor's cost model")
    for language, chosen in estimates.grouped(savings, lambda one: [one.language]).items():
        table.add_row(language, *_saving_cells(chosen))
    table.add_row("all", *_saving_cells(savings), style="bold")
    console.print(table)


def print_cost(console: Console, rows: Sequence[Row], profiles: Iterable[Mapping[str, float]]) -> None:
    """What a round cost: time, where it went, and the model's part where there was one."""
    asked = [row.cost for row in rows if row.cost.n_questions]
    times = [row.cost.ms for row in rows]
    n_errors = sum(bool(row.error) for row in rows)
    line = f"ms a round: p50 {_ms(times, 50)}, p95 {_ms(times, 95)}, p99 {_ms(times, 99)}; {n_errors} rounds failed"
    console.print(Text(line))
    seconds = profiling.total(profiles)
    whole = sum(seconds.values())
    if whole:
        shares = ", ".join(
            f"{room} {spent / whole:.0%}" for room, spent in seconds.items() if spent / whole >= MIN_SHARE
        )
        console.print(Text(f"where it went, under a profiler: {shares}"), soft_wrap=True)
    sizes = estimates.place_sizes(rows)
    if sizes:
        told = f"rankings: {sizes['mean_n']:.1f} places on average; the first claims {sizes['mean_rows']:.1f} lines"
        console.print(Text(told))
    if asked:
        n = len(asked)
        console.print(
            Text(
                f"with the model, {n} of {len(rows)} rounds: ms p50 {_ms([one.model_ms for one in asked], 50)},"
                f" p95 {_ms([one.model_ms for one in asked], 95)}; a round on average"
                f" {sum(one.n_questions for one in asked) / n:.2f} questions,"
                f" {sum(one.prompt_tokens for one in asked) / n:.0f} prompt tokens,"
                f" {sum(one.evaluated_tokens for one in asked) / n:.0f} evaluated,"
                f" {sum(one.written_tokens for one in asked) / n:.0f} written"
                f" in {sum(one.passes for one in asked) / n:.1f} passes"
            ),
            soft_wrap=True,
        )


def print_round(console: Console, label: str, row: Row, round_: Round, prediction: Prediction) -> None:
    """One round: what was done, what is expected, and what was suggested."""
    console.rule(f"{label}: {row.episode} k={row.k}/{row.n} {row.language} · {', '.join(row.kinds)}")
    console.print(Text("done", style="bold"))
    _print_hunks(console, round_.done)
    console.print(Text("expected" if round_.remaining else "expected: nothing more", style="bold"))
    _print_hunks(console, round_.remaining)
    if not prediction.suggestions:
        console.print(
            Text(f"nothing suggested: {prediction.silence.value if prediction.silence else ''}", style="bold")
        )
    for suggestion in prediction.suggestions[:3]:
        heading = f"{suggestion.title} · {suggestion.source} · {suggestion.reason} · chance {suggestion.chance:.2f}"
        console.print(Text(f"suggested: {heading}", style="bold"))
        document = round_.snapshot.document_at(suggestion.uri)
        if document is not None:
            for hunk in judging.line_hunks(document.text, suggestion.edit):
                _print_hunk(console, suggestion.path, hunk, document.text.lines(hunk.start, hunk.start + hunk.n_old))
    for place in prediction.places[:3]:
        lines = f"{place.document.path}:{place.first_row + 1}-{max(place.first_row + 1, place.end_row)}"
        console.print(Text(f"place: {lines} · {place.source} · {place.reason} · chance {place.chance:.2f}"))
    for withheld in prediction.withheld[:3]:
        console.print(Text(f"withheld: {withheld.title}: {withheld.reason.value}"))


def table_of_runs(console: Console, caption: str, named: Mapping[str, Sequence[Row]]) -> None:
    """The rates of several sets of rows, one below the other."""
    table = _table(("", "rounds", *_COLUMNS, "p50 ms", "p95 ms"), caption)
    for name, rows in named.items():
        table.add_row(name, *_cells(rows))
    console.print(table)


def _table(headings: Sequence[str], caption: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), caption=caption, caption_justify="left")
    for heading in headings:
        table.add_column(heading, justify="left" if heading in ("", "what", "measure") else "right", no_wrap=True)
    return table


def _cells(rows: Sequence[Row]) -> list[str]:
    found = estimates.estimates(rows, estimates.ROUNDS, n_draws=0)
    n_complete = sum(row.is_complete for row in rows)
    times = [row.cost.ms for row in rows]
    rates = [_percent(found[name].value) for name in _COLUMNS.values()]
    return [f"{len(rows) - n_complete}+{n_complete}", *rates, _ms(times, 50), _ms(times, 95)]


def _saving_cells(savings: Sequence[Saving]) -> list[str]:
    found = estimates.estimates(savings, estimates.SAVINGS, n_draws=0)
    return [str(len(savings)), *(_percent(found[measure.name].value) for measure in estimates.SAVINGS)]


def _point(point: curves.Point | None) -> list[str]:
    return [_percent(point.coverage if point else None), _percent(point.precision if point else None)]


def _calibration(tenth: Mapping[str, float] | None) -> list[str]:
    return ["-", "-"] if tenth is None else [f"{_percent(tenth['chance'])} of {tenth['n']:g}", _percent(tenth["share"])]


def _ms(times: Sequence[float], percent: int) -> str:
    found = percentile(times, percent)
    return "-" if found is None else f"{found:.1f}"


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * rate:.1f}"


def _print_hunks(console: Console, hunks: Iterable[PlacedHunk]) -> None:
    hunks = list(hunks)
    for hunk in hunks[:_MAX_LISTED]:
        _print_hunk(console, hunk.path, Hunk(hunk.start, len(hunk.old), hunk.new), hunk.old)
    if len(hunks) > _MAX_LISTED:
        console.print(Text(f"  … and {len(hunks) - _MAX_LISTED} more"))


def _print_hunk(console: Console, path: str, hunk: Hunk, old: Iterable[str]) -> None:
    console.print(Text(f"@@ {path}:{hunk.start + 1}", style="cyan"), soft_wrap=True)
    for sign, style, lines in (("-", "red", old), ("+", "green", hunk.new)):
        for line in lines:
            console.print(Text(f"{sign} {line}", style=style), soft_wrap=True)
