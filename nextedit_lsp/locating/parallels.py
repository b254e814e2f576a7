"""Parallel lines for a new item: where ``x`` and ``y`` have a line each, ``z`` added behind them wants one too.

In: the examples in which an item was added to a list, or a line to a run of parallel lines.  Out:
places behind the last of such lines elsewhere.
Not here: changing lines that are there (``siblings``), other argument lists (``arguments``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.locating.evidence import Evidence
from nextedit_lsp.locating.place import Part, Place
from nextedit_lsp.patterns import analogy
from nextedit_lsp.patterns.examples import Example, LineChange
from nextedit_lsp.syntax import context
from nextedit_lsp.text import names, tokens, words
from nextedit_lsp.text.tokens import Token

# Lines with the item's name looked at in one document.
MAX_LINES = 100
# So many lines below are searched for one about the new item.
MAX_LINES_BELOW = 8


@dataclass(frozen=True, slots=True)
class Item:
    """``new`` was added behind ``last``, which stands behind ``previous``, by ``example``."""

    previous: str
    last: str
    new: str
    example: Example
    is_listed: bool


def places(evidence: Evidence) -> Iterator[Place]:
    """Behind every line of ``last`` that runs parallel to one of ``previous`` right above it."""
    seen: set[tuple[str, str, str]] = set()
    for item in _items(evidence):
        if (item.previous, item.last, item.new) in seen:
            continue
        seen.add((item.previous, item.last, item.new))
        for document in evidence.documents:
            rows = list(_rows(document, item))
            for row in rows:
                yield _place(document, item, row, len(rows))


def _items(evidence: Evidence) -> Iterator[Item]:
    for change in evidence.line_changes:
        yield from _listed(change)
    for example in evidence.examples:
        document = evidence.snapshot.document_at(example.uri)
        if document is not None and not example.old and len(example.new) == 1:
            row = document.text.line_at(min(example.start, len(document.text)))
            above = document.text.line(row - 2) if row > 1 else ""
            item = _item(
                tokens.solid_of(above), tokens.solid_of(example.above), tokens.solid_of(example.new[0]), example, False
            )
            if item is not None:
                yield item


def _item(
    previous: Sequence[Token], last: Sequence[Token], new: Sequence[Token], example: Example, is_listed: bool
) -> Item | None:
    """The item that three parallel runs of tokens are about; None where they are not parallel."""
    first, second = _replaced(analogy.binding(last, new)), _replaced(analogy.binding(previous, last))
    if first is None or second is None or first[0] != second[1] or first[1] in (second[0], first[0]):
        return None
    return Item(second[0], first[0], first[1], example, is_listed)


def _listed(change: LineChange) -> Iterator[Item]:
    """Items added behind a comma: ``(x: int, y: int)`` became ``(x: int, y: int, z: int)``."""
    for hunk in change.hunks:
        added = list(change.new[hunk.new_start : hunk.new_end])
        n = len(added)
        if hunk.old_start != hunk.old_end or n < 2 or added[0].text != "," or hunk.old_start < 2 * n - 1:
            continue
        last = list(change.old[hunk.old_start - n + 1 : hunk.old_start])
        previous = list(change.old[hunk.old_start - 2 * n + 1 : hunk.old_start - n])
        item = _item(previous, last, added[1:], change.example, True)
        if item is not None:
            yield item


def _replaced(bound: dict[str, str] | None) -> tuple[str, str] | None:
    """The one word that stands for another, in whatever spellings; None where there are more, or none."""
    pairs = [(a, b) for a, b in (bound or {}).items() if a != b and tokens.is_word(a)]
    if not pairs or any(a != b and not tokens.is_word(a) for a, b in (bound or {}).items()):
        return None
    pairs.sort(key=lambda pair: len(pair[0]))
    table = names.spellings(*pairs[0])
    return pairs[0] if all(table.get(a) == b for a, b in pairs) else None


def _rows(document: Document, item: Item) -> Iterator[int]:
    """The rows of lines about ``last`` right below their parallel about ``previous``, with none about ``new`` below."""
    text = document.text
    # No look-behind: a pattern that begins with its word is found much faster.
    found = re.finditer(rf"{re.escape(item.last)}(?![^\W_])", str(text), re.IGNORECASE)
    whole = (match.start() for match in found if not text.slice(match.start() - 1, match.start()).isalnum())
    rows = {text.line_at(start) for start in islice(whole, MAX_LINES)}
    for row in sorted(rows):
        line = text.line(row)
        pair = _replaced(analogy.line_binding(text.line(row - 1), line)) if row else None
        if pair is None or names.spellings(item.previous, item.last).get(pair[0]) != pair[1]:
            continue
        below = [other.strip() for other in text.lines(row + 1, row + 1 + MAX_LINES_BELOW)]
        if analogy.carried(line.strip(), {item.last: item.new}) not in below:
            yield row


def _place(document: Document, item: Item, row: int, n_rows: int) -> Place:
    text, line = document.text, document.text.line(row)
    at, new = text.line_start(row + 1), analogy.carried(line, {item.last: item.new}) + "\n"
    if row + 1 >= text.n_lines:
        at, new = len(text), "\n" + new[:-1]
    n_rows_away = abs(row - text.line_at(min(item.example.start, len(text))))
    return Place(
        document=document,
        parts=(Part(at, at, new),),
        source="parallel_item" if item.is_listed else "parallel_line",
        pattern="\0".join(("parallel", item.previous, item.last, item.new)),
        title=f"insert `{new.strip()}`",
        reason=f"`{item.new}` was added behind `{item.last}`, which has a line here",
        example=item.example,
        features={
            "n_rows": math.log1p(n_rows) / 2,
            "n_tokens": min(len(tokens.solid_of(line)), 12) / 12,
            "near": float(item.example.uri == document.uri and n_rows_away < 20),
            "same_function": float(_in_function_of(document, item, text.line_start(row))),
            "is_word_known": float(words.count(str(text), item.new, at_most=1)),
            "is_import": float(line.lstrip().startswith(("import", "from", "use ", "#include", "using"))),
            "age": min(item.example.age, 4) / 4,
        },
    )


def _in_function_of(document: Document, item: Item, offset: int) -> bool:
    """Whether ``offset`` stands in the function in whose signature or body the item was added."""
    if document.tree is None or item.example.uri != document.uri:
        return False
    at = min(item.example.start + len(item.example.new[0].rstrip()) - 1, len(document.text))
    span = context.enclosing(document.tree, document.text, at, document.tree.language, context.Kind.FUNCTION)
    return span is not None and span[0] <= offset <= span[1]
