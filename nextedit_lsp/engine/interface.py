"""What the rest of the server knows of an engine.

In: nothing.  Out: the ``Engine`` protocol and the values that pass through it.
Not here: any engine (``process`` runs a model, ``scripted`` plays one), prompts and edits.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Protocol

from nextedit_lsp.formats.prompt import Completion, Prompt, Question


class EngineState(Enum):
    """Where an engine stands.

    ::

        ABSENT ──load──▶ LOADING ──▶ READY ──idle──▶ ASLEEP
                          ▲  │         │               │
                          │  └▶ FAILED ◀─ died         │      any of them ──close──▶ CLOSED
                          └───────┴── after a while, or asked ──┘
    """

    ABSENT = "absent"
    LOADING = "loading"
    READY = "ready"
    ASLEEP = "asleep"
    FAILED = "failed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a loaded model says of itself."""

    path: Path
    architecture: str
    name: str
    n_params: int
    n_ctx_train: int
    n_vocab: int
    file_bytes: int
    has_chat_template: bool = False
    control_tokens: frozenset[str] = frozenset()
    """The texts of the vocabulary's control tokens."""
    chosen: Mapping[str, str] = field(default_factory=dict)
    """How it is run on this machine, for a person: threads, layers on the GPU, context, and so on."""


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast a model runs on this machine as it is now."""

    prompt_tokens_per_s: float
    token_ms: float
    """What one token costs that is decoded alone."""
    costs_ms: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds of a pass by its number of tokens, as measured when the model was loaded."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one request cost, in counts that do not depend on the machine.

    ``prompt_tokens`` = ``evaluated_tokens`` + ``reused_tokens``: what of the prompt was run through the model, and what
    was found in its cache.  ``passes`` are model passes for the answer; ``drafted_tokens`` were proposed without the
    model and ``accepted_tokens`` of them confirmed.  ``taken_back`` counts how often text was rolled back.
    """

    prompt_tokens: int = 0
    evaluated_tokens: int = 0
    reused_tokens: int = 0
    written_tokens: int = 0
    passes: int = 0
    drafted_tokens: int = 0
    accepted_tokens: int = 0
    taken_back: int = 0
    prompt_ms: float = 0.0
    answer_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Partial:
    """An answer so far, at a point where it can be judged.

    Something was changed, and behind it the answer goes on as the draft does: ``text + rest`` is the whole answer if
    nothing else changes.
    """

    text: str
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much an answer may cost.

    ``n_answers``: so many alternatives, best first.  ``max_ms``: the answer is cut after so long.
    ``takes_back``: what ``judge`` objects to is rolled back, at most twice.
    """

    n_answers: int = 1
    max_ms: float | None = None
    takes_back: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """The answers, best first, and what they cost."""

    completions: tuple[Completion, ...]
    usage: Usage


# Sees an answer whenever it has rejoined its draft behind a change, and at its end.  False says that what was written
# since the last time brought an error in; it is taken back where ``Effort`` allows it.
Judge = Callable[[Partial], Awaitable[bool]]


class EngineError(Exception):
    """An engine was asked for something that it can't do now; the message names the remedy."""


class Engine(Protocol):
    """A model that can be loaded, asked and closed."""

    @property
    def state(self) -> EngineState:
        """Where the engine stands; it changes by itself when the model's process dies."""

    @property
    def info(self) -> ModelInfo | None:
        """The loaded model; ``None`` unless ``READY``."""

    @property
    def reason(self) -> str | None:
        """Why the engine ``FAILED``, with the remedy; ``None`` otherwise."""

    async def load(self, on_progress: Callable[[float], None]) -> None:
        """Load the model, telling the share done from 0 to 1; never raises for a bad model, but ends in ``FAILED``."""

    async def measure(self) -> Speed:
        """Run the model for a moment; raises ``EngineError`` unless ``READY``."""

    async def ask(self, question: Question, effort: Effort, judge: Judge | None = None) -> Reply:
        """Write answers.  Cancelling the call stops the model.  Raises ``EngineError`` with reason and remedy."""

    async def score(self, prompt: Prompt, texts: Sequence[str]) -> tuple[list[float], Usage]:
        """The log-probability of each text as the continuation of the prompt, all in one batch."""

    async def warm(self, prompt: Prompt) -> Usage:
        """Read the prompt ahead, so that a question that begins alike finds it in the cache."""

    async def close(self) -> None:
        """Give the model back; the engine stays ``CLOSED``."""
