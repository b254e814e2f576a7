"""Lines like the one just edited: what was done to it is done to them, with their own words.

In: the examples of one line and the open documents.  Out: places on the lines around them, and on such lines elsewhere.
Not here: the very same tokens anywhere (``repeats``).
"""

from __future__ import annotations

from collections.abc import Iterator

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.locating import lines as lines_
from nextedit_lsp.locating.evidence import Evidence, confirmed_by, line_slot, slots, starts_in
from nextedit_lsp.locating.place import Part, Place
from nextedit_lsp.patterns import analogy
from nextedit_lsp.patterns.examples import LineChange, is_rename
from nextedit_lsp.text import tokens
from nextedit_lsp.text.tokens import Kind, Token

# Parallel lines stand together; farther away likeness is chance, unless there is little of it.
MAX_LINES_AWAY = 30
MAX_FAR = 40
MAX_PLACES = 60
# A line with fewer tokens is like too many others.
MIN_TOKENS = 3
# Edits further back have been repeated on the lines around by now, or were not meant to be.
MAX_AGE = 4


def places(evidence: Evidence) -> Iterator[Place]:
    """The lines that read like an example's old line, near it or anywhere in the open documents."""
    for change in evidence.line_changes:
        if len(change.old) < MIN_TOKENS or change.example.age >= MAX_AGE:
            continue
        confirmed = confirmed_by(evidence, change)
        is_single = sum(other.example.age == change.example.age for other in evidence.line_changes) == 1
        for document in evidence.documents:
            own_row = document.text.line_at(min(change.example.start, len(document.text)))
            is_own = document.uri == change.example.uri
            found = lines_.lines_of(document.text)
            rows = found.rows_with(lines_.signs_of(change.old_line.strip()))
            n_places = 0
            for row in sorted(rows, key=lambda row: abs(row - own_row)) if is_own else rows:
                line = found.lines[row]
                is_near = is_own and abs(row - own_row) <= MAX_LINES_AWAY
                if (is_own and row == own_row) or line == change.new_line or (not is_near and len(rows) > MAX_FAR):
                    continue
                bound = analogy.binding(change.old, tokens.solid_of(line))
                if bound is None or (document.tree and _renames_same_name(change, bound)):
                    continue
                n_places += 1
                if n_places > MAX_PLACES:
                    break
                yield _place(change, document, row, line, bound, own_row if is_own else None, confirmed, is_single)


def _place(
    change: LineChange,
    document: Document,
    row: int,
    line: str,
    bound: dict[str, str],
    own_row: int | None,
    confirmed: list[LineChange],
    is_single: bool,
) -> Place:
    site = tokens.solid_of(line)
    line_start = document.text.line_start(row)
    parts = []
    for hunk in change.hunks:
        start, end = line_slot(line, site, hunk.old_start, hunk.old_end)
        _, (new_start, new_end) = slots(change, hunk)
        parts.append(Part(line_start + start, line_start + end, change.new_line[new_start:new_end]))
    n_rows_away = abs(row - own_row) if own_row is not None else 1000
    title = f"edit like `{change.new_line.strip()}`"
    return Place(
        document=document,
        parts=tuple(parts),
        source="sibling_again" if confirmed else "sibling",
        pattern="sibling\0" + change.old_line.strip() + "\0" + change.new_line.strip(),
        title=title,
        reason=f"the line reads like the one that became `{change.new_line.strip()}`",
        example=change.example,
        binding=bound,
        examples=starts_in(document, [change, *confirmed]),
        features={
            "n_replaced": min(analogy.n_replaced(bound), 6) / 6,
            "same_words": _same_words(change.old, site),
            "n_lost": min(_n_lost(change, bound), 3) / 3,
            "rows_away": min(n_rows_away, MAX_LINES_AWAY) / MAX_LINES_AWAY,
            "adjacent": float(n_rows_away == 1),
            "near": float(n_rows_away <= 4),
            "confirmed": float(min(len(confirmed), 3)),
            "single": float(is_single),
            "adjacent_single": float(is_single and n_rows_away == 1),
            "age": min(change.example.age, 4) / 4,
            "n_tokens": min(len(site), 20) / 20,
            "n_hunks": float(min(len(change.hunks), 4)),
            "same_indent": float(tokens.indent_of(line) == tokens.indent_of(change.old_line)),
        },
    )


def _renames_same_name(change: LineChange, bound: dict[str, str]) -> bool:
    """Whether the very name that was renamed stands here: ``uses`` knows whether it means the same thing."""
    renamed = [change.old[hunk.old_start].text for hunk in change.hunks if is_rename(change, hunk)]
    return any(bound.get(name) == name for name in renamed)


def _same_words(example: tuple[Token, ...], site: tuple[Token, ...]) -> float:
    """The share of words that are the same in both lines."""
    words = [(a.text, b.text) for a, b in zip(example, site, strict=True) if a.kind is Kind.WORD]
    return sum(a == b for a, b in words) / len(words) if words else 1.0


def _n_lost(change: LineChange, bound: dict[str, str]) -> int:
    """How many words of this line, other than the example's, the change would drop."""
    new_words = {token.text for hunk in change.hunks for token in change.new[hunk.new_start : hunk.new_end]}
    old_words = {token.text for hunk in change.hunks for token in change.old[hunk.old_start : hunk.old_end]}
    return sum(bound.get(word, word) != word and word not in new_words for word in old_words)
