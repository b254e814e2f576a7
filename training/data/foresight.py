"""Whether an edit could be foretold from its prompt: from words alone, so it is a guess.

In: rows before and after, the prompt's text, the edits done.  Out: a verdict.
Not here: what is done with edits that could not.

A model that is trained to write what nothing foretells learns to guess.  An edit counts as foretold where nearly all
of the words that it brings in stand in the prompt, and one of the words that it changes was changed before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"\w+")
_LAST_WORD = re.compile(r"\w+\Z")
# One new word in so many may be a new one.
MIN_KNOWN_SHARE = 0.95


def is_foretold(old: Sequence[str], new: Sequence[str], prompt: str, changed_before: frozenset[str]) -> bool:
    """Whether rows that become others could be foretold."""
    gained, lost = _difference(new, old), _difference(old, new)
    if not (gained.keys() | lost.keys()) & changed_before:
        return False
    return is_known(gained, prompt)


def is_known(words: Counter[str], prompt: str) -> bool:
    """Whether nearly all of the words stand in the prompt."""
    known = set(_WORD.findall(prompt))
    return sum(n for word, n in words.items() if word in known) >= MIN_KNOWN_SHARE * words.total()


def words_of(text: str) -> Counter[str]:
    """The words of a text, with how often each stands there."""
    return Counter(_WORD.findall(text))


def last_word(text: str) -> str:
    """The word that a text ends in; "" where it ends in none."""
    found = _LAST_WORD.search(text)
    return found.group() if found else ""


def changed_words(hunks: Iterable[tuple[Sequence[str], Sequence[str]]]) -> frozenset[str]:
    """The words that hunks, each its old and its new rows, brought in or removed."""
    return frozenset(word for old, new in hunks for word in (*_difference(new, old), *_difference(old, new)))


def _difference(rows: Sequence[str], others: Sequence[str]) -> Counter[str]:
    return words_of("\n".join(rows)) - words_of("\n".join(others))
