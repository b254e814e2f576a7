"""Moved lines: what was written here and still stands there is deleted there.

In: the user's edits as blocks of lines, and the open documents.  Out: places that delete lines.
Not here: lines deleted because the same were deleted elsewhere (``blocks``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.locating import lines as lines_
from nextedit_lsp.locating.evidence import Evidence
from nextedit_lsp.locating.place import Part, Place
from nextedit_lsp.patterns.examples import Example
from nextedit_lsp.text import tokens

# Shorter lines, such as `return;`, are alike by chance.
MIN_LINE_CHARS = 8
# Lines that stand in more places than this were not moved from any of them.
MAX_COPIES = 3
# Edits further back have their counterpart by now, or were not moves.
MAX_AGE = 3


def places(evidence: Evidence) -> Iterator[Place]:
    """Where lines that were written again stand still."""
    for block in evidence.blocks:
        if block.age < MAX_AGE and any(len(line.strip()) >= MIN_LINE_CHARS for line in block.new):
            for document in evidence.documents:
                yield from _left_over(evidence, block, document)


def _left_over(evidence: Evidence, block: Example, document: Document) -> Iterator[Place]:
    """The lines of ``block.new`` where they stand a second time."""
    found = lines_.lines_of(document.text)
    new = [line.strip() for line in block.new]
    written = _written_rows(evidence, document)
    seen = set(written)
    for index in sorted(range(len(new)), key=lambda index: -len(new[index])):
        if len(new[index]) < MIN_LINE_CHARS or block.new[index] in block.old:
            continue
        rows = [row for row in found.rows_of(new[index]) if row not in written]
        for row in rows if len(rows) <= MAX_COPIES else ():
            if row not in seen:
                run = _run(found, row, new, index, written)
                seen |= set(range(*run))
                yield _deletion(block, document, found, run, len(rows))


def _run(found: lines_.Lines, row: int, new: Sequence[str], index: int, written: set[int]) -> tuple[int, int]:
    """The rows around ``row`` that read like ``new`` around ``index``."""
    first, above = row, index
    while above and first and first - 1 not in written and found.stripped[first - 1] == new[above - 1]:
        first, above = first - 1, above - 1
    last, below, n_rows = row + 1, index + 1, len(found.stripped)
    while below < len(new) and last < n_rows and last not in written and found.stripped[last] == new[below]:
        last, below = last + 1, below + 1
    return first, last


def _deletion(block: Example, document: Document, found: lines_.Lines, run: tuple[int, int], n_copies: int) -> Place:
    text, (first, last) = document.text, run
    # Of the blank lines on either side one goes along.
    is_apart = first > 0 and last < text.n_lines - 1 and not (found.stripped[first - 1] or found.stripped[last])
    brings_blank = not (block.new[0].strip() and block.new[-1].strip())
    if found.stripped[first] and found.stripped[last - 1] and last < text.n_lines - 1 and not found.stripped[last]:
        last += is_apart or brings_blank
    start, end = text.line_start(first), text.line_start(last)
    if last >= text.n_lines and first > 0:
        start, end = text.line_end(first - 1), len(text)
    lines = [line for line in text.lines(first, last) if line.strip()]
    own_row = text.line_at(min(block.start, len(text))) if block.uri == document.uri else None
    n_rows_away = min(abs(first - own_row), abs(last - own_row)) if own_row is not None else 1000
    is_import = lines[0].lstrip().startswith(("import", "from", "use ", "#include", "using", "require"))
    return Place(
        document=document,
        parts=(Part(start, end, ""),),
        source="moved",
        pattern="\0".join(("moved", *block.new)),
        title=f"delete `{lines[0].strip()}`"
        if len(lines) == 1
        else f"delete {len(lines)} lines at `{lines[0].strip()}`",
        reason=f"the same was just written in {block.path}",
        example=block,
        features={
            "share": (run[1] - run[0]) / len(block.new),
            "n_lines": min(len(lines), 12) / 4,
            "n_chars": min(sum(map(len, lines)), 400) / 400,
            "n_copies": float(n_copies),
            "age": float(block.age),
            "near": float(n_rows_away <= 8),
            "away": math.log1p(n_rows_away) / 8,
            "is_below": float(own_row is not None and first > own_row),
            "only_inserted": float(not block.old),
            "same_indent": float(tokens.indent_of(lines[0]) in {tokens.indent_of(line) for line in block.new}),
            "is_import": float(is_import),
            "is_apart": float(is_apart),
            "to_the_end": float(not text.lines(last, last + 1) or not text.line(last).strip()),
        },
    )


def _written_rows(evidence: Evidence, document: Document) -> set[int]:
    """The rows of ``document`` that the user's edits wrote."""
    text, written = document.text, set()
    for block in evidence.blocks:
        if block.uri == document.uri:
            row = text.line_at(min(block.start, len(text)))
            written |= set(range(row, row + len(block.new)))
    return written
