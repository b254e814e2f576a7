"""How long the worker still works on a request that was cancelled.

In: a loaded engine, prompts.  Out: milliseconds from cancelling the asking task to the worker's word that it stopped,
after which it takes the next request.
Not here: the table.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from typing import Any

from benchmarks.engine_rows import Item, Ours
from nextedit_lsp.engine.interface import Effort
from nextedit_lsp.engine.process import WorkerEngine
from nextedit_lsp.formats.prompt import Question

# Longer than this nobody waits; it counts as so much.
TIMEOUT_S = 20.0


class Listening(WorkerEngine):
    """An engine that notes when the worker last ended a request, cancelled ones too."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.ended = asyncio.Event()
        self.ended_at = 0.0
        self.was_cancelled = False

    def _handle(self, message: dict[str, Any], process: asyncio.subprocess.Process) -> None:
        if "result" in message or "error" in message:
            self.ended_at, self.was_cancelled = time.perf_counter(), "error" in message
            self.ended.set()
        super()._handle(message, process)


async def cancelled_ms(engine: Listening, question: Question, after_s: float) -> float | None:
    """Cancels one request after a while; None if it had ended before."""
    engine.ended.clear()
    asking = asyncio.create_task(engine.ask(question, Effort()))
    await asyncio.sleep(after_s)
    if asking.done():
        return None
    began_at = time.perf_counter()
    asking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(engine.ended.wait(), TIMEOUT_S)
        return 1000 * (engine.ended_at - began_at)
    return 1000 * TIMEOUT_S


def while_reading(row: Ours, long_prompts: list[Item], rng: random.Random) -> list[float]:
    """Each of the prompts, which have nothing in common, is cancelled while it is being read."""
    return _all(row, long_prompts, rng, (0.05, 0.5))


def while_writing(row: Ours, item: Item, n: int, rng: random.Random) -> list[float]:
    """A question whose prompt is in the cache is cancelled while its answer is written."""
    row.ask(Item(item.prompt, item.ids, max_tokens=1))
    return _all(row, [item] * n, rng, (0.1, 0.4))


def _all(row: Ours, items: list[Item], rng: random.Random, between_s: tuple[float, float]) -> list[float]:
    assert isinstance(row.engine, Listening)
    found: list[float] = []
    for item in items:
        question = Question(item.prompt, max_tokens=item.max_tokens)
        ms = row.loop.run_until_complete(cancelled_ms(row.engine, question, rng.uniform(*between_s)))
        if ms is not None:
            found.append(ms)
    return found
