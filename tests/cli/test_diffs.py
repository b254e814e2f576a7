"""Diffs: which lines are shown, and what is marked in them."""

from __future__ import annotations

import io

from rich.console import Console

from nextedit_lsp.cli import diffs
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit


def check_diff(before: str, edits: list[Edit], *expected: str) -> None:
    assert diffs.plain(Text.of(before), Changes.of(edits)) == list(expected)


def test_a_replaced_word_shows_its_line():
    check_diff("a\nb c d\ne\n", [Edit(4, 5, "x")], "-b c d", "+b x d")


def test_added_lines_show_alone():
    check_diff("a\nb\n", [Edit(2, 2, "n\nm\n")], "+n", "+m")
    check_diff("a\nb\n", [Edit(1, 1, "\nn")], "+n")


def test_removed_lines_show_alone():
    check_diff("a\nb\nc\n", [Edit(2, 4, "")], "-b")


def test_edits_far_apart_show_apart():
    check_diff("a\nb\nc\nd\ne\n", [Edit(0, 1, "A"), Edit(8, 9, "E")], "-a", "+A", "-e", "+E")


def test_line_numbers_and_marks():
    removed, added = diffs.lines(Text.of("a\nb old d\n"), Changes.of([Edit(4, 7, "new")]))
    assert (removed.number, removed.marked, added.number, added.marked) == (2, ((2, 5),), 2, ((2, 5),))


def test_nothing_is_cut_where_there_is_no_terminal():
    out = io.StringIO()
    long = "x" * 300
    diffs.show(Console(file=out, width=80), Text.of(f"{long}\n"), Changes.of([Edit(300, 300, "y")]))
    assert f"+ {long}y" in out.getvalue()
