"""Where whole words stand in a long text: fast, for names are looked for in whole files.

In: a string and a word.  Out: offsets.
Not here: what a word's other spellings are (``names``), what it means (``syntax.scopes``).

A pattern that begins with a look-behind makes the regular expressions try every character.  What
is looked for here begins with the word itself, and what stands before it is checked afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

from nextedit_lsp.text.tokens import is_word_char


def starts_of(string: str, word: str) -> Iterator[int]:
    """Offsets of ``word`` where no word character continues it, in order."""
    if not word:
        return
    starts_word = is_word_char(word[0])
    tail = r"(?!\w)" if is_word_char(word[-1]) else ""
    for match in re.finditer(re.escape(word) + tail, string):
        start = match.start()
        if not (start and starts_word and is_word_char(string[start - 1])):
            yield start


def count(string: str, word: str, at_most: int) -> int:
    """How often ``word`` stands in ``string``; no more than ``at_most`` are counted."""
    return sum(1 for _ in islice(starts_of(string, word), at_most))


def holding(string: str, pieces: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Where the words stand that hold ``pieces``, in any case, in a row: joined, or by "_" or "-".

    Of "-" only those between the pieces belong to the word.  Of several in one word the last counts.
    """
    lowered = _lowered(string)
    last_in_word: dict[int, int] = {}
    for start, end in _runs(lowered, {joint.join(pieces) for joint in ("", "_", "-")}):
        last_in_word[_word_start(string, start)] = end
    behind = 0
    for start, end in last_in_word.items():
        if start >= behind:
            behind = _word_end(string, end)
            yield start, behind


def _runs(lowered: str, needles: Iterable[str]) -> list[tuple[int, int]]:
    """Every occurrence of every needle, in order, also where they overlap."""
    found = []
    for needle in needles:
        start = lowered.find(needle)
        while needle and start >= 0:
            found.append((start, start + len(needle)))
            start = lowered.find(needle, start + 1)
    return sorted(found)


@lru_cache(maxsize=4)  # The last few names are looked for in one text after another.
def _lowered(string: str) -> str:
    """``string`` in lower case, every character at its offset."""
    lowered = string.lower()
    if len(lowered) == len(string):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in string)


def _word_start(string: str, offset: int) -> int:
    while offset and is_word_char(string[offset - 1]):
        offset -= 1
    return offset


def _word_end(string: str, offset: int) -> int:
    while offset < len(string) and is_word_char(string[offset]):
        offset += 1
    return offset
