"""The rows of the engine's benchmark: five ways to have one GGUF file write an answer, each in a process of its own.

In: a model file; prompts as segments and as the same token ids for every row.  Out: what each answer cost.
Not here: the tasks, the table.

Passes are counted alike: the pass that gives an answer its first token counts as one, what was run of the prompt before
it does not.  The plain call therefore has exactly one pass a token.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol
from urllib.parse import urlsplit

import llama_cpp

from benchmarks import llama_server
from nextedit_lsp.engine import llama
from nextedit_lsp.engine.interface import Effort, EngineState, Judge, Reply
from nextedit_lsp.engine.machine import WAITING, Wishes
from nextedit_lsp.engine.process import WORKER_COMMAND, WorkerEngine
from nextedit_lsp.engine.tokens import tokenized
from nextedit_lsp.formats.prompt import Prompt, Question

N_THREADS = 2
ROOT = Path(__file__).resolve().parent.parent
VARIANT_COMMAND = (sys.executable, str(Path(__file__).with_name("engine_worker.py")))
REQUEST_TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to ask: ``ids`` are the tokens of ``prompt`` in the vocabulary of the model."""

    prompt: Prompt
    ids: list[int]
    draft: str = ""
    stops: tuple[str, ...] = ()
    max_tokens: int = 256
    is_endless: bool = False
    """Whether to write ``max_tokens`` in any case, for models that write nonsense."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one answer cost, and the answer."""

    ms: float
    n_prompt: int
    n_evaluated: int
    n_written: int
    passes: int
    text: str = ""
    ids: tuple[int, ...] = ()
    taken_back: int = 0


class Row(Protocol):
    """A way to have an answer written."""

    name: str

    def ask(self, item: Item) -> Outcome:
        """One answer, greedily."""


class Vocabulary:
    """The vocabulary of a file alone, as ``tokens.Vocabulary`` has it; for the tokenizers that are used here."""

    def __init__(self, path: Path) -> None:
        llama.start()
        parameters = llama_cpp.llama_model_default_params()
        parameters.vocab_only = True
        self._model = llama_cpp.llama_model_load_from_file(str(path).encode(), parameters)
        self._vocab = llama_cpp.llama_model_get_vocab(self._model)
        self._pieces: dict[int, bytes] = {}
        added, marked = set(), set()
        for token in range(llama_cpp.llama_vocab_n_tokens(self._vocab)):
            attributes = llama_cpp.llama_vocab_get_attr(self._vocab, token)
            if attributes & llama_cpp.LLAMA_TOKEN_ATTR_USER_DEFINED:
                added.add(token)
            if attributes & (llama_cpp.LLAMA_TOKEN_ATTR_CONTROL | llama_cpp.LLAMA_TOKEN_ATTR_USER_DEFINED):
                marked.add(token)
        ends = {token for token in marked if llama_cpp.llama_vocab_is_eog(self._vocab, token)}
        texts = frozenset(self.piece(token).decode() for token in added)
        self.special = SimpleNamespace(bos=None, ends=ends, control=marked, added=texts)

    def tokens_of(self, text: str, *, special: bool = False) -> list[int]:
        """The tokens of a text."""
        data = text.encode()
        buffer = (llama_cpp.llama_token * (len(data) + 8))()
        n = llama_cpp.llama_tokenize(self._vocab, data, len(data), buffer, len(buffer), False, special)
        return list(buffer[:n])

    def piece(self, token: int) -> bytes:
        """What a token writes."""
        if token not in self._pieces:
            buffer = ctypes.create_string_buffer(256)
            n = llama_cpp.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, True)
            self._pieces[token] = buffer.raw[: max(n, 0)]
        return self._pieces[token]

    def item(self, question: Question, **more: Any) -> Item:
        """A question as an item."""
        ids = tokenized(question.prompt, self)
        return Item(question.prompt, ids, question.draft, question.stops, question.max_tokens, **more)

    def text(self, ids: Sequence[int]) -> str:
        """What was written, without the token that ended it."""
        kept = [token for token in ids if token not in self.special.ends]
        return b"".join(map(self.piece, kept)).decode("utf-8", "replace")


