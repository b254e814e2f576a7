"""An engine whose model runs in a worker process: whatever native code does there, the server goes on.

In: the path of a GGUF file.  Out: the behaviour of an ``Engine``.
Not here: llama.cpp itself (``worker``).
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
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from nextedit_lsp.engine import wire
from nextedit_lsp.engine.interface import (
    Effort,
    EngineError,
    EngineState,
    Judge,
    ModelInfo,
    Reply,
    Speed,
    Usage,
)
from nextedit_lsp.engine.machine import WAITING, Wishes
from nextedit_lsp.engine.worker import CANCELLED
from nextedit_lsp.formats.prompt import Prompt, Question

T = TypeVar("T")

log = logging.getLogger(__name__)

WORKER_COMMAND = (sys.executable, "-m", "nextedit_lsp.engine.worker")

# The worker is started here, and not where the server was: with ``-m`` Python takes modules from the current directory,
# which may be a user's project with a ``json.py`` of its own.
PACKAGE_PARENT = Path(__file__).resolve().parents[2]

# Where ggml aborts it would run a debugger on itself, which takes seconds and has the last word on the error stream.
NO_BACKTRACE = {"GGML_NO_BACKTRACE": "1"}

# How long a worker may take to end by itself.
END_TIMEOUT_S = 0.5

# A worker that dies is started again after so long at first, and not for ever.
FIRST_RESTART_S = 1.0
MAX_DEATHS = 5

# What the worker says in one message at most: a long answer, or the names of a thousand control tokens.
MAX_MESSAGE_BYTES = 1024 * 1024

# What a request hears that was under way then.
GIVEN_BACK = "The model was given back meanwhile."

# How much of what the worker wrote to its error stream is kept for the reason of a crash.
STDERR_TAIL_BYTES = 2000


class Cancelled(EngineError):  # noqa: N818 - it is no error.
    """The worker stopped a request because another one was more urgent, or because it was told to."""


class WorkerEngine:
    """Runs one model; to be used from one event loop.

    After ``idle_s`` without a request the model is given back; the next request loads it again.  A worker that dies
    after it was ready is started again after 1, 2, 4 ... seconds, unless it died ``MAX_DEATHS`` times without one
    answer in between.  ``on_change`` hears of every change of ``state``.
    """

    def __init__(
        self,
        path: Path,
        *,
        wishes: Wishes = Wishes(),  # noqa: B008 - frozen
        idle_s: float | None = None,
        on_change: Callable[[], None] = lambda: None,
        command: Sequence[str] = WORKER_COMMAND,
    ) -> None:
        self.info: ModelInfo | None = None
        self.reason: str | None = None
        self._state = EngineState.ABSENT
        self._path = Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - links are kept
        self._wishes = wishes
        self._idle_s = idle_s
        self._on_change = on_change
        self._command = tuple(command)
        self._process: asyncio.subprocess.Process | None = None
        self._listener: asyncio.Task[None] | None = None
        self._waking: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._restart: asyncio.Task[None] | None = None
        self._falling_asleep: asyncio.TimerHandle | None = None
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._judges: dict[int, Judge] = {}
        self._judgings: dict[int, set[asyncio.Task[None]]] = {}
        self._n_requests = 0
        self._n_deaths = 0
        self._on_progress: Callable[[float], None] | None = None

    @property
    def state(self) -> EngineState:
        """Where the engine stands."""
        return self._state

    async def load(self, on_progress: Callable[[float], None]) -> None:
        """Start the worker and have it load the model."""
        if self._state not in (EngineState.ABSENT, EngineState.FAILED, EngineState.ASLEEP):
            return
        self._stop_restarting()
        self.reason = None
        self._become(EngineState.LOADING)
        self._on_progress = on_progress
        try:
            if self._ending is not None:
                await self._ending
            await self._start()
            if not self._is_in(EngineState.LOADING):
                await self._end()
                return
            wishes = wire.wishes_out(self._wishes)
            result = await self._call({"call": "load", "path": str(self._path), "wishes": wishes})
            self._become_ready(result)
        except EngineError as error:
            self._fail(str(error))
            await self._end()
        except asyncio.CancelledError:
            if self._is_in(EngineState.LOADING):
                self._become(EngineState.ABSENT)
            await self._end()
            raise
        finally:
            self._on_progress = None

    async def inspect(self) -> ModelInfo:
        """What the file says of itself, without loading its weights.  Raises ``EngineError`` with the reason."""
        try:
            await self._start()
            result = await self._call({"call": "inspect", "path": str(self._path)})
            return wire.info_in(self._path, result)
        except (TypeError, AttributeError) as error:
            raise EngineError("The model's process answered with something else than a model.") from error
        finally:
            await self._end()

    async def ask(self, question: Question, effort: Effort, judge: Judge | None = None) -> Reply:
        """Have answers written.  Cancelling the call stops the worker at once."""
        request = {"call": "ask", "question": wire.question_out(question), "effort": asdict(effort)}
        result = await self._request({**request, "is_judged": judge is not None}, judge)
        return self._made("a reply", lambda: wire.reply_in(result))

    async def score(self, prompt: Prompt, texts: Sequence[str]) -> tuple[list[float], Usage]:
        """Have texts scored."""
        result = await self._request({"call": "score", "prompt": wire.prompt_out(prompt), "texts": list(texts)})
        return self._made("scores", lambda: ([float(one) for one in result["scores"]], Usage(**result["usage"])))

    async def warm(self, prompt: Prompt) -> Usage:
        """Have a prompt read ahead; it gives way to any question."""
        try:
            result = await self._request({"call": "warm", "prompt": wire.prompt_out(prompt)})
        except Cancelled:
            return Usage()
        return self._made("a cost", lambda: Usage(**result))

    async def measure(self) -> Speed:
        """Have the worker run the model for a moment."""
        result = await self._request({"call": "measure"})
        return self._made(
            "a speed",
            lambda: Speed(float(result["prompt_tokens_per_s"]), float(result["token_ms"]), result["costs_ms"]),
        )

    async def close(self) -> None:
        """End the worker, by force if it takes more than a moment."""
        self.info, self.reason = None, None
        self._become(EngineState.CLOSED)
        self._stop_restarting()
        self._stay_awake()
        await self._end()
        if self._ending is not None:
            await self._ending

    async def _request(self, request: dict[str, Any], judge: Judge | None = None) -> Any:
        """The worker's answer, once it is ready; a sleeping one is woken."""
        self._stay_awake()
        if self._is_in(EngineState.ASLEEP) and (self._waking is None or self._waking.done()):
            self._waking = asyncio.create_task(self.load(lambda _: None))
        if self._waking is not None:
            # Whoever asked may give up meanwhile; the model is loaded all the same.
            await asyncio.shield(self._waking)
        if not self._is_in(EngineState.READY):
            raise EngineError(f"No model is loaded: {self.reason or self._state.value}")
        try:
            result = await self._call(request, judge)
            # A prompt that was read says little of a model that crashes when it writes.
            if request["call"] != "warm":
                self._n_deaths = 0
            return result
        finally:
            self._grow_tired()

    def _grow_tired(self) -> None:
        self._stay_awake()
        if self._idle_s is not None and self._is_in(EngineState.READY):
            self._falling_asleep = asyncio.get_running_loop().call_later(self._idle_s, self._fall_asleep)

    def _stay_awake(self) -> None:
        if self._falling_asleep is not None:
            self._falling_asleep.cancel()

    def _fall_asleep(self) -> None:
        if self._is_in(EngineState.READY) and not self._answers:
            self._become(EngineState.ASLEEP)
            self._ending = asyncio.create_task(self._end())

    def _made(self, what: str, make: Callable[[], T]) -> T:
        try:
            return make()
        except (KeyError, TypeError, ValueError) as error:
            raise EngineError(f"The model's process answered with something else than {what}.") from error

    def _become(self, state: EngineState) -> None:
        self._state = state
        try:
            self._on_change()
        except Exception:
            log.exception("a change of the model's state could not be shown")

    def _is_in(self, state: EngineState) -> bool:
        # Asked where other tasks had a turn, so that a type checker can't know the answer.
        return self._state is state

    def _become_ready(self, result: Any) -> None:
        if not self._is_in(EngineState.LOADING):
            return
        try:
            self.info = wire.info_in(self._path, result)
        except (TypeError, AttributeError) as error:
            raise EngineError("The model's process answered with something else than a model.") from error
        self._become(EngineState.READY)
        self._grow_tired()

    def _fail(self, reason: str) -> None:
        # What fails because of ``close`` is no failure, and the first reason is the true one.
        if self._state not in (EngineState.LOADING, EngineState.READY):
            return
        was_ready = self._is_in(EngineState.READY)
        self.info, self.reason = None, reason
        self._become(EngineState.FAILED)
        if was_ready:
            self._n_deaths += 1
            if self._n_deaths < MAX_DEATHS:
                self._restart = asyncio.create_task(self._start_again(FIRST_RESTART_S * 2 ** (self._n_deaths - 1)))

    async def _start_again(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        # From here on ``load`` may not stop the task that it runs in.
        self._restart = None
        log.info("the model's process is started again")
        await self.load(lambda _: None)

    def _stop_restarting(self) -> None:
        if self._restart is not None:
            self._restart.cancel()
            self._restart = None

    async def _start(self) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=PACKAGE_PARENT,
                env={**WAITING, **NO_BACKTRACE, **os.environ},
                limit=MAX_MESSAGE_BYTES,
            )
        except OSError as error:
            raise EngineError(f"The model's process can't be started: {error.strerror or error}.") from error
        self._process = process
        self._listener = asyncio.create_task(self._listen(process))

    async def _call(self, request: dict[str, Any], judge: Judge | None = None) -> Any:
        """The worker's answer; raises ``EngineError`` when there is none or it is a refusal."""
        process = self._process
        if process is None or process.stdin is None:
            raise EngineError("The model's process has ended.")
        self._n_requests += 1
        request_id = self._n_requests
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[request_id] = answer
        if judge is not None:
            self._judges[request_id] = judge
        try:
            self._tell(process, {"id": request_id, **request})
            # A worker that died meanwhile is the listener's affair, which then fails the answer.
            with contextlib.suppress(ConnectionError):
                await process.stdin.drain()
            return await answer
        except asyncio.CancelledError:
            self._tell(process, {"cancel": request_id})
            raise
        finally:
            self._answers.pop(request_id, None)
            self._judges.pop(request_id, None)
            for judging in self._judgings.pop(request_id, ()):
                judging.cancel()

    def _tell(self, process: asyncio.subprocess.Process, message: dict[str, Any]) -> None:
        if process.stdin is not None and not process.stdin.is_closing():
            process.stdin.write(json.dumps(message).encode() + b"\n")

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        """Take in what the worker says until it ends, and then draw the conclusions."""
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        stderr = asyncio.create_task(_read_tail(process.stderr))
        is_garbage = not await self._hear(process, process.stdout)
        if is_garbage:
            _kill(process)
            await _read_tail(process.stdout)
        tail = await stderr
        returncode = await process.wait()
        process.stdin.close()
        with contextlib.suppress(ConnectionError):
            await process.stdin.wait_closed()
        reason = _garbage_reason() if is_garbage else _death_reason(returncode, tail)
        if self._process is process:
            self._process = None
            self._fail(reason)
        else:
            reason = GIVEN_BACK
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(EngineError(reason))

    async def _hear(self, process: asyncio.subprocess.Process, stdout: asyncio.StreamReader) -> bool:
        """Handle what the worker says until its end; false as soon as it makes no sense."""
        try:
            while line := await stdout.readline():
                self._handle(json.loads(line), process)
        except (ValueError, KeyError, TypeError):
            return False
        return True

    def _handle(self, message: dict[str, Any], process: asyncio.subprocess.Process) -> None:
        answer = self._answers.get(message["id"])
        if answer is None or answer.done():
            return
        if "progress" in message:
            self._tell_progress(float(message["progress"]))
        elif "partial" in message:
            judging = asyncio.create_task(self._judge(self._judges[message["id"]], message, process))
            self._judgings.setdefault(message["id"], set()).add(judging)
        elif "error" in message:
            kind = Cancelled if message["error"] == CANCELLED else EngineError
            answer.set_exception(kind(str(message["error"])))
        else:
            answer.set_result(message["result"])

    async def _judge(self, judge: Judge, message: dict[str, Any], process: asyncio.subprocess.Process) -> None:
        try:
            is_fine = await judge(wire.partial_in(message["partial"]))
        except Exception:
            log.exception("an answer could not be judged")
            is_fine = True
        self._tell(process, {"verdict": message["id"], "n_tokens": message["n_tokens"], "is_fine": is_fine})

    def _tell_progress(self, share: float) -> None:
        if self._on_progress is None:
            return
        try:
            self._on_progress(share)
        except Exception:
            log.exception("the progress of loading a model could not be shown")

    async def _end(self) -> None:
        process, listener = self._process, self._listener
        # That it ends is no news from here on.
        self._process = self._listener = None
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
