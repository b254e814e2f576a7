"""Several lines rewritten as a whole: where lines read like those, they become what those became.

In: the user's edits as blocks of lines, and the open documents.  Out: places that span all the lines of a block.
Not here: changes of single lines (``repeats``, ``siblings``), unless the lines around are the same; lines that only
came or went (``blocks``).

The method is that of by-example rewriting: old and new lines of an example share words; where the old
lines stand with other words, the new ones are written with those (Miltner et al., 2019, "On the fly
synthesis of edit suggestions").
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.locating import lines as lines_
from nextedit_lsp.locating.evidence import Evidence
from nextedit_lsp.locating.place import Part, Place
from nextedit_lsp.patterns import analogy
from nextedit_lsp.patterns.examples import MAX_AROUND, Example
from nextedit_lsp.text import tokens
from nextedit_lsp.text.tokens import Token

# Where more lines read like the example's, it says too little to be repeated.
MAX_SITES = 40
MAX_PLACES = 20
# Fewer tokens are like too many other lines, unless the lines around are the same.
MIN_TOKENS = 3


@dataclass(frozen=True, slots=True)
class Site:
    """Rows that read like an example's old lines, which words stand there for its words, and how many lines
    above and below are the same as around the example."""

    row: int
    binding: dict[str, str]
    n_above: int
    n_below: int


def places(evidence: Evidence) -> Iterator[Place]:
    """Where lines read like those of a block that was rewritten."""
    seen: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
    for block in evidence.blocks:
        key = (block.old, block.new)
        if not block.old or not block.new or key in seen:
            continue
        seen.add(key)
        confirmed = [other for other in evidence.blocks if other is not block and _foretells(block, other)]
        for document in evidence.documents:
            sites = _sites(block, document)
            if len(sites) <= MAX_SITES:
                for site in sites[:MAX_PLACES]:
                    place = _place(block, document, site, len(sites), confirmed)
                    if place is not None:
                        yield place


def _foretells(block: Example, other: Example) -> bool:
    bound = _bound(block.old, other.old)
    if bound is None or len(block.new) != len(other.new):
        return False
    carried = [analogy.carried(line.strip(), bound) for line in block.new]
    return carried == [line.strip() for line in other.new]


def _sites(block: Example, document: Document) -> list[Site]:
    found = lines_.lines_of(document.text)
    signs = [lines_.signs_of(line.strip()) for line in block.old]
    # The line whose signs are rarest leads to the fewest rows that are compared in vain.
    rows_with = [found.rows_with(one) for one in signs]
    rarest = min(range(len(signs)), key=lambda index: len(rows_with[index]))
    starts = [row - rarest for row in rows_with[rarest] if row >= rarest]
    is_telling = _is_telling(block)
    text = document.text
    own_row = text.line_at(min(block.start, len(text))) if block.uri == document.uri else None
    sites = []
    for row in starts:
        here, end = found.lines[row : row + len(signs)], row + len(signs)
        if len(here) < len(signs) or list(found.signs[row:end]) != signs:
            continue
        if own_row is not None and row < own_row + len(block.new) and own_row < end:
            continue
        # Most places of a line that stands often are told apart by the line above.
        if not is_telling and (not row or found.stripped[row - 1] != block.above.strip()):
            continue
        n_above = lines_.n_same(found.lines[max(0, row - MAX_AROUND) : row][::-1], block.lines_above)
        n_below = lines_.n_same(found.lines[end : end + MAX_AROUND], block.lines_below)
        if is_telling or (n_above > 1 and n_below > 1):
            bound = _bound(block.old, here)
            if bound is not None:
                sites.append(Site(row, bound, n_above, n_below))
    return sites


def _is_telling(block: Example) -> bool:
    """Whether the old lines are enough to know their like by, wherever they stand."""
    is_more_than_a_line = max(len(block.old), len(block.new)) > 1
    return is_more_than_a_line and sum(len(tokens.solid_of(line)) for line in block.old) >= MIN_TOKENS


def _bound(old: Sequence[str], here: Sequence[str]) -> dict[str, str] | None:
    """The binding of all lines together; None where they are not alike line by line."""
    if len(old) != len(here):
        return None
    left, right = [tokens.solid_of(line) for line in old], [tokens.solid_of(line) for line in here]
    if [len(line) for line in left] != [len(line) for line in right]:
        return None
    return analogy.binding(_joined(left), _joined(right))


def _joined(lines: Sequence[Sequence[Token]]) -> list[Token]:
    return [token for line in lines for token in line]


def _place(block: Example, document: Document, site: Site, n_sites: int, confirmed: Sequence[Example]) -> Place | None:
    text, n_old = document.text, len(block.old)
    here = text.lines(site.row, site.row + n_old)
    shifted = lines_.reindented(block.new, tokens.indent_of(block.old[0]), tokens.indent_of(here[0]))
    if shifted is None:
        return None
    end = site.row + n_old
    words = [token.text for line in block.old for token in tokens.solid_of(line) if tokens.is_word(token.text)]
    lost = {word for word, other in site.binding.items() if word != other} - set(_words(block.new))
    title = f"rewrite `{here[0].strip()}`" if n_old == 1 else f"rewrite {n_old} lines from `{here[0].strip()}`"
    return Place(
        document=document,
        parts=(Part(text.line_start(site.row), text.line_end(end - 1), "\n".join(shifted)),),
        source="rewrite",
        pattern="\0".join(("rewrite", *block.old, "", *block.new)),
        title=title,
        reason=f"the lines read like those that were rewritten in {block.path}",
        example=block,
        binding=site.binding,
        examples=tuple(one.start for one in (block, *confirmed) if one.uri == document.uri),
        features={
            "exact": float(not analogy.n_replaced(site.binding)),
            "n_replaced": min(analogy.n_replaced(site.binding), 6) / 6,
            "same_words": sum(site.binding.get(word) == word for word in words) / max(1, len(words)),
            "n_lost": min(len(lost), 3) / 3,
            "above": site.n_above / MAX_AROUND,
            "below": site.n_below / MAX_AROUND,
            "n_old_lines": min(n_old, 8) / 8,
            "n_new_lines": min(len(block.new), 8) / 8,
            "n_tokens": min(sum(len(tokens.solid_of(line)) for line in block.old), 40) / 40,
            "n_places": math.log1p(n_sites) / 4,
            "confirmed": float(min(len(confirmed), 3)),
            "age": min(block.age, 4) / 4,
            "same_indent": float(tokens.indent_of(block.old[0]) == tokens.indent_of(here[0])),
        },
    )


def _words(lines: Sequence[str]) -> Iterator[str]:
    return (token.text for line in lines for token in tokens.solid_of(line))
