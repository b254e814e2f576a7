"""An engine whose model runs behind a URL: llama.cpp's server, vLLM, Ollama, or what else speaks OpenAI's completions.

In: the base URL of the server, and the name of a model.  Out: the behaviour of an ``Engine``.
Not here: HTTP (``remote_wire``), what is sent (``remote_requests``), what is said (``remote_events``), where an answer
ends (``remote_answer``); a scheduler, which the server has.

A server makes tokens of the prompt by itself, so that user text could forge a control token: such a prompt is not sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from nextedit_lsp.engine import remote_models, remote_requests
from nextedit_lsp.engine.interface import Effort, EngineError, EngineState, Judge, ModelInfo, Reply, Speed, Usage
from nextedit_lsp.engine.remote_answer import Answer, pieces_of
from nextedit_lsp.engine.remote_events import Candidate, RemoteError, echoed_logprobs, event_of, sole_token, with_counts
from nextedit_lsp.engine.remote_requests import ServerKind
from nextedit_lsp.engine.remote_wire import Wire, checked_url, read_key
from nextedit_lsp.formats.prompt import Completion, Finish, Prompt, Question, Segment

log = logging.getLogger(__name__)

# How long a server is left alone after a failure: twice as long after each, up to this.
MAX_PAUSE_S = 60.0

# After so many requests in a row whose time was up before the server said a word, it counts as failed.
MAX_SILENT = 3

# Enough to be worth measuring, and little enough to be over in a moment.
MEASURED_TEXT = "def add(first, second):\n    return first + second\n\n\n" * 40
MEASURED_TOKENS = 16

T = TypeVar("T")


class RemoteEngine:
    """Asks one server; to be used from one event loop.

    ``on_change`` hears when the state changes.  A failure of the server ends in ``FAILED`` with the reason.  Requests then fail at once, without reaching it, until
    a pause is over; the first one behind the pause tries again, and with its success the engine is ``READY``.
    """

    def __init__(
        self,
        url: str,
        *,
        model: str | None = None,
        key_file: Path | None = None,
        timeout_s: float = 30.0,
        connect_timeout_s: float = 5.0,
        on_change: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = EngineState.ABSENT
        self.info: ModelInfo | None = None
        self.reason: str | None = None
        self._url = url
        self._model = model
        self._key_file = key_file
        self._timeouts = (timeout_s, connect_timeout_s)
        self._on_change = on_change
        self._clock = clock
        self._wire: Wire | None = None
        self._offer: remote_models.Offer | None = None
        # The numbers of control tokens, as far as they were asked for; None for what is no token.
        self._ids: dict[str, int | None] = {}
        self._n_failures = 0
        self._next_try_at = 0.0
        self._is_trying = False
        self._n_measured = 0
        self._n_silent = 0

    async def load(self, on_progress: Callable[[float], None]) -> None:
        """Ask the server which models it has; a pause after failures is not waited for."""
        if self.state not in (EngineState.ABSENT, EngineState.FAILED) or self._is_trying:
            return
        self.state, self.reason = EngineState.LOADING, None
        try:
            await self._connect()
        except RemoteError as error:
            self._fail(error)
        except asyncio.CancelledError:
            if self._is_in(EngineState.LOADING):
                self.state = EngineState.ABSENT
            raise
        else:
            self._become_ready()
            on_progress(1.0)

    async def measure(self) -> Speed:
        """Have the server read a page and write a line."""
        self._n_measured += 1
        # Another beginning each time, or the server has read the page already.
        text = f"# {self._n_measured} {time.time_ns()}\n{MEASURED_TEXT}"
        question = Question(prompt=(Segment(text),), max_tokens=MEASURED_TOKENS)
        usage = (await self.ask(question, Effort())).usage
        # Servers that tell no counts: a token of code is about three characters.
        n_read = usage.evaluated_tokens or len(text) // 3
        per_s = 1000.0 * n_read / max(usage.prompt_ms, 1e-3)
        return Speed(prompt_tokens_per_s=per_s, token_ms=usage.answer_ms / max(usage.written_tokens, 1))

    async def ask(self, question: Question, effort: Effort, judge: Judge | None = None) -> Reply:
        """Write one answer.

        One also where ``effort`` wants more: completions offer samples, not the best few.  What the judge objects to is
        not taken back, whatever ``effort`` says.  A cancelled call, a stop, the time, and an answer that is back at the
        draft end the connection, by which servers notice that they can stop.
        """
        self._check_prompt(question.prompt, question.stops)

        async def answer() -> Reply:
            answering = _Answering(question, judge, self._clock)
            timeout_s = None if effort.max_ms is None else effort.max_ms / 1000.0
            try:
                await asyncio.wait_for(self._stream(answering), timeout_s)
            except asyncio.TimeoutError:
                self._check_silence(answering.is_silent)
                answering.answer.end(Finish.TIME)
            else:
                self._n_silent = 0
            return answering.reply()

        return await self._request(answer)

    async def score(self, prompt: Prompt, texts: Sequence[str]) -> tuple[list[float], Usage]:
        """The log-probability of each text, from servers that echo prompts with probabilities, as vLLM does."""
        self._check_prompt(prompt)
        if not texts:
            return [], Usage()

        async def score() -> tuple[list[float], Usage]:
            wire, offer = self._connection()
            if offer.kind in (ServerKind.LLAMA_CPP, ServerKind.OLLAMA):
                raise RemoteError(f"{offer.kind.value}'s server can't rate given texts; vLLM's can.", backs_off=False)
            message = await wire.post("/completions", remote_requests.score_body(offer.model, prompt, texts))
            return echoed_logprobs(message, texts), with_counts(Usage(), message)

        return await self._request(score)

    async def warm(self, prompt: Prompt) -> Usage:
        """Have llama.cpp's server read the prompt ahead; others share their caches as they see fit and aren't asked."""
        self._check_prompt(prompt)

        async def warm() -> Usage:
            wire, offer = self._connection()
            if offer.kind is not ServerKind.LLAMA_CPP:
                return Usage()
            message = await wire.post("/completions", remote_requests.warm_body(offer.model, prompt))
            return with_counts(Usage(), message)

        return await self._request(warm)

    async def close(self) -> None:
        """End all connections; what is under way fails."""
        self.state, self.info, self.reason = EngineState.CLOSED, None, None
        await self._disconnect()

    def _check_silence(self, is_silent: bool) -> None:
        """A host that is gone only lets the time run out, as a long prompt may do once or twice."""
        self._n_silent = self._n_silent + 1 if is_silent else 0
        if self._n_silent >= MAX_SILENT:
            self._n_silent = 0
            raise RemoteError(
                f"The server did not begin to answer {MAX_SILENT} requests in time. It may be busy or gone."
            )

    def _is_in(self, state: EngineState) -> bool:
        # Asked where other tasks had a turn, so that a type checker can't know the answer.
        return self.state is state

    @staticmethod
    def _check_prompt(prompt: Prompt, stops: Sequence[str] = ()) -> None:
        if remote_requests.is_forged(prompt, stops):
            raise EngineError(
                "The text around the edit holds one of the model's control tokens, which a server would take for real."
                " Nothing was sent; use a model on this machine for such files."
            )

    def _connection(self) -> tuple[Wire, remote_models.Offer]:
        if self._wire is None or self._offer is None:
            raise RemoteError("The connection to the server was closed.")
        return self._wire, self._offer

    async def _connect(self) -> None:
        """Find the server and its model; the URL and the key are looked at anew, since they may be what was wrong."""
        url, key = checked_url(self._url), read_key(self._key_file)
        if self._wire is None or self._wire.key != key:
            await self._disconnect()
            self._wire = Wire(url, key, *self._timeouts)
        wire = self._wire
        message = await wire.get("/models")
        connection = "on this machine" if wire.is_local else "encrypted" if wire.is_encrypted else "not encrypted"
        offer = remote_models.chosen_offer(message, self._model, f"{wire.place}, {connection}")
        if offer.kind is ServerKind.LLAMA_CPP and not wire.place.endswith("/v1"):
            # It lists its models here too, but answers in a form of its own.
            raise RemoteError("The URL of llama.cpp's server must end with /v1: add it.")
        if offer != self._offer:
            self._ids = {}
        self._offer = offer

    async def _disconnect(self) -> None:
        wire, self._wire, self._offer = self._wire, None, None
        if wire is not None:
            await wire.close()

    async def _request(self, call: Callable[[], Awaitable[T]]) -> T:
        """What the call returns, if the server may be asked now; draws the conclusions for later requests."""
        is_trial = self._is_in(EngineState.FAILED)
        self._check_allowed()
        self._is_trying = is_trial
        try:
            if is_trial:
                await self._connect()
            result = await call()
        except RemoteError as error:
            if self._is_in(EngineState.CLOSED):
                raise EngineError("The engine was closed.") from error
            if error.backs_off:
                # Several requests that fail together are one failure.
                if is_trial or self._is_in(EngineState.READY):
                    self._fail(error)
                raise EngineError(f"{error}{self._when()}") from error
            self._become_ready()
            raise
        finally:
            if is_trial:
                self._is_trying = False
        self._become_ready()
        self._n_failures = 0
        return result

    def _check_allowed(self) -> None:
        if self.state is EngineState.FAILED:
            if self._is_trying or self._clock() < self._next_try_at:
                raise EngineError(f"{self.reason}{self._when()}")
        elif self.state is not EngineState.READY:
            raise EngineError(f"The model's server can't be asked: it is {self.state.value}. Load the model first.")

    def _when(self) -> str:
        pause_s = self._next_try_at - self._clock()
        return f" It is tried again in {math.ceil(pause_s)} s." if pause_s > 0 else " It is being tried again."

    def _become_ready(self) -> None:
        if self.state in (EngineState.LOADING, EngineState.FAILED) and self._offer is not None:
            log.info("the model's server answers")
            self.state, self.info, self.reason = EngineState.READY, self._offer.info, None
            self._on_change()

    def _fail(self, error: RemoteError) -> None:
        if self.state is EngineState.CLOSED:
            return
        pause_s = max(min(2.0**self._n_failures, MAX_PAUSE_S), error.retry_after_s)
        # The doubling ends long before a float would.
        self._n_failures = min(self._n_failures + 1, 16)
        self._next_try_at = self._clock() + pause_s
        log.log(logging.DEBUG if self.state is EngineState.FAILED else logging.WARNING, "%s", error)
        self.state, self.info, self.reason = EngineState.FAILED, None, str(error)
        self._on_change()

    async def _learn_ids(self, texts: Sequence[str]) -> None:
        """Ask llama.cpp's server for the numbers of control tokens, whose texts it leaves out beside probabilities."""
        wire, offer = self._connection()
        if offer.kind is not ServerKind.LLAMA_CPP:
            return
        for text in texts:
            if text not in self._ids:
                message = await wire.post("/tokenize", remote_requests.number_body(text), is_own=True)
                self._ids[text] = sole_token(message)

    async def _stream(self, answering: _Answering) -> None:
        question = answering.question
        await self._learn_ids(question.watched)
        answering.ids = self._ids
        wire, offer = self._connection()
        messages = wire.events("/completions", remote_requests.answer_body(offer.kind, offer.model, question))
        try:
            async with contextlib.aclosing(messages):
                async for message in messages:
                    answering.take(message)
                    await answering.judge()
                    if answering.is_over:
                        return
        except RemoteError:
            # What breaks behind the answer's end costs no more than the counts.
            if answering.answer.finish is None:
                raise
        answering.end_of_stream()


