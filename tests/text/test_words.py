"""Whole words in a text, against the regular expressions that say the same and take longer."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from nextedit_lsp.text import words

strings = st.text("aAbB_-é1 .İK\n", max_size=30)
pieces = st.text("ab1", min_size=1, max_size=2)


@given(strings, st.text("aAb_é1", min_size=1, max_size=3))
@example("xab ab abx _ab ab_ ab", "ab")
def test_whole_words_are_found(string: str, word: str):
    expected = [match.start() for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", string)]
    assert list(words.starts_of(string, word)) == expected
    assert words.count(string, word, 2) == min(len(expected), 2)


def test_a_sign_needs_no_boundary():
    assert list(words.starts_of("a$x $x $xy", "$x")) == [1, 4]
    assert list(words.starts_of("abc", "")) == []


# With two pieces at most: a name joined once by "_" and once by "-" is no name's other spelling.
@given(strings, st.lists(pieces, min_size=1, max_size=2))
@example("maxUserCount user-count USER_COUNTS user.count", ["user", "count"])
@example("aab-aB", ["a", "b"])
def test_words_that_hold_others_are_found(string: str, parts: list[str]):
    # The Kelvin sign is a "k" to the regular expressions too; no other character of these is special.
    stem = "[-_]?".join(map(re.escape, parts))
    expected = [match.span() for match in re.finditer(rf"(?<!\w)(?:\w*{stem}\w*)(?!\w)", string, re.IGNORECASE)]
    assert list(words.holding(string, tuple(parts))) == expected
