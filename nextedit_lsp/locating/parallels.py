"""Parallel lines for a new item: where ``x`` and ``y`` have a line each, ``z`` added next to them wants one too.

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
# More new lines than this are new code.
MAX_NEW = 4
# Where a name stands in more lines than this, no one of them is where the new one is missing.
MAX_UNPAIRED = 6


@dataclass(frozen=True, slots=True)
class Item:
    """``new``, one or more, were added behind ``last``, which stands behind ``previous``, by ``example``.

    Without ``previous`` it is only known that ``last`` and the new ones have lines that read alike.
    """

    previous: str
    last: str
    new: tuple[str, ...]
    example: Example
    is_listed: bool


def places(evidence: Evidence) -> Iterator[Place]:
    """Behind every line of ``last``, best where that runs parallel to one of ``previous`` right above it."""
    seen: set[tuple[str, ...]] = set()
    for item in _items(evidence):
        key = (item.previous, item.last, *item.new)
        if key in seen:
            continue
        seen.add(key)
        for document in evidence.documents:
            rows = list(_rows(document, item))
            if item.previous or len(rows) <= MAX_UNPAIRED:
                for row, is_paired in rows:
                    yield _place(document, item, row, is_paired, len(rows))


def _items(evidence: Evidence) -> Iterator[Item]:
    for change in evidence.line_changes:
        yield from _listed(change)
    for example in evidence.examples:
        document = evidence.snapshot.document_at(example.uri)
        if document is not None and not example.old and len(example.new) <= MAX_NEW:
            yield from _inserted(document, example)


def _inserted(document: Document, example: Example) -> Iterator[Item]:
    """The item of the line above, or below, for one or more lines that read like it."""
    row = document.text.line_at(min(example.start, len(document.text)))
    above = document.text.line(row - 2) if row > 1 else ""
    if len(example.new) == 1:
        previous, last, new = (tokens.solid_of(line) for line in (above, example.above, example.new[0]))
        item = _item(previous, last, new, example, False)
        if item is not None:
            yield item
            return
    for neighbour in (example.above, example.below):
        pairs = [_replaced(analogy.line_binding(neighbour, line)) for line in example.new if line.strip()]
        names_of = {pair[0] for pair in pairs if pair is not None}
        if pairs and None not in pairs and len(names_of) == 1 and len(neighbour.strip()) > 2:
            yield Item("", names_of.pop(), tuple(pair[1] for pair in pairs if pair is not None), example, False)
            return


def _item(
    previous: Sequence[Token], last: Sequence[Token], new: Sequence[Token], example: Example, is_listed: bool
) -> Item | None:
    """The item that three parallel runs of tokens are about; None where they are not parallel."""
    first, second = _replaced(analogy.binding(last, new)), _replaced(analogy.binding(previous, last))
    if first is None or second is None or first[0] != second[1] or first[1] in (second[0], first[0]):
        return None
    return Item(second[0], first[0], (first[1],), example, is_listed)


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


def _rows(document: Document, item: Item) -> Iterator[tuple[int, bool]]:
    """The rows of lines about ``last`` with none about ``new`` below, and whether one about ``previous`` is above."""
    text = document.text
    # No look-behind: a pattern that begins with its word is found much faster.
    found = re.finditer(rf"{re.escape(item.last)}(?![^\W_])", str(text), re.IGNORECASE)
    whole = (match.start() for match in found if not text.slice(match.start() - 1, match.start()).isalnum())
    rows = {text.line_at(start) for start in islice(whole, MAX_LINES)}
    own_row = text.line_at(min(item.example.start, len(text))) if item.example.uri == document.uri else None
    for row in sorted(rows):
        line = text.line(row)
        pair = _replaced(analogy.line_binding(text.line(row - 1), line)) if row and item.previous else None
        is_paired = pair is not None and names.spellings(item.previous, item.last).get(pair[0]) == pair[1]
        is_own = own_row is not None and not item.is_listed and abs(row - own_row) <= len(item.new)
        if (item.previous and not is_paired) or is_own:
            continue
        around = [other.strip() for other in text.lines(row - MAX_LINES_BELOW, row + 1 + MAX_LINES_BELOW)]
        if analogy.carried(line.strip(), {item.last: item.new[0]}) not in around:
            yield row, is_paired


def _place(document: Document, item: Item, row: int, is_paired: bool, n_rows: int) -> Place:
    text, line = document.text, document.text.line(row)
    at, new = text.line_start(row + 1), "".join(analogy.carried(line, {item.last: one}) + "\n" for one in item.new)
    is_before = item.example.below in text.lines(row, row + 1)
    if is_before:
        at = text.line_start(row)
    if not is_before and row + 1 >= text.n_lines:
        at, new = len(text), "\n" + new[:-1]
    n_rows_away = abs(row - text.line_at(min(item.example.start, len(text))))
    return Place(
        document=document,
        parts=(Part(at, at, new),),
        source="parallel_item" if item.is_listed else "parallel_line" if item.previous else "parallel_name",
        pattern="\0".join(("parallel", item.previous, item.last, *item.new)),
        title=f"insert `{new.strip()}`"
        if len(item.new) == 1
        else f"insert {len(item.new)} lines like `{line.strip()}`",
        reason=f"`{item.new[0]}` was added next to `{item.last}`, which has a line here",
        example=item.example,
        features={
            "n_rows": math.log1p(n_rows) / 2,
            "n_tokens": min(len(tokens.solid_of(line)), 12) / 12,
            "near": float(item.example.uri == document.uri and n_rows_away < 20),
            "same_function": float(_in_function_of(document, item, text.line_start(row))),
            "is_word_known": float(words.count(str(text), item.new[0], at_most=1)),
            "is_import": float(line.lstrip().startswith(("import", "from", "use ", "#include", "using"))),
            "age": min(item.example.age, 4) / 4,
            "is_paired": float(is_paired),
            "is_one_line": float(line.rstrip().endswith((";", ",", ")", "}")) or ":" not in line),
        },
    )


def _in_function_of(document: Document, item: Item, offset: int) -> bool:
    """Whether ``offset`` stands in the function in whose signature or body the item was added."""
    if document.tree is None or item.example.uri != document.uri:
        return False
    at = min(item.example.start + len(item.example.new[0].rstrip()) - 1, len(document.text))
    span = context.enclosing(document.tree, document.text, at, document.tree.language, context.Kind.FUNCTION)
    return span is not None and span[0] <= offset <= span[1]
