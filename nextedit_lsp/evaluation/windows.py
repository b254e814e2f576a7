"""The lines around a suggestion: as they are, as it makes them, as the commit makes them, as they were.

In: a Suggestion and the Round it was made for.  Out: a Window.
Not here: comparing them (``similarity``).

A window holds the lines that the suggestion changes, and whole every hunk that it touches, so that the texts stand for
the same place.  Trailing white space is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nextedit_lsp.evaluation.episodes import Hunk
from nextedit_lsp.evaluation.judging import line_hunks, span, text_at
from nextedit_lsp.evaluation.rounds import PlacedHunk, Round
from nextedit_lsp.presenting.suggestion import Suggestion


@dataclass(frozen=True, slots=True)
class Window:
    """``current`` → ``suggested`` by the suggestion and → ``final`` by the remaining hunks."""

    current: str
    suggested: str
    final: str


def ahead(suggestion: Suggestion, round_: Round) -> Window | None:
    """The window with the remaining hunks; None for a document that is not there."""
    return _window(suggestion, round_, [_as_remaining(hunk) for hunk in _of(suggestion, round_.remaining)])


def behind(suggestion: Suggestion, round_: Round) -> Window | None:
    """The window with the done hunks: its ``final`` is how the lines were before the user's edits."""
    return _window(suggestion, round_, [_as_done(hunk) for hunk in _of(suggestion, round_.done)])


def _window(suggestion: Suggestion, round_: Round, hunks: Sequence[Hunk]) -> Window | None:
    text = text_at(round_.snapshot, suggestion.uri)
    if text is None:
        return None
    made = line_hunks(text, suggestion.edit)
    ranges = _closed(made, hunks)
    lines = [line.rstrip() for line in text.lines(0, text.n_lines)]
    inside = [hunk for hunk in hunks if any(a <= hunk.start and hunk.start + hunk.n_old <= b for a, b in ranges)]
    return Window(_rebuilt(lines, ranges, []), _rebuilt(lines, ranges, made), _rebuilt(lines, ranges, inside))


def _of(suggestion: Suggestion, hunks: Iterable[PlacedHunk]) -> list[PlacedHunk]:
    return [hunk for hunk in hunks if hunk.uri == suggestion.uri]


def _as_remaining(hunk: PlacedHunk) -> Hunk:
    return Hunk(hunk.start, len(hunk.old), tuple(line.rstrip() for line in hunk.new))


def _as_done(hunk: PlacedHunk) -> Hunk:
    """What takes a done hunk back."""
    return Hunk(hunk.start, len(hunk.new), tuple(line.rstrip() for line in hunk.old))


def _closed(made: Sequence[Hunk], hunks: Sequence[Hunk]) -> list[tuple[int, int]]:
    """The row ranges of ``made``, widened by the hunks that they touch, and so on; sorted and apart."""
    ranges = [(hunk.start, hunk.start + hunk.n_old) for hunk in made]
    outside = list(hunks)
    while touched := next((hunk for hunk in outside if any(_touch(a, b, hunk) for a, b in ranges)), None):
        outside.remove(touched)
        start, end = touched.start, touched.start + touched.n_old
        ranges = [(min(a, start), max(b, end)) if _touch(a, b, touched) else (a, b) for a, b in ranges]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _touch(start: int, end: int, hunk: Hunk) -> bool:
    """Whether a suggestion of these rows would count as touching the hunk."""
    (a, b), (c, d) = span(start, end - start), span(hunk.start, hunk.n_old)
    return a < d and c < b


def _rebuilt(lines: Sequence[str], ranges: Sequence[tuple[int, int]], hunks: Iterable[Hunk]) -> str:
    """The lines of ``ranges`` after ``hunks``."""
    ordered = sorted(hunks, key=lambda hunk: hunk.start)
    kept: list[str] = []
    for start, end in ranges:
        row = start
        for hunk in ordered:
            if start <= hunk.start and hunk.start + hunk.n_old <= end:
                kept += [*lines[row : hunk.start], *hunk.new]
                row = hunk.start + hunk.n_old
        kept += lines[row:end]
    return "\n".join(kept)
