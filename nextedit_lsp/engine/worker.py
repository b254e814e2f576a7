"""The worker process: the only place where llama.cpp runs.

In: requests, one JSON object a line, on standard input::

    {"id": 1, "call": "load", "path": "/models/small.gguf", "n_threads": 2}
    {"id": 2, "call": "measure"}

Out: answers, likewise, on what was standard output when the process began::

    {"id": 1, "progress": 0.5}
    {"id": 1, "result": {"architecture": "llama", …}}
    {"id": 2, "error": "no model is loaded"}

Not here: the process' life as its parent sees it (``process``); prompts and edits.

Native code may print: standard output is standard error from the first moment on, and the protocol has a descriptor of
its own.  The process ends when its input does, also amid a native call, so it never outlives the server.
"""

from __future__ import annotations

import ctypes
import json
import os
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from nextedit_lsp.engine.gguf_header import file_problem

MISSING_PACKAGE = (
    "The package llama-cpp-python can't be imported ({error}). Install it with:"
    " {python} -m pip install 'llama-cpp-python>=0.3.30,<0.4'"
)

# Progress finer than this is not sent.
PROGRESS_STEP = 0.01

# The measurement: batches of the size of a small change of the prompt, then single tokens; each kind ends early on a
# slow machine.  All of it fits into the context.
MEASURED_CONTEXT = 512
MEASURED_BATCH = 64
MAX_BATCHES = 4
MAX_SINGLES = 16
MAX_MEASURE_S = 2.0

# GGML_LOG_LEVEL_ERROR, as ggml.h has it; the table in llama-cpp-python's own logger is of another version.
_LOG_ERROR = 4


class RequestError(Exception):
    """A request can't be met; the message goes to the parent."""


@dataclass(slots=True)
class Worker:
    """What the process holds from one request to the next."""

    send: Callable[[dict[str, Any]], None]
    model: Any = None
    n_vocab: int = 0
    n_threads: int = 1
    errors: deque[str] = field(default_factory=lambda: deque(maxlen=4))
    """The last things that llama.cpp complained about."""
    callbacks: list[Any] = field(default_factory=list)
    """What native code may call; a callback that Python lets go of would crash the process."""


def main() -> None:
    """Serve requests until the input ends."""
    requests, answers = _claim_channel()
    pending: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(requests, pending), daemon=True).start()
    worker = Worker(send=lambda answer: _write(answers, answer))
    while True:
        _serve(worker, pending.get())


def _claim_channel() -> tuple[IO[bytes], IO[bytes]]:
    """Take standard input and output for the protocol, and leave harmless ones in their place."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _read(requests: Iterable[bytes], pending: queue.SimpleQueue[bytes]) -> None:
    for line in requests:
        pending.put(line)
    # The main thread may be within native code, so no exception would reach it.
    os._exit(0)


def _write(answers: IO[bytes], answer: dict[str, Any]) -> None:
    try:
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()
    except OSError:
        os._exit(0)


def _serve(worker: Worker, line: bytes) -> None:
    request = json.loads(line)
    try:
        if request["call"] == "load":
            result = _load(worker, request)
        elif request["call"] == "measure":
            result = _measure(worker)
        else:
            raise RequestError(f"unknown call {request['call']}")
        worker.send({"id": request["id"], "result": result})
    except RequestError as error:
        worker.send({"id": request["id"], "error": str(error)})
    except Exception as error:
        worker.send({"id": request["id"], "error": f"The model's process met an error: {error!r}."})


def _load(worker: Worker, request: dict[str, Any]) -> dict[str, Any]:
    path = Path(request["path"])
    problem = file_problem(path)
    if problem is not None:
        raise RequestError(problem)
    try:
        import llama_cpp
    except Exception as error:
        raise RequestError(MISSING_PACKAGE.format(error=error, python=sys.executable)) from error

    worker.n_threads = request.get("n_threads") or os.cpu_count() or 1
    _capture_log(worker)
    llama_cpp.llama_backend_init()
    params = llama_cpp.llama_model_default_params()
    params.progress_callback = _progress_callback(worker, request["id"])
    model = llama_cpp.llama_model_load_from_file(os.fsencode(path), params)
    if not model:
        raise RequestError(
            f"llama.cpp can't load {path} ({_complaints(worker)}). Download the file again, or upgrade llama-cpp-python"
            " if the model is newer than it."
        )
    worker.model = model
    return _describe(worker, path)


def _capture_log(worker: Worker) -> None:
    """Keep llama.cpp's complaints for the answer, and the rest of its log from the error stream."""
    import llama_cpp

    def on_log(level: int, text: bytes, _: object) -> None:
        line = text.decode("utf-8", errors="replace").strip()
        if level == _LOG_ERROR and line:
            worker.errors.append(line)

    callback = llama_cpp.llama_log_callback(on_log)
    worker.callbacks.append(callback)
    llama_cpp.llama_log_set(callback, ctypes.c_void_p(0))


