"""The worker process: the only place where llama.cpp runs.

In: requests, one JSON object a line, on standard input::

    {"id": 1, "call": "load", "path": "/models/small.gguf", "wishes": {…}}
    {"id": 2, "call": "ask", "question": {…}, "effort": {…}, "is_judged": true}
    {"verdict": 2, "n_tokens": 17, "is_fine": false}
    {"cancel": 2}

Out: answers, likewise, on what was standard output when the process began::

    {"id": 1, "progress": 0.5}
    {"id": 1, "result": {"architecture": "llama", …}}
    {"id": 2, "n_tokens": 17, "partial": {…}}
    {"id": 2, "error": "the request was cancelled"}

Not here: the process' life as its parent sees it (``process``); how answers are written (``answering``).

Requests are met one after the other; cancelling, and a question while a prompt is being read ahead, stop the running
one at once.  Native code may print: standard output is standard error from the first moment on, and the protocol has a
descriptor of its own.  The process ends when its input does, also amid a native call, so it never outlives the server.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from nextedit_lsp.engine import machine, wire
from nextedit_lsp.engine.gguf_header import file_problem
from nextedit_lsp.engine.interface import Partial

if TYPE_CHECKING:
    from nextedit_lsp.engine.answering import Answerer
    from nextedit_lsp.engine.llama import Llama

MISSING_PACKAGE = (
    "The package llama-cpp-python can't be imported ({error}). Install it with:"
    " {python} -m pip install 'llama-cpp-python>=0.3.30,<0.4'"
)

# Progress finer than this is not sent.
PROGRESS_STEP = 0.01

CANCELLED = "the request was cancelled"

# A prompt read ahead gives way to these.
URGENT = frozenset({"ask", "score"})

# In the place of a number of tokens: the request was cancelled, nobody judges it any more.
NO_MORE = -1


class RequestError(Exception):
    """A request can't be met; the message goes to the parent."""


@dataclass(slots=True)
class Desk:
    """What the thread that reads and the one that works share."""

    pending: queue.SimpleQueue[dict[str, Any]] = field(default_factory=queue.SimpleQueue)
    verdicts: queue.SimpleQueue[tuple[int, int, bool]] = field(default_factory=queue.SimpleQueue)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stop: Callable[[], None] = lambda: None
    go_on: Callable[[], None] = lambda: None
    running: dict[str, Any] | None = None
    waiting: dict[int, str] = field(default_factory=dict)
    """The calls of the requests whose turn has not come, by id."""
    cancelled: set[int] = field(default_factory=set)
    """Those of them that were cancelled."""

    def take(self, message: dict[str, Any]) -> None:
        """Takes one message of the parent's."""
        if "verdict" in message:
            self.verdicts.put((message["verdict"], message["n_tokens"], message["is_fine"]))
            return
        with self.lock:
            running = self.running or {"id": None, "call": None}
            if "cancel" in message:
                if running["id"] == message["cancel"]:
                    self.stop()
                    self.verdicts.put((message["cancel"], NO_MORE, True))
                elif message["cancel"] in self.waiting:
                    self.cancelled.add(message["cancel"])
                return
            if running["call"] == "warm" and message["call"] in URGENT:
                self.stop()
            self.waiting[message["id"]] = message["call"]
        self.pending.put(message)

    def begin(self, request: dict[str, Any]) -> bool:
        """Starts on a request; false when it was cancelled before its turn, or gives way to another."""
        with self.lock:
            self.go_on()
            del self.waiting[request["id"]]
            is_cancelled = request["id"] in self.cancelled
            self.cancelled.discard(request["id"])
            if is_cancelled or (request["call"] == "warm" and not URGENT.isdisjoint(self.waiting.values())):
                return False
            self.running = request
            return True

    def end(self) -> None:
        """The request is done."""
        with self.lock:
            self.running = None
            self.go_on()


@dataclass(slots=True)
class Worker:
    """What the process holds from one request to the next."""

    send: Callable[[dict[str, Any]], None]
    desk: Desk
    llama: Llama | None = None
    answerer: Answerer | None = None


