"""Diagnostics in the session: told, kept in place, forgotten."""

from __future__ import annotations

import pytest

from nextedit_lsp.editing.elsewhere import Diagnostic, Severity
from nextedit_lsp.session import diagnostics
from nextedit_lsp.session.diagnostics import EDITOR, Diagnostics
from nextedit_lsp.session.scripted import ScriptedPredictor
from tests.session.checks import OTHER, URI

TEXT = "one\ntwo\nthree\n"


def about(word, uri=URI, severity=Severity.ERROR, text=TEXT):
    start = text.index(word)
    return Diagnostic(uri, start, start + len(word), f"{word} is wrong", severity)


async def seen(b):
    await b.next_edits(is_explicit=True)
    return [(one.uri, one.start, one.end) for one in b.predictor.snapshots[-1].diagnostics]


async def test_a_prediction_sees_the_diagnostics_of_the_open_documents(bench):
    b = bench(ScriptedPredictor())
    b.open(TEXT)
    b.open(TEXT, OTHER)
    b.session.diagnosed(OTHER, EDITOR, [about("two", OTHER)])
    b.session.diagnosed(URI, EDITOR, [about("three"), about("one")])
    assert await seen(b) == [(URI, 0, 3), (URI, 8, 13), (OTHER, 4, 7)]


async def test_they_move_with_their_lines_and_go_with_their_text(bench):
    b = bench(ScriptedPredictor())
    b.open(TEXT)
    b.session.diagnosed(URI, EDITOR, [about("one"), about("three")])
    b.replace("two\n", "two\nand a half\n")
    assert await seen(b) == [(URI, 0, 3), (URI, 19, 24)]
    b.replace("one", "zero")
    assert await seen(b) == [(URI, 20, 25)]


async def test_what_is_told_replaces_what_was_told_before(bench):
    b = bench(ScriptedPredictor())
    b.open(TEXT)
    b.session.diagnosed(URI, EDITOR, [about("one")])
    b.session.diagnosed(URI, "linter", [about("two")])
    b.session.diagnosed(URI, EDITOR, [])
    assert await seen(b) == [(URI, 4, 7)]


async def test_they_go_with_their_document(bench):
    b = bench(ScriptedPredictor())
    b.open(TEXT)
    b.session.diagnosed(URI, EDITOR, [about("one")])
    b.session.close_document(URI)
    b.open(TEXT)
    b.session.diagnosed("untitled:never opened", EDITOR, [about("one")])
    assert await seen(b) == []


async def test_silence_is_thought_over_when_there_is_news_and_suggestions_stay(bench):
    b = bench(ScriptedPredictor(("nowhere", "there")))
    b.open(TEXT)
    for found, n_asked in (([about("one")], 2), ([about("one")], 2), ([], 3)):
        await b.next_edits(is_explicit=True)
        b.session.diagnosed(URI, EDITOR, found)
        await b.next_edits(is_explicit=True)
        assert len(b.predictor.snapshots) == n_asked
    b.predictor.replacements = (("two", "2"),)
    b.session.diagnosed(URI, EDITOR, [about("two")])
    await b.next_edits(is_explicit=True)
    b.session.diagnosed(URI, EDITOR, [])
    await b.next_edits(is_explicit=True)
    assert len(b.predictor.snapshots) == 4


def test_a_part_replaces_what_was_known_of_that_part():
    told = Diagnostics()
    assert told.tell_range(URI, 0, 3, [about("one")])
    assert told.tell_range(URI, 4, 7, [about("two")])
    assert not told.tell_range(URI, 4, 7, [about("two")])
    assert told.tell_range(URI, 0, 3, [])
    assert told.of([URI]) == (about("two"),)


def test_an_editor_that_tells_of_whole_documents_is_not_heard_on_parts():
    told = Diagnostics()
    told.tell(URI, EDITOR, [about("one")])
    assert not told.tell_range(URI, 0, 3, [])
    assert told.of([URI]) == (about("one"),)


@pytest.mark.parametrize("n_found", [diagnostics.MAX_PER_SOURCE, diagnostics.MAX_PER_SOURCE + 50])
def test_of_very_many_the_worst_are_kept(n_found):
    found = [Diagnostic(URI, n, n + 1, "hint", Severity.HINT) for n in range(n_found)]
    told = Diagnostics()
    told.tell(URI, EDITOR, [*found, about("three")])
    kept = told.of([URI])
    assert len(kept) == diagnostics.MAX_PER_SOURCE
    assert kept[0] == about("three")
