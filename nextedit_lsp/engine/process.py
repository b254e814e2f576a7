"""An engine whose model runs in a worker process: whatever native code does there, the server goes on.

In: the path of a GGUF file.  Out: the behaviour of an ``Engine``.
Not here: llama.cpp itself (``worker``), starting again after a crash, which is left to the caller's ``load``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nextedit_lsp.engine.interface import EngineError, EngineState, ModelInfo, Speed

log = logging.getLogger(__name__)

WORKER_COMMAND = (sys.executable, "-m", "nextedit_lsp.engine.worker")

# The worker is started here, and not where the server was: with ``-m`` Python takes modules from the current directory,
# which may be a user's project with a ``json.py`` of its own.
PACKAGE_PARENT = Path(__file__).resolve().parents[2]

# How long a worker may take to end by itself.
END_TIMEOUT_S = 0.5

# How much of what the worker wrote to its error stream is kept for the reason of a crash.
STDERR_TAIL_BYTES = 2000


class WorkerEngine:
    """Runs one model; to be used from one event loop."""

    def __init__(self, path: Path, *, n_threads: int | None = None, command: Sequence[str] = WORKER_COMMAND) -> None:
        self.state = EngineState.ABSENT
        self.info: ModelInfo | None = None
        self.reason: str | None = None
        self._path = Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - links are kept
        self._n_threads = n_threads
        self._command = tuple(command)
        self._process: asyncio.subprocess.Process | None = None
        self._listener: asyncio.Task[None] | None = None
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._n_requests = 0
        self._on_progress: Callable[[float], None] | None = None

    async def load(self, on_progress: Callable[[float], None]) -> None:
        """Start the worker and have it load the model."""
        if self.state not in (EngineState.ABSENT, EngineState.FAILED):
            return
        self.state, self.reason = EngineState.LOADING, None
        self._on_progress = on_progress
        try:
            await self._start()
            if not self._is_in(EngineState.LOADING):
                await self._end()
                return
            result = await self._ask({"call": "load", "path": str(self._path), "n_threads": self._n_threads})
            self._become_ready(result)
        except EngineError as error:
            self._fail(str(error))
            await self._end()
        except asyncio.CancelledError:
            if self._is_in(EngineState.LOADING):
                self.state = EngineState.ABSENT
            await self._end()
            raise
        finally:
            self._on_progress = None

    async def measure(self) -> Speed:
        """Have the worker run the model for a moment."""
        if self.state is not EngineState.READY:
            raise EngineError(f"No model is loaded: {self.reason or self.state.value}")
        result = await self._ask({"call": "measure"})
        try:
            return Speed(float(result["prompt_tokens_per_s"]), float(result["token_ms"]))
        except (KeyError, TypeError, ValueError) as error:
            raise EngineError("The model's process answered with something else than a speed.") from error

    async def close(self) -> None:
        """End the worker, by force if it takes more than a moment."""
        self.state, self.info, self.reason = EngineState.CLOSED, None, None
        await self._end()

    def _is_in(self, state: EngineState) -> bool:
        # Asked where other tasks had a turn, so that a type checker can't know the answer.
        return self.state is state

    def _become_ready(self, result: Any) -> None:
        if not self._is_in(EngineState.LOADING):
            return
        try:
            self.info = ModelInfo(path=self._path, **result)
        except TypeError as error:
            raise EngineError("The model's process answered with something else than a model.") from error
        self.state = EngineState.READY

    def _fail(self, reason: str) -> None:
        # What fails because of ``close`` is no failure, and the first reason is the true one.
        if self.state in (EngineState.LOADING, EngineState.READY):
            self.state, self.info, self.reason = EngineState.FAILED, None, reason

    async def _start(self) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=PACKAGE_PARENT,
            )
        except OSError as error:
            raise EngineError(f"The model's process can't be started: {error.strerror or error}.") from error
        self._process = process
        self._listener = asyncio.create_task(self._listen(process))

    async def _ask(self, request: dict[str, Any]) -> Any:
        """The worker's answer; raises ``EngineError`` when there is none or it is a refusal."""
        process = self._process
        if process is None or process.stdin is None:
            raise EngineError("The model's process has ended.")
        self._n_requests += 1
        request_id = self._n_requests
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[request_id] = answer
        try:
            # A worker that died meanwhile is the listener's affair, which then fails the answer.
            with contextlib.suppress(ConnectionError):
                process.stdin.write(json.dumps({"id": request_id, **request}).encode() + b"\n")
                await process.stdin.drain()
            return await answer
        finally:
            self._answers.pop(request_id, None)

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        """Take in what the worker says until it ends, and then draw the conclusions."""
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        stderr = asyncio.create_task(_read_tail(process.stderr))
        is_garbage = not await self._hear(process.stdout)
        if is_garbage:
            _kill(process)
            await _read_tail(process.stdout)
        tail = await stderr
        returncode = await process.wait()
        process.stdin.close()
        with contextlib.suppress(ConnectionError):
            await process.stdin.wait_closed()
        if self._process is process:
            self._process = None
        reason = _garbage_reason() if is_garbage else _death_reason(returncode, tail)
        self._fail(reason)
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(EngineError(reason))

    async def _hear(self, stdout: asyncio.StreamReader) -> bool:
        """Handle what the worker says until its end; false as soon as it makes no sense."""
        try:
            while line := await stdout.readline():
                self._handle(json.loads(line))
        except (ValueError, KeyError, TypeError):
            return False
        return True

    def _handle(self, message: dict[str, Any]) -> None:
        answer = self._answers.get(message["id"])
        if answer is None or answer.done():
            return
        if "progress" in message:
            self._tell_progress(float(message["progress"]))
        elif "error" in message:
            answer.set_exception(EngineError(str(message["error"])))
        else:
            answer.set_result(message["result"])

    def _tell_progress(self, share: float) -> None:
        if self._on_progress is None:
            return
        try:
            self._on_progress(share)
        except Exception:
            log.exception("the progress of loading a model could not be shown")

    async def _end(self) -> None:
        process, listener = self._process, self._listener
        self._listener = None
        if process is not None and process.stdin is not None:
            # The worker ends when its input does.
            process.stdin.close()
        if listener is None:
            return
        done, _ = await asyncio.wait({listener}, timeout=END_TIMEOUT_S)
        if not done and process is not None:
            _kill(process)
        await listener


async def _read_tail(stream: asyncio.StreamReader) -> bytes:
    tail = b""
    while chunk := await stream.read(4096):
        tail = (tail + chunk)[-STDERR_TAIL_BYTES:]
    return tail


def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()


def _garbage_reason() -> str:
    return (
        "The model's process said something that makes no sense and was ended. Load the model again; if that does not"
        " help, reinstall nextedit-lsp."
    )


def _death_reason(returncode: int, tail: bytes) -> str:
    lines = tail.decode("utf-8", errors="replace").strip().splitlines()
    said = f" It said: {lines[-1].strip()}" if lines else ""
    if returncode >= 0:
        return f"The model's process ended with code {returncode}.{said} Load the model again."
    if returncode == -signal.SIGTERM or returncode == -getattr(signal, "SIGKILL", signal.SIGTERM):
        return (
            "The model's process was killed, perhaps by the system for want of memory. Close other programs or choose"
            " a smaller model, then load it again."
        )
    name = signal.Signals(-returncode).name if -returncode in signal.valid_signals() else str(-returncode)
    return (
        f"The model's process crashed ({name}).{said} Load the model again; if that does not help, try another file or"
        " upgrade llama-cpp-python."
    )