def _complaints(worker: Worker) -> str:
    """What llama.cpp said, without the lines that say only that something failed."""
    said = [line.rpartition("error loading model: ")[2] for line in worker.errors]
    return "; ".join(line for line in said if not line.endswith("failed to load model")) or "no reason given"


def _progress_callback(worker: Worker, request_id: int) -> Any:
    import llama_cpp

    sent = -1.0

    def on_progress(share: float, _: object) -> bool:
        nonlocal sent
        if share >= sent + PROGRESS_STEP or (share >= 1.0 and sent < 1.0):
            sent = share
            worker.send({"id": request_id, "progress": min(max(share, 0.0), 1.0)})
        return True

    callback = llama_cpp.llama_progress_callback(on_progress)
    worker.callbacks.append(callback)
    return callback


def _describe(worker: Worker, path: Path) -> dict[str, Any]:
    import llama_cpp

    vocab = llama_cpp.llama_model_get_vocab(worker.model)
    worker.n_vocab = llama_cpp.llama_vocab_n_tokens(vocab) if vocab else 0
    return {
        "architecture": _metadata(worker.model, "general.architecture"),
        "name": _metadata(worker.model, "general.name") or path.stem,
        "n_params": llama_cpp.llama_model_n_params(worker.model),
        "n_ctx_train": llama_cpp.llama_model_n_ctx_train(worker.model),
        "n_vocab": worker.n_vocab,
        "file_bytes": path.stat().st_size,
    }


def _metadata(model: Any, key: str) -> str:
    import llama_cpp

    # A name longer than this is cut.
    buffer = ctypes.create_string_buffer(256)
    n_chars = llama_cpp.llama_model_meta_val_str(model, key.encode(), buffer, len(buffer))
    return buffer.value.decode("utf-8", errors="replace") if n_chars >= 0 else ""


def _measure(worker: Worker) -> dict[str, Any]:
    import llama_cpp

    if not worker.model or worker.n_vocab <= 0:
        raise RequestError("no model is loaded")
    params = llama_cpp.llama_context_default_params()
    params.n_ctx = MEASURED_CONTEXT
    params.n_batch = params.n_ubatch = MEASURED_BATCH
    params.n_threads = params.n_threads_batch = worker.n_threads
    context = llama_cpp.llama_init_from_model(worker.model, params)
    if not context:
        said = _complaints(worker)
        raise RequestError(f"llama.cpp can't make room for a context ({said}). Choose a smaller model.")
    try:
        # The first call sets up memory and threads.
        _decode_s(worker, context, 8)
        batch_s = _mean_s(lambda: _decode_s(worker, context, MEASURED_BATCH), MAX_BATCHES)
        single_s = _mean_s(lambda: _decode_s(worker, context, 1), MAX_SINGLES)
    finally:
        llama_cpp.llama_free(context)
    return {"prompt_tokens_per_s": MEASURED_BATCH / batch_s, "token_ms": single_s * 1000}


def _mean_s(run_s: Callable[[], float], max_runs: int) -> float:
    taken_s: list[float] = []
    while len(taken_s) < max_runs and sum(taken_s) < MAX_MEASURE_S:
        taken_s.append(run_s())
    return sum(taken_s) / len(taken_s)


def _decode_s(worker: Worker, context: Any, n_tokens: int) -> float:
    """Decode some tokens, any, behind what the context holds, and tell how long it took."""
    import llama_cpp

    tokens = (llama_cpp.llama_token * n_tokens)(*(7919 * n % worker.n_vocab for n in range(n_tokens)))
    began_at = time.perf_counter()
    status = llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(tokens, n_tokens))
    llama_cpp.llama_synchronize(context)
    if status != 0:
        raise RequestError(f"llama.cpp can't run this model ({_complaints(worker)}). Choose another model.")
    return max(time.perf_counter() - began_at, 1e-9)


if __name__ == "__main__":
    main()
