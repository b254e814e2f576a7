from __future__ import annotations

import json

import pytest

from nextedit_lsp.editing.events import Origin
from nextedit_lsp.errors import UnknownSuggestion
from nextedit_lsp.feedback.store import FILE_NAME
from nextedit_lsp.session.scripted import ScriptedPredictor
from nextedit_lsp.session.settings import Settings
from tests.session.checks import OTHER, URI


def counts(b):
    return dict(b.session.status().counts)


async def test_text_of_a_suggestion_that_arrives_is_an_acceptance(bench):
    b = bench(ScriptedPredictor(("old", "new")))
    b.open("old old")
    (suggestion,) = await b.next_edits()
    b.change(0, 3, "new")
    assert b.session.state.history.events[-1].origin is Origin.ACCEPTED
    b.session.accepted(suggestion.id)
    assert counts(b) == {"accepted": 1}


async def test_the_report_may_come_before_the_text(bench):
    b = bench(ScriptedPredictor(("old", "new")))
    b.open("old old")
    (suggestion,) = await b.next_edits()
    b.session.accepted(suggestion.id)
    b.change(0, 3, "new")
    assert b.session.state.history.events[-1].origin is Origin.ACCEPTED
    assert counts(b) == {"accepted": 1}


async def test_text_that_the_editor_altered_is_an_acceptance_by_its_report(bench):
    b = bench(ScriptedPredictor(("old", "new")))
    b.open("old old")
    (suggestion,) = await b.next_edits()
    b.change(0, 3, "  new")
    assert b.session.state.history.events[-1].origin is Origin.TYPED
    b.session.accepted(suggestion.id)
    assert b.session.state.history.events[-1].origin is Origin.ACCEPTED


async def test_a_single_key_is_typed_until_reported_accepted(bench):
    b = bench(ScriptedPredictor(("ab", "abc")))
    b.open("ab")
    (suggestion,) = await b.next_edits()
    b.change(2, 0, "c")
    assert b.session.state.history.events[-1].origin is Origin.TYPED
    b.session.accepted(suggestion.id)
    assert b.session.state.history.events[-1].origin is Origin.ACCEPTED


async def test_after_an_acceptance_the_next_answer_is_known(bench):
    b = bench(ScriptedPredictor(("old", "new")))
    b.open("old\nold\n")
    (first,) = await b.next_edits()
    b.change(0, 3, "new")
    await b.quiet()
    n_predictions = len(b.predictor.snapshots)
    (second,) = await b.next_edits(first.cursor_after)
    assert second.line == 1
    assert len(b.predictor.snapshots) == n_predictions == 2


async def test_a_rejected_suggestion_is_remembered_where_its_lines_went(bench):
    b = bench(ScriptedPredictor(("old", "new")))
    b.open("a\nold\n")
    (suggestion,) = await b.next_edits()
    b.session.rejected(suggestion.id)
    b.change(0, 0, "one\ntwo\n")
    (rejection,) = b.session.state.offers.rejections
    assert b.text()[rejection.start : rejection.end] == "old" == rejection.old
    assert (rejection.new, rejection.pattern) == ("new", "old→new")
    await b.next_edits()
    assert b.predictor.snapshots[-1].rejections == (rejection,)


async def test_a_rejected_insertion_moves_with_a_new_line_above(bench):
    b = bench(ScriptedPredictor(("b", "xb")))
    b.open("a\nb\n")
    (suggestion,) = await b.next_edits()
    assert b.session.rejected(None)
    b.change(2, 0, "above\n")
    (rejection,) = b.session.state.offers.rejections
    assert rejection.start == rejection.end == b.text().index("b\n", 7)
    assert suggestion.edit.start == 2


async def test_a_rejection_makes_what_is_known_stale(bench):
    b = bench(ScriptedPredictor(("old", "new")))
    b.open("old")
    (suggestion,) = await b.next_edits()
    b.session.rejected(suggestion.id)
    await b.next_edits()
    assert len(b.predictor.snapshots) == 2


