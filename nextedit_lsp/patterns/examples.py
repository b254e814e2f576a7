"""Examples: the user's last edits as lines before and after, paired, with their token hunks.

In: the user's intentions.  Out: examples, newest first.
Not here: generalising them (``analogy``), finding where they apply (``locating``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from nextedit_lsp.editing.history import Intention
from nextedit_lsp.patterns import analogy
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.tokens import Token, is_word, solid_of

# How far back an edit is still taken as an example, and how many lines one may have: beyond
# this it is new code rather than a change that could be repeated.
MAX_INTENTIONS = 8
MAX_EXAMPLES = 24
MAX_LINES = 24
# Lines at least this similar are two versions of one line, else one went and another came.
MIN_SIMILARITY = 0.4
# Lines around an edit by which its parallels are known.
MAX_AROUND = 4


@dataclass(frozen=True, slots=True)
class Example:
    """Lines that became other lines: one to one, inserted (``old`` empty) or deleted (``new`` empty).

    Lines carry no line ends.  ``start`` is the offset in the document as it is now of the line where
    ``new`` starts; ``lines_above`` and ``lines_below`` are up to ``MAX_AROUND`` lines around, the nearest first.
    ``age`` counts user intentions back from the newest, 0.
    """

    uri: str
    path: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    lines_above: tuple[str, ...]
    lines_below: tuple[str, ...]
    start: int
    age: int

    @property
    def above(self) -> str:
        """The line above."""
        return self.lines_above[0] if self.lines_above else ""

    @property
    def below(self) -> str:
        """The line below."""
        return self.lines_below[0] if self.lines_below else ""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Tokens of one line that became other tokens: index ranges into the solid tokens of both lines."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


@dataclass(frozen=True, slots=True)
class LineChange:
    """One line before and after, in solid tokens (offsets count from the line's start), and what differs."""

    example: Example
    old: tuple[Token, ...]
    new: tuple[Token, ...]
    hunks: tuple[Hunk, ...]

    @property
    def old_line(self) -> str:
        """The line before."""
        return self.example.old[0]

    @property
    def new_line(self) -> str:
        """The line after."""
        return self.example.new[0]


def examples(intentions: Sequence[Intention]) -> list[Example]:
    """The user's last edits, newest first as ``intentions`` are."""
    found: list[Example] = []
    for age, intention in enumerate(intentions[:MAX_INTENTIONS]):
        found.extend(examples_of(intention, age))
        if len(found) >= MAX_EXAMPLES:
            break
    return found[:MAX_EXAMPLES]


def blocks(intentions: Sequence[Intention]) -> list[Example]:
    """The user's last edits, newest first, each as a whole and then every run of lines that differ in it."""
    found: list[Example] = []
    for age, intention in enumerate(intentions[:MAX_INTENTIONS]):
        after = intention.after
        for old_rows, new_rows in reversed(intention.row_blocks(after)):
            if max(old_rows[1] - old_rows[0], new_rows[1] - new_rows[0]) > MAX_LINES:
                continue
            old, new = intention.before.lines(*old_rows), after.lines(*new_rows)
            runs = [code[1:] for code in _opcodes(old, new) if code[0] != "equal"]
            if len(runs) > 1:
                (i1, _, j1, _), (_, i2, _, j2) = runs[0], runs[-1]
                runs.insert(0, (i1, i2, j1, j2))
            for i1, i2, j1, j2 in runs:
                found.append(_example(intention, after, age, old[i1:i2], (new_rows[0] + j1, new_rows[0] + j2)))
    return found[:MAX_EXAMPLES]


def examples_of(intention: Intention, age: int = 0) -> Iterator[Example]:
    """The examples in one intention, bottom up; none where it is too large."""
    after = intention.after
    for old_rows, new_rows in reversed(intention.row_blocks(after)):
        if max(old_rows[1] - old_rows[0], new_rows[1] - new_rows[0]) > MAX_LINES:
            continue
        old_lines = intention.before.lines(*old_rows)
        new_lines = after.lines(*new_rows)
        for (i1, i2), (j1, j2) in reversed(_paired(old_lines, new_lines)):
            yield _example(intention, after, age, old_lines[i1:i2], (new_rows[0] + j1, new_rows[0] + j2))


def line_change(example: Example) -> LineChange | None:
    """The token hunks of an example of one line; None for the others and where only white space differs."""
    if len(example.old) != 1 or len(example.new) != 1:
        return None
    old, new = solid_of(example.old[0]), solid_of(example.new[0])
    matcher = SequenceMatcher(None, [token.text for token in old], [token.text for token in new], autojunk=False)
    hunks = tuple(Hunk(i1, i2, j1, j2) for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal")
    return LineChange(example, old, new, hunks) if hunks else None


def is_rename(change: LineChange, hunk: Hunk) -> bool:
    """Whether the hunk turns one name into another."""
    old, new = change.old[hunk.old_start : hunk.old_end], change.new[hunk.new_start : hunk.new_end]
    return len(old) == len(new) == 1 and all(
        is_word(token.text) and not analogy.is_keyword(token.text) for token in (*old, *new)
    )


def _example(intention: Intention, after: Text, age: int, old: list[str], new_rows: tuple[int, int]) -> Example:
    """The example whose ``old`` lines became the rows ``new_rows`` of ``after``."""
    first, last = new_rows
    return Example(
        uri=intention.uri,
        path=intention.path,
        old=tuple(old),
        new=tuple(after.lines(first, last)),
        lines_above=tuple(after.lines(max(0, first - MAX_AROUND), first)[::-1]),
        lines_below=tuple(after.lines(last, min(after.n_lines, last + MAX_AROUND))),
        start=intention.since.map_offset(after.line_start(first)),
        age=age,
    )


def _paired(old: list[str], new: list[str]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """The differing index ranges of two blocks of lines, in order: line by line where lines are alike."""
    pairs: list[tuple[tuple[int, int], tuple[int, int]]] = []
    for tag, i1, i2, j1, j2 in _opcodes(old, new):
        if tag == "replace":
            pairs.extend(_aligned(old, new, (i1, i2), (j1, j2)))
        elif tag != "equal":
            pairs.append(((i1, i2), (j1, j2)))
    return pairs


def _opcodes(old: list[str], new: list[str]) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


def _aligned(
    old: list[str], new: list[str], old_range: tuple[int, int], new_range: tuple[int, int]
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Two ranges of lines cut into pairs of similar lines and, between them, lines that went or came."""
    (i1, i2), (j1, j2) = old_range, new_range
    best: tuple[float, int, int] = (0.0, 0, 0)
    for i in range(i1, i2):
        for j in range(j1, j2):
            # Lines at the same place in their block are likelier versions of each other.
            score = similarity(old[i], new[j]) - 0.01 * abs((i - i1) - (j - j1))
            if score > best[0]:
                best = (score, i, j)
    score, i, j = best
    if score < MIN_SIMILARITY:
        deleted = [((i1, i2), (j1, j1))] if i1 < i2 else []
        return deleted + ([((i2, i2), (j1, j2))] if j1 < j2 else [])
    above = _aligned(old, new, (i1, i), (j1, j))
    below = _aligned(old, new, (i + 1, i2), (j + 1, j2))
    return [*above, ((i, i + 1), (j, j + 1)), *below]


def similarity(left: str, right: str) -> float:
    """How much of two lines is the same, by tokens, from 0 to 1."""
    left_tokens = [token.text for token in solid_of(left)]
    right_tokens = [token.text for token in solid_of(right)]
    if not left_tokens or not right_tokens:
        return 1.0 if left_tokens == right_tokens else 0.0
    return SequenceMatcher(None, left_tokens, right_tokens, autojunk=False).ratio()
