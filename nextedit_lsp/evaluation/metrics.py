"""Judging: one row per round, and the rates that rows sum up to.

In: a Round and the Prediction for it, then rows.  Out: rows, then a Summary.
Not here: running (``runner``), printing (``showing``).

*Located*: the suggestion touches a remaining hunk, that is, replaced lines overlap, where an
insertion counts for the two lines around it.  *Exact*: the text after it is the text with one
more remaining hunk made.  *Part*: not exact, yet every line that it changes becomes what the
remaining hunks make of it; it does a part of a hunk, or more than one.  *Reversal*: it takes back
lines of a hunk that is done.  Trailing white space is ignored throughout.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.evaluation.episodes import Hunk
from nextedit_lsp.evaluation.rounds import PlacedHunk, Round, line_edit
from nextedit_lsp.predictor import Prediction
from nextedit_lsp.presenting.suggestion import Suggestion
from nextedit_lsp.text import changes
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.diff import token_edits
from nextedit_lsp.text.tokens import is_word_char

# A right suggestion gains this much, a wrong one costs the rest: it is a third of the gain.
GAIN_OF_RIGHT = 0.75
COST_OF_WRONG = 0.25


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one round.  ``is_repeat``: a remaining hunk repeats a change of a done one."""

    episode: str
    k: int
    n: int
    language: str
    path: str
    is_complete: bool
    is_repeat: bool
    n_shown: int = 0
    is_located: bool = False
    is_located_in_3: bool = False
    is_exact: bool = False
    is_part: bool = False
    is_reversal: bool = False
    title: str = ""
    source: str = ""
    pattern: str = ""
    chance: float = 0.0
    silence: str = ""
    ms: float = 0.0
    expected: str = ""
    error: str = ""

    @property
    def is_right(self) -> bool:
        """Whether accepting the first suggestion brings the user forward and nothing else."""
        return self.is_exact or self.is_part


@dataclass(frozen=True, slots=True)
class Summary:
    """Rates over rows, 0 to 1; None where there was nothing to count."""

    n_rounds: int
    n_complete: int
    shown: float | None
    loc_1: float | None
    loc_3: float | None
    exact_1: float | None
    part_1: float | None
    precision_loc: float | None
    precision_exact: float | None
    precision_right: float | None
    # Points per round: each right suggestion gains, each wrong one costs, complete states included.
    points: float | None
    no_edit: float | None
    reversals: float | None
    n_errors: int
    p50_ms: float | None
    p95_ms: float | None


def judged(round_: Round, prediction: Prediction, ms: float) -> Row:
    """The row of a round."""
    suggestions = prediction.suggestions
    first = suggestions[0] if suggestions else None
    is_exact = first is not None and _is_exact(first, round_)
    # A hunk of white space alone replaces no lines that count, but whoever makes it has found it.
    located = [_is_located(suggestion, round_) or (is_exact and suggestion is first) for suggestion in suggestions[:3]]
    return Row(
        episode=round_.episode,
        k=round_.k,
        n=round_.n,
        language=round_.language_id,
        path=round_.snapshot.document.path,
        is_complete=round_.is_complete,
        is_repeat=is_repeat(round_),
        n_shown=len(suggestions),
        is_located=bool(located) and located[0],
        is_located_in_3=any(located),
        is_exact=is_exact,
        is_part=first is not None and not is_exact and _is_part(first, round_),
        is_reversal=first is not None and _is_reversal(first, round_),
        title=first.title if first else "",
        source=first.source if first else "",
        pattern=first.pattern if first else "",
        chance=round(first.chance, 4) if first else 0.0,
        silence=prediction.silence.name if prediction.silence else "",
        ms=round(ms, 3),
        expected=_expected(round_),
    )


def failed(round_: Round, error: str, ms: float) -> Row:
    """The row of a round in which the predictor raised."""
    return Row(
        episode=round_.episode,
        k=round_.k,
        n=round_.n,
        language=round_.language_id,
        path=round_.snapshot.document.path,
        is_complete=round_.is_complete,
        is_repeat=is_repeat(round_),
        ms=round(ms, 3),
        expected=_expected(round_),
        error=error,
    )


def summarised(rows: Iterable[Row]) -> Summary:
    """The rates over ``rows``."""
    rows = list(rows)
    asked = [row for row in rows if not row.is_complete]
    shown = [row for row in asked if row.n_shown]
    complete = [row for row in rows if row.is_complete]
    n_right = sum(row.is_right for row in shown)
    n_wrong = len(shown) - n_right + sum(row.n_shown > 0 for row in complete)
    times = sorted(row.ms for row in rows)
    return Summary(
        n_rounds=len(asked),
        n_complete=len(complete),
        shown=_rate(len(shown), asked),
        loc_1=_rate(sum(row.is_located for row in asked), asked),
        loc_3=_rate(sum(row.is_located_in_3 for row in asked), asked),
        exact_1=_rate(sum(row.is_exact for row in asked), asked),
        part_1=_rate(sum(row.is_part for row in asked), asked),
        precision_loc=_rate(sum(row.is_located for row in shown), shown),
        precision_exact=_rate(sum(row.is_exact for row in shown), shown),
        precision_right=_rate(n_right, shown),
        points=_rate(GAIN_OF_RIGHT * n_right - COST_OF_WRONG * n_wrong, rows),
        no_edit=_rate(sum(not row.n_shown for row in complete), complete),
        reversals=_rate(sum(row.is_reversal for row in rows), [row for row in rows if row.n_shown]),
        n_errors=sum(bool(row.error) for row in rows),
        p50_ms=_percentile(times, 50),
        p95_ms=_percentile(times, 95),
    )


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


