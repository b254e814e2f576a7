"""Newest wins: of the requests in one lane only the last goes on.

In: coroutines with the lane they belong to.  Out: their results, or None for those that a newer one replaced.
Not here: what is asked.

A request that ends early, superseded or cancelled, leaves at once; its ``stop`` event tells the
thread that works for it to stop by itself.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Running(Generic[T]):
    stop: threading.Event
    task: asyncio.Future[T]
    is_superseded: bool = False


class Lanes:
    """The running requests, one a lane."""

    def __init__(self) -> None:
        self._running: dict[Hashable, _Running[Any]] = {}

    async def run(self, lane: Hashable, work: Callable[[threading.Event], Awaitable[T]]) -> T | None:
        """The result of ``work``; None once a newer request in the same lane has replaced it."""
        self.supersede(lane)
        stop = threading.Event()
        running = _Running(stop, asyncio.ensure_future(work(stop)))
        self._running[lane] = running
        try:
            return await running.task
        except asyncio.CancelledError:
            if running.is_superseded:
                return None
            raise
        finally:
            stop.set()
            if self._running.get(lane) is running:
                del self._running[lane]

    def supersede(self, lane: Hashable) -> None:
        """Ends the running request of a lane, whose answer is then None."""
        running = self._running.pop(lane, None)
        if running is not None:
            running.is_superseded = True
            running.stop.set()
            running.task.cancel()

    def supersede_all(self) -> None:
        """Ends every running request."""
        for lane in list(self._running):
            self.supersede(lane)
