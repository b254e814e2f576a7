"""A session with a fake clock, a scripted predictor and no disk: what the tests of this room drive."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from nextedit_lsp.engine.scripted import ScriptedEngine
from nextedit_lsp.presenting.suggestion import Suggestion
from nextedit_lsp.session.asking import Ask
from nextedit_lsp.session.clock import FakeClock
from nextedit_lsp.session.documents import Received
from nextedit_lsp.session.listening import Status
from nextedit_lsp.session.scripted import ScriptedPredictor
from nextedit_lsp.session.session import Session
from nextedit_lsp.session.settings import Settings
from nextedit_lsp.session.surroundings import Surroundings
from nextedit_lsp.text.changes import Changes

T = TypeVar("T")

URI = "untitled:one"
OTHER = "untitled:two"


class Hearing:
    """A listener that keeps what it hears."""

    def __init__(self) -> None:
        self.statuses: list[Status] = []
        self.progress: list[float | None] = []
        self.warnings: list[str] = []

    def on_status(self, status: Status) -> None:
        self.statuses.append(status)

    def on_model_progress(self, share: float | None) -> None:
        self.progress.append(share)

    def on_warning(self, text: str) -> None:
        self.warnings.append(text)


class Bench:
    """A session under test."""

    def __init__(
        self,
        predictor: ScriptedPredictor,
        *,
        settings: Settings | None = None,
        engine: ScriptedEngine | None = None,
        roots: tuple[Path, ...] = (),
        feedback_directory: Path | None = None,
    ) -> None:
        self.clock = FakeClock()
        self.hearing = Hearing()
        self.predictor = predictor
        self.session = Session(
            predict=predictor,
            clock=self.clock,
            listener=self.hearing,
            surroundings=Surroundings(roots),
            make_engine=lambda *_: engine or ScriptedEngine(),
            feedback_directory=feedback_directory,
            settings=settings or Settings(),
        )

    def open(self, text: str, uri: str = URI) -> None:
        self.session.open(uri, "plaintext", 1, text)

    def text(self, uri: str = URI) -> str:
        return str(self.session.state.documents.followed[uri].text)

    def replace(self, old: str, new: str, uri: str = URI) -> None:
        """Replaces the first ``old``, as one change."""
        self.change(self.text(uri).index(old), len(old), new, uri)

    def change(self, start: int, length: int, new: str, uri: str = URI) -> None:
        document = self.session.state.documents.followed[uri]
        changes = Changes.replace(start, start + length, new)
        self.session.change(uri, document.version + 1, Received(changes, 1))

    async def answered(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The result of an ask, with the time it takes to pass its debounce."""
        task = asyncio.create_task(coroutine)
        await self.clock.settle()
        if not task.done() and self.clock.n_sleepers:
            await self.clock.advance(0.03)
        return await asyncio.wait_for(task, 5)

    async def next_edits(self, cursor: int = 0, uri: str = URI, *, is_explicit: bool = False) -> list[Suggestion]:
        return await self.answered(self.session.next_edits(Ask(uri, cursor, "inline_edit", is_explicit)))

    async def quiet(self) -> None:
        """Waits until what was asked ahead is there."""
        while tasks := list(self.session._asking._ahead.values()):
            await asyncio.wait(tasks)

    async def close(self) -> None:
        self.predictor.gate.set()
        await self.session.close()
        self.session._asking._worker.join(5)
        self.session._store_writer.join(5)
