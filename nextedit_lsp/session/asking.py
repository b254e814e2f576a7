"""How one question is answered in time.

In: an ask, and the state.  Out: a prediction that applies to the document as it is, or why there is none.
Not here: whether the user wants suggestions at all (``session``).

    ask ──▶ known? ──yes──▶ answer
              └─no─▶ a moment for a newer ask ──▶ predict ──▶ nothing? ──▶ ask the model ──▶ still fits? ──▶ answer
                                                     ▲                          │
                                                     └── wait ◀── half-typed? ◀─┘

What can be derived is answered at once; the model is asked where that is nothing, and for what else there might be
where the user asked.

A newer ask in the same lane of a document, or a cancellation, ends an ask at any arrow; the
prediction's thread is told and stops by itself.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.engine.interface import Effort, EngineError
from nextedit_lsp.formats.format import Task
from nextedit_lsp.predictor import Prediction, PredictorSettings
from nextedit_lsp.proposing import writing
from nextedit_lsp.session.clock import Clock
from nextedit_lsp.session.looking import Looking
from nextedit_lsp.session.requests import Lanes
from nextedit_lsp.session.settings import Settings
from nextedit_lsp.session.state import State
from nextedit_lsp.session.worker import Worker
from nextedit_lsp.session.writer import N_ANSWERS_EXPLICIT, Writer, Written, described, write
from nextedit_lsp.vetting.silence import Silence

logger = logging.getLogger(__name__)

Predict = Callable[[Snapshot, PredictorSettings, Callable[[], bool]], Prediction]

# The lane of the prediction that is made ahead, after an acceptance.
AHEAD = "ahead"

# A sleep may end a hair before its time.
MARGIN_S = 0.002


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: what comes next, with the cursor at this offset?  Newest wins per document and ``lane``."""

    uri: str
    cursor: int
    lane: str
    is_explicit: bool = False
    label: str = "-"


@dataclass(slots=True)
class Trace:
    """For the log line of one ask: the stage that it came to, and milliseconds by stage."""

    stage: str = "asked"
    times: dict[str, float] = field(default_factory=dict)
    model: str = ""

    def add(self, stage: str, seconds: float) -> None:
        """Adds to a stage's time."""
        self.stage = stage
        self.times[stage] = self.times.get(stage, 0.0) + 1000 * seconds


