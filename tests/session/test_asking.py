from __future__ import annotations

import asyncio

import pytest

from nextedit_lsp.errors import DocumentNotOpen
from nextedit_lsp.predictor import Prediction
from nextedit_lsp.session.asking import Ask
from nextedit_lsp.session.scripted import ScriptedPredictor
from nextedit_lsp.session.settings import Settings
from nextedit_lsp.vetting.silence import Silence
from tests.session.checks import OTHER, URI


async def test_an_ask_is_answered_with_the_best_suggestion(bench):
    b = bench(ScriptedPredictor(("old", "new")))
    b.open("old old")
    (suggestion,) = await b.next_edits()
    assert (suggestion.edit.start, suggestion.edit.end, suggestion.edit.text) == (0, 3, "new")


async def test_alternatives_are_given_where_the_settings_ask_for_them(bench):
    b = bench(ScriptedPredictor(("old", "new")), settings=Settings(max_edits=5))
    b.open("old old")
    assert len(await b.next_edits()) == 2


async def test_a_document_that_is_not_open_is_an_error(bench):
    b = bench(ScriptedPredictor())
    with pytest.raises(DocumentNotOpen):
        await b.next_edits()


async def test_the_second_ask_is_answered_from_the_cache(bench):
    b = bench(ScriptedPredictor(("old", "new")))
    b.open("old")
    assert await b.next_edits() == await b.next_edits()
    assert len(b.predictor.snapshots) == 1


async def test_nothing_is_cached_too(bench):
    b = bench(ScriptedPredictor())
    b.open("text")
    assert await b.next_edits() == await b.next_edits() == []
    assert len(b.predictor.snapshots) == 1


async def test_a_change_elsewhere_makes_the_cache_stale(bench):
    b = bench(ScriptedPredictor(("old", "new")))
    b.open("old")
    b.open("text", OTHER)
    await b.next_edits()
    b.change(0, 0, "x", OTHER)
    await b.next_edits()
    assert len(b.predictor.snapshots) == 2


async def test_typing_the_suggestion_re_bases_it_without_a_prediction(bench):
    b = bench(ScriptedPredictor(("ab", "abcdef")))
    b.open("ab\nab\n")
    (before,) = await b.next_edits(2)
    b.change(2, 0, "c")
    (after,) = await b.next_edits(3)
    assert (before.edit.text, after.edit.text, after.edit.start) == ("cdef", "def", 3)
    assert after.id == before.id
    assert after.version == 2
    assert len(b.predictor.snapshots) == 1


async def test_typing_something_else_asks_anew(bench):
    b = bench(ScriptedPredictor(("ab", "abcdef")))
    b.open("ab\n")
    await b.next_edits(2)
    b.change(2, 0, "x")
    await b.next_edits(3)
    assert len(b.predictor.snapshots) == 2


async def test_a_newer_ask_replaces_the_older_one_at_once(bench):
    b = bench(ScriptedPredictor(("old", "new")))
    b.open("old")
    b.predictor.gate.clear()
    first = asyncio.create_task(b.session.predicted(Ask(URI, 0, "inline_edit", is_explicit=True)))
    await asyncio.to_thread(b.predictor.started.wait, 5)
    second = asyncio.create_task(b.session.predicted(Ask(URI, 1, "inline_edit", is_explicit=True)))
    assert await first == Prediction(silence=Silence.CANCELLED)
    assert b.predictor.n_ended == 0
    b.predictor.gate.set()
    assert (await second).suggestions


async def test_asks_of_other_lanes_and_documents_go_on(bench):
    b = bench(ScriptedPredictor(("old", "new")))
    b.open("old")
    b.open("old", OTHER)
    asks = [Ask(URI, 0, "inline_edit"), Ask(URI, 0, "inline_completion"), Ask(OTHER, 0, "inline_edit")]
    tasks = [asyncio.create_task(b.session.predicted(ask)) for ask in asks]
    await b.clock.advance(0.03)
    assert all(prediction.suggestions for prediction in await asyncio.gather(*tasks))


