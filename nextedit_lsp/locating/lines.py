"""The lines of a text by what they read like: the same line, or one that differs in its words alone.

In: a text.  Out: rows.
Not here: what to do there; comparing tokens (``patterns.analogy``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nextedit_lsp.text.buffer import Text

# With the dot, which can stand in a number.
_WORDS_AND_SPACE = re.compile(r"[^\S\n]+|[\w.]+")


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a text, with the rows at which each stripped line and each pattern of signs stands."""

    lines: Sequence[str]
    stripped: Sequence[str]
    signs: Sequence[str]
    rows_of: Mapping[str, Sequence[int]]
    rows_with: Mapping[str, Sequence[int]]


def signs_of(line: str) -> str:
    """The line without words, numbers and space: the same in all lines that one binding can join."""
    return _WORDS_AND_SPACE.sub("", line)


def lines_of(text: Text) -> Lines:
    """The lines of ``text``, indexed."""
    return _indexed(text)


@lru_cache(maxsize=16)  # Several locators look at the same few documents in one request.
def _indexed(text: Text) -> Lines:
    lines = text.lines(0, text.n_lines)
    stripped = [line.strip() for line in lines]
    signs = _WORDS_AND_SPACE.sub("", "\n".join(stripped)).split("\n")
    rows_of: dict[str, list[int]] = defaultdict(list)
    rows_with: dict[str, list[int]] = defaultdict(list)
    for row, (line, sign) in enumerate(zip(stripped, signs, strict=True)):
        rows_of[line].append(row)
        rows_with[sign].append(row)
    return Lines(lines, stripped, signs, rows_of, rows_with)


def n_same(left: Sequence[str], right: Sequence[str]) -> int:
    """How many lines read the same, indentation aside, before the first that differs."""
    n_equal = 0
    for a, b in zip(left, right, strict=False):
        if a.strip() != b.strip():
            break
        n_equal += 1
    return n_equal


def reindented(lines: Sequence[str], old_indent: str, new_indent: str) -> list[str] | None:
    """The lines shifted as ``old_indent`` is to ``new_indent``; None where one of them stands farther left."""
    shifted = []
    for line in lines:
        if not line.strip():
            shifted.append("")
        elif line.startswith(old_indent):
            shifted.append(new_indent + line[len(old_indent) :])
        elif old_indent == new_indent:
            shifted.append(line)
        else:
            return None
    return shifted
