"""What a user sees when the model's process is killed, stopped, put to sleep, closed, or fed what it can't take."""

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import gguf
import pytest

from nextedit_lsp.engine import process as engine_process
from nextedit_lsp.engine.interface import Effort, EngineError, EngineState, Judge, Partial, Reply, Usage
from nextedit_lsp.engine.machine import Wishes
from nextedit_lsp.engine.process import MAX_DEATHS, WorkerEngine
from nextedit_lsp.formats.prompt import Prompt, Question, Segment

from . import workers
from .tiny_gguf import CONTEXT, write_tiny_adapter, write_tiny_gguf
from .workers import ONE, TIMEOUT_S, check_answers, load, n_passes, question, until, until_held, until_state


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "tiny.gguf"
    write_tiny_gguf(path, sharpness=30.0)
    return path


class Engines(list[WorkerEngine]):
    def new(self, *arguments: object, **more: object) -> WorkerEngine:
        self.append(workers.new_engine(*arguments, **more))  # type: ignore[arg-type]
        return self[-1]


@pytest.fixture
async def engines() -> AsyncIterator[Engines]:
    """Makes engines that are closed in the end."""
    engines = Engines()
    yield engines
    for engine in engines:
        await engine.close()


async def asked_and_held(engine: WorkerEngine, folder: Path) -> "asyncio.Task[object]":
    asking = asyncio.create_task(engine.ask(question(), ONE))
    await until_held(folder)
    return asking


