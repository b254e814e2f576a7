"""Names as programmers write them: their words, their casing, and the other spellings of a name.

In: identifiers.  Out: words, spellings, and what a longer name becomes when a part is renamed.
Not here: which occurrences mean the same thing (``syntax.scopes``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from types import MappingProxyType

_WORDS = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z][a-z]*\d*|[a-z]+\d*|\d+|[^\W\d_a-zA-Z]+")

MIN_SPELLED_CHARS = 3


class Style(Enum):
    """How the words of a name are joined."""

    SNAKE = "snake_case"
    CAMEL = "camelCase"
    PASCAL = "PascalCase"
    UPPER = "UPPER_CASE"
    KEBAB = "kebab-case"


@dataclass(frozen=True, slots=True)
class Name:
    """The words of a name in lower case, between leading and trailing underscores."""

    words: tuple[str, ...]
    style: Style
    lead: str = ""
    trail: str = ""


@lru_cache(maxsize=4096)  # The same few names are taken apart again and again.
def parsed(identifier: str) -> Name | None:
    """The parts of ``identifier``; None where its words can't be told with certainty."""
    core = identifier.strip("_")
    lead = identifier[: len(identifier) - len(identifier.lstrip("_"))]
    trail = identifier[len(lead) + len(core) :]
    if not core:
        return None
    for separator, lower_style in (("_", Style.SNAKE), ("-", Style.KEBAB)):
        if separator in core:
            pieces = core.split(separator)
            if "" in pieces:
                return None
            if core == core.lower():
                return Name(tuple(pieces), lower_style, lead, trail)
            if core == core.upper() and separator == "_":
                return Name(tuple(piece.lower() for piece in pieces), Style.UPPER, lead, trail)
            return None
    words = _WORDS.findall(core)
    if "".join(words) != core:
        return None
    if core == core.lower():
        return Name((core,), Style.SNAKE, lead, trail)
    if core == core.upper() and len(core) > 1:
        return Name((core.lower(),), Style.UPPER, lead, trail)
    style = Style.PASCAL if core[0].isupper() else Style.CAMEL
    return Name(tuple(word.lower() for word in words), style, lead, trail)


def spelled(words: tuple[str, ...], style: Style) -> str:
    """The name made of ``words`` in ``style``."""
    if style is Style.SNAKE:
        return "_".join(words)
    if style is Style.KEBAB:
        return "-".join(words)
    if style is Style.UPPER:
        return "_".join(words).upper()
    pascal = "".join(word[:1].upper() + word[1:] for word in words)
    return pascal if style is Style.PASCAL else words[0] + "".join(word[:1].upper() + word[1:] for word in words[1:])


@lru_cache(maxsize=1024)
def spellings(old: str, new: str) -> Mapping[str, str]:
    """Every whole-name spelling of ``old`` that can be told apart, with the same spelling of ``new``.

    The name itself comes first, then the other casings, then their plurals.  A name of one or
    two letters has no other spellings: they would match too much.
    """
    found = {old: new}
    old_name, new_name = parsed(old), parsed(new)
    if old_name is None or new_name is None or len(old) < MIN_SPELLED_CHARS:
        return MappingProxyType(found)
    for old_words, new_words in _numbers(old_name.words, new_name.words):
        for style in Style:
            found.setdefault(spelled(old_words, style), spelled(new_words, style))
    return MappingProxyType({spelling: target for spelling, target in found.items() if spelling != target})


@lru_cache(maxsize=4096)
def renamed_inside(longer: str, old: str, new: str) -> str | None:
    """``longer`` with the words of ``old`` replaced by those of ``new``; None where the split is not sure.

    ``user_count`` → ``user_total`` turns ``maxUserCount`` into ``maxUserTotal``.
    """
    outer, inner, target = parsed(longer), parsed(old), parsed(new)
    if outer is None or inner is None or target is None or len(outer.words) <= len(inner.words):
        return None
    # A short single word inside another name is more often chance than meaning.
    if len(inner.words) == 1 and len(inner.words[0]) < 4:
        return None
    for old_words, new_words in _numbers(inner.words, target.words):
        n_words = len(old_words)
        hits = [i for i in range(len(outer.words) - n_words + 1) if outer.words[i : i + n_words] == old_words]
        if len(hits) == 1:
            words = outer.words[: hits[0]] + new_words + outer.words[hits[0] + n_words :]
            renamed = outer.lead + spelled(words, outer.style) + outer.trail
            # Spelling the name anew must not touch the words that stay (acronyms, for one).
            unchanged = outer.lead + spelled(outer.words, outer.style) + outer.trail
            return renamed if unchanged == longer else None
    return None


def _numbers(old: tuple[str, ...], new: tuple[str, ...]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The pair as it is and in the plural."""
    pairs = [(old, new)]
    if not old[-1].endswith("s") and not new[-1].endswith("s") and old[-1].isalpha() and new[-1].isalpha():
        pairs.append(((*old[:-1], plural(old[-1])), (*new[:-1], plural(new[-1]))))
    return pairs


def plural(word: str) -> str:
    """The regular English plural of a lower-case word."""
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + "es" if re.search(r"(s|x|z|ch|sh)$", word) else word + "s"
