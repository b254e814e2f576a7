"""One thread of our own that runs jobs one after the other.

In: functions.  Out: asyncio futures of what they return.
Not here: what is run; stopping a job, which it does by itself when asked.

It is a daemon thread: a job that does not stop never delays the end of the server.  Neither the
event loop nor the protocol library's thread pool ever runs a prediction.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_Job = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Callable[[], Any]]


class Worker:
    """A thread with a queue, started by its first job."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def submit(self, function: Callable[[], T]) -> asyncio.Future[T]:
        """Queues ``function``; call it on the event loop.  A job cancelled before its turn is not run."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if self._is_closed:
            future.cancel()
            return future
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        self._jobs.put((loop, future, function))
        return future

    def close(self) -> None:
        """Ends the thread behind the job that it is at; does not wait."""
        self._is_closed = True
        self._jobs.put(None)

    def join(self, timeout_s: float) -> None:
        """Waits for the thread's end, for tests that leave nothing behind."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            loop, future, function = job
            # The flag is only read here: a race costs one useless run.
            if not future.cancelled():
                _deliver(loop, future, function)


def _deliver(loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any], function: Callable[[], Any]) -> None:
    try:
        result, error = function(), None
    except Exception as caught:  # It is raised where the future is awaited.
        result, error = None, caught
    # The loop may have closed meanwhile; then nobody waits.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(_settle, future, result, error)


def _settle(future: asyncio.Future[Any], result: object, error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
