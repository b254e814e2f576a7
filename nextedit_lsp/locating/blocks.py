"""Whole lines: lines that were inserted or deleted are inserted or deleted where it looks the same.

In: the examples of inserted and deleted lines, and a document.  Out: places between or on lines.
Not here: changes within a line (``repeats``, ``siblings``), lines that were moved (``moves``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.locating import lines as lines_
from nextedit_lsp.locating.evidence import Evidence
from nextedit_lsp.locating.place import Part, Place
from nextedit_lsp.patterns import analogy
from nextedit_lsp.patterns.examples import MAX_AROUND, Example
from nextedit_lsp.text import tokens

MAX_PLACES = 30
# The best rows for one block in one document: those that look most like where it was written.
MAX_ANCHORS = 12
# How far from the example a line that is only alike is still taken for its parallel.
MAX_LINES_AWAY = 80
# Longer blocks are new code rather than a repeated change, unless it looks quite the same around.
MAX_BLOCK_LINES = 4
# Shorter lines, such as a brace, stand everywhere.
MIN_LINE_CHARS = 3


@dataclass(frozen=True, slots=True)
class Anchor:
    """A row at which the block may go, and how many lines above and below are the same as around the example."""

    row: int
    binding: dict[str, str]
    n_above: int
    n_below: int


def places(evidence: Evidence) -> Iterator[Place]:
    """Where an inserted block may be inserted again, and a deleted one deleted again."""
    for example in evidence.examples:
        if not any(line.strip() for line in example.new or example.old):
            continue
        for document in evidence.documents:
            if not example.old:
                yield from _insertions(evidence, example, document)
            elif not example.new:
                yield from _deletions(evidence, example, document)


def _insertions(evidence: Evidence, example: Example, document: Document) -> Iterator[Place]:
    twins = [e for e in evidence.examples if e is not example and not e.old and len(e.new) == len(example.new)]
    confirmed = [twin for twin in twins if _foretold(example, twin)]
    anchors = list(_anchors(example, document))
    anchors.sort(key=lambda anchor: (-anchor.n_above - anchor.n_below, anchor.row))
    for anchor in anchors[:MAX_ANCHORS]:
        place = _insertion(example, document, anchor, confirmed, len(anchors))
        if place is not None:
            yield place


def _foretold(example: Example, twin: Example) -> bool:
    """Whether ``twin`` inserted what the example foretells above the same kind of line."""
    bound = analogy.line_binding(example.below, twin.below)
    if bound is None:
        bound = analogy.line_binding(example.above, twin.above)
    if bound is None:
        return False
    return [analogy.carried(line.strip(), bound) for line in example.new] == [line.strip() for line in twin.new]


def _anchors(example: Example, document: Document) -> Iterator[Anchor]:
    """Rows with the same lines around as the example, or whose line reads like one next to it."""
    text, found = document.text, lines_.lines_of(document.text)
    own_row = text.line_at(min(example.start, len(text))) if example.uri == document.uri else None
    own_rows = range(own_row, own_row + len(example.new) + 1) if own_row is not None else range(0)
    rows = set(_rows_within(example, found))
    if own_row is not None and len(example.new) <= MAX_BLOCK_LINES:
        near = range(max(0, own_row - MAX_LINES_AWAY), min(text.n_lines, own_row + MAX_LINES_AWAY))
        below, above = lines_.signs_of(example.below.strip()), lines_.signs_of(example.above.strip())
        rows |= {row for row in near if example.below.strip() and found.signs[row] == below}
        rows |= {row for row in near if example.above.strip() and row and found.signs[row - 1] == above}
    # Behind the last line break there is a line only for what was written at the end of its file as well.
    end = text.n_lines if found.lines[-1] or not example.lines_below else text.n_lines - 1
    for row in sorted(row for row in rows - set(own_rows) if row <= end):
        below, above = found.lines[row] if row < len(found.lines) else "", found.lines[row - 1] if row else ""
        n_above = lines_.n_same(found.lines[max(0, row - MAX_AROUND) : row][::-1], example.lines_above)
        n_below = lines_.n_same(found.lines[row : row + MAX_AROUND], example.lines_below)
        bound = analogy.line_binding(example.below, below) if example.below.strip() else None
        if bound is None and example.above.strip() and not (n_below and below.strip()):
            bound = analogy.line_binding(example.above, above)
        if bound is not None or (n_below and below.strip()) or (n_above and above.strip()) or n_above + n_below > 1:
            yield Anchor(row, bound or {}, n_above, n_below)


def _rows_within(example: Example, found: lines_.Lines) -> Iterator[int]:
    """The rows above or below which one of the lines around the example stands at the same distance."""
    for index, line in enumerate(example.lines_below):
        yield from (row - index for row in _rows_reading(found, line) if row >= index)
    for index, line in enumerate(example.lines_above):
        yield from (row + index + 1 for row in _rows_reading(found, line))


def _rows_reading(found: lines_.Lines, line: str) -> list[int]:
    """The rows that read like ``line``, indentation aside; none where those are many, or the line says too little."""
    stripped = line.strip()
    if len(stripped) < MIN_LINE_CHARS or not tokens.solid_of(line):
        return []
    rows = found.rows_of(stripped)
    return list(rows) if len(rows) <= MAX_PLACES else []


def _insertion(
    example: Example, document: Document, anchor: Anchor, confirmed: list[Example], n_anchors: int
) -> Place | None:
    text, row = document.text, anchor.row
    below = text.line(row) if row < text.n_lines else ""
    above = text.line(row - 1) if row else ""
    bound = anchor.binding
    block = [analogy.carried(line.strip(), bound) for line in example.new]
    around = [line.strip() for line in text.lines(max(0, row - len(block)), min(text.n_lines, row + len(block)))]
    if max(block, key=len) in around:
        return None
    shifted = _shifted(example, below if example.below.strip() else above)
    if shifted is None:
        return None
    at = text.line_start(row)
    lines = "".join(line + "\n" for line in shifted)
    if row >= text.n_lines:
        at, lines = len(text), "\n" + lines[:-1]
    first = next(line for line in block if line)
    title = f"insert `{first}`" if len(block) == 1 else f"insert {len(block)} lines with `{first}`"
    n_words = len({word for word, other in bound.items() if word == other})
    n_rows_away = abs(row - text.line_at(min(example.start, len(text)))) if example.uri == document.uri else 1000
    return Place(
        document=document,
        parts=(Part(at, at, lines),),
        source="insert_again" if confirmed else "insert",
        pattern="insert\0" + "\n".join(line.strip() for line in example.new),
        title=title,
        reason="the lines around read like those where it was inserted before",
        example=example,
        binding=bound,
        examples=tuple(one.start for one in (example, *confirmed) if one.uri == document.uri),
        features={
            "below": anchor.n_below / MAX_AROUND,
            "above": anchor.n_above / MAX_AROUND,
            "below_is_same": float(bool(anchor.n_below and below.strip())),
            "above_is_same": float(bool(anchor.n_above and above.strip())),
            "both_same": float(bool(anchor.n_below and anchor.n_above)),
            "n_replaced": min(analogy.n_replaced(bound), 6) / 6,
            "n_same_words": min(n_words, 6) / 6,
            "confirmed": float(min(len(confirmed), 3)),
            "n_anchors": math.log1p(n_anchors) / 4,
            "age": min(example.age, 4) / 4,
            "n_lines": min(len(block), 12) / 4,
            "near": float(n_rows_away <= 8),
        },
    )


def _shifted(example: Example, neighbour: str) -> list[str] | None:
    """The example's lines, indented to its new neighbour as they were to the old one."""
    reference = example.below if example.below.strip() else example.above
    return lines_.reindented(example.new, tokens.indent_of(reference), tokens.indent_of(neighbour))