class Plain:
    """``Llama.create_completion``, with or without ``LlamaPromptLookupDecoding``."""

    def __init__(self, name: str, process: subprocess.Popen[str], vocabulary: Vocabulary) -> None:
        self.name = name
        self._process = process
        self._vocabulary = vocabulary

    def ask(self, item: Item) -> Outcome:
        """One answer; the time is that of the call, without the pipe."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps({"prompt": item.ids, "max_tokens": item.max_tokens}), file=self._process.stdin, flush=True)
        said = json.loads(self._process.stdout.readline())
        ids = tuple(said["ids"])
        text = self._vocabulary.text(ids)
        return Outcome(said["ms"], len(item.ids), said["n_evaluated"], len(ids), said["passes"], text, ids)


class Server:
    """llama.cpp's own server."""

    def __init__(self, name: str, url: str, vocabulary: Vocabulary, pid: int) -> None:
        self.name, self.pid = name, pid
        self._address = urlsplit(url).netloc
        self._vocabulary = vocabulary

    def ask(self, item: Item) -> Outcome:
        """One answer; the time is that of the request."""
        body = {
            "prompt": item.ids,
            "n_predict": item.max_tokens,
            "temperature": 0.0,
            "cache_prompt": True,
            "return_tokens": True,
            "ignore_eos": item.is_endless,
        }
        data = json.dumps(body)
        began_at = time.perf_counter()
        # A new connection each time: the server closes one that was idle for some seconds.
        connection = http.client.HTTPConnection(self._address, timeout=REQUEST_TIMEOUT_S)
        connection.request("POST", "/completion", data, {"Content-Type": "application/json"})
        said = json.loads(connection.getresponse().read())
        connection.close()
        ms = 1000 * (time.perf_counter() - began_at)
        if "timings" not in said:
            raise RuntimeError(f"the server said: {said}")
        timings = said["timings"]
        n_written = timings["predicted_n"]
        passes = n_written - timings.get("draft_n_accepted", 0)
        text = self._vocabulary.text(said.get("tokens", ()))
        ids = tuple(said.get("tokens", ()))
        return Outcome(ms, len(item.ids), timings["prompt_n"], n_written, passes, text, ids)


class Ours:
    """The engine with its worker process; the time is that of the ``ask``, pipes and all."""

    def __init__(self, name: str, engine: WorkerEngine, loop: asyncio.AbstractEventLoop) -> None:
        self.name, self.engine, self.loop = name, engine, loop

    def ask(self, item: Item, effort: Effort = Effort(), judge: Judge | None = None) -> Outcome:  # noqa: B008 - frozen
        """One answer."""
        question = Question(item.prompt, item.draft, item.stops, item.max_tokens)
        began_at = time.perf_counter()
        reply: Reply = self.loop.run_until_complete(self.engine.ask(question, effort, judge))
        ms = 1000 * (time.perf_counter() - began_at)
        usage, text = reply.usage, reply.completions[0].text
        return Outcome(
            ms, usage.prompt_tokens, usage.evaluated_tokens, usage.written_tokens, usage.passes, text,
            taken_back=usage.taken_back,
        )  # fmt: skip


@contextlib.contextmanager
def plain(
    name: str, path: Path, vocabulary: Vocabulary, n_context: int, lookup: int = 0, *, waits_alike: bool = False
) -> Iterator[Plain]:
    """llama-cpp-python with the file loaded; ``waits_alike`` lets its threads wait as ours do."""
    options = ["--context", str(n_context), "--threads", str(N_THREADS), "--lookup", str(lookup)]
    command = [sys.executable, "-m", "benchmarks.plain_llama", str(path), *options]
    pipe, environment = subprocess.PIPE, {**os.environ, **(WAITING if waits_alike else {})}
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=environment) as process:
        yield Plain(name, process, vocabulary)
        assert process.stdin is not None
        process.stdin.close()


@contextlib.contextmanager
def server(
    name: str, path: Path, vocabulary: Vocabulary, n_context: int, *arguments: str, waits_alike: bool = False
) -> Iterator[Server]:
    """llama.cpp's server with the file loaded; ``waits_alike`` lets its threads wait as ours do."""
    threads = ("--threads", str(N_THREADS), "--threads-batch", str(N_THREADS))
    settings = ("--ctx-size", str(n_context), "--parallel", "1", *threads, *arguments)
    with contextlib.ExitStack() as stack:
        with _environment(WAITING if waits_alike else {}):
            running = stack.enter_context(llama_server.running(llama_server.built(), path, *settings))
        yield Server(name, running.url, vocabulary, running.pid)


@contextlib.contextmanager
def _environment(more: Mapping[str, str]) -> Iterator[None]:
    """More variables for what is started meanwhile."""
    before = {name: os.environ.get(name) for name in more}
    os.environ.update(more)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextlib.contextmanager
def ours(
    name: str,
    path: Path,
    loop: asyncio.AbstractEventLoop,
    *,
    n_context: int | None = None,
    min_moved: int = 0,
    flash_attention: str | None = None,
    n_threads: int | None = None,
    command: Sequence[str] = WORKER_COMMAND,
    kind: type[WorkerEngine] = WorkerEngine,
) -> Iterator[Ours]:
    """The engine with the file loaded; how many of the cores' threads it uses it finds out by itself."""
    wishes = Wishes(
        n_threads=n_threads,
        context_tokens=n_context,
        min_moved_tokens=min_moved,
        flash_attention=flash_attention,
    )
    engine = kind(path, wishes=wishes, command=command)
    loop.run_until_complete(engine.load(lambda _: None))
    if engine.state is not EngineState.READY:
        raise RuntimeError(engine.reason)
    try:
        yield Ours(name, engine, loop)
    finally:
        loop.run_until_complete(engine.close())


@contextlib.contextmanager
def busy(n_processes: int = 2) -> Iterator[None]:
    """So many processes that do nothing but keep a core busy, from beginning to end."""
    command = [sys.executable, "-c", "while True: pass"]
    processes = [subprocess.Popen(command, stdin=subprocess.DEVNULL) for _ in range(n_processes)]
    try:
        time.sleep(0.2)
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()