class _Answering:
    """One answer under way: its text, its probabilities, and what it cost."""

    def __init__(self, question: Question, judge: Judge | None, clock: Callable[[], float]) -> None:
        self.answer = Answer(question)
        self._judge = judge
        self.question = question
        self.ids: Mapping[str, int | None] = {}
        self._clock = clock
        self._began_at = clock()
        self._first_at: float | None = None
        self._finish: str | None = None
        self._logprobs: list[float] = []
        self._watched: tuple[tuple[str, float], ...] | None = None
        self._n_events = 0
        self._usage = Usage()

    @property
    def is_silent(self) -> bool:
        """Whether the server said nothing yet."""
        return self._first_at is None

    @property
    def is_over(self) -> bool:
        """Whether the rest is of no interest.  After the server's own end it is: the counts may come behind."""
        return self.answer.finish is not None and self._finish is None

    def take(self, message: dict[str, object]) -> None:
        """Take in a message of the stream."""
        self._usage = with_counts(self._usage, message)
        event = event_of(message)
        if self._first_at is None:
            self._first_at = self._clock()
        if self._watched is None and event.first:
            found = [(text, self._probability(text, event.first)) for text in self.question.watched]
            self._watched = tuple((text, probability) for text, probability in found if probability is not None)
        self._logprobs += event.logprobs
        self._n_events += 1 if event.text else 0
        self.answer.add(event.text)
        if event.finish is not None and self.answer.finish is None:
            self._finish = event.finish
            self.answer.end(Finish.END if event.finish == "stop" else Finish.LENGTH)

    async def judge(self) -> None:
        """Have judged what is settled.  The verdict can't be acted upon: a server takes nothing back."""
        settled, self.answer.settled = self.answer.settled, []
        if self._judge is None:
            return
        try:
            for partial in settled:
                await self._judge(partial)
        except Exception as error:  # The answer is none the worse for it.
            log.warning("an answer could not be judged: %s", type(error).__name__)

    def _probability(self, text: str, candidates: Sequence[Candidate]) -> float | None:
        """That of a control token; ``None`` if it is not among the likeliest."""
        token_id = self.ids.get(text)
        for candidate in candidates:
            if candidate.text == text or (token_id is not None and candidate.token_id == token_id):
                return math.exp(min(candidate.logprob, 0.0))
        return None

    def end_of_stream(self) -> None:
        """No message will come any more."""
        if self.answer.finish is None:
            raise RemoteError("The server's answer broke off. Check that it still runs; its log says more.")

    def reply(self) -> Reply:
        """The answer and its costs as far as they are known."""
        answer, usage = self.answer, self._usage
        if not usage.written_tokens:
            # Servers send a token an event, unless they are pressed.
            n_tokens = len(self._logprobs) or self._n_events
            usage = replace(usage, written_tokens=n_tokens, passes=n_tokens)
        if not usage.prompt_ms and not usage.answer_ms:
            now = self._clock()
            first_at = now if self._first_at is None else self._first_at
            prompt_ms, answer_ms = 1000.0 * (first_at - self._began_at), 1000.0 * (now - first_at)
            usage = replace(usage, prompt_ms=prompt_ms, answer_ms=answer_ms)
        markers = remote_requests.markers_of(self.question.prompt) | set(self.question.watched)
        completion = Completion(
            pieces=pieces_of(answer.text, frozenset(markers)),
            finish=answer.finish or Finish.END,
            rest=answer.rest,
            logprob=math.fsum(self._logprobs),
            min_logprob=min(self._logprobs, default=0.0),
            n_tokens=len(self._logprobs) or usage.written_tokens,
            watched=self._watched or (),
        )
        return Reply((completion,), usage)
