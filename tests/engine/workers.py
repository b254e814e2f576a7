"""Engines whose worker is held up, or fails, at a certain pass of the model."""

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

from nextedit_lsp.engine.interface import Effort, EngineState
from nextedit_lsp.engine.machine import Wishes
from nextedit_lsp.engine.process import WORKER_COMMAND, WorkerEngine
from nextedit_lsp.formats.prompt import Question, Segment

# Long enough for the busiest machine; a test that passes never waits that long.
TIMEOUT_S = 60.0
ONE = Effort()

_HELD = """
import os, sys, time
from pathlib import Path
from nextedit_lsp.engine import lengths, llama, measuring, worker
folder, at, what = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
measuring.costs = lambda answerer: dict(lengths._DEFAULT_COSTS)
decode, n = llama.Llama.decode, 0
def held(self, rows):
    global n
    n += 1
    (folder / "passes").write_text(str(n))
    if n == at and what == "die":
        os.kill(os.getpid(), 9)
    if n == at and not (folder / "held").exists():
        (folder / "held").touch()
        while not self._flag.is_set:
            time.sleep(0.001)
    return decode(self, rows)
llama.Llama.decode = held
worker.main()
"""


def held_at(n_pass: int, folder: Path) -> tuple[str, ...]:
    """A worker that waits in its ``n_pass``-th pass until it is told to stop, once."""
    return (sys.executable, "-c", _HELD, str(folder), str(n_pass), "hold")


def dying_at(n_pass: int, folder: Path) -> tuple[str, ...]:
    """A worker that is killed in its ``n_pass``-th pass, each time."""
    return (sys.executable, "-c", _HELD, str(folder), str(n_pass), "die")


def new_engine(
    path: Path,
    command: tuple[str, ...] = WORKER_COMMAND,
    wishes: Wishes = Wishes(n_threads=1),  # noqa: B008 - frozen
    idle_s: float | None = None,
    on_change: Callable[[], None] = lambda: None,
) -> WorkerEngine:
    return WorkerEngine(path, wishes=wishes, idle_s=idle_s, on_change=on_change, command=command)


async def load(engine: WorkerEngine) -> WorkerEngine:
    await asyncio.wait_for(engine.load(lambda _: None), TIMEOUT_S)
    assert engine.state is EngineState.READY, engine.reason
    return engine


async def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not is_so():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.002)


async def until_held(folder: Path) -> None:
    await until((folder / "held").exists)


async def until_state(engine: WorkerEngine, state: EngineState) -> None:
    await until(lambda: engine.state is state)


def n_passes(folder: Path) -> int:
    return int((folder / "passes").read_text())


def question(text: str = "ab(", max_tokens: int = 300, draft: str = "") -> Question:
    return Question((Segment(text),), draft=draft, max_tokens=max_tokens)


async def check_answers(engine: WorkerEngine, max_tokens: int = 5) -> None:
    reply = await asyncio.wait_for(engine.ask(question(max_tokens=max_tokens), ONE), TIMEOUT_S)
    assert 0 < reply.completions[0].n_tokens <= max_tokens
