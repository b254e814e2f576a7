"""The remote engine against llama.cpp's own server, which ``benchmarks/llama_server.py`` builds."""

import asyncio
import math
import os
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from benchmarks import llama_server
from benchmarks.llama_server import LlamaServer
from nextedit_lsp.engine.interface import Effort, EngineError, EngineState, Partial
from nextedit_lsp.engine.remote import RemoteEngine
from nextedit_lsp.formats.prompt import Finish, Question, Segment

from .tiny_gguf import CONTEXT, write_tiny_gguf

PROGRAM = os.environ.get("NEXTEDIT_LLAMA_SERVER", "")

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not PROGRAM, reason="NEXTEDIT_LLAMA_SERVER names no llama-server; benchmarks/llama_server.py builds one"
    ),
]

TIMEOUT_S = 60.0

PROMPT = (Segment("a b c " * 10),)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaServer]:
    model = tmp_path_factory.mktemp("models") / "tiny.gguf"
    # Wide enough that an answer takes long enough to be broken off.
    write_tiny_gguf(model, n_layers=4, width=512)
    arguments = ("--ctx-size", str(CONTEXT), "--parallel", "1", "--threads", "1", "--api-key", "sk-tiny")
    with llama_server.running(Path(PROGRAM), model, *arguments) as server:
        yield server


@pytest.fixture
async def engine(server: LlamaServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RemoteEngine]:
    monkeypatch.setenv("NEXTEDIT_API_KEY", "sk-tiny")
    engine = RemoteEngine(server.url)
    await asyncio.wait_for(engine.load(lambda _: None), TIMEOUT_S)
    assert engine.state is EngineState.READY, engine.reason
    yield engine
    await engine.close()


async def test_the_model_is_found(engine: RemoteEngine):
    assert engine.info is not None
    assert (engine.info.name, engine.info.n_vocab, engine.info.n_ctx_train) == ("tiny.gguf", 263, CONTEXT)
    assert engine.info.chosen["server"] == "llama.cpp"


async def test_an_answer_with_its_probabilities_and_counts(engine: RemoteEngine):
    reply = await engine.ask(Question(PROMPT, max_tokens=12), Effort())
    completion, usage = reply.completions[0], reply.usage
    assert completion.finish is Finish.LENGTH
    assert completion.text
    assert -12 * math.log(263) * 2 < completion.logprob < completion.min_logprob < 0.0
    assert usage.prompt_tokens == usage.evaluated_tokens + usage.reused_tokens > 20
    assert (usage.written_tokens, usage.passes, usage.drafted_tokens) == (12, 12, 0)
    assert usage.prompt_ms > 0.0
    assert usage.answer_ms > 0.0
    again = await engine.ask(Question(PROMPT, max_tokens=12), Effort())
    assert again.completions[0].text == completion.text
    assert again.usage.reused_tokens > 20


async def test_a_prompt_read_ahead_is_found_in_the_cache(engine: RemoteEngine):
    prompt = (Segment("read ahead " * 10),)
    warmed = await engine.warm(prompt)
    assert warmed.evaluated_tokens > 50
    reply = await engine.ask(Question((*prompt, Segment("x")), max_tokens=2), Effort())
    assert reply.usage.reused_tokens >= warmed.prompt_tokens - 1
    assert reply.usage.evaluated_tokens <= 3


async def test_a_fifth_stop_ends_the_answer(engine: RemoteEngine):
    text = (await engine.ask(Question(PROMPT, max_tokens=12), Effort())).completions[0].text
    stop = text[4:6]
    stops = ("\ue000", "\ue001", "\ue002", "\ue003", stop)
    completion = (await engine.ask(Question(PROMPT, max_tokens=12, stops=stops), Effort())).completions[0]
    assert completion.finish is Finish.END
    assert completion.text == text[: text.index(stop)]


async def test_a_cancelled_request_stops_the_server(engine: RemoteEngine, server: LlamaServer):
    n_before = len(n_tokens_when_stopped(server))
    asking = asyncio.create_task(engine.ask(Question(PROMPT, max_tokens=400), Effort()))
    async with httpx.AsyncClient(headers={"Authorization": "Bearer sk-tiny"}, trust_env=False) as client:
        await until_busy(client, server)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    deadline = time.monotonic() + TIMEOUT_S
    while len(n_tokens_when_stopped(server)) == n_before:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    assert n_tokens_when_stopped(server)[-1] < 400


def n_tokens_when_stopped(server: LlamaServer) -> list[int]:
    """How many tokens of prompt and answer there were whenever the server was done with a request."""
    return [int(n) for n in re.findall(r"stop processing: n_tokens = (\d+)", server.log.read_text(errors="replace"))]


async def until_busy(client: httpx.AsyncClient, server: LlamaServer) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    url = server.url.removesuffix("/v1") + "/slots"
    while not any(slot["is_processing"] for slot in (await client.get(url)).json()):
        assert time.monotonic() < deadline


async def test_a_control_token_is_watched(engine: RemoteEngine):
    completion = (
        await engine.ask(Question(PROMPT, max_tokens=1, watched=("</s>", "<s>", "no token")), Effort())
    ).completions[0]
    assert engine._ids == {"</s>": 2, "<s>": 1, "no token": None}
    assert all(0.0 < probability < 0.1 for _, probability in completion.watched)


async def test_a_settled_answer_is_judged(engine: RemoteEngine):
    partials: list[Partial] = []

    async def judge(partial: Partial) -> bool:
        partials.append(partial)
        return True

    text = (await engine.ask(Question(PROMPT, max_tokens=12), Effort())).completions[0].text
    question = Question(PROMPT, max_tokens=12, stops=(text[5:7],), draft="x\n")
    completion = (await engine.ask(question, Effort(), judge)).completions[0]
    assert partials == [Partial(completion.text)]


async def test_a_prompt_beyond_the_context_is_refused(engine: RemoteEngine):
    with pytest.raises(EngineError, match="longer than the server's context"):
        await engine.ask(Question((Segment("a b c " * 1000),)), Effort())
    assert engine.state is EngineState.READY


async def test_given_texts_can_not_be_rated(engine: RemoteEngine):
    with pytest.raises(EngineError, match="can't rate"):
        await engine.score(PROMPT, ["a"])


async def test_a_missing_key_and_no_v1_are_told(server: LlamaServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NEXTEDIT_API_KEY", raising=False)
    await check_load_fails(server.url, "wants a key")
    monkeypatch.setenv("NEXTEDIT_API_KEY", "sk-other")
    await check_load_fails(server.url, "refuses the key")
    monkeypatch.setenv("NEXTEDIT_API_KEY", "sk-tiny")
    await check_load_fails(server.url.removesuffix("/v1"), "must end with /v1")
    await check_load_fails(server.url + "/other", "forget /v1")


async def check_load_fails(url: str, expected: str) -> None:
    engine = RemoteEngine(url)
    await engine.load(lambda _: None)
    assert expected in str(engine.reason)
    await engine.close()
