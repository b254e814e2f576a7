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
from itertools import accumulate

from nextedit_lsp.text.buffer import Text

# With the dot, which can stand in a number.
_WORDS_AND_SPACE = re.compile(r"[^\S\n]+|[\w.]+")


@dataclass(frozen=True, slots=True)
class _Part:
    """The lines of one chunk of a text: a keystroke changes one of them, and the others are known already."""

    lines: Sequence[str]
    stripped: Sequence[str]
    signs: Sequence[str]
    rows_of: Mapping[str, Sequence[int]]
    rows_with: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a text: as they are, stripped, and by their signs alone."""

    lines: Sequence[str]
    stripped: Sequence[str]
    signs: Sequence[str]
    _parts: Sequence[tuple[int, _Part]]

    def rows_of(self, line: str) -> list[int]:
        """The rows at which a stripped line stands."""
        return [start + row for start, part in self._parts for row in part.rows_of.get(line, ())]

    def rows_with(self, signs: str) -> list[int]:
        """The rows of the lines with these signs."""
        return [start + row for start, part in self._parts for row in part.rows_with.get(signs, ())]


def signs_of(line: str) -> str:
    """The line without words, numbers and space: the same in all lines that one binding can join."""
    return _WORDS_AND_SPACE.sub("", line)


@lru_cache(maxsize=16)  # Several locators look at the same few documents in one request.
def lines_of(text: Text) -> Lines:
    """The lines of ``text``, indexed."""
    chunks = [chunk.string for chunk in text.chunks] or [""]
    parts = [_part_of(string, index == len(chunks) - 1) for index, string in enumerate(chunks)]
    starts = accumulate((len(part.lines) for part in parts), initial=0)
    return Lines(
        [line for part in parts for line in part.lines],
        [line for part in parts for line in part.stripped],
        [signs for part in parts for signs in part.signs],
        list(zip(starts, parts, strict=False)),
    )


@lru_cache(maxsize=1024)  # Some 20 kB each: the open documents, many versions long.
def _part_of(string: str, is_last: bool) -> _Part:
    chunk = Text.of(string)
    # What stands behind its last line break belongs to the next chunk, and is empty.
    lines = chunk.lines(0, chunk.n_lines if is_last else chunk.n_lines - 1)
    stripped = [line.strip() for line in lines]
    signs = [signs_of(line) for line in stripped]
    rows_of: dict[str, list[int]] = defaultdict(list)
    rows_with: dict[str, list[int]] = defaultdict(list)
    for row, (line, sign) in enumerate(zip(stripped, signs, strict=True)):
        rows_of[line].append(row)
        rows_with[sign].append(row)
    return _Part(lines, stripped, signs, rows_of, rows_with)


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
