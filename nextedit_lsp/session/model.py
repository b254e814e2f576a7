"""The model's life: loaded in the background, replaced when the settings name another, given back at the end.

In: a path, and a maker of engines.  Out: progress, one warning when it fails, and where it stands.
Not here: the engine itself, and asking it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from nextedit_lsp.engine.interface import Engine, EngineState
from nextedit_lsp.session.listening import Listener

logger = logging.getLogger(__name__)


class Model:
    """At most one engine at a time."""

    def __init__(
        self, make_engine: Callable[[Path], Engine], listener: Listener, on_change: Callable[[], None]
    ) -> None:
        self._make_engine = make_engine
        self._listener = listener
        self._on_change = on_change
        self._path: Path | None = None
        self._engine: Engine | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """The model's name, or its path while it is not known; empty without one."""
        info = self._engine.info if self._engine else None
        return info.name if info else str(self._path or "")

    @property
    def state(self) -> EngineState:
        """Where it stands."""
        return self._engine.state if self._engine else EngineState.ABSENT

    @property
    def problem(self) -> str | None:
        """Why it failed."""
        return self._engine.reason if self._engine else None

    def use(self, path: Path | None) -> None:
        """Loads the model at ``path`` in the background, in the place of the one before; returns at once."""
        if path == self._path:
            return
        self._path = path
        previous = self._task
        self._task = asyncio.get_running_loop().create_task(self._replace(path, previous))

    async def close(self) -> None:
        """Gives the model back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._close_engine()

    async def _replace(self, path: Path | None, previous: asyncio.Task[None] | None) -> None:
        if previous is not None:
            previous.cancel()
            await asyncio.gather(previous, return_exceptions=True)
        await self._close_engine()
        if path is None:
            self._on_change()
            return
        try:
            await self._load(path)
        except Exception as error:  # An engine that breaks its word costs the model, not the server.
            logger.exception("the model could not be loaded")
            self._listener.on_warning(f"nextedit: the model {path} could not be loaded: {error}")
        finally:
            self._listener.on_model_progress(None)
            self._on_change()

    async def _load(self, path: Path) -> None:
        def on_progress(share: float) -> None:
            self._listener.on_model_progress(share)
            self._on_change()

        engine = self._engine = self._make_engine(path)
        await engine.load(on_progress)
        if engine.state is EngineState.READY:
            logger.info("model ready: %s", self.name)
        else:
            reason = engine.reason or "see the log"
            self._listener.on_warning(f"nextedit: the model {path} could not be loaded: {reason}")

    async def _close_engine(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.close()
