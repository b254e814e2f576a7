"""Lines as columns: rows, tokens, and the kinds of lines in several languages."""

from __future__ import annotations

import pytest

from nextedit_lsp.locating.ranking.kinds import Kind
from nextedit_lsp.locating.ranking.lines import lines_of
from nextedit_lsp.text.buffer import Text


@pytest.mark.parametrize("text", ["", "a", "a\n", "a\r\nb\rc", "\n\n", "x = 1\n" * 2000])
def test_there_is_a_row_for_each_line_of_the_text(text):
    lines, first = lines_of(Text.of(text), 0, 10_000)
    assert (lines.n_rows, first) == (Text.of(text).n_lines, 0)


def test_of_a_long_text_the_rows_around_the_place_are_kept():
    text = Text.of("".join(f"row_{i} = value\n" for i in range(20_000)))
    lines, first = lines_of(text, 15_000, 1000)
    assert 1000 <= lines.n_rows < 1400
    assert first <= 14_600
    assert first + lines.n_rows >= 15_400
    assert lines.line[15_000 - first] == hash("row_15000 = value")


def test_an_edit_of_a_long_text_changes_its_row_alone():
    text = Text.of("".join(f"row_{i} = value\n" for i in range(5000)))
    start = text.line_start(2500)
    was, _ = lines_of(text, 0, 10_000)
    is_, _ = lines_of(text.replaced(start, start + 3, "new"), 0, 10_000)
    assert (was.line != is_.line).nonzero()[0].tolist() == [2500]
    assert was.token_row.tolist() == is_.token_row.tolist()


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("", Kind.BLANK),
        ("# why", Kind.COMMENT),
        ("// why", Kind.COMMENT),
        ("from a import b", Kind.IMPORT),
        ("#include <a.h>", Kind.IMPORT),
        ("const a = require('a');", Kind.IMPORT),
        ("@cached", Kind.ANNOTATION),
        ("public final class A {", Kind.CLASS),
        ("export async function f() {", Kind.FUNCTION),
        ("static int f(int a) {", Kind.FUNCTION),
        ('"key": 1,', Kind.FIELD),
        ("- an item", Kind.BULLET),
        ("let a = 1;", Kind.VARIABLE),
        ("a.b = c", Kind.ASSIGNMENT),
        ("a.f(b)", Kind.CALL),
        ("assert a", Kind.ASSERTION),
        ("return a", Kind.RETURN),
        ("} else {", Kind.BRANCH),
        ("for a in b:", Kind.LOOP),
        ("});", Kind.CLOSING),
        ('"text"', Kind.STRING),
        ("name,", Kind.ITEM),
    ],
)
def test_the_kind_of_a_line_is_told_from_its_words(line, kind):
    lines, _ = lines_of(Text.of(line), 0, 10)
    assert Kind(lines.kind[0]) is kind
