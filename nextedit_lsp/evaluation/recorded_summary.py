"""What replayed sessions sum up to.

In: replayed sessions.  Out: counts and times, and text on a console.
Not here: replaying (``recorded``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from nextedit_lsp.evaluation.percentiles import percentile
from nextedit_lsp.evaluation.recorded import Replayed


@dataclass(frozen=True, slots=True)
class RecordedSummary:
    """Counts of whole sessions; milliseconds of the requests; tokens of those in which a model was asked."""

    n_sessions: int
    n_actions: int
    n_requests: int
    n_answered: int
    n_shown: int
    n_typed: int
    n_reversals: int
    p50_ms: float | None
    p95_ms: float | None
    n_model_requests: int
    mean_evaluated_tokens: float | None
    p95_evaluated_tokens: float | None
    start_bytes: int | None
    end_bytes: int | None


def summarised(sessions: Sequence[Replayed], start_bytes: int | None, end_bytes: int | None) -> RecordedSummary:
    """The sums; the memory is that of the process before the first session and after the last."""
    requests = [request for session in sessions for request in session.requests]
    shown = [one for session in sessions for one in session.shown]
    times = [request.latency_ms for request in requests]
    tokens = [request.evaluated_tokens for request in requests if request.evaluated_tokens is not None]
    return RecordedSummary(
        n_sessions=len(sessions),
        n_actions=sum(session.n_actions for session in sessions),
        n_requests=len(requests),
        n_answered=sum(request.is_answered for request in requests),
        n_shown=len(shown),
        n_typed=sum(one.is_typed for one in shown),
        n_reversals=sum(one.is_reversal for one in shown),
        p50_ms=percentile(times, 50),
        p95_ms=percentile(times, 95),
        n_model_requests=len(tokens),
        mean_evaluated_tokens=sum(tokens) / len(tokens) if tokens else None,
        p95_evaluated_tokens=percentile(tokens, 95),
        start_bytes=start_bytes,
        end_bytes=end_bytes,
    )


def print_summary(console: Console, sessions: Sequence[Replayed], found: RecordedSummary) -> None:
    """The sums, and each suggestion that was shown."""
    for session in sessions:
        begin = session.requests[0].at_ms if session.requests else 0.0
        for one in session.shown:
            mark = "typed" if one.is_typed else "reversal" if one.is_reversal else "-"
            seconds = (one.at_ms - begin) / 1000
            console.print(Text(f"{seconds:8.1f} s  {mark:8}  {one.path}: {one.title} · {one.source} · {one.reason}"))
    for line in told(found):
        console.print(Text(line))


def told(found: RecordedSummary) -> list[str]:
    """The sums in words, a line each."""
    lines = [
        f"{found.n_sessions} sessions, {found.n_actions} actions; {found.n_requests} requests,"
        f" {found.n_answered} answered before the next action",
        f"{found.n_shown} suggestions shown, {found.n_typed} of them then typed, {found.n_reversals} reversals",
        f"ms a request: p50 {_number(found.p50_ms)}, p95 {_number(found.p95_ms)}",
        f"memory: {_megabytes(found.start_bytes)} at the start, {_megabytes(found.end_bytes)} at the end",
    ]
    if found.n_model_requests:
        lines.append(
            f"a model was asked in {found.n_model_requests} requests: prompt tokens evaluated, mean"
            f" {_number(found.mean_evaluated_tokens)}, p95 {_number(found.p95_evaluated_tokens)}"
        )
    return lines


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _megabytes(n_bytes: int | None) -> str:
    return "not known" if n_bytes is None else f"{n_bytes / 1e6:.0f} MB"
