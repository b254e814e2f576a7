"""Text against a plain string: every measure, after every edit."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextedit_lsp.text import buffer
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.positions import Encoding, offset_at, position_at

# Line ends, look-alikes of line ends, characters of one to four bytes, a lone surrogate.
ALPHABET = "ab \n\r\f\u2028\x85é漢😀\ud800"
strings = st.text(ALPHABET, max_size=40)
LINE_BREAK = re.compile(r"\r\n|\r|\n")


@st.composite
def edited(draw):
    """A text after random edits, and the same as a string."""
    string = draw(strings)
    text = Text.of(string)
    for _ in range(draw(st.integers(0, 8))):
        start = draw(st.integers(0, len(string)))
        end = draw(st.integers(start, len(string)))
        new = draw(strings)
        string = string[:start] + new + string[end:]
        text = text.replaced(start, end, new)
    return text, string


@pytest.fixture(autouse=True, params=[4, 2048])
def chunk_size(request, monkeypatch):
    monkeypatch.setattr(buffer, "TARGET_CHUNK_CHARS", request.param)


@given(edited())
@settings(max_examples=300)
def test_equals_the_plain_string(case):
    text, string = case
    assert str(text) == string
    assert len(text) == len(string)
    encoded = string.encode("utf-8", "surrogatepass")
    assert text.n_bytes == len(encoded)
    starts = [0, *(m.end() for m in LINE_BREAK.finditer(string))]
    assert text.n_lines == len(starts)
    for line, start in enumerate(starts):
        assert text.line_start(line) == start
        assert text.line(line) == LINE_BREAK.split(string)[line]
    assert text.lines(0, text.n_lines) == LINE_BREAK.split(string)
    for offset in range(len(string) + 1):
        n_bytes = len(string[:offset].encode("utf-8", "surrogatepass"))
        assert text.byte_at(offset) == n_bytes
        assert text.offset_of_byte(n_bytes) == offset
        assert text.line_at(offset) == sum(start <= offset for start in starts) - 1
        row = string.count("\n", 0, offset)
        column = n_bytes - len(string[: string.rfind("\n", 0, offset) + 1].encode("utf-8", "surrogatepass"))
        assert text.point_at(offset) == (row, column)


@given(edited(), st.sampled_from(Encoding))
@settings(max_examples=200)
def test_positions_come_back(case, encoding):
    text, string = case
    for offset in range(len(string) + 1):
        line, character = position_at(text, offset, encoding)
        back = offset_at(text, line, character, encoding)
        assert back == (offset - 1 if string[offset - 1 : offset + 1] == "\r\n" else offset)


@pytest.mark.parametrize("encoding", Encoding)
def test_positions_past_the_end_are_clamped(encoding):
    text = Text.of("ab\r\ncd")
    assert offset_at(text, 0, 99, encoding) == 2
    assert offset_at(text, 1, 99, encoding) == 6
    assert offset_at(text, 9, 0, encoding) == 6


def test_a_position_inside_a_character_is_its_start():
    text = Text.of("a😀b")
    assert offset_at(text, 0, 2, Encoding.UTF16) == 1
    assert offset_at(text, 0, 3, Encoding.UTF16) == 2
    assert offset_at(text, 0, 3, Encoding.UTF8) == 1


def test_unchanged_chunks_are_shared():
    text = Text.of("0123456789\n" * 2000)
    edited_text = text.replaced(11_000, 11_001, "x")
    assert sum(a is b for a, b in zip(text.chunks, edited_text.chunks, strict=False)) >= len(text.chunks) // 2 - 1


def test_a_range_outside_is_refused():
    with pytest.raises(ValueError, match="not in a text"):
        Text.of("abc").replaced(2, 9, "")
