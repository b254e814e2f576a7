"""An engine that plays a part, for tests and demonstrations without a model.

In: the part, as arguments.  Out: the behaviour of an ``Engine``.
Not here: a model, a process, a clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from nextedit_lsp.engine.interface import EngineError, EngineState, ModelInfo, Speed

SCRIPTED_INFO = ModelInfo(
    path=Path("scripted.gguf"),
    architecture="scripted",
    name="Scripted",
    n_params=1_000_000,
    n_ctx_train=4096,
    n_vocab=8192,
    file_bytes=2_000_000,
)


class ScriptedEngine:
    """Loads in the given steps, or fails after them when there is a ``failure``."""

    def __init__(
        self,
        *,
        progress: Sequence[float] = (0.0, 0.5, 1.0),
        failure: str | None = None,
        info: ModelInfo = SCRIPTED_INFO,
        speed: Speed = Speed(prompt_tokens_per_s=4000.0, token_ms=2.0),  # noqa: B008 - frozen
    ) -> None:
        self.state = EngineState.ABSENT
        self.info: ModelInfo | None = None
        self.reason: str | None = None
        self._progress = progress
        self._failure = failure
        self._info = info
        self._speed = speed

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

    async def measure(self) -> Speed:
        """The speed given."""
        if self.state is not EngineState.READY:
            raise EngineError(f"no model is loaded: {self.reason or self.state.value}")
        return self._speed

    async def close(self) -> None:
        """Be closed."""
        self.state, self.info, self.reason = EngineState.CLOSED, None, None
