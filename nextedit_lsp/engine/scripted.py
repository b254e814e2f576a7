"""An engine that plays a part, for tests and demonstrations without a model.

In: the part, as arguments.  Out: the behaviour of an ``Engine``.
Not here: a model, a process, a clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from nextedit_lsp.engine.interface import (
    Effort,
    EngineError,
    EngineState,
    Judge,
    ModelInfo,
    Partial,
    Reply,
    Speed,
    Usage,
)
from nextedit_lsp.formats.prompt import Completion, Finish, Prompt, Question, Segment, text_of

SCRIPTED_INFO = ModelInfo(
    path=Path("scripted.gguf"),
    architecture="scripted",
    name="Scripted",
    n_params=1_000_000,
    n_ctx_train=4096,
    n_vocab=8192,
    file_bytes=2_000_000,
)


# What an engine that was not told otherwise answers: the text as it is.
Answer = Callable[[Question], str]


class ScriptedEngine:
    """Loads in the given steps, or fails after them when there is a ``failure``.

    ``answer`` writes what is asked; ``delay`` is awaited before, so that a test can hold an answer back.  ``asked``,
    ``warmed`` and ``verdicts`` keep what came.
    """

    def __init__(
        self,
        *,
        progress: Sequence[float] = (0.0, 0.5, 1.0),
        failure: str | None = None,
        info: ModelInfo = SCRIPTED_INFO,
        speed: Speed = Speed(prompt_tokens_per_s=4000.0, token_ms=2.0),  # noqa: B008 - frozen
        answer: Answer = lambda question: question.draft,
        delay: Callable[[], Awaitable[None]] | None = None,
        logprob: float = -0.1,
    ) -> None:
        self.state = EngineState.ABSENT
        self.info: ModelInfo | None = None
        self.reason: str | None = None
        self._progress = progress
        self._failure = failure
        self._info = info
        self._speed = speed
        self._answer = answer
        self._delay = delay
        self._logprob = logprob
        self.asked: list[Question] = []
        self.warmed: list[Prompt] = []
        self.verdicts: list[bool] = []

    async def load(self, on_progress: Callable[[float], None]) -> None:
        """Tell each step, giving the event loop a turn between them."""
        if self.state not in (EngineState.ABSENT, EngineState.FAILED):
            return
        self.state, self.reason = EngineState.LOADING, None
        for share in self._progress:
            on_progress(share)
            await asyncio.sleep(0)
            # Closed meanwhile; a type checker can't know that others had a turn.
            if self.state is not EngineState.LOADING:
                return
        if self._failure is not None:
            self.fail(self._failure)
            return
        self.state, self.info = EngineState.READY, self._info

    def fail(self, reason: str) -> None:
        """Die as a model's process may at any time."""
        self.state, self.info, self.reason = EngineState.FAILED, None, reason

    async def ask(self, question: Question, effort: Effort, judge: Judge | None = None) -> Reply:
        """The answer that the script has; the judge sees it, and is not listened to."""
        self._check_ready()
        self.asked.append(question)
        if self._delay is not None:
            await self._delay()
            self._check_ready()
        text = self._answer(question)
        if judge is not None:
            self.verdicts.append(await judge(Partial(text)))
        n_tokens = len(text.split()) + 1
        pieces = (Segment(text),) if text else ()
        completion = Completion(pieces, Finish.END, "", self._logprob, self._logprob, n_tokens)
        n_prompt = len(text_of(question.prompt).split())
        return Reply((completion,), Usage(n_prompt, n_prompt, 0, n_tokens, n_tokens))

    async def score(self, prompt: Prompt, texts: Sequence[str]) -> tuple[list[float], Usage]:
        """Longer texts are less likely."""
        self._check_ready()
        return [-float(len(text)) for text in texts], Usage()

    async def warm(self, prompt: Prompt) -> Usage:
        """Nothing is read, but kept for the test."""
        self._check_ready()
        self.warmed.append(prompt)
        return Usage()

    async def measure(self) -> Speed:
        """The speed given."""
        self._check_ready()
        return self._speed

    def _check_ready(self) -> None:
        if self.state is not EngineState.READY:
            raise EngineError(f"no model is loaded: {self.reason or self.state.value}")

    async def close(self) -> None:
        """Be closed."""
        self.state, self.info, self.reason = EngineState.CLOSED, None, None
