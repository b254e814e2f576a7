"""Tokens of any text, in any language: words, numbers, space, line breaks, operators.

In: a string.  Out: its tokens, which cover it without gaps.
Not here: grammar; a quote is an operator and what stands inside a string is words.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(
    r"(?P<word>[^\W\d]\w*)"
    r"|(?P<number>\d(?:[\w.]*\w)?)"
    r"|(?P<newline>\r\n|\r|\n)"
    r"|(?P<space>[^\S\r\n]+)"
    r"|(?P<operator><<=|>>=|\.\.\.|===|!==|\*\*=|//=|->|=>|::|:=|<-|&&|\|\||\?\.|\?\?|[-+*/%&|^=!<>]=|<<|>>|\*\*|//|\+\+|--|.)",
    re.DOTALL,
)
_WORD = re.compile(r"[^\W\d]\w*")


class Kind(Enum):
    """What a token is."""

    WORD = "word"
    NUMBER = "number"
    NEWLINE = "newline"
    SPACE = "space"
    OPERATOR = "operator"


class Token(NamedTuple):
    """A piece of text; ``start`` and ``end`` are offsets in code points."""

    kind: Kind
    start: int
    end: int
    text: str


def tokenized(string: str, base: int = 0) -> list[Token]:
    """The tokens of ``string``, their offsets counted from ``base``."""
    return [
        Token(_KINDS[match.lastgroup], base + match.start(), base + match.end(), match.group())
        for match in _TOKEN.finditer(string)
    ]


_KINDS: dict[str | None, Kind] = {kind.value: kind for kind in Kind}


@lru_cache(maxsize=8192)  # One request compares the lines around each of the last edits; the next one does so again.
def solid_of(line: str) -> tuple[Token, ...]:
    """The tokens of ``line`` that are not space."""
    return tuple(solid(tokenized(line)))


def solid(tokens: list[Token]) -> list[Token]:
    """The tokens that are neither space nor line breaks."""
    return [token for token in tokens if token.kind not in (Kind.SPACE, Kind.NEWLINE)]


def indent_of(line: str) -> str:
    """The white space that ``line`` begins with."""
    return line[: len(line) - len(line.lstrip())]


def is_word(string: str) -> bool:
    """Whether ``string`` is one word: a name or a keyword."""
    return _WORD.fullmatch(string) is not None


def is_word_char(char: str) -> bool:
    """Whether ``char`` can stand in a word."""
    return char.isalnum() or char == "_"
