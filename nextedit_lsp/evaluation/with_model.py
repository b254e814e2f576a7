"""A predictor that asks a model as well, for an evaluation, which knows no event loop.

In: a target.  Out: a function like ``predictor.predict``, and what its last question cost.
Not here: how the model is asked (``session.writer``).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from nextedit_lsp import predictor
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.engine.interface import Effort, Usage
from nextedit_lsp.engine.machine import WORKING_BYTES
from nextedit_lsp.models import machine
from nextedit_lsp.predictor import Prediction, PredictorSettings
from nextedit_lsp.session import engines
from nextedit_lsp.session.model import Target
from nextedit_lsp.session.writer import T, Writer, write


@dataclass(slots=True)
class ModelPredictor:
    """The pipeline with the model's part, one round after the other; ``usages`` and ``model_ms`` are of the last."""

    writer: Writer
    loop: asyncio.AbstractEventLoop
    usages: tuple[Usage, ...] = ()
    model_ms: float = 0.0

    def __call__(
        self, snapshot: Snapshot, settings: PredictorSettings, is_cancelled: Callable[[], bool] = lambda: False
    ) -> Prediction:
        """What comes next; the model is asked where nothing can be derived, as the server does it."""
        self.usages, self.model_ms = (), 0.0
        quick = predictor.predict(snapshot, settings, is_cancelled)
        if quick.suggestions or is_cancelled():
            return quick
        started_at = time.perf_counter()
        asking = write(snapshot, quick, self.writer, settings, Effort(), _here, is_cancelled)
        written = self.loop.run_until_complete(asking)
        self.usages, self.model_ms = written.usages, 1000 * (time.perf_counter() - started_at)
        # The model is asked what to write; where the next edit may fall is known without it.
        return replace(written.prediction, places=quick.places)


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


def shared(target: Target, n_jobs: int, n_cores: int) -> tuple[Target, int]:
    """The target as each of some processes is to load it, and how many: as many as fit into memory, at most ``n_jobs``.

    A model behind an address is asked by one process: how much it takes at once is not known here.
    """
    if target.path is None:
        return target, 1
    needed = target.path.stat().st_size + WORKING_BYTES
    memory = machine.memory_bytes()
    while n_jobs > 1 and machine.fit(n_jobs * needed, memory) is not machine.Fit.FITS:
        n_jobs -= 1
    if n_jobs == 1 or target.wishes.n_threads is not None:
        return target, n_jobs
    return replace(target, wishes=replace(target.wishes, n_threads=max(1, n_cores // n_jobs))), n_jobs


async def _here(job: Callable[[], T]) -> T:
    """Runs a job of the pipeline right away: nobody waits meanwhile."""
    return job()