def _deletions(evidence: Evidence, example: Example, document: Document) -> Iterator[Place]:
    text = document.text
    old = [line.strip() for line in example.old]
    first = next(line for line in old if line)
    lead = old.index(first)
    found = lines_.lines_of(text)
    rows = [row - lead for row in _rows_reading(found, first)]
    exact = [row for row in rows if row >= 0 and found.stripped[row : row + len(old)] == old]
    twins = [e for e in evidence.examples if e is not example and not e.new and len(e.old) == len(example.old) == 1]
    alike = [twin for twin in twins if _head(twin.old[0]) == _head(example.old[0])]
    similar = _rows_like(example, document) if alike else []
    for row in [*exact, *(row for row in similar if row not in exact)][:MAX_PLACES]:
        start, end = text.line_start(row), text.line_start(row + len(old))
        if row + len(old) >= text.n_lines and row > 0:
            start, end = text.line_end(row - 1), len(text)
        yield Place(
            document=document,
            parts=(Part(start, end, ""),),
            source="delete",
            pattern="delete\0" + "\n".join(old),
            title=f"delete `{text.line(row).strip()}`",
            reason="the same lines were deleted before",
            example=example,
            examples=tuple(one.start for one in (example, *alike) if one.uri == document.uri),
            features={
                "exact": float(row in exact),
                "n_exact": math.log1p(len(exact)) / 4,
                "age": min(example.age, 4) / 4,
                "alike": float(min(len(alike), 3)),
                "n_lines": float(len(old)),
                "n_chars": min(sum(map(len, old)), 80) / 80,
                "above": float(bool(row) and text.line(row - 1).strip() == example.above.strip()),
                "below": float(text.line(row + len(old)).strip() == example.below.strip()),
            },
        )


def _rows_like(example: Example, document: Document) -> list[int]:
    """The rows near the example that begin with the same two tokens as the line deleted there."""
    if example.uri != document.uri:
        return []
    own_row = document.text.line_at(min(example.start, len(document.text)))
    first = max(0, own_row - MAX_LINES_AWAY)
    lines = document.text.lines(first, own_row + MAX_LINES_AWAY)
    head = _head(example.old[0])
    return [first + index for index, line in enumerate(lines) if len(head) == 2 and _head(line) == head]


def _head(line: str) -> tuple[str, ...]:
    return tuple(token.text for token in tokens.solid_of(line)[:2])
