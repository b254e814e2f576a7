"""Edit sequences that a checker orders: LintSeq, for every language with a grammar.

In: a source file, a random generator.  Out: courses that write a piece of the file step by step.
Not here: what is asked about them (``questions``).

Source of the method: "Training Language Models on Synthetic Edit Sequences Improves Code Synthesis" (LintSeq).  Lines
are deleted, with those indented below them, until a checker is content; that again and again; and then it is read
backwards.  The checker here: no syntax error more than the whole file has, and no name without the row above that it
first stands in.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence, Set
from dataclasses import dataclass

from nextedit_lsp.evaluation.episodes import Episode, EpisodeFile, Hunk
from nextedit_lsp.evaluation.rounds import HunkId
from nextedit_lsp.syntax import languages, trees
from nextedit_lsp.syntax.languages import Language
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.tokens import indent_of
from training.data.courses import Course
from training.data.names import KEYWORDS, NAME

# The file that is checked is this piece of it: a parse costs its length.
MIN_PIECE_ROWS, MAX_PIECE_ROWS = 24, 80
# Steps of a sequence, and rows that one may delete.
MIN_STEPS, MAX_STEPS = 2, 6
MAX_STEP_ROWS = 12
# How often rows are deleted to please the checker before a step is given up.
MAX_REPAIRS = 6
_CLOSER = re.compile(r"\s*(?:[})\]]|end\b)")


@dataclass(frozen=True, slots=True)
class _Piece:
    rows: tuple[str, ...]
    language: Language
    n_errors: int
    # For each row the names that stand in no row above it.
    introduced: tuple[frozenset[str], ...]
    names: tuple[frozenset[str], ...]


def course(rng: random.Random, file: EpisodeFile) -> Course | None:
    """A course that writes a piece of ``file`` as it was before its commit; None where the checker is never content."""
    piece = _cut(rng, file)
    if piece is None:
        return None
    gone: set[int] = set()
    steps: list[list[int]] = []
    for _ in range(rng.randint(MIN_STEPS, MAX_STEPS)):
        step = _step(rng, piece, gone)
        if step:
            gone |= step
            steps.append(sorted(step))
    return _course_of(file, piece, steps[::-1]) if len(steps) >= MIN_STEPS else None


def _cut(rng: random.Random, file: EpisodeFile) -> _Piece | None:
    language = languages.language_for(file.language_id, file.path)
    rows = file.before.split("\n")
    if language is None or len(rows) < MIN_PIECE_ROWS:
        return None
    starts = [row for row in range(max(1, len(rows) - MIN_PIECE_ROWS)) if rows[row] and not rows[row][0].isspace()]
    start = rng.choice(starts) if starts else 0
    rows = rows[start : start + MAX_PIECE_ROWS]
    n_errors = _n_errors(rows, language)
    if n_errors is None:
        return None
    seen: set[str] = set()
    names, introduced = [], []
    for row in rows:
        here = frozenset(NAME.findall(row)) - KEYWORDS
        names.append(here)
        introduced.append(here - seen)
        seen |= here
    return _Piece(tuple(rows), language, n_errors, tuple(introduced), tuple(names))


def _step(rng: random.Random, piece: _Piece, gone: Set[int]) -> set[int]:
    """Rows whose deletion leaves the checker content; none where that takes too many."""
    left = [row for row in range(len(piece.rows)) if row not in gone and piece.rows[row].strip()]
    if len(left) < MIN_PIECE_ROWS // 2:
        return set()
    step = _with_children(piece, rng.choice(left), gone)
    for _ in range(MAX_REPAIRS):
        if len(step) > MAX_STEP_ROWS:
            return set()
        orphans = _orphans(piece, gone | step)
        if orphans:
            for row in orphans:
                step |= _with_children(piece, row, gone)
            continue
        rows = [row for at, row in enumerate(piece.rows) if at not in gone and at not in step]
        n_errors = _n_errors(rows, piece.language)
        if n_errors is not None and n_errors <= piece.n_errors:
            return step
        # What opened a block is mostly the row above, what closed it the row below.
        step |= _neighbours(piece, step, gone)
    return set()


def _with_children(piece: _Piece, row: int, gone: Set[int]) -> set[int]:
    """A row with the rows indented below it, and with the one that closes them."""
    depth = len(indent_of(piece.rows[row]))
    rows, at = {row}, row + 1
    while at < len(piece.rows) and (not piece.rows[at].strip() or len(indent_of(piece.rows[at])) > depth):
        rows.add(at)
        at += 1
    if row + 1 < at < len(piece.rows) and _CLOSER.match(piece.rows[at]):
        rows.add(at)
    while len(rows) > 1 and not piece.rows[max(rows)].strip():
        rows.discard(max(rows))
    return rows - set(gone)


def _orphans(piece: _Piece, gone: Set[int]) -> list[int]:
    """Rows that have a name whose first row is gone."""
    lost = frozenset(name for row in gone for name in piece.introduced[row])
    return [row for row in range(len(piece.rows)) if row not in gone and piece.names[row] & lost]


def _neighbours(piece: _Piece, step: Set[int], gone: Set[int]) -> set[int]:
    found = {min(step) - 1, max(step) + 1}
    return {row for row in found if 0 <= row < len(piece.rows) and row not in gone}


def _n_errors(rows: Sequence[str], language: Language) -> int | None:
    text = Text.of("\n".join(rows))
    tree = trees.parse(language, text)
    return None if tree is None else tree.n_errors(0, len(text))


def _course_of(file: EpisodeFile, piece: _Piece, steps: Sequence[Sequence[int]]) -> Course:
    """The course whose steps put the deleted rows back; rows of a step that follow each other are one hunk."""
    step_of = {row: number for number, step in enumerate(steps) for row in step}
    hunks: list[Hunk] = []
    ranks: list[tuple[int, int]] = []
    kept: list[str] = []
    for row, line in enumerate(piece.rows):
        number = step_of.get(row)
        if number is None:
            kept.append(line)
        elif step_of.get(row - 1) == number:
            hunks[-1] = Hunk(hunks[-1].start, 0, (*hunks[-1].new, line))
        else:
            hunks.append(Hunk(len(kept), 0, (line,)))
            ranks.append((number, row))
    order = [HunkId(0, at) for at in sorted(range(len(hunks)), key=ranks.__getitem__)]
    before = EpisodeFile(file.path, file.language_id, "\n".join(kept), tuple(hunks))
    return Course(Episode("made-up lintseq", "made/up", "0", "", (before,)), order, "lintseq")
