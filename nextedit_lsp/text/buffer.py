"""An immutable text that shares its unchanged parts with the texts it was made from.

In: strings and replaced ranges, in code points.  Out: new texts, slices, lines, and the
same place as a code-point offset, a line, a UTF-8 byte or a tree-sitter point.
Not here: editor positions (``positions``) and sets of edits (``changes``).

A text is a tuple of chunks, each a run of whole lines of about ``TARGET_CHUNK_CHARS``.  An
edit rebuilds the chunks that it touches and shares the rest, so a keystroke in a long file
costs a copy of the tuple and no copy of the text, and a history of texts stays small.

Only ``\\n``, ``\\r\\n`` and ``\\r`` end a line, as the Language Server Protocol says.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

# Large enough that a file of 50,000 lines has about a thousand chunks, small enough that
# re-counting one chunk is lost in the noise of a keystroke.
TARGET_CHUNK_CHARS = 2048

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_NON_BMP = re.compile("[\U00010000-\U0010ffff]")


class Chunk:
    """A run of whole lines with its measures; only the last chunk of a text may end inside a line."""

    __slots__ = ("_line_starts", "_utf8", "n_breaks", "n_bytes", "n_chars", "n_newlines", "string")

    def __init__(self, string: str) -> None:
        self.string = string
        self.n_chars = len(string)
        self.n_newlines = string.count("\n")
        n_returns = string.count("\r")
        self.n_breaks = self.n_newlines if not n_returns else self.n_newlines + n_returns - string.count("\r\n")
        self._utf8: bytes | None = None
        self.n_bytes = self.n_chars if string.isascii() else len(self.utf8)
        self._line_starts: list[int] | None = None

    @property
    def utf8(self) -> bytes:
        """The chunk in UTF-8; lone surrogates, which JSON can carry, pass through."""
        if self._utf8 is None:
            self._utf8 = self.string.encode("utf-8", "surrogatepass")
        return self._utf8

    @property
    def line_starts(self) -> list[int]:
        """Offsets within the chunk where its lines start; the first is 0."""
        if self._line_starts is None:
            self._line_starts = [0, *(match.end() for match in _LINE_BREAK.finditer(self.string))]
        return self._line_starts


class Text:
    """An immutable text.  Offsets count code points, lines count from 0."""

    __slots__ = ("_byte_starts", "_char_starts", "_line_starts", "_newline_starts", "_string", "chunks")

    def __init__(self, chunks: tuple[Chunk, ...]) -> None:
        self.chunks = chunks
        # Measures before each chunk, and of the whole text at the end.
        self._char_starts = list(accumulate((chunk.n_chars for chunk in chunks), initial=0))
        self._line_starts = list(accumulate((chunk.n_breaks for chunk in chunks), initial=0))
        self._byte_starts: list[int] | None = None
        self._newline_starts: list[int] | None = None
        self._string: str | None = None

    @classmethod
    def of(cls, string: str) -> Text:
        """The text with the characters of ``string``."""
        text = cls(tuple(_chunked(string)))
        text._string = string
        return text

    def bare(self) -> Text:
        """The same text without the whole string, which is kept once it was asked for: for keeping many texts."""
        return Text(self.chunks) if self._string is not None else self

    def __len__(self) -> int:
        return self._char_starts[-1]

    def __str__(self) -> str:
        if self._string is None:
            self._string = "".join([chunk.string for chunk in self.chunks])
        return self._string

    def __repr__(self) -> str:
        return f"Text({len(self)} chars, {self.n_lines} lines)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Text):
            return NotImplemented
        return self is other or self.chunks == other.chunks or (len(self) == len(other) and str(self) == str(other))

    def __hash__(self) -> int:
        return hash(str(self))

    @property
    def n_lines(self) -> int:
        """The number of lines; an empty text and the text behind a last line break count as one."""
        return self._line_starts[-1] + 1

    @property
    def n_bytes(self) -> int:
        """The length in UTF-8."""
        return self._byte_measures()[-1]

    def slice(self, start: int, end: int) -> str:
        """The characters from ``start`` up to ``end``, both clamped to the text."""
        start, end = max(start, 0), min(end, len(self))
        if start >= end:
            return ""
        first, last = self._chunk_at(start), self._chunk_at(end - 1)
        base = self._char_starts[first]
        if first == last:
            return self.chunks[first].string[start - base : end - base]
        joined = "".join([chunk.string for chunk in self.chunks[first : last + 1]])
        return joined[start - base : end - base]

    def replaced(self, start: int, end: int, new: str) -> Text:
        """The text with ``start:end`` replaced by ``new``.  Raises ValueError when the range is not in the text."""
        if not 0 <= start <= end <= len(self):
            raise ValueError(f"range {start}:{end} is not in a text of {len(self)} characters")
        if not self.chunks:
            return Text.of(new)
        first, last = self._chunk_at(start), self._chunk_at(max(start, end - 1))
        base, stop = self._char_starts[first], self._char_starts[last + 1]
        head = self.slice(base, start)
        tail = self.slice(end, stop)
        # Chunks behind are taken along while the piece does not end a line, the chunk before
        # when a line break could now span the boundary.
        piece = head + new + tail
        while last + 1 < len(self.chunks) and (
            len(piece) < TARGET_CHUNK_CHARS // 4
            or not piece.endswith(("\n", "\r"))
            or (piece.endswith("\r") and self.chunks[last + 1].string.startswith("\n"))
        ):
            last += 1
            piece += self.chunks[last].string
        if first > 0 and piece[:1] == "\n" and self.chunks[first - 1].string.endswith("\r"):
            first -= 1
            piece = self.chunks[first].string + piece
        return Text(self.chunks[:first] + tuple(_chunked(piece)) + self.chunks[last + 1 :])

    def line_at(self, offset: int) -> int:
        """The line that holds ``offset``; the place between ``\\r`` and ``\\n`` belongs to the line they end."""
        if not self.chunks:
            return 0
        index = self._chunk_at(offset)
        within = offset - self._char_starts[index]
        return self._line_starts[index] + bisect_right(self.chunks[index].line_starts, within) - 1

    def line_start(self, line: int) -> int:
        """The offset where ``line`` starts; the end of the text for a line past the last."""
        if line <= 0:
            return 0
        if line >= self.n_lines:
            return len(self)
        # The start of line n lies just behind the n-th line break.
        index = min(bisect_right(self._line_starts, line - 1) - 1, len(self.chunks) - 1)
        return self._char_starts[index] + self.chunks[index].line_starts[line - self._line_starts[index]]

    def line_end(self, line: int) -> int:
        """The offset where ``line`` ends, before its line break."""
        start, stop = self.line_start(line), self.line_start(line + 1)
        tail = self.slice(max(start, stop - 2), stop)
        return stop - (len(tail) - len(tail.rstrip("\r\n"))) if line + 1 < self.n_lines else stop

    def line(self, line: int) -> str:
        """The characters of ``line`` without its line break."""
        return self.slice(self.line_start(line), self.line_end(line))

    def lines(self, start: int, end: int) -> list[str]:
        """The lines ``start`` up to ``end``, without their line breaks."""
        start, end = max(start, 0), min(end, self.n_lines)
        if start >= end:
            return []
        pieces = _LINE_BREAK.split(self.slice(self.line_start(start), self.line_start(end)))
        return pieces[: end - start]

    def byte_at(self, offset: int) -> int:
        """The UTF-8 byte at which the character at ``offset`` starts."""
        if not self.chunks:
            return 0
        index = self._chunk_at(offset)
        chunk, within = self.chunks[index], offset - self._char_starts[index]
        if chunk.n_bytes != chunk.n_chars:
            within = len(chunk.string[:within].encode("utf-8", "surrogatepass"))
        return self._byte_measures()[index] + within

    def offset_of_byte(self, byte: int) -> int:
        """The offset of the character that holds ``byte``, counted in UTF-8."""
        starts = self._byte_measures()
        if byte >= starts[-1]:
            return len(self)
        index = bisect_right(starts, byte) - 1
        chunk, within = self.chunks[index], byte - starts[index]
        if chunk.n_bytes != chunk.n_chars:
            while within > 0 and chunk.utf8[within] & 0xC0 == 0x80:
                within -= 1
            within = len(chunk.utf8[:within].decode("utf-8", "surrogatepass"))
        return self._char_starts[index] + within

    def point_at(self, offset: int) -> tuple[int, int]:
        """The tree-sitter point of ``offset``: rows end at ``\\n`` only, columns count UTF-8 bytes."""
        if not self.chunks:
            return (0, 0)
        index = self._chunk_at(offset)
        within = offset - self._char_starts[index]
        row = self._newline_measures()[index] + self.chunks[index].string.count("\n", 0, within)
        row_start = self.chunks[index].string.rfind("\n", 0, within) + 1
        while not row_start and index > 0:
            index -= 1
            row_start = self.chunks[index].string.rfind("\n") + 1
        return row, self.byte_at(offset) - self.byte_at(self._char_starts[index] + row_start)

    def _chunk_at(self, offset: int) -> int:
        """The index of the chunk that holds ``offset``; the last chunk for the end of the text."""
        return min(bisect_right(self._char_starts, offset) - 1, len(self.chunks) - 1)

    def _byte_measures(self) -> list[int]:
        if self._byte_starts is None:
            self._byte_starts = list(accumulate((chunk.n_bytes for chunk in self.chunks), initial=0))
        return self._byte_starts

    def _newline_measures(self) -> list[int]:
        if self._newline_starts is None:
            self._newline_starts = list(accumulate((chunk.n_newlines for chunk in self.chunks), initial=0))
        return self._newline_starts


def utf16_length(string: str) -> int:
    """The length of ``string`` in UTF-16 code units."""
    return len(string) if string.isascii() else len(string) + len(_NON_BMP.findall(string))


def _chunked(string: str) -> Iterator[Chunk]:
    """``string`` cut at line ends into chunks of at least ``TARGET_CHUNK_CHARS``, the last one as it comes."""
    start = 0
    while len(string) - start > TARGET_CHUNK_CHARS:
        match = _LINE_BREAK.search(string, start + TARGET_CHUNK_CHARS - 1)
        if match is None:
            break
        yield Chunk(string[start : match.end()])
        start = match.end()
    if start < len(string):
        yield Chunk(string[start:])