async def test_a_cancelled_ask_ends_while_the_prediction_still_runs(bench):
    b = bench(ScriptedPredictor(("old", "new")))
    b.open("old")
    b.predictor.gate.clear()
    task = asyncio.create_task(b.session.predicted(Ask(URI, 0, "inline_edit", is_explicit=True)))
    await asyncio.to_thread(b.predictor.started.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert b.predictor.n_ended == 0


async def test_an_answer_for_a_text_that_changed_meanwhile_is_dropped(bench):
    b = bench(ScriptedPredictor(("old", "new")))
    b.open("old text")
    b.predictor.gate.clear()
    task = asyncio.create_task(b.session.predicted(Ask(URI, 0, "inline_edit", is_explicit=True)))
    await asyncio.to_thread(b.predictor.started.wait, 5)
    b.change(8, 0, "!")
    b.predictor.gate.set()
    assert await task == Prediction(silence=Silence.STALE)


async def test_an_answer_into_which_the_user_typed_meanwhile_is_re_based(bench):
    b = bench(ScriptedPredictor(("ab", "abcdef")))
    b.open("ab")
    b.predictor.gate.clear()
    task = asyncio.create_task(b.session.predicted(Ask(URI, 2, "inline_edit", is_explicit=True)))
    await asyncio.to_thread(b.predictor.started.wait, 5)
    b.change(2, 0, "c")
    b.change(3, 0, "d")
    b.predictor.gate.set()
    (suggestion,) = (await task).suggestions
    assert (suggestion.edit.start, suggestion.edit.text, suggestion.version) == (4, "ef", 3)


async def test_a_half_typed_word_is_waited_for(bench):
    b = bench(ScriptedPredictor(("old", "new"), silences=(Silence.UNSETTLED,)))
    b.open("old")
    b.change(3, 0, "!")
    task = asyncio.create_task(b.session.predicted(Ask(URI, 4, "inline_edit")))
    await b.clock.advance(0.03)
    await _until(lambda: len(b.predictor.snapshots) == 1 and b.clock.n_sleepers == 1)
    await b.clock.advance(0.3)
    assert not task.done()
    await b.clock.advance(0.1)
    assert (await task).suggestions
    assert b.predictor.snapshots[1].now - b.predictor.snapshots[0].now == pytest.approx(0.387, abs=0.01)


async def test_waiting_for_a_word_ends_when_the_user_types_on(bench):
    b = bench(ScriptedPredictor(silences=(Silence.UNSETTLED,)))
    b.open("old")
    b.change(3, 0, "!")
    task = asyncio.create_task(b.session.predicted(Ask(URI, 4, "inline_edit")))
    await b.clock.advance(0.03)
    await _until(lambda: b.clock.n_sleepers == 1)
    b.change(4, 0, "!")
    await b.clock.advance(0.5)
    assert await task == Prediction(silence=Silence.STALE)


async def test_asking_explicitly_waits_for_nothing(bench):
    b = bench(ScriptedPredictor(("old", "new")))
    b.open("old")
    assert (await b.session.predicted(Ask(URI, 0, "next", is_explicit=True))).suggestions


async def test_a_prediction_that_breaks_costs_one_answer(bench, caplog):
    def broken(*_arguments):
        raise RuntimeError("boom")

    b = bench(ScriptedPredictor(("old", "new")))
    b.open("old")
    b.session._asking._predict = broken
    assert await b.next_edits() == []
    b.session._asking._predict = b.predictor
    assert "the prediction failed" in caplog.text
    assert await b.next_edits(is_explicit=True)


async def test_the_log_holds_one_line_a_request_and_no_source_text(bench, caplog):
    caplog.set_level("INFO", "nextedit_lsp")
    b = bench(ScriptedPredictor(("secret", "hidden")))
    b.open("secret")
    await b.next_edits()
    (line,) = [record.getMessage() for record in caplog.records if "request" in record.getMessage()]
    assert "inline_edit: 1 suggestions" in line
    assert "predict" in line
    assert "secret" not in caplog.text
    assert "hidden" not in caplog.text


async def test_a_pause_silences_what_comes_by_itself(bench):
    b = bench(ScriptedPredictor(("old", "new")))
    b.open("old")
    b.session.pause(5)
    assert await b.next_edits() == []
    assert await b.next_edits(is_explicit=True)
    await b.clock.advance(301)
    assert await b.next_edits()


async def test_a_pause_without_an_end_lasts_until_resumed(bench):
    b = bench(ScriptedPredictor(("old", "new")))
    b.open("old")
    b.session.pause(None)
    await b.clock.advance(1e6)
    assert await b.next_edits() == []
    assert b.session.status().paused_s is None
    b.session.resume()
    assert await b.next_edits()


async def test_a_language_can_be_switched_off(bench):
    b = bench(ScriptedPredictor(("old", "new")), settings=Settings(languages={"plaintext": False}))
    b.open("old")
    assert await b.next_edits() == []
    assert b.session.explanation(URI).startswith("No suggestion: suggestions are switched off")
    assert await b.next_edits(is_explicit=True)


async def _until(condition):
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it never happened")
