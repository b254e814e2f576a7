"""What a file is found by: its words, the names that it defines, and shingles of its lines.

In: a text.  Out: terms.
Not here: where terms are kept (``index_store``); what a name means (``syntax.scopes``).

A definition is told by the keyword or the shape of its line, in all languages alike.  Parsing a file takes tens of
times as long, which would make the index of a large workspace a matter of many minutes, and what is asked of it is
only whether a name is defined somewhere.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# One letter stands everywhere; what is longer is no name but a hash or data.
MIN_WORD_CHARS = 2
MAX_WORD_CHARS = 64
# A file with more different words is data or a word list, and no change of a name concerns it.
MAX_WORDS = 10_000

# A shingle is so many lines in a row, shorter ones than this left out: brackets and the like stand everywhere.
SHINGLE_LINES = 3
MIN_LINE_CHARS = 4
# One in so many shingles is kept, by its own value, so that copies keep the same ones (Manber, "Finding similar files
# in a large file system", 1994).
SHINGLE_SHARE = 4
MAX_SHINGLES = 2_000

_WORD = re.compile(r"[^\W\d]\w*")
_SPACE = re.compile(r"\s+")

_KEYWORDS = (
    "def|class|fn|func|fun|function|struct|enum|union|interface|trait|type|typedef|module|mod|namespace|protocol|record"
    "|object|macro_rules!|const|static|let|var|val|sub|proc|#define|TABLE|VIEW|message|service"
)
_BY_KEYWORD = re.compile(rf"(?<![\w.])(?:{_KEYWORDS})\s+(?:mut\s+|\([^()\n]*\)\s*|\*\s*)?([^\W\d]\w*)")
# ``NAME = …`` and ``NAME: type = …`` at the start of a line, ``name: …`` of a key, ``export NAME=``.
_BY_ASSIGNMENT = re.compile(r"^(?:export\s+)?([^\W\d]\w*)\s*(?::[^=\n]*)?=(?!=)", re.MULTILINE)
# ``static int name(…) {`` and ``name(…) {`` of C and its kin.  A line that no person wrote is not looked at: it would
# be tried at each of its words.
_BY_SHAPE = re.compile(
    r"^(?!.{300})[ \t]*(?:[\w:<>\[\],*&?~]+[ \t]+)*[*&]?([^\W\d]\w*)\([^;{}\n]*\)[^;{}()\n]*\{", re.MULTILINE
)
_NO_NAMES = frozenset(("if", "for", "while", "switch", "catch", "return", "foreach", "using", "lock", "match", "when"))


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one file."""

    words: frozenset[str] = frozenset()
    definitions: frozenset[str] = frozenset()
    shingles: frozenset[str] = frozenset()


def terms_of(text: str) -> Terms:
    """All terms of a text; none where it is data rather than something that a person edits."""
    found = {word for word in _WORD.findall(text) if MIN_WORD_CHARS <= len(word) <= MAX_WORD_CHARS}
    if len(found) > MAX_WORDS:
        return Terms()
    return Terms(frozenset(found), definitions(text) & found, shingles(text.splitlines()))


def is_word(string: str) -> bool:
    """Whether a file can be found by this word."""
    return MIN_WORD_CHARS <= len(string) <= MAX_WORD_CHARS and _WORD.fullmatch(string) is not None


def definitions(text: str) -> frozenset[str]:
    """The names that a text seems to define."""
    by_shape = (name for name in _BY_SHAPE.findall(text) if name not in _NO_NAMES)
    return frozenset((*_BY_KEYWORD.findall(text), *_BY_ASSIGNMENT.findall(text), *by_shape))


def shingles(lines: Sequence[str]) -> frozenset[str]:
    """The kept shingles of some lines: hashes of lines in a row, their white space aside."""
    kept = [line for line in (_SPACE.sub("", line) for line in lines) if len(line) >= MIN_LINE_CHARS]
    found = set()
    for shingle in _hashes(kept):
        if shingle % SHINGLE_SHARE == 0:
            found.add(f"{shingle:08x}")
            if len(found) >= MAX_SHINGLES:
                break
    return frozenset(found)


def _hashes(lines: Sequence[str]) -> Iterator[int]:
    for index in range(len(lines) - SHINGLE_LINES + 1):
        yield zlib.crc32("\n".join(lines[index : index + SHINGLE_LINES]).encode("utf-8", "surrogatepass"))