async def check_cancelled(task: "asyncio.Task[object]") -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_worker_killed_amid_an_answer_says_so_and_starts_again_by_itself(
    engines: Engines, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(engine_process, "FIRST_RESTART_S", 0.01)
    states: list[EngineState] = []
    engine = engines.new(model, workers.held_at(3, tmp_path), on_change=lambda: states.append(engine.state))
    asking = await asked_and_held(await load(engine), tmp_path)
    assert engine._process is not None
    engine._process.kill()
    with pytest.raises(
        EngineError, match=r"was killed, perhaps by the system for want of memory\. Close other programs"
    ):
        await asyncio.wait_for(asking, TIMEOUT_S)
    assert engine.state is EngineState.FAILED
    assert "killed" in str(engine.reason)
    await until_state(engine, EngineState.READY)
    assert engine.reason is None
    await check_answers(engine)
    assert states == [*(EngineState.LOADING, EngineState.READY, EngineState.FAILED), *states[:2]]


async def test_a_model_that_kills_its_process_each_time_is_given_up(
    engines: Engines, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(engine_process, "FIRST_RESTART_S", 0.001)
    engine = await load(engines.new(model, workers.dying_at(2, tmp_path)))
    for n_deaths in range(1, MAX_DEATHS + 1):
        await until_state(engine, EngineState.READY)
        # That a prompt could be read says nothing of what comes then.
        await asyncio.wait_for(engine.warm(question().prompt), TIMEOUT_S)
        with pytest.raises(EngineError, match="killed"):
            await asyncio.wait_for(engine.ask(question("ab(c"), ONE), TIMEOUT_S)
        assert engine._n_deaths == n_deaths
    assert engine.state is EngineState.FAILED
    assert engine._restart is None
    with pytest.raises(EngineError, match="No model is loaded: The model's process was killed"):
        await engine.ask(question(), ONE)


async def test_an_answer_ends_the_count_of_deaths(
    engines: Engines, model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(engine_process, "FIRST_RESTART_S", 0.001)
    engine = await load(engines.new(model))
    for n_deaths in (1, 2):
        assert engine._process is not None
        engine._process.kill()
        await until(lambda n=n_deaths: engine._n_deaths == n)  # type: ignore[misc]
        await until_state(engine, EngineState.READY)
    await check_answers(engine)
    assert engine._n_deaths == 0


async def test_a_crash_of_native_code_is_told_in_its_own_words(engines: Engines, tmp_path: Path):
    write_tiny_gguf(tmp_path / "twice.gguf", extra=[("</s>", gguf.TokenType.CONTROL)])
    engine = engines.new(tmp_path / "twice.gguf")
    await asyncio.wait_for(engine.load(lambda _: None), TIMEOUT_S)
    assert engine.state is EngineState.FAILED
    assert "crashed (SIGABRT). It said:" in str(engine.reason)
    assert "GGML_ASSERT" in str(engine.reason)


@pytest.mark.parametrize("n_pass", [1, 2, 10])
async def test_cancelling_stops_the_worker_in_the_prompt_and_in_the_answer(
    engines: Engines, model: Path, tmp_path: Path, n_pass: int
):
    engine = await load(engines.new(model, workers.held_at(n_pass, tmp_path)))
    await check_cancelled(await asked_and_held(engine, tmp_path))
    await check_answers(engine, max_tokens=5)
    assert n_passes(tmp_path) <= n_pass + 2 + 5, "300 tokens were wanted at first"


async def test_a_request_cancelled_before_its_turn_is_never_begun(engines: Engines, model: Path, tmp_path: Path):
    engine = await load(engines.new(model, workers.held_at(4, tmp_path)))
    running = await asked_and_held(engine, tmp_path)
    waiting = asyncio.create_task(engine.ask(question("c" * 300), ONE))
    await until(lambda: len(engine._answers) == 2)
    await check_cancelled(waiting)
    await check_cancelled(running)
    usage = (await asyncio.wait_for(engine.ask(question("c" * 300, 5), ONE), TIMEOUT_S)).usage
    assert usage.reused_tokens < 5
    assert n_passes(tmp_path) <= 4 + 1 + 5


async def test_reading_ahead_gives_way_to_a_question(engines: Engines, model: Path, tmp_path: Path):
    engine = await load(engines.new(model, workers.held_at(1, tmp_path)))
    warming = asyncio.create_task(engine.warm(question("c" * 300).prompt))
    await until_held(tmp_path)
    await check_answers(engine)
    assert await asyncio.wait_for(warming, TIMEOUT_S) == Usage()


async def test_an_idle_model_is_given_back_and_loaded_for_the_next_question(engines: Engines, model: Path):
    engine = engines.new(model, idle_s=0.05)
    await asyncio.wait_for(engine.load(lambda _: None), TIMEOUT_S)
    await until_state(engine, EngineState.ASLEEP)
    await until(lambda: engine._process is None)
    for _ in range(2):
        await check_answers(engine)
        await until_state(engine, EngineState.ASLEEP)


async def test_a_model_that_just_fell_asleep_is_woken_once_by_several(engines: Engines, model: Path):
    states: list[EngineState] = []
    engine = engines.new(model, on_change=lambda: states.append(engine.state))
    await load(engine)
    engine._fall_asleep()
    await asyncio.gather(check_answers(engine), check_answers(engine), engine.warm(question().prompt))
    ready = [EngineState.LOADING, EngineState.READY]
    assert states == [*ready, EngineState.ASLEEP, *ready]
    assert engine.reason is None


async def test_a_model_does_not_fall_asleep_amid_an_answer(engines: Engines, model: Path, tmp_path: Path):
    engine = await load(engines.new(model, workers.held_at(3, tmp_path)))
    asking = await asked_and_held(engine, tmp_path)
    engine._fall_asleep()
    assert engine.state is EngineState.READY
    await check_cancelled(asking)


async def test_a_sleeping_model_can_be_closed(engines: Engines, model: Path):
    engine = await load(engines.new(model))
    process = engine._process
    assert process is not None
    engine._fall_asleep()
    await engine.close()
    assert process.returncode == 0
    with pytest.raises(EngineError, match="No model is loaded: closed"):
        await engine.ask(question(), ONE)


async def test_closing_amid_an_answer_fails_it_and_is_no_failure_of_the_engine(
    engines: Engines, model: Path, tmp_path: Path
):
    engine = await load(engines.new(model, workers.held_at(3, tmp_path)))
    asking = await asked_and_held(engine, tmp_path)
    await engine.close()
    with pytest.raises(EngineError, match="given back"):
        await asking
    assert (engine.state, engine.reason) == (EngineState.CLOSED, None)


async def judged(engine: WorkerEngine, judge: Judge) -> Reply:
    """An answer that departs from its draft and is ended by a stop, so that it is judged."""
    plain = await engine.ask(question(max_tokens=20), ONE)
    stop = next(character for character in plain.completions[0].text if character.isascii())
    asked = replace(question(max_tokens=40, draft="x\ny\n"), stops=(stop,))
    return await asyncio.wait_for(engine.ask(asked, Effort(takes_back=True), judge), TIMEOUT_S)


async def test_a_judge_that_fails_objects_to_nothing(engines: Engines, model: Path, caplog: pytest.LogCaptureFixture):
    seen: list[Partial] = []

    async def is_fine(partial: Partial) -> bool:
        seen.append(partial)
        raise RuntimeError("the judge's fault")

    engine = await load(engines.new(model))
    reply = await judged(engine, is_fine)
    assert seen
    assert reply.usage.taken_back == 0
    assert "could not be judged" in caplog.text
    await check_answers(engine)


async def test_a_judge_that_is_not_done_at_the_end_is_called_off(engines: Engines, model: Path):
    called_off = asyncio.Event()

    async def is_fine(partial: Partial) -> bool:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            called_off.set()
            raise
        return False

    engine = await load(engines.new(model))
    assert (await judged(engine, is_fine)).usage.taken_back == 0
    await asyncio.wait_for(called_off.wait(), TIMEOUT_S)
    await check_answers(engine)


async def test_what_a_judge_objects_to_is_taken_back(engines: Engines, model: Path):
    async def is_fine(partial: Partial) -> bool:
        return False

    engine = await load(engines.new(model))
    assert (await judged(engine, is_fine)).usage.taken_back > 0


async def test_a_message_over_the_limit_is_a_failure(engines: Engines, model: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engine_process, "MAX_MESSAGE_BYTES", 4096)
    command = (sys.executable, "-c", 'print(\'{"id": 1, "result": "\' + \'x\' * 100000, flush=True); input(); input()')
    engine = engines.new(model, command)
    await asyncio.wait_for(engine.load(lambda _: None), TIMEOUT_S)
    assert engine.state is EngineState.FAILED
    assert "makes no sense" in str(engine.reason)


async def test_a_long_answer_is_within_the_limit(engines: Engines, model: Path):
    engine = await load(engines.new(model))
    text = "é" * 200
    reply = await asyncio.wait_for(engine.ask(question(text, 100, draft=text * 20), Effort(n_answers=7)), TIMEOUT_S)
    assert reply.completions


async def test_a_model_that_does_not_fit_into_memory_is_refused_with_numbers(engines: Engines, model: Path):
    code = "from nextedit_lsp.engine import machine, worker; machine.available_memory = lambda: 10**8; worker.main()"
    engine = engines.new(model, (sys.executable, "-c", code))
    await asyncio.wait_for(engine.load(lambda _: None), TIMEOUT_S)
    assert engine.state is EngineState.FAILED
    assert "tiny.gguf needs about 0.4 GB of memory and 0.1 GB are free. Close other programs" in str(engine.reason)


async def test_an_adapter_is_loaded_beside_its_model_and_refused_beside_another(
    engines: Engines, model: Path, tmp_path: Path
):
    write_tiny_adapter(tmp_path / "lora.gguf")
    write_tiny_adapter(tmp_path / "other.gguf", width=32)
    plain = await load(engines.new(model))
    adapted = await load(engines.new(model, wishes=Wishes(n_threads=1, adapters=(tmp_path / "lora.gguf",))))
    assert adapted.info is not None
    assert adapted.info.chosen["adapters"] == "lora.gguf"
    texts = ["abc", "(b"]
    assert (await adapted.score(question().prompt, texts))[0] != (await plain.score(question().prompt, texts))[0]
    refused = engines.new(model, wishes=Wishes(n_threads=1, adapters=(tmp_path / "other.gguf",)))
    await asyncio.wait_for(refused.load(lambda _: None), TIMEOUT_S)
    assert refused.state is EngineState.FAILED
    assert "other.gguf beside this model" in str(refused.reason)
    assert "An adapter fits only the model that it was trained for" in str(refused.reason)


async def test_a_vocabulary_is_inspected_without_loading_the_model(engines: Engines, tmp_path: Path):
    extra = [("<|one|>", gguf.TokenType.CONTROL), ("<|two|>", gguf.TokenType.USER_DEFINED)]
    write_tiny_gguf(tmp_path / "m.gguf", name="Marked", extra=extra)
    engine = engines.new(tmp_path / "m.gguf")
    info = await asyncio.wait_for(engine.inspect(), TIMEOUT_S)
    assert (info.name, info.architecture, info.n_vocab, info.n_ctx_train) == ("Marked", "llama", 265, CONTEXT)
    assert info.control_tokens == {"<s>", "</s>", "<|one|>", "<|two|>"}
    assert engine.state is EngineState.ABSENT
    assert (await load(engine)).info.control_tokens == info.control_tokens  # type: ignore[union-attr]
    (tmp_path / "m.gguf").write_text("hello")
    with pytest.raises(EngineError, match="does not begin with 'GGUF'"):
        await engines.new(tmp_path / "m.gguf").inspect()


async def test_what_does_not_fit_into_the_context_is_refused_with_numbers(engines: Engines, model: Path):
    engine = await load(engines.new(model))
    with pytest.raises(EngineError, match="the prompt takes 601 tokens, the context has 512"):
        await engine.ask(question("b" * 600), ONE)
    with pytest.raises(EngineError, match="601 tokens"):
        await engine.warm(question("b" * 600).prompt)
    with pytest.raises(EngineError, match="a text to score has more than 512 tokens"):
        await engine.score(question().prompt, ["b" * 600])
    await check_answers(engine)


@pytest.mark.parametrize("text", ["\ud800", "a\0b\0", "\udfff\ud800", "\n", "\x85\u2028\r", "{}\\", "😀"])
async def test_any_text_goes_to_the_model_and_back(engines: Engines, model: Path, text: str):
    engine = await load(engines.new(model))
    prompt: Prompt = (Segment(text), Segment(text, is_control=True))
    asked = Question(prompt, draft=text, stops=("\0", "é"), max_tokens=4, watched=(text,))
    [found] = (await asyncio.wait_for(engine.ask(asked, ONE), TIMEOUT_S)).completions
    assert found.watched == ((text, 0.0),)
    [score], _ = await asyncio.wait_for(engine.score(prompt, [text]), TIMEOUT_S)
    assert score < 0.0
