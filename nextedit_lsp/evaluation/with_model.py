"""A predictor that asks a model as well, for the runner, which knows no event loop.

In: a target.  Out: a function like ``predictor.predict``, and what all its questions cost.
Not here: how the model is asked (``session.writer``).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from nextedit_lsp import predictor
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.engine.interface import Effort, Usage
from nextedit_lsp.predictor import Prediction, PredictorSettings
from nextedit_lsp.session import engines
from nextedit_lsp.session.model import Target
from nextedit_lsp.session.writer import T, Writer, described, write


@dataclass(slots=True)
class ModelPredictor:
    """The pipeline with the model's part, one round after the other."""

    writer: Writer
    loop: asyncio.AbstractEventLoop
    usages: list[Usage] = field(default_factory=list)

    def __call__(
        self, snapshot: Snapshot, settings: PredictorSettings, is_cancelled: Callable[[], bool] = lambda: False
    ) -> Prediction:
        """What comes next; the model is asked where nothing can be derived, as the server does it."""
        quick = predictor.predict(snapshot, settings, is_cancelled)
        if quick.suggestions:
            return quick
        asking = write(snapshot, quick, self.writer, settings, Effort(), _here)
        written = self.loop.run_until_complete(asking)
        self.usages += written.usages
        return written.prediction

    @property
    def cost(self) -> str:
        """What all questions cost, in words."""
        return f"{len(self.usages)} questions: {described(tuple(self.usages))}"


@contextlib.contextmanager
def loaded(target: Target) -> Iterator[ModelPredictor]:
    """A predictor with the target's model, which is given back at the end.  Raises ``ModelError``."""
    loop = asyncio.new_event_loop()
    try:
        loading = engines.loaded(target)
        writer = loop.run_until_complete(loading.__aenter__())
        try:
            yield ModelPredictor(writer, loop)
        finally:
            loop.run_until_complete(loading.__aexit__(None, None, None))
    finally:
        loop.close()


async def _here(job: Callable[[], T]) -> T:
    """Runs a job of the pipeline right away: nobody waits meanwhile."""
    return job()
