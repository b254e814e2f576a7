"""What a suggestion, or a place, is worth in a round.

In: a Suggestion or a RankedPlace, and the Round it was made for.  Out: the remaining hunks that it touches, makes or
makes a part of.
Not here: rows and rates (``metrics``, ``estimates``).

*Touched*: replaced lines overlap, where an insertion counts for the two lines around it.  *Exact*: the text after it
is the text with one more remaining hunk made.  *Part*: not exact, yet every line that it changes becomes what the
remaining hunks make of it; it does a part of a hunk, or more than one.  *Reversal*: it takes back lines of a hunk that
is done.  Trailing white space is ignored throughout.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.evaluation.episodes import Hunk
from nextedit_lsp.evaluation.rounds import PlacedHunk, Round, line_edit
from nextedit_lsp.locating.place import RankedPlace
from nextedit_lsp.presenting.suggestion import Suggestion
from nextedit_lsp.text import changes
from nextedit_lsp.text.buffer import Text


@dataclass(frozen=True, slots=True)
class Part:
    """A remaining hunk, and its lines once the suggestion has done its part of it."""

    hunk: PlacedHunk
    lines: tuple[str, ...]


def touched(suggestion: Suggestion, round_: Round) -> list[PlacedHunk]:
    """The remaining hunks whose lines the suggestion touches, or that it makes."""
    text = text_at(round_.snapshot, suggestion.uri)
    if text is None:
        return []
    spans = [span(hunk.start, hunk.n_old) for hunk in line_hunks(text, suggestion.edit)]
    found = [hunk for hunk in round_.remaining if hunk.uri == suggestion.uri and _meet(spans, hunk)]
    # A hunk of white space alone replaces no lines that count, but whoever makes it has found it.
    exact = None if found else exactly_made(suggestion, round_)
    return [exact] if exact is not None else found


def touched_by_place(place: RankedPlace, round_: Round) -> list[PlacedHunk]:
    """The remaining hunks whose lines the place touches."""
    spans = [span(place.first_row, place.end_row - place.first_row)]
    return [hunk for hunk in round_.remaining if hunk.uri == place.document.uri and _meet(spans, hunk)]


def exactly_made(suggestion: Suggestion, round_: Round) -> PlacedHunk | None:
    """The remaining hunk that the suggestion makes, and nothing else."""
    text = text_at(round_.snapshot, suggestion.uri)
    if text is None:
        return None
    after = _lines_after(text, suggestion.edit)
    for hunk in round_.remaining:
        if hunk.uri == suggestion.uri:
            made = _lines_after(text, line_edit(text, hunk.start, len(hunk.old), hunk.new))
            if after == made:
                return hunk
    return None


def partly_made(suggestion: Suggestion, round_: Round) -> list[Part]:
    """The remaining hunks that the suggestion makes parts of, or several of them whole; none where it does else too."""
    text = text_at(round_.snapshot, suggestion.uri)
    if text is None:
        return []
    made = line_hunks(text, suggestion.edit)
    remaining = [hunk for hunk in round_.remaining if hunk.uri == suggestion.uri]
    several = _several(text, suggestion.edit, remaining)
    if several:
        return [Part(hunk, hunk.new) for hunk in several]
    parts, n_placed = [], 0
    for hunk in remaining:
        inside = [m for m in made if hunk.start <= m.start and m.start + m.n_old <= hunk.start + len(hunk.old)]
        if not all(_goes_towards(hunk, [m]) for m in inside) or not _goes_towards(hunk, inside):
            return []
        if inside:
            parts.append(Part(hunk, tuple(_between(hunk, inside))))
        n_placed += len(inside)
    return parts if n_placed == len(made) else []


def is_right(suggestion: Suggestion, round_: Round) -> bool:
    """Whether accepting the suggestion brings the user forward and does nothing else."""
    return exactly_made(suggestion, round_) is not None or bool(partly_made(suggestion, round_))


def is_reversal(suggestion: Suggestion, round_: Round) -> bool:
    """Whether the suggestion takes back lines of a hunk that is done."""
    text = text_at(round_.snapshot, suggestion.uri)
    if text is None:
        return False
    made, after = line_hunks(text, suggestion.edit), _lines_after(text, suggestion.edit)
    for hunk in round_.done:
        if hunk.uri != suggestion.uri:
            continue
        end = hunk.start + len(hunk.new)
        if after == _lines_after(text, line_edit(text, hunk.start, len(hunk.new), hunk.old)):
            return True
        inside = [m for m in made if hunk.start <= m.start and m.start + m.n_old <= end]
        if any(set(m.new) <= set(_stripped(hunk.old)) for m in inside):
            return True
    return False


def line_hunks(text: Text, edit: changes.Edit) -> list[Hunk]:
    """The lines that ``edit`` of ``text`` replaces and what they become."""
    edit = changes.trimmed(edit, text)
    first, last = text.line_at(edit.start), text.line_at(edit.end)
    head = text.slice(text.line_start(first), edit.start)
    tail = text.slice(edit.end, text.line_end(last))
    old = _stripped(text.lines(first, last + 1))
    new = _stripped((head + edit.text + tail).split("\n"))
    opcodes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [Hunk(first + i1, i2 - i1, tuple(new[j1:j2])) for tag, i1, i2, j1, j2 in opcodes if tag != "equal"]


def span(start: int, n_lines: int) -> tuple[int, int]:
    """The lines that a hunk counts for: those it replaces, or the two around an insertion."""
    return (start, start + n_lines) if n_lines > 0 else (start - 1, start + 1)


def text_at(snapshot: Snapshot, uri: str) -> Text | None:
    """The text of an open document."""
    document = snapshot.document_at(uri)
    return document.text if document else None


def _several(text: Text, edit: changes.Edit, remaining: Sequence[PlacedHunk]) -> list[PlacedHunk]:
    """The two or more hunks that follow each other and that ``edit`` makes whole, and nothing else."""
    before, after = _lines_of(str(text)), _lines_after(text, edit)
    ordered = sorted(remaining, key=lambda hunk: hunk.start)
    for first in range(len(ordered)):
        lines, n_grown = before, 0
        for n_made, hunk in enumerate(ordered[first:], start=1):
            start = hunk.start + n_grown
            lines = [*lines[:start], *_stripped(hunk.new), *lines[start + len(hunk.old) :]]
            n_grown += len(hunk.new) - len(hunk.old)
            if n_made > 1 and lines == after:
                return ordered[first : first + n_made]
    return []


def _goes_towards(hunk: PlacedHunk, made: Sequence[Hunk]) -> bool:
    """Whether ``made``, which lie inside ``hunk``, do nothing but a part of it."""
    old, new = _stripped(hunk.old), _stripped(hunk.new)
    if len(old) == len(new):
        # Line stands for line.
        spans = ((m, m.start - hunk.start) for m in made)
        return all(len(m.new) == m.n_old and list(m.new) == new[i : i + m.n_old] for m, i in spans)
    between = _between(hunk, made)
    # Each line dropped or added is one that the hunk drops or adds: no detour.
    return _distance(old, between) + _distance(between, new) == _distance(old, new)


def _between(hunk: PlacedHunk, made: Sequence[Hunk]) -> list[str]:
    """The lines of ``hunk`` after ``made``, which lie inside it."""
    lines = _stripped(hunk.old)
    for m in sorted(made, key=lambda m: m.start, reverse=True):
        lines[m.start - hunk.start : m.start - hunk.start + m.n_old] = m.new
    return lines


def _meet(spans: Iterable[tuple[int, int]], hunk: PlacedHunk) -> bool:
    start, end = span(hunk.start, len(hunk.old))
    return any(a < end and start < b for a, b in spans)


def _lines_after(text: Text, edit: changes.Edit) -> list[str]:
    return _lines_of(text.slice(0, edit.start) + edit.text + text.slice(edit.end, len(text)))


def _lines_of(string: str) -> list[str]:
    return _stripped(string.rstrip().split("\n"))


def _stripped(lines: Iterable[str]) -> list[str]:
    return [line.rstrip() for line in lines]


def _distance(left: Sequence[str], right: Sequence[str]) -> int:
    """How many lines must be dropped and added to turn ``left`` into ``right``."""
    row = [0] * (len(right) + 1)
    for a in left:
        above = row
        row = [0]
        for j, b in enumerate(right):
            row.append(above[j] + 1 if a == b else max(above[j + 1], row[j]))
    return len(left) + len(right) - 2 * row[-1]
