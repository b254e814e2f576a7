"""What the rest of the server knows of an engine.

In: nothing.  Out: the ``Engine`` protocol and the values that pass through it.
Not here: any engine (``process`` runs a model, ``scripted`` plays one), prompts and edits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol


class EngineState(Enum):
    """Where an engine stands.

    ::

        ABSENT ──load──▶ LOADING ──▶ READY
                 ▲          │          │
                 └──load── FAILED ◀────┘      any of them ──close──▶ CLOSED
    """

    ABSENT = "absent"
    LOADING = "loading"
    READY = "ready"
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


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast a model runs on this machine as it is now."""

    prompt_tokens_per_s: float
    token_ms: float
    """What one token costs that is decoded alone."""


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

    async def close(self) -> None:
        """Give the model back; the engine stays ``CLOSED``."""
