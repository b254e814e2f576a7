"""Editor positions (line, character) in UTF-8, UTF-16 or UTF-32 units, and back to offsets.

In: a text and a position as the Language Server Protocol defines it.  Out: an offset in code
points, always inside the text; and the other way round.
Not here: the protocol's own types, which stop at ``server``.
"""

from __future__ import annotations

from enum import Enum

from nextedit_lsp.text.buffer import Text, utf16_length


class Encoding(str, Enum):
    """What the ``character`` of a position counts."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


def offset_at(text: Text, line: int, character: int, encoding: Encoding) -> int:
    """The offset of a position.

    A line past the end means the end of the text, a character past the line's end means the
    line's end, before its line break.  A position inside one character means its start.
    """
    if line >= text.n_lines:
        return len(text)
    if line < 0:
        return 0
    start = text.line_start(line)
    return start + _chars_in_units(text.slice(start, text.line_end(line)), max(character, 0), encoding)


def position_at(text: Text, offset: int, encoding: Encoding) -> tuple[int, int]:
    """The line and character of ``offset``; an offset inside ``\\r\\n`` is the end of its line."""
    line = text.line_at(offset)
    start = text.line_start(line)
    return line, units(text.slice(start, min(offset, text.line_end(line))), encoding)


def units(string: str, encoding: Encoding) -> int:
    """The length of ``string`` in the units of ``encoding``."""
    if encoding is Encoding.UTF32 or string.isascii():
        return len(string)
    if encoding is Encoding.UTF16:
        return utf16_length(string)
    return len(string.encode("utf-8", "surrogatepass"))


def _chars_in_units(string: str, n_units: int, encoding: Encoding) -> int:
    """How many characters of ``string`` fit into ``n_units``."""
    if encoding is Encoding.UTF32 or string.isascii():
        return min(n_units, len(string))
    if encoding is Encoding.UTF16:
        encoded = string.encode("utf-16-le", "surrogatepass")[: 2 * n_units]
        n_chars = len(encoded.decode("utf-16-le", "surrogatepass"))
        # A pair cut in half decodes as a lone surrogate: it stands for no whole character.
        return n_chars if units(string[:n_chars], encoding) <= n_units else n_chars - 1
    encoded = string.encode("utf-8", "surrogatepass")
    end = min(n_units, len(encoded))
    while 0 < end < len(encoded) and encoded[end] & 0xC0 == 0x80:
        end -= 1
    return len(encoded[:end].decode("utf-8", "surrogatepass"))
