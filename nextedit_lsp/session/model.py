"""The model's life: found, loaded in the background, replaced when the settings name another, given back at the end.

In: the settings, and a maker of engines.  Out: progress, one warning for each thing that fails, where it stands, and
the ``Writer`` once there is one.
Not here: the engine itself, and asking it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from nextedit_lsp.engine.interface import Engine, EngineState, ModelInfo
from nextedit_lsp.engine.machine import Wishes
from nextedit_lsp.errors import ModelError, NexteditError
from nextedit_lsp.formats.catalogue import FORMATS
from nextedit_lsp.models import choice, recognition
from nextedit_lsp.session.listening import Listener
from nextedit_lsp.session.settings import Settings
from nextedit_lsp.session.writer import Writer

logger = logging.getLogger(__name__)

# The value of the setting ``model`` that means no model, whichever is in use.
NO_MODEL = "none"


# A server that was not there at the start is looked for again this often.
SERVER_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True)
class Target:
    """Which model is to run and how: a file on this machine, or one behind an address."""

    path: Path | None = None
    format: str | None = None
    wishes: Wishes = field(default_factory=Wishes)
    idle_s: float | None = None
    server: str | None = None
    server_model: str | None = None
    server_key_file: Path | None = None

    @property
    def name(self) -> str:
        """What the user calls it."""
        return self.server or str(self.path)


# Makes the engine for a target; the callback is to be called whenever the engine's state changes by itself.
MakeEngine = Callable[[Target, Callable[[], None]], Engine]


def target_of(settings: Settings) -> Target | None:
    """The target that the settings name; None without a model.  Raises ``ModelError`` for a name that no model has."""
    if settings.server is not None:
        return Target(
            format=settings.model_format,
            server=settings.server,
            server_model=settings.server_model,
            server_key_file=settings.server_key_file,
        )
    if settings.model == NO_MODEL:
        return None
    model = choice.resolve(settings.model)
    if model is None:
        return None
    wishes = Wishes(
        n_threads=settings.threads,
        gpu_layers=settings.gpu_layers,
        context_tokens=settings.context_tokens,
        flash_attention=settings.flash_attention,
        kv_type=settings.cache_type,
        adapters=settings.adapters,
        min_moved_tokens=settings.reuse_moved_tokens,
    )
    return Target(
        path=model.path,
        format=settings.model_format or model.format,
        wishes=wishes,
        idle_s=60 * settings.unload_minutes or None,
    )


def format_of(target: Target, info: ModelInfo) -> str:
    """The name of the format that a model wants.  Raises ``ModelError`` where neither the user nor the file tells."""
    if target.format is not None:
        return target.format
    fitting = recognition.fitting(info)
    if fitting:
        return fitting[0]
    raise ModelError(
        f"the model {info.name} does not tell which prompts it was trained with. Set nextedit.modelFormat (or"
        f" --model-format) to one of: {', '.join(recognition.names())}"
    )


class Model:
    """At most one engine at a time."""

    def __init__(self, make_engine: MakeEngine, listener: Listener, on_change: Callable[[], None]) -> None:
        self._make_engine = make_engine
        self._listener = listener
        self._on_change = on_change
        self._target: Target | None = None
        self._engine: Engine | None = None
        self._writer: Writer | None = None
        self._task: asyncio.Task[None] | None = None
        self._problem: str | None = None
        self._told: str | None = None

    @property
    def name(self) -> str:
        """The model's name, or its path while it is not known; empty without one."""
        info = self._engine.info if self._engine else None
        return info.name if info else self._target.name if self._target else ""

    @property
    def state(self) -> EngineState:
        """Where it stands."""
        return self._engine.state if self._engine else EngineState.ABSENT

    @property
    def problem(self) -> str | None:
        """Why it does not write."""
        return self._problem or (self._engine.reason if self._engine else None)

    @property
    def writer(self) -> Writer | None:
        """The model to ask; None while there is none.

        One that sleeps wakes when it is asked; a server that failed is tried again, or says when.
        """
        return None if self.state in (EngineState.ABSENT, EngineState.LOADING) else self._writer

    def use(self, settings: Settings) -> None:
        """Loads the model that the settings name, in the background, in the place of another; returns at once."""
        problem = None
        try:
            target = target_of(settings)
        except NexteditError as error:
            target, problem = None, str(error)
        if target is None or target != self._target:
            # What is wrong with a model that stays is still wrong.
            self._problem = None
        if problem is not None:
            self._warn(problem)
        if target == self._target:
            return
        self._target = target
        previous = self._task
        self._task = asyncio.get_running_loop().create_task(self._replace(target, previous))

    async def close(self) -> None:
        """Gives the model back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._close_engine()

    async def _replace(self, target: Target | None, previous: asyncio.Task[None] | None) -> None:
        if previous is not None:
            previous.cancel()
            await asyncio.gather(previous, return_exceptions=True)
        await self._close_engine()
        if target is None:
            self._on_change()
            return
        try:
            await self._load(target)
            while target.server is not None and self._writer is None and self.state is EngineState.FAILED:
                await asyncio.sleep(SERVER_PAUSE_S)
                await self._load(target, self._engine)
        except Exception as error:  # An engine that breaks its word costs the model, not the server.
            logger.exception("the model could not be loaded")
            self._warn(f"the model {target.name} could not be loaded: {error}")
        finally:
            self._listener.on_model_progress(None)
            self._on_change()

    async def _load(self, target: Target, engine: Engine | None = None) -> None:
        def on_progress(share: float) -> None:
            self._listener.on_model_progress(share)
            self._on_change()

        engine = self._engine = engine or self._make_engine(target, self._on_engine)
        await engine.load(on_progress)
        if engine.info is not None:
            try:
                self._writer = Writer(engine, FORMATS[format_of(target, engine.info)])
                logger.info("model ready: %s, format %s", self.name, self._writer.form.name)
            except ModelError as error:
                self._warn(str(error))
        elif engine.state is EngineState.FAILED:
            self._warn(f"the model {target.name} could not be loaded: {engine.reason or 'see the log'}", is_ours=False)

    def _on_engine(self) -> None:
        """The engine's state has changed by itself: a model that died is told once, however often it dies so."""
        engine = self._engine
        if engine is not None and engine.state is EngineState.FAILED and self._writer is not None and engine.reason:
            self._warn(f"the model {self.name} stopped: {engine.reason}", is_ours=False)
        self._on_change()

    def _warn(self, text: str, *, is_ours: bool = True) -> None:
        """Tells the user, once; ``is_ours`` where the engine has no reason of its own."""
        if is_ours:
            self._problem = text
        if text != self._told:
            self._told = text
            self._listener.on_warning(f"nextedit: {text}")

    async def _close_engine(self) -> None:
        engine, self._engine, self._writer = self._engine, None, None
        if engine is not None:
            await engine.close()