async def test_undoing_an_accepted_suggestion_counts_as_turning_it_down(bench):
    b = bench(ScriptedPredictor(("old", "new")))
    b.open("a\nold\n")
    await b.next_edits()
    b.replace("old", "new")
    b.replace("a", "above")
    b.replace("new", "old")
    assert counts(b) == {"accepted": 1, "undone": 1}
    (rejection,) = b.session.state.offers.rejections
    assert b.text()[rejection.start : rejection.end] == "old" == rejection.old


async def test_all_of_one_pattern_applied_at_once_are_accepted(bench):
    b = bench(ScriptedPredictor(("old", "new")), settings=Settings(max_edits=8))
    b.open("old old old")
    await b.next_edits()
    b.change(0, 11, "new new new")
    assert counts(b) == {"accepted": 3}
    b.change(0, 11, "old old old")
    assert counts(b) == {"accepted": 3, "undone": 3}
    assert [(r.start, r.end) for r in b.session.state.offers.rejections] == [(0, 3), (4, 7), (8, 11)]


async def test_crlf_documents_match_what_the_editor_inserts(bench):
    b = bench(ScriptedPredictor(("one", "one\ntwo")))
    b.open("one\r\nend\r\n")
    await b.next_edits()
    b.change(3, 0, "\r\ntwo")
    assert counts(b) == {"accepted": 1}


async def test_a_shown_suggestion_that_is_edited_over_was_ignored(bench):
    b = bench(ScriptedPredictor(("old", "new")))
    b.open("old text")
    (suggestion,) = await b.next_edits()
    b.session.shown(suggestion.id)
    b.session.shown(suggestion.id)
    b.change(1, 1, "xyz")
    b.change(0, 0, "!")
    assert counts(b) == {"shown": 1, "ignored": 1}


async def test_a_suggestion_follows_changes_elsewhere(bench):
    b = bench(ScriptedPredictor(("old", "new")))
    b.open("text old")
    (suggestion,) = await b.next_edits()
    b.change(0, 0, "more ")
    standing = b.session.standing(suggestion.id)
    assert (standing.edit.start, standing.version) == (10, 2)
    b.change(11, 0, "?")
    with pytest.raises(UnknownSuggestion):
        b.session.standing(suggestion.id)


async def test_an_unknown_suggestion_is_an_error(bench):
    b = bench(ScriptedPredictor())
    with pytest.raises(UnknownSuggestion, match="ask again"):
        b.session.accepted("nope")


async def test_outcomes_are_kept_without_source_text(bench, tmp_path):
    b = bench(ScriptedPredictor(("secret", "hidden")), feedback_directory=tmp_path)
    b.open("secret")
    (suggestion,) = await b.next_edits()
    b.session.shown(suggestion.id)
    b.session.rejected(suggestion.id)
    await b.close()
    content = (tmp_path / FILE_NAME).read_text()
    assert [json.loads(line)["outcome"] for line in content.splitlines()] == ["shown", "rejected"]
    assert "secret" not in content
    assert "hidden" not in content
    assert URI not in content


async def test_feedback_can_be_switched_off(bench, tmp_path):
    b = bench(ScriptedPredictor(("old", "new")), settings=Settings(feedback=False), feedback_directory=tmp_path)
    b.open("old")
    (suggestion,) = await b.next_edits()
    b.session.rejected(suggestion.id)
    await b.close()
    assert not (tmp_path / FILE_NAME).exists()


async def test_suggestions_of_one_pattern_are_known_together(bench):
    b = bench(ScriptedPredictor(("old", "new"), ("a", "b")))
    b.open("old a old")
    b.open("old", OTHER)
    (suggestion,) = await b.next_edits()
    assert [one.uri for one in b.session.alike(suggestion)] == [URI, URI, OTHER]
