"""Results for people: the table of rates, the curve over the threshold, what changed, single rounds.

In: rows, or a round with its prediction.  Out: text on a console.
Not here: computing rates (``metrics``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from nextedit_lsp.evaluation.episodes import Hunk
from nextedit_lsp.evaluation.metrics import Row, Summary, line_hunks, summarised
from nextedit_lsp.evaluation.rounds import PlacedHunk, Round
from nextedit_lsp.predictor import Prediction

# Heading and field of Summary for each rate.
_RATES = {
    "shown": "shown",
    "loc@1": "loc_1",
    "loc@3": "loc_3",
    "exact": "exact_1",
    "part": "part_1",
    "P loc": "precision_loc",
    "P exact": "precision_exact",
    "P right": "precision_right",
    "no-edit": "no_edit",
    "undo": "reversals",
    "points": "points",
}
_SUMMARY_HEADINGS = ("", "rounds", *_RATES, "p50 ms", "p95 ms")
_LEGEND = "rates in percent; rounds + complete states; P = of those shown; right = exact or part"
_THRESHOLDS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
# Hunks of one round, and changed rounds of one comparison, that are printed in full.
_MAX_LISTED = 12


def print_summary(console: Console, rows: Sequence[Row]) -> None:
    """The rates by language, by source of the suggestion, of rounds that repeat a change, and of all."""
    table = _table(_SUMMARY_HEADINGS, _LEGEND)
    for language in sorted({row.language for row in rows}):
        table.add_row(language, *_cells(summarised(row for row in rows if row.language == language)))
    table.add_section()
    for source in sorted({row.source for row in rows if row.n_shown}):
        table.add_row(f"by {source}", *_cells(summarised(row for row in rows if row.source == source)))
    table.add_row("repeats", *_cells(summarised(row for row in rows if row.is_repeat)))
    table.add_row("all", *_cells(summarised(rows)), style="bold")
    console.print(table)


def print_curve(console: Console, rows: Sequence[Row]) -> None:
    """What the rates would be if nothing below a chance were shown; run with a low ``--min-chance`` for all of it."""
    table = _table(("chance", "shown", "P loc", "P exact", "P right", "no-edit", "points"), "shown from this chance on")
    for threshold in _THRESHOLDS:
        summary = summarised(_silenced(row) if row.chance < threshold else row for row in rows)
        rates = (summary.shown, summary.precision_loc, summary.precision_exact, summary.precision_right)
        table.add_row(f"{threshold:g}", *map(_percent, (*rates, summary.no_edit, summary.points)))
    console.print(table)


def print_comparison(console: Console, before: Sequence[Row], after: Sequence[Row]) -> None:
    """The rates of the rounds that both runs have, and which became right or wrong."""
    old = {(row.episode, row.k): row for row in before}
    pairs = [(old[key], row) for row in after if (key := (row.episode, row.k)) in old]
    table = _table(_SUMMARY_HEADINGS, f"compared on {len(pairs)} rounds")
    table.add_row("before", *_cells(summarised(row for row, _ in pairs)))
    table.add_row("after", *_cells(summarised(row for _, row in pairs)))
    console.print(table)
    _print_changed(console, "right now", [pair for pair in pairs if pair[1].is_right and not pair[0].is_right])
    _print_changed(console, "right no longer", [pair for pair in pairs if pair[0].is_right and not pair[1].is_right])
    _print_changed(console, "wrong now", [pair for pair in pairs if _is_wrong(pair[1]) and not _is_wrong(pair[0])])
    _print_changed(console, "wrong no longer", [p for p in pairs if _is_wrong(p[0]) and not _is_wrong(p[1])])


def print_round(console: Console, label: str, row: Row, round_: Round, prediction: Prediction) -> None:
    """One round: what was done, what is expected, and what was suggested."""
    console.rule(f"{label}: {row.episode} k={row.k}/{row.n} {row.language}")
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
            for hunk in line_hunks(document.text, suggestion.edit):
                _print_hunk(console, suggestion.path, hunk, document.text.lines(hunk.start, hunk.start + hunk.n_old))
    for withheld in prediction.withheld[:3]:
        console.print(Text(f"withheld: {withheld.title}: {withheld.reason.value}"))


def _table(headings: Sequence[str], caption: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), caption=caption, caption_justify="left")
    for heading in headings:
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    return table


def _cells(summary: Summary) -> list[str]:
    rates = [_percent(getattr(summary, field)) for field in _RATES.values()]
    times = ["-" if ms is None else f"{ms:.1f}" for ms in (summary.p50_ms, summary.p95_ms)]
    return [f"{summary.n_rounds}+{summary.n_complete}", *rates, *times]


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * rate:.1f}"


def _silenced(row: Row) -> Row:
    """The row as if nothing had been shown."""
    return replace(
        row,
        n_shown=0,
        is_located=False,
        is_located_in_3=False,
        is_exact=False,
        is_part=False,
        is_reversal=False,
    )


def _is_wrong(row: Row) -> bool:
    return bool(row.n_shown) and not row.is_right


def _print_changed(console: Console, label: str, pairs: Sequence[tuple[Row, Row]]) -> None:
    console.print(Text(f"{label}: {len(pairs)}", style="bold"))
    for old, new in pairs[:_MAX_LISTED]:
        console.print(Text(f"  {new.episode} k={new.k}: {old.title or '-'} → {new.title or '-'}"), soft_wrap=True)


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
