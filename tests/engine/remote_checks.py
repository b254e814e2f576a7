"""What the tests of the remote engine share: a stand-in server, engines that are closed in the end, and checks."""

import logging
from collections.abc import AsyncIterator, Callable

import pytest

from nextedit_lsp.engine.interface import Effort, EngineError, EngineState
from nextedit_lsp.engine.remote import RemoteEngine
from nextedit_lsp.formats.prompt import Question, Segment

from .openai_stand_in import OpenAiStandIn

# Long enough for the busiest machine; a test that passes never waits that long.
TIMEOUT_S = 60.0

# What must not turn up in a message or a log.
SECRET_CODE = "launch_codes = 4711"
KEY = "sk-very-secret"

PROMPT = (Segment("<|fim|>", is_control=True), Segment(SECRET_CODE + "\n"))
QUESTION = Question(PROMPT, stops=("<|end|>",), max_tokens=64)


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture(name="no_key", autouse=True)
def no_key_fixture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEXTEDIT_API_KEY", raising=False)


@pytest.fixture(name="nothing_secret_is_logged", autouse=True)
def log_fixture(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    assert "launch_codes" not in caplog.text
    assert KEY not in caplog.text


@pytest.fixture(name="server")
async def server_fixture() -> AsyncIterator[OpenAiStandIn]:
    async with OpenAiStandIn() as stand_in:
        yield stand_in


MakeEngine = Callable[..., RemoteEngine]


@pytest.fixture(name="make")
async def make_fixture(server: OpenAiStandIn) -> AsyncIterator[MakeEngine]:
    """Makes engines of the stand-in that are closed in the end."""
    engines: list[RemoteEngine] = []

    def make_engine(url: str | None = None, **more: object) -> RemoteEngine:
        engines.append(RemoteEngine(url or server.url, **{"timeout_s": TIMEOUT_S, **more}))
        return engines[-1]

    yield make_engine
    for engine in engines:
        await engine.close()


def no_progress(share: float) -> None:
    pass


async def loaded(engine: RemoteEngine) -> RemoteEngine:
    await engine.load(no_progress)
    assert engine.state is EngineState.READY, engine.reason
    return engine


async def check_load_fails(engine: RemoteEngine, *expected: str) -> None:
    await engine.load(no_progress)
    assert engine.state is EngineState.FAILED
    assert engine.info is None
    for text in expected:
        assert text in str(engine.reason)
    assert KEY not in str(engine.reason)


async def check_ask_fails(engine: RemoteEngine, *expected: str, question: Question = QUESTION) -> None:
    with pytest.raises(EngineError) as caught:
        await engine.ask(question, Effort())
    for text in expected:
        assert text in str(caught.value)
    assert "launch_codes" not in str(caught.value)
    assert KEY not in str(caught.value)


async def answered(engine: RemoteEngine, question: Question = QUESTION) -> str:
    return (await engine.ask(question, Effort())).completions[0].text