def main() -> None:
    """Serve requests until the input ends."""
    requests, answers = _claim_channel()
    _be_expendable()
    desk = Desk()
    threading.Thread(target=_read, args=(requests, desk), daemon=True).start()
    worker = Worker(lambda answer: _write(answers, answer), desk)
    while True:
        _serve(worker, desk.pending.get())


def _claim_channel() -> tuple[IO[bytes], IO[bytes]]:
    """Take standard input and output for the protocol, and leave harmless ones in their place."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _be_expendable() -> None:
    """When memory runs out, the system shall end this process and not the editor."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800", encoding="ascii")


def _read(requests: Iterable[bytes], desk: Desk) -> None:
    # The main thread may be within native code, so no exception would reach it.
    try:
        for line in requests:
            desk.take(json.loads(line))
    except Exception as error:
        sys.stderr.write(f"a message made no sense: {error!r}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def _write(answers: IO[bytes], answer: dict[str, Any]) -> None:
    try:
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()
    except OSError:
        os._exit(0)


def _serve(worker: Worker, request: dict[str, Any]) -> None:
    if not worker.desk.begin(request):
        worker.send({"id": request["id"], "error": CANCELLED})
        return
    try:
        call = _CALLS.get(request["call"])
        if call is None:
            raise RequestError(f"unknown call {request['call']}")
        worker.send({"id": request["id"], "result": call(worker, request)})
    except RequestError as error:
        worker.send({"id": request["id"], "error": str(error)})
    except MemoryError:
        worker.send({"id": request["id"], "error": "The model's process is out of memory. Choose a smaller model."})
    except Exception as error:
        worker.send({"id": request["id"], "error": f"The model's process met an error: {error!r}."})
    finally:
        worker.desk.end()


def _load(worker: Worker, request: dict[str, Any]) -> dict[str, Any]:
    path = _usable(Path(request["path"]))
    llama = _llama()
    wishes = wire.wishes_in(request["wishes"])
    problem = machine.memory_problem(path, machine.available_memory())
    if problem is not None:
        raise RequestError(problem)
    flag = llama.AbortFlag()
    worker.desk.stop, worker.desk.go_on = flag.set, flag.clear
    plan = machine.planned(wishes, has_gpu=llama.has_gpu())
    try:
        worker.llama = llama.Llama(path, plan, flag, _progress(worker, request["id"]))
    except llama.LlamaError as error:
        raise RequestError(str(error)) from error
    worker.answerer = _answerer(worker.llama, wishes)
    return worker.llama.described(path)


def _inspect(_worker: Worker, request: dict[str, Any]) -> dict[str, Any]:
    path = _usable(Path(request["path"]))
    llama = _llama()
    try:
        return dict(llama.vocabulary_of(path))
    except llama.LlamaError as error:
        raise RequestError(str(error)) from error


def _ask(worker: Worker, request: dict[str, Any]) -> dict[str, Any]:
    answerer = _ready(worker)
    overseer = Overseer(worker, request["id"]) if request["is_judged"] else None
    question, effort = wire.question_in(request["question"]), wire.effort_in(request["effort"])
    return wire.reply_out(_run(lambda: answerer.ask(question, effort, overseer)))


def _score(worker: Worker, request: dict[str, Any]) -> dict[str, Any]:
    answerer, prompt = _ready(worker), wire.prompt_in(request["prompt"])
    scores, usage = _run(lambda: answerer.score(prompt, request["texts"]))
    return {"scores": scores, "usage": wire.usage_out(usage)}


def _warm(worker: Worker, request: dict[str, Any]) -> dict[str, Any]:
    answerer, prompt = _ready(worker), wire.prompt_in(request["prompt"])
    return wire.usage_out(_run(lambda: answerer.warm(prompt)))


def _measure(worker: Worker, _request: dict[str, Any]) -> dict[str, Any]:
    from nextedit_lsp.engine import measuring

    answerer = _ready(worker)
    return dict(_run(lambda: measuring.speed(answerer)))


_CALLS: dict[str, Callable[[Worker, dict[str, Any]], dict[str, Any]]] = {
    "load": _load,
    "inspect": _inspect,
    "ask": _ask,
    "score": _score,
    "warm": _warm,
    "measure": _measure,
}


def _run(job: Callable[[], Any]) -> Any:
    """What ``job`` returns, its failures in the parent's words."""
    from nextedit_lsp.engine import answering, llama

    try:
        return job()
    except llama.Aborted as stop:
        raise RequestError(CANCELLED) from stop
    except llama.NoRoom as full:
        message = "The context has no room for this prompt. Set a larger nextedit.contextTokens."
        raise RequestError(message) from full
    except (llama.LlamaError, answering.PromptTooLong) as error:
        raise RequestError(str(error)) from error


def _ready(worker: Worker) -> Answerer:
    if worker.answerer is None:
        raise RequestError("no model is loaded")
    return worker.answerer


def _usable(path: Path) -> Path:
    problem = file_problem(path)
    if problem is not None:
        raise RequestError(problem)
    return path


def _llama() -> Any:
    """The module ``llama``, with llama.cpp started."""
    try:
        from nextedit_lsp.engine import llama

        llama.start()
    except Exception as error:
        raise RequestError(MISSING_PACKAGE.format(error=error, python=sys.executable)) from error
    return llama


def _answerer(llama: Llama, wishes: machine.Wishes) -> Answerer:
    from nextedit_lsp.engine import measuring
    from nextedit_lsp.engine.answering import Answerer
    from nextedit_lsp.engine.cells import Cells

    plan = llama.plan
    scratch, *others = range(machine.N_WARM, plan.n_sequences)
    cells = Cells(
        llama, n_warm=machine.N_WARM, n_cells=plan.context_tokens, scratch=scratch, min_moved=wishes.min_moved_tokens
    )
    answerer = Answerer(llama, cells, plan.batch_tokens, llama.n_context, others)
    if wishes.n_threads is None and not llama.plan.gpu_layers:
        llama.threads = measuring.threads(answerer, llama)
    answerer.lengths.costs = answerer.lookup_lengths.costs = measuring.costs(answerer)
    return answerer


def _progress(worker: Worker, request_id: int) -> Callable[[float], None]:
    sent = -1.0

    def on_progress(share: float) -> None:
        nonlocal sent
        if share >= sent + PROGRESS_STEP or (share >= 1.0 and sent < 1.0):
            sent = share
            worker.send({"id": request_id, "progress": share})

    return on_progress


class Overseer:
    """Has the parent judge the answer, and hears its objections."""

    def __init__(self, worker: Worker, request_id: int) -> None:
        self._worker = worker
        self._request_id = request_id
        self._open: set[int] = set()

    def on_settled(self, n_tokens: int, partial: Partial) -> None:
        """Sends what was written so far."""
        self._open.add(n_tokens)
        self._worker.send({"id": self._request_id, "n_tokens": n_tokens, "partial": wire.partial_out(partial)})

    def objections(self, wait_s: float) -> list[int]:
        """Where there was an error, as far as the parent has said by now."""
        deadline = time.monotonic() + wait_s
        found: list[int] = []
        while self._open:
            try:
                rest_s = deadline - time.monotonic()
                verdict = self._worker.desk.verdicts.get(block=rest_s > 0, timeout=max(rest_s, 0.0))
            except queue.Empty:
                break
            request_id, n_tokens, is_fine = verdict
            if request_id == self._request_id and n_tokens == NO_MORE:
                self._open.clear()
            if request_id == self._request_id and n_tokens in self._open:
                self._open.discard(n_tokens)
                if not is_fine:
                    found.append(n_tokens)
        return found

    def forget(self) -> None:
        """What is still being judged is of no interest any more."""
        self._open.clear()


if __name__ == "__main__":
    main()
