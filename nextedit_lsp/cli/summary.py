"""A replay counted: how many suggestions were right, in which languages, how far away, how fast.

In: the answers of a replay.  Out: a ``Summary``, and all of it as plain values for ``--json``.
Not here: display.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from nextedit_lsp.cli import diffs
from nextedit_lsp.cli.replaying import Answer, Suggested
from nextedit_lsp.evaluation.percentiles import percentile


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts.  A suggestion that is shown again after a further step counts once."""

    n_steps: int
    n_shown: int
    n_right: int
    n_next: int
    n_right_other_file: int
    n_right_off_screen: int
    right_by_language: Mapping[str, int]
    n_keystrokes: int
    n_keystrokes_right: int
    p50_ms: float
    p95_ms: float


def summarised(answers: Sequence[Answer]) -> Summary:
    """The counts of a whole replay."""
    distinct: dict[tuple[Any, ...], tuple[int, Suggested]] = {}
    for answer in answers:
        if answer.suggested is not None:
            distinct.setdefault(_key(answer.index, answer.suggested), (answer.index, answer.suggested))
    right = [(index, suggested) for index, suggested in distinct.values() if suggested.made is not None]
    made_by = {
        index + 1 + number
        for index, suggested in right
        if suggested.made is not None
        for number in range(suggested.made.first, suggested.made.last + 1)
        if answers[index + 1 + number].step.path == suggested.path
    }
    elapsed = [answer.elapsed_ms for answer in answers]
    return Summary(
        n_steps=len(answers),
        n_shown=len(distinct),
        n_right=len(right),
        n_next=sum(1 for _, suggested in right if suggested.made is not None and suggested.made.is_next),
        n_right_other_file=sum(suggested.is_other_file for _, suggested in right),
        n_right_off_screen=sum(suggested.is_off_screen for _, suggested in right),
        right_by_language=dict(Counter(suggested.language for _, suggested in right).most_common()),
        n_keystrokes=sum(len(answer.step.keystrokes) for answer in answers),
        n_keystrokes_right=sum(len(answers[index].step.keystrokes) for index in made_by),
        p50_ms=percentile(elapsed, 50) or 0.0,
        p95_ms=percentile(elapsed, 95) or 0.0,
    )


def as_json(answer: Answer) -> dict[str, Any]:
    """One answer as plain values."""
    step, suggested = answer.step, answer.suggested
    return {
        "typed": {
            "path": step.path,
            "line": step.after.line_at(step.cursor) + 1,
            "diff": diffs.plain(step.before, step.changes),
        },
        "milliseconds": round(answer.elapsed_ms, 1),
        "suggested": None if suggested is None else _suggested_as_json(answer.index, suggested),
        "silence": answer.silence,
    }


def summary_as_json(summary: Summary) -> dict[str, Any]:
    """The counts as plain values."""
    return asdict(summary)


def _suggested_as_json(index: int, suggested: Suggested) -> dict[str, Any]:
    made = suggested.made
    return {
        "path": suggested.path,
        "line": suggested.line + 1,
        "language": suggested.language,
        "diff": diffs.plain(suggested.before, suggested.changes),
        "reason": suggested.reason,
        "other_file": suggested.is_other_file,
        "off_screen": suggested.is_off_screen,
        "right": made is not None,
        "typed_by_step": None if made is None else index + 1 + made.last,
    }


def _key(index: int, suggested: Suggested) -> tuple[Any, ...]:
    """What makes two suggestions the same: the user's steps that make them, else the place and the change."""
    if suggested.made is not None:
        return (suggested.path, index + 1 + suggested.made.last)
    replaced = tuple((suggested.before.slice(edit.start, edit.end), edit.text) for edit in suggested.changes.edits)
    return (suggested.path, suggested.line, replaced)
