"""Replayed sessions as one page of HTML.

In: replayed sessions and their sums.  Out: the text of the page.
Not here: replaying (``recorded``), escaping (``markup``).
"""

from __future__ import annotations

from collections.abc import Sequence

from nextedit_lsp.evaluation import markup, plots, recorded_summary
from nextedit_lsp.evaluation.recorded import Replayed, Shown
from nextedit_lsp.evaluation.recorded_summary import RecordedSummary


def page(sessions: Sequence[Replayed], found: RecordedSummary) -> str:
    """The whole page."""
    times = [request.latency_ms for session in sessions for request in session.requests]
    marks = {f"p{percent}": value for percent, value in ((50, found.p50_ms), (95, found.p95_ms)) if value}
    plot = plots.histogram(times, marks, "time of a request", "ms")
    parts = [
        "<h1>What recorded sessions would have seen</h1>",
        markup.soft(
            "The sessions are replayed on their own clock; the predictor is asked after every pause of 100 ms. Typed:"
            " the user then typed what was suggested, within 30 seconds."
        ),
        *(markup.soft(line) for line in recorded_summary.told(found)),
        markup.section("Latency", markup.figures(markup.figure(plot, "Requests by the time that they took."))),
    ]
    for number, session in enumerate(sessions, start=1):
        parts.append(markup.section(f"Shown in session {number}", _table(session)))
    return markup.document("".join(parts))


def _table(session: Replayed) -> str:
    begin = session.requests[0].at_ms if session.requests else 0.0
    rows = (_row(one, begin) for one in session.shown)
    return markup.table(["second", "", "chance", markup.WORDS], rows)


def _row(one: Shown, begin_ms: float) -> str:
    mark = "typed" if one.is_typed else "takes back" if one.is_reversal else "not typed"
    words = f"{one.path}:{one.line + 1} {one.title} · {one.source} · {one.reason}"
    return markup.row([f"{(one.at_ms - begin_ms) / 1000:.1f}", mark, f"{one.chance:.0%}"], words)