def is_repeat(round_: Round) -> bool:
    """Whether a remaining hunk makes a change of tokens that a done one made."""
    if round_.is_complete:
        return False
    done = {change for hunk in round_.done for change in _token_changes(hunk.old, hunk.new)}
    return any(not done.isdisjoint(_token_changes(hunk.old, hunk.new)) for hunk in round_.remaining)


def _is_located(suggestion: Suggestion, round_: Round) -> bool:
    text = _text_at(round_.snapshot, suggestion.uri)
    if text is None:
        return False
    spans = [_span(hunk.start, hunk.n_old) for hunk in line_hunks(text, suggestion.edit)]
    remaining = [_span(hunk.start, len(hunk.old)) for hunk in round_.remaining if hunk.uri == suggestion.uri]
    return any(a < d and c < b for a, b in spans for c, d in remaining)


def _is_exact(suggestion: Suggestion, round_: Round) -> bool:
    text = _text_at(round_.snapshot, suggestion.uri)
    if text is None:
        return False
    after = _lines_after(text, suggestion.edit)
    return any(
        after == _lines_after(text, line_edit(text, hunk.start, len(hunk.old), hunk.new))
        for hunk in round_.remaining
        if hunk.uri == suggestion.uri
    )


def _is_part(suggestion: Suggestion, round_: Round) -> bool:
    text = _text_at(round_.snapshot, suggestion.uri)
    made = line_hunks(text, suggestion.edit) if text is not None else []
    remaining = [hunk for hunk in round_.remaining if hunk.uri == suggestion.uri]
    if text is not None and _is_several(text, suggestion.edit, remaining):
        return True
    n_placed = 0
    for hunk in remaining:
        inside = [m for m in made if hunk.start <= m.start and m.start + m.n_old <= hunk.start + len(hunk.old)]
        if not all(_goes_towards(hunk, [m]) for m in inside) or not _goes_towards(hunk, inside):
            return False
        n_placed += len(inside)
    return bool(made) and n_placed == len(made)


def _is_several(text: Text, edit: changes.Edit, remaining: Sequence[PlacedHunk]) -> bool:
    """Whether ``edit`` makes two or more hunks that follow each other, whole, and nothing else."""
    before, after = _lines_of(str(text)), _lines_after(text, edit)
    ordered = sorted(remaining, key=lambda hunk: hunk.start)
    for first in range(len(ordered)):
        lines, n_grown = before, 0
        for n_made, hunk in enumerate(ordered[first:], start=1):
            start = hunk.start + n_grown
            lines = [*lines[:start], *_stripped(hunk.new), *lines[start + len(hunk.old) :]]
            n_grown += len(hunk.new) - len(hunk.old)
            if n_made > 1 and lines == after:
                return True
    return False


def _goes_towards(hunk: PlacedHunk, made: Sequence[Hunk]) -> bool:
    """Whether ``made``, which lie inside ``hunk``, do nothing but a part of it."""
    old, new = _stripped(hunk.old), _stripped(hunk.new)
    if len(old) == len(new):
        # Line stands for line.
        spans = ((m, m.start - hunk.start) for m in made)
        return all(len(m.new) == m.n_old and list(m.new) == new[i : i + m.n_old] for m, i in spans)
    between = list(old)
    for m in sorted(made, key=lambda m: m.start, reverse=True):
        between[m.start - hunk.start : m.start - hunk.start + m.n_old] = m.new
    # Each line dropped or added is one that the hunk drops or adds: no detour.
    return _distance(old, between) + _distance(between, new) == _distance(old, new)


def _is_reversal(suggestion: Suggestion, round_: Round) -> bool:
    text = _text_at(round_.snapshot, suggestion.uri)
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


@lru_cache(maxsize=256)  # A hunk is looked at in every round of its episode.
def _token_changes(old_lines: tuple[str, ...], new_lines: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    """The replaced and the new tokens of each change of a hunk; those of mere signs say too little."""
    old, new = "\n".join(old_lines), "\n".join(new_lines)
    pairs = {(old[edit.start : edit.end].strip(), edit.text.strip()) for edit in token_edits(old, new)}
    return frozenset(pair for pair in pairs if any(map(is_word_char, "".join(pair))))


def _expected(round_: Round) -> str:
    """The next remaining hunk in a few words, to tell rounds apart."""
    if round_.is_complete:
        return ""
    hunk = round_.remaining[0]
    lines = [f"-{line.strip()}" for line in hunk.old] + [f"+{line.strip()}" for line in hunk.new]
    return f"{hunk.path}:{hunk.start + 1} {' '.join(lines)}"[:160]


def _span(start: int, n_lines: int) -> tuple[int, int]:
    """The lines that a hunk counts for: those it replaces, or the two around an insertion."""
    return (start, start + n_lines) if n_lines else (start - 1, start + 1)


def _text_at(snapshot: Snapshot, uri: str) -> Text | None:
    document = snapshot.document_at(uri)
    return document.text if document else None


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


def _rate(count: float, of: Sequence[Row]) -> float | None:
    return count / len(of) if of else None


def _percentile(ordered: Sequence[float], percent: int) -> float | None:
    """The nearest-rank percentile of sorted values."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else None
