"""The model in the session: asked where nothing can be derived, given up when it fails, and told of once."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from nextedit_lsp.engine.scripted import ScriptedEngine
from nextedit_lsp.formats.prompt import Question, text_of
from nextedit_lsp.session.asking import Ask
from nextedit_lsp.session.listening import Kind
from nextedit_lsp.session.model import Target, target_of
from nextedit_lsp.session.scripted import ScriptedPredictor
from nextedit_lsp.session.settings import Settings
from nextedit_lsp.vetting.silence import Silence

from .checks import URI, Bench

SETTINGS = Settings(model="/m.gguf", model_format="sweep-zed")


def replacing(old: str, new: str):
    """A model that rewrites what it is shown, with one text for another."""

    def answer(question: Question) -> str:
        return question.draft.replace(old, new)

    return answer


async def with_model(bench, engine: ScriptedEngine, predictor: ScriptedPredictor | None = None) -> Bench:
    """A bench whose model is ready and that has seen one edit."""
    b: Bench = bench(predictor or ScriptedPredictor(), settings=SETTINGS, engine=engine)
    b.session._model.use(SETTINGS)
    await b.session._model._task
    b.open("one = 1\ntwo = 2\n")
    b.replace("1", "3")
    await b.clock.advance(1.0)
    return b


async def read_ahead(b: Bench) -> None:
    reading = b.session._asking._reading
    assert reading is not None
    await reading


async def test_where_nothing_can_be_derived_the_model_is_asked(bench):
    b = await with_model(bench, ScriptedEngine(answer=replacing("two", "second")))
    (suggestion,) = await b.next_edits(7)
    assert (suggestion.source, suggestion.old_text, suggestion.edit.text) == ("model", "two", "second")
    assert "prompt" in b.session.explanation(URI)


async def test_what_can_be_derived_is_answered_without_the_model(bench):
    engine = ScriptedEngine(answer=replacing("two", "second"))
    b = await with_model(bench, engine, ScriptedPredictor(("one", "first")))
    (suggestion,) = await b.next_edits(7)
    assert suggestion.edit.text == "first"
    assert engine.asked == []


async def test_what_an_earlier_question_cost_is_not_told_of_a_later_answer(bench):
    b = await with_model(bench, ScriptedEngine(answer=replacing("two", "second")))
    await b.next_edits(7)
    assert "Model: prompt" in b.session.explanation(URI)
    b.predictor.replacements = (("one", "first"),)
    b.replace("3", "5")
    await b.clock.advance(1.0)
    await b.next_edits(7)
    assert "Model:" not in b.session.explanation(URI)


async def test_whoever_asks_gets_both(bench):
    engine = ScriptedEngine(answer=replacing("two", "second"))
    b = await with_model(bench, engine, ScriptedPredictor(("one", "first")))
    prediction = await b.answered(b.session.predicted(Ask(URI, 7, "code_action", is_explicit=True)))
    assert [one.edit.text for one in prediction.suggestions] == ["first", "second"]


async def test_a_model_that_keeps_everything_is_silence_with_a_reason(bench):
    b = await with_model(bench, ScriptedEngine())
    prediction = await b.answered(b.session.predicted(Ask(URI, 7, "inline_edit")))
    assert (prediction.suggestions, prediction.silence) == ((), Silence.NO_EDIT)


async def test_an_unsure_answer_is_withheld(bench):
    b = await with_model(bench, ScriptedEngine(answer=replacing("two", "second"), logprob=-20.0))
    prediction = await b.answered(b.session.predicted(Ask(URI, 7, "inline_edit")))
    assert (prediction.suggestions, prediction.silence) == ((), Silence.UNLIKELY)


async def test_amid_a_word_the_model_only_goes_on_from_the_cursor(bench):
    engine = ScriptedEngine(answer=replacing("one = 3", "one = 3  # changed"))
    b: Bench = bench(ScriptedPredictor(silences=(Silence.UNSETTLED,) * 2), settings=SETTINGS, engine=engine)
    b.session._model.use(SETTINGS)
    await b.session._model._task
    b.open("one = 1\ntwo = 2\n")
    b.replace("1", "3")
    (suggestion,) = await b.next_edits(7)
    assert (suggestion.edit.start, suggestion.edit.text) == (7, "  # changed")


async def test_amid_a_word_nothing_elsewhere_is_suggested(bench):
    engine = ScriptedEngine(answer=replacing("two", "second"))
    predictor = ScriptedPredictor(silences=(Silence.UNSETTLED,) * 2)
    b: Bench = bench(predictor, settings=SETTINGS, engine=engine)
    b.session._model.use(SETTINGS)
    await b.session._model._task
    b.open("one = 1\ntwo = 2\n")
    b.replace("1", "3")
    asking = asyncio.create_task(b.session.predicted(Ask(URI, 7, "inline_edit")))
    await b.clock.settle()
    await b.clock.advance(0.03)
    await b.clock.settle()
    assert not asking.done()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)


async def test_an_engine_that_fails_costs_its_answer_only(bench):
    async def die() -> None:
        engine.fail("killed")

    engine = ScriptedEngine(answer=replacing("two", "second"), delay=die)
    b = await with_model(bench, engine)
    prediction = await b.answered(b.session.predicted(Ask(URI, 7, "inline_edit")))
    assert prediction.silence is Silence.ENGINE_FAILED
    assert "killed" in b.session.explanation(URI)


async def test_a_failed_engine_is_not_asked(bench):
    engine = ScriptedEngine(answer=replacing("two", "second"))
    b = await with_model(bench, engine)
    engine.fail("killed")
    assert await b.next_edits(7) == []
    assert engine.asked == []


async def test_a_model_that_dies_again_and_again_is_told_of_once(bench):
    engine = ScriptedEngine()
    b = await with_model(bench, engine)
    for _ in range(3):
        engine.fail("it was killed")
        b.session._model._on_engine()
    assert b.hearing.warnings == ["nextedit: the model /m.gguf stopped: it was killed"]
    assert b.session.status().kind is Kind.WARNING


async def test_an_answer_that_comes_when_the_text_is_another_is_dropped(bench):
    gate = asyncio.Event()
    b = await with_model(bench, ScriptedEngine(answer=replacing("two", "second"), delay=gate.wait))
    asking = asyncio.create_task(b.session.predicted(Ask(URI, 7, "inline_edit")))
    await b.clock.settle()
    await b.clock.advance(0.03)
    while not b.session._model._engine.asked:  # type: ignore[union-attr]
        await asyncio.sleep(0)
    b.replace("two", "three")
    gate.set()
    prediction = await asking
    assert (prediction.suggestions, prediction.silence) == ((), Silence.STALE)


async def test_a_newer_ask_cancels_the_older_one_s_question(bench):
    class Held(ScriptedEngine):
        n_cancelled = 0

        async def ask(self, question, effort, judge=None):
            try:
                return await super().ask(question, effort, judge)
            except asyncio.CancelledError:
                Held.n_cancelled += 1
                raise

    engine = Held(delay=asyncio.Event().wait)
    b = await with_model(bench, engine)
    first = asyncio.create_task(b.session.predicted(Ask(URI, 7, "inline_edit")))
    await b.clock.settle()
    await b.clock.advance(0.03)
    while not engine.asked:
        await asyncio.sleep(0)
    second = asyncio.create_task(b.session.predicted(Ask(URI, 6, "inline_edit")))
    assert (await first).silence is Silence.CANCELLED
    assert Held.n_cancelled == 1
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)


async def test_the_prompt_is_read_ahead_while_the_user_types(bench):
    engine = ScriptedEngine()
    b = await with_model(bench, engine)
    await read_ahead(b)
    b.replace("2", "4")
    await read_ahead(b)
    assert "two = 4" in text_of(engine.warmed[-1])


async def test_nothing_is_read_ahead_of_a_file_whose_suggestions_are_off(bench):
    engine = ScriptedEngine()
    settings = Settings(model="/m.gguf", model_format="sweep-zed", enabled=False)
    b: Bench = bench(ScriptedPredictor(), settings=settings, engine=engine)
    b.session._model.use(settings)
    await b.session._model._task
    b.open("one = 1\n")
    assert b.session._asking._reading is None


async def test_a_judge_sees_the_answer_and_says_whether_it_is_sound(bench):
    engine = ScriptedEngine(answer=replacing("two = 2", "two = (2"))
    settings = replace(SETTINGS, take_back=True)
    b: Bench = bench(ScriptedPredictor(), settings=settings, engine=engine)
    b.session._model.use(settings)
    await b.session._model._task
    b.session.open(URI, "python", 1, "one = 1\ntwo = 2\n")
    b.replace("1", "3")
    await b.clock.advance(1.0)
    prediction = await b.answered(b.session.predicted(Ask(URI, 7, "inline_edit")))
    assert engine.verdicts == [False]
    assert prediction.silence is Silence.BREAKS_SYNTAX


async def test_a_model_whose_format_nobody_knows_is_told_with_the_remedy(bench):
    b: Bench = bench(ScriptedPredictor(), engine=ScriptedEngine())
    b.session.configure(Settings(model="/m.gguf"))
    await b.session._model._task
    (warning,) = b.hearing.warnings
    assert "modelFormat" in warning
    assert b.session._model.writer is None
    b.session.configure(Settings(model="/m.gguf", min_chance=0.5))
    assert b.session.status().kind is Kind.WARNING
    b.session.configure(Settings(model="none"))
    await b.session._model._task
    assert b.session.status().kind is Kind.NORMAL


async def test_an_unknown_name_is_told_and_nothing_is_loaded(bench):
    b: Bench = bench(ScriptedPredictor(), engine=ScriptedEngine())
    b.session.configure(Settings(model="no-such-model"))
    assert b.session.status().model_state == "absent"
    (warning,) = b.hearing.warnings
    assert "no-such-model" in warning


@pytest.mark.parametrize("settings", [Settings(model="none"), Settings()])
def test_no_model_is_none(settings):
    assert target_of(settings) is None


def test_a_server_takes_the_place_of_a_file():
    target = target_of(Settings(model="/m.gguf", server="http://127.0.0.1:1/v1", server_model="m"))
    assert target == Target(server="http://127.0.0.1:1/v1", server_model="m")
