"""Whole lines: lines that were inserted or deleted are inserted or deleted where it looks the same.

In: the examples of inserted and deleted lines, and a document.  Out: places between or on lines.
Not here: changes within a line (``repeats``, ``siblings``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.locating.evidence import Evidence
from nextedit_lsp.locating.place import Part, Place
from nextedit_lsp.patterns import analogy
from nextedit_lsp.patterns.examples import Example
from nextedit_lsp.text import tokens
from nextedit_lsp.text.buffer import Text

# Longer blocks are new code rather than a repeated change.
MAX_BLOCK_LINES = 4
MAX_PLACES = 30
# How far from the example a line that is only alike is still taken for its parallel.
MAX_LINES_AWAY = 80


@dataclass(frozen=True, slots=True)
class Anchor:
    """A row at which the block may go, and how its neighbours compare with the example's."""

    row: int
    binding: dict[str, str]
    below_is_same: bool
    above_is_same: bool


def places(evidence: Evidence) -> Iterator[Place]:
    """Where an inserted block may be inserted again, and a deleted one deleted again."""
    for example in evidence.examples:
        block = example.new or example.old
        if len(block) > MAX_BLOCK_LINES or not any(line.strip() for line in block):
            continue
        for document in evidence.documents:
            if not example.old:
                yield from _insertions(evidence, example, document)
            elif not example.new:
                yield from _deletions(evidence, example, document)


def _insertions(evidence: Evidence, example: Example, document: Document) -> Iterator[Place]:
    twins = [e for e in evidence.examples if e is not example and not e.old and len(e.new) == len(example.new)]
    confirmed = [twin for twin in twins if _foretold(example, twin)]
    anchors = {anchor.row: anchor for anchor in _anchors(example, document)}
    for anchor in sorted(anchors.values(), key=lambda anchor: anchor.row)[:MAX_PLACES]:
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
    """Rows whose line reads like the one below the example, or follows one like that above it."""
    text = document.text
    own_row = text.line_at(min(example.start, len(text))) if example.uri == document.uri else None
    own_rows = range(own_row, own_row + len(example.new) + 1) if own_row is not None else range(0)
    rows = set(_rows_reading(document, example.below)) | {row + 1 for row in _rows_reading(document, example.above)}
    if own_row is not None:
        rows |= set(range(max(0, own_row - MAX_LINES_AWAY), min(text.n_lines, own_row + MAX_LINES_AWAY)))
    for row in sorted(rows - set(own_rows)):
        below, above = text.line(row) if row < text.n_lines else "", text.line(row - 1) if row else ""
        below_is_same = bool(below.strip()) and below.strip() == example.below.strip()
        above_is_same = bool(above.strip()) and above.strip() == example.above.strip()
        bound = analogy.line_binding(example.below, below) if example.below.strip() else None
        if bound is None and example.above.strip() and not below_is_same:
            bound = analogy.line_binding(example.above, above)
        if bound is not None or below_is_same or above_is_same:
            yield Anchor(row, bound or {}, below_is_same, above_is_same)


def _rows_reading(document: Document, line: str) -> Iterator[int]:
    """The rows that read like ``line``, indentation aside."""
    if not tokens.solid_of(line) or len(line.strip()) < 3:
        return
    yield from islice(_rows_of(document.text, line.strip()), MAX_PLACES)


def _rows_of(text: Text, stripped: str) -> Iterator[int]:
    string = str(text)
    start = string.find(stripped)
    while start >= 0:
        row = text.line_at(start)
        if text.line(row).strip(" \t") == stripped:
            yield row
        start = string.find(stripped, start + 1)


def _insertion(
    example: Example, document: Document, anchor: Anchor, confirmed: list[Example], n_anchors: int
) -> Place | None:
    text, row = document.text, anchor.row
    below = text.line(row) if row < text.n_lines else ""
    above = text.line(row - 1) if row else ""
    bound = anchor.binding
    block = [analogy.carried(line.strip(), bound) for line in example.new]
    around = [line.strip() for line in text.lines(max(0, row - len(block)), min(text.n_lines, row + len(block)))]
    if any(line in around for line in block if line):
        return None
    shifted = _shifted(example, below if example.below.strip() else above)
    if shifted is None:
        return None
    at = text.line_start(row)
    lines = "".join(line + "\n" for line in shifted)
    if row >= text.n_lines:
        at, lines = len(text), "\n" + lines[:-1]
    title = f"insert `{block[0]}`" if len(block) == 1 else f"insert {len(block)} lines from `{block[0]}`"
    n_words = len({word for word, other in bound.items() if word == other})
    n_rows_away = abs(row - text.line_at(min(example.start, len(text)))) if example.uri == document.uri else 1000
    return Place(
        document=document,
        parts=(Part(at, at, lines),),
        source="insert_again" if confirmed else "insert",
        pattern="insert\0" + "\n".join(line.strip() for line in example.new),
        title=title,
        reason="the lines around read like those where it was inserted before",
        binding=bound,
        examples=tuple(one.start for one in (example, *confirmed) if one.uri == document.uri),
        features={
            "below_is_same": float(anchor.below_is_same),
            "above_is_same": float(anchor.above_is_same),
            "both_same": float(anchor.above_is_same and anchor.below_is_same),
            "n_replaced": min(analogy.n_replaced(bound), 6) / 6,
            "n_same_words": min(n_words, 6) / 6,
            "confirmed": float(min(len(confirmed), 3)),
            "n_anchors": math.log1p(n_anchors) / 4,
            "age": min(example.age, 4) / 4,
            "n_lines": float(len(block)),
            "near": float(n_rows_away <= 8),
        },
    )


def _shifted(example: Example, neighbour: str) -> list[str] | None:
    """The example's lines, indented to its new neighbour as they were to the old one."""
    reference = example.below if example.below.strip() else example.above
    old_indent, new_indent = tokens.indent_of(reference), tokens.indent_of(neighbour)
    lines = []
    for line in example.new:
        if not line.strip():
            lines.append("")
        elif line.startswith(old_indent):
            lines.append(new_indent + line[len(old_indent) :])
        elif old_indent.startswith(tokens.indent_of(line)) and old_indent == new_indent:
            lines.append(line)
        else:
            return None
    return lines


def _deletions(evidence: Evidence, example: Example, document: Document) -> Iterator[Place]:
    text = document.text
    old = [line.strip() for line in example.old]
    first = next(line for line in old if line)
    lead = old.index(first)
    rows = [row - lead for row in _rows_reading(document, first)]
    exact = [row for row in rows if row >= 0 and [line.strip() for line in text.lines(row, row + len(old))] == old]
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
