"""What kind of line a line is, told from its first words and signs, in any language.

In: a line without its indentation.  Out: a ``Kind``; a number for its last sign.
Not here: syntax trees; a guess is good enough to rank by.
"""

from __future__ import annotations

import re
from enum import IntEnum


class Kind(IntEnum):
    """The kinds, in an order that puts like beside like: the forest cuts it into ranges."""

    BLANK = 0
    COMMENT = 1
    BULLET = 2
    IMPORT = 3
    ANNOTATION = 4
    CLASS = 5
    FUNCTION = 6
    FIELD = 7  # "name: value", a key of a mapping, a parameter with a type.
    VARIABLE = 8
    ASSIGNMENT = 9
    CALL = 10
    ASSERTION = 11
    RETURN = 12
    BRANCH = 13
    LOOP = 14
    GUARD = 15  # try, catch, with.
    CLOSING = 16  # Brackets alone.
    STRING = 17
    ITEM = 18  # Ends with a comma.
    OTHER = 19


_FIRST_WORDS = {
    Kind.IMPORT: "import from use using require require_relative package include extern",
    Kind.CLASS: "class struct enum trait interface impl module namespace object union",
    Kind.FUNCTION: "def func fn fun function",
    Kind.VARIABLE: "let var val const static final",
    Kind.ASSERTION: "assert expect assertEquals assertThat assertTrue assertFalse assertEqual ASSERT ASSERT_EQ",
    Kind.RETURN: "return raise throw yield break continue pass goto next",
    Kind.BRANCH: "if else elif elsif unless switch case match when default then end fi",
    Kind.LOOP: "for while loop until do each",
    Kind.GUARD: "try except catch finally rescue ensure with defer",
}
_KIND_OF_WORD = {word: kind for kind, words in _FIRST_WORDS.items() for word in words.split()}
# What may stand before the word that tells the kind.
_MODIFIERS = frozenset(
    [
        "export",
        "public",
        "private",
        "protected",
        "internal",
        "static",
        "async",
        "abstract",
        "final",
        "override",
        "open",
        "data",
        "sealed",
        "pub",
        "default",
        "inline",
        "virtual",
        "unsafe",
        "suspend",
        "extern",
        "readonly",
        "declare",
    ]
)
_COMMENT = re.compile(
    r"(#(?!include|define|if|endif|else|elif|ifdef|ifndef|pragma|undef|!)|//|/\*|\*(?!\*?\w)|<!--|--|;;|\"\"\"|''')"
)
_C_FUNCTION = re.compile(r"[\w<>\[\]*&:, ]+\s[*&]?[\w:~]+\s*\([^;=]*(\{|,|\))\s*$")
_FIELD = re.compile(r"[\"']?[\w.$-]+[\"']?\??\s*:(?!:|=)")
_ASSIGNMENT = re.compile(r"[^=!<>(]*[^=!<>(:]:?=(?![=>])")
_CALL = re.compile(r"[\w.:>\-@!?]+\s*\(")
_REQUIRE = re.compile(r"(const|let|var)\s.*\brequire\(")
_LAST_SIGNS = {
    sign: i for i, sign in enumerate(["{", ":", ",", ";", ")", "}", "(", "[", "]", '"', "'", ".", "=", ">"], 1)
}


def kind_of(bare: str, tokens: list[str]) -> Kind:
    """The kind of the line ``bare``, whose tokens are ``tokens``."""
    if not bare:
        return Kind.BLANK
    first = tokens[0] if tokens else ""
    if _COMMENT.match(bare):
        return Kind.COMMENT
    if not any(token[0].isalnum() or token[0] == "_" for token in tokens):
        return Kind.CLOSING
    if bare.startswith("#include") or _REQUIRE.match(bare):
        return Kind.IMPORT
    if first == "@" or bare.startswith("#["):
        return Kind.ANNOTATION
    word = next((token for token in tokens if token not in _MODIFIERS and token not in "})"), first)
    if word in _KIND_OF_WORD:
        return _KIND_OF_WORD[word]
    if first in "-*+" and bare[1:2] == " ":
        return Kind.BULLET
    if first in "\"'`":
        return Kind.STRING if not _FIELD.match(bare) else Kind.FIELD
    if _FIELD.match(bare):
        return Kind.FIELD
    if _ASSIGNMENT.match(bare):
        return Kind.ASSIGNMENT
    if _C_FUNCTION.match(bare):
        return Kind.FUNCTION
    if _CALL.match(bare):
        return Kind.CALL
    return Kind.ITEM if bare.endswith(",") else Kind.OTHER


def last_sign(bare: str) -> int:
    """A small number for the last character, 0 where it is a word's or there is none."""
    return _LAST_SIGNS.get(bare[-1:], 0)