class Asking:
    """The asks under way."""

    def __init__(
        self,
        state: State,
        predict: Predict,
        clock: Clock,
        settings: Settings,
        writer: Callable[[], Writer | None] = lambda: None,
        looking: Looking | None = None,
    ) -> None:
        self._state = state
        self._looking = looking
        self._writer = writer
        self.configure(settings)
        self._predict = predict
        self._clock = clock
        self._lanes = Lanes()
        self._worker = Worker("nextedit-predict")
        self._ahead: dict[str, asyncio.Task[None]] = {}
        self._reading: asyncio.Task[None] | None = None
        self.costs: dict[str, str] = {}

    def configure(self, settings: Settings) -> None:
        """Sets the times to wait and the chance worth an interruption."""
        self.settings = settings
        self._state.settle_s = settings.settle_ms / 1000

    async def answer(self, ask: Ask) -> Prediction:
        """What comes next."""
        trace, started_at = Trace(), self._clock.now()
        prediction = Prediction(silence=Silence.CANCELLED)
        try:
            work = partial(self._work, ask, trace)
            prediction = await self._lanes.run((ask.uri, ask.lane), work) or prediction
        finally:
            trace.times["total"] = 1000 * (self._clock.now() - started_at)
            _log(ask, prediction, trace)
        return prediction

    def ask_ahead(self, uri: str, cursor: int) -> None:
        """Predicts for the state after an acceptance, so that the next ask finds the answer known."""
        task = asyncio.get_running_loop().create_task(self._answer_ahead(Ask(uri, cursor, AHEAD, label=AHEAD)))
        self._ahead[uri] = task
        task.add_done_callback(lambda done: self._ahead.pop(uri) if self._ahead.get(uri) is done else None)

    def warm(self, document: Document) -> None:
        """Has the tree of a document that was just opened made, so that the first ask does not wait for it."""
        self._worker.submit(lambda: document.tree)

    def read_ahead(self, uri: str, cursor: int) -> None:
        """Has the model read the prompt of this moment, so that the next ask finds most of it in the cache.

        One at a time: while one is being read, what comes is left out; the next ask reads the little that is new.
        """
        writer = self._writer()
        if writer is not None and (self._reading is None or self._reading.done()):
            self._reading = asyncio.get_running_loop().create_task(self._read_ahead(uri, cursor, writer))

    def forget(self, uri: str) -> None:
        """Ends the prediction made ahead for a document that changed or went."""
        self._lanes.supersede((uri, AHEAD))

    def close(self) -> None:
        """Ends everything; waits for nothing."""
        self._lanes.supersede_all()
        if self._reading is not None:
            self._reading.cancel()
        self._worker.close()

    async def _answer_ahead(self, ask: Ask) -> None:
        await self.answer(ask)

    async def _work(self, ask: Ask, trace: Trace, stop: threading.Event) -> Prediction:
        ahead = self._ahead.get(ask.uri)
        if ahead is not None and ask.lane != AHEAD:
            trace.stage = "ahead"
            await asyncio.wait({ahead})
        known = self._known(ask)
        if known is not None:
            trace.stage = "cache"
            return known
        if self._looking is not None and self._is_settled(ask):
            # It is done while a newer ask is waited for.
            self._looking.begin(ask.uri)
        waits = not ask.is_explicit and ask.lane != AHEAD
        if waits:
            await self._pause(self.settings.debounce_ms / 1000, "debounce", trace)
        version = self._version(ask.uri)
        prediction = await self._once(ask, trace, stop)
        if prediction.silence is Silence.UNSETTLED and waits:
            if self._looking is not None:
                self._looking.begin(ask.uri)
            await self._pause(self._state.unsettled_s(ask.uri, self._clock.now()) + MARGIN_S, "settle", trace)
            if self._version(ask.uri) != version:
                return Prediction(silence=Silence.STALE)
            prediction = await self._once(ask, trace, stop)
        return prediction

    async def _once(self, ask: Ask, trace: Trace, stop: threading.Event) -> Prediction:
        """One prediction for the state as it is, if it still applies at the end."""
        if self._looking is not None and self._is_settled(ask):
            await self._looking.wait(ask.uri, is_explicit=ask.is_explicit)
        if self._state.documents.get(ask.uri) is None:
            return Prediction(silence=Silence.STALE)
        started_at = self._clock.now()
        flight = self._state.take_off(ask.uri, ask.cursor, started_at, is_explicit=ask.is_explicit)
        pipeline = PredictorSettings(min_chance=self.settings.min_chance, settle_s=self._state.settle_s)
        try:
            prediction = await self._worker.submit(partial(self._predict, flight.snapshot, pipeline, stop.is_set))
            trace.add("predict", self._clock.now() - started_at)
            prediction = await self._with_model(ask, flight.snapshot, prediction, pipeline, trace, stop)
        except Exception:  # One catch-all for the pipeline: it costs this answer, and the log has the cause.
            logger.exception("request %s: the prediction failed", ask.label)
            return Prediction(silence=Silence.ENGINE_FAILED)
        finally:
            self._state.drop(flight)
        return self._state.land(flight, prediction)

    async def _with_model(
        self,
        ask: Ask,
        snapshot: Snapshot,
        quick: Prediction,
        pipeline: PredictorSettings,
        trace: Trace,
        stop: threading.Event,
    ) -> Prediction:
        """``quick`` with what the model expects, where it is to be asked."""
        # What an earlier question cost says nothing of this answer.
        self.costs.pop(ask.uri, None)
        writer = self._writer()
        if writer is None or stop.is_set() or (quick.suggestions and not ask.is_explicit):
            return quick
        started_at = self._clock.now()
        effort = Effort(
            n_answers=N_ANSWERS_EXPLICIT if ask.is_explicit else 1,
            max_ms=self.settings.answer_ms,
            takes_back=self.settings.take_back,
        )
        trace.stage = "model"
        written = await write(snapshot, quick, writer, pipeline, effort, self._worker.submit, stop.is_set)
        trace.add("model", self._clock.now() - started_at)
        self._note(ask.uri, written, trace)
        return written.prediction

    def _note(self, uri: str, written: Written, trace: Trace) -> None:
        """Keeps what the model's part cost: counts and reasons, no text of the user's."""
        cost = described(written.usages) if written.usages else ""
        trace.model = "; ".join(part for part in (cost, written.problem) if part)
        self.costs[uri] = trace.model

    async def _read_ahead(self, uri: str, cursor: int, writer: Writer) -> None:
        if self._state.documents.get(uri) is None:
            return
        flight = self._state.take_off(uri, cursor, self._clock.now(), is_explicit=False)
        self._state.drop(flight)
        snapshot = flight.snapshot
        try:
            task = await self._worker.submit(lambda: writer.form.task(snapshot, writing.spot_at_cursor(snapshot)))
            if isinstance(task, Task):
                await writer.engine.warm(task.question.prompt)
        except EngineError as error:
            logger.debug("a prompt was not read ahead: %s", error)
        except Exception:
            logger.exception("a prompt was not read ahead")

    def _known(self, ask: Ask) -> Prediction | None:
        if self._state.documents.get(ask.uri) is None:
            return None
        now = self._clock.now()
        known = self._state.answers.find(self._state.key(ask.uri, ask.cursor, now, is_explicit=False))
        if ask.is_explicit and (known is None or not known.suggestions):
            # What was silent by itself may have something to say when asked.
            return self._state.answers.find(self._state.key(ask.uri, ask.cursor, now, is_explicit=True))
        return known

    async def _pause(self, seconds: float, stage: str, trace: Trace) -> None:
        started_at = self._clock.now()
        try:
            await self._clock.sleep(max(0.0, seconds))
        finally:
            trace.add(stage, self._clock.now() - started_at)

    def _is_settled(self, ask: Ask) -> bool:
        """Whether files that are not open matter: to whoever is in the middle of a word they do not."""
        return ask.is_explicit or self._state.unsettled_s(ask.uri, self._clock.now()) <= 0

    def _version(self, uri: str) -> int | None:
        document = self._state.documents.get(uri)
        return document.version if document else None


def _log(ask: Ask, prediction: Prediction, trace: Trace) -> None:
    """The one line of a request; no text of the user's goes into it."""
    if prediction.suggestions:
        best = prediction.suggestions[0]
        result = f"{len(prediction.suggestions)} suggestions, best {best.id} from {best.source} at {best.chance:.2f}"
    else:
        result = f"silent: {(prediction.silence or Silence.NO_CANDIDATE).name.lower()}"
    times = ", ".join(f"{stage} {milliseconds:.1f}" for stage, milliseconds in trace.times.items())
    model = f"; model: {trace.model}" if trace.model else ""
    logger.info("request %s %s: %s; reached %s; ms: %s%s", ask.label, ask.lane, result, trace.stage, times, model)
