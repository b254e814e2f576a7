"""Ask a predictor about episodes, in many processes.

In: episodes, and a Subject: what is evaluated and how.  Out: an Outcome per episode, as they come.
Not here: what is right (``metrics``, ``saving``), keeping outcomes (``run_file``), arguments (``runner``).
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import signal
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.util import Finalize
from typing import cast

from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.errors import NexteditError
from nextedit_lsp.evaluation import metrics, orders, profiling, rounds, saving, with_model
from nextedit_lsp.evaluation.episodes import Episode
from nextedit_lsp.predictor import Prediction, PredictorSettings
from nextedit_lsp.presenting.suggestion import Suggestion
from nextedit_lsp.session.model import Target

# ``predictor.predict`` or a stand-in for it.
Predict = Callable[[Snapshot, PredictorSettings], Prediction]


# Episodes handed to a process at a time: few, so that the last ones do not wait for one process.
CHUNK_EPISODES = 4
# One episode of so many is gone through once more under a profiler.
PROFILED_EVERY = 20


class PredictorError(NexteditError):
    """What is to be evaluated is not there."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is evaluated, and how.  ``predictor`` is ``module:function``; ``model`` is asked as well."""

    predictor: str
    settings: PredictorSettings
    order: str
    protocols: tuple[int, ...] = (1,)
    model: Target | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one episode: rows of protocol 1, the saving of protocol 2; ``error`` where that raised.

    ``profile`` is where the time went, in seconds by room, of those that were profiled.
    """

    episode: str
    rows: tuple[metrics.Row, ...] = ()
    saving: saving.Saving | None = None
    error: str = ""
    profile: Mapping[str, float] = field(default_factory=dict)


def evaluate(episodes: Sequence[Episode], subject: Subject, jobs: int) -> Iterator[Outcome]:
    """The outcome of each episode, as they come.  Raises ``ModelError`` or PredictorError before the first."""
    tasks = [(episode, i % PROFILED_EVERY == 0 and subject.model is None) for i, episode in enumerate(episodes)]
    if jobs <= 1 or len(episodes) <= 1:
        with predicting(subject) as predict:
            for episode, is_profiled in tasks:
                yield outcome(episode, subject, predict, is_profiled=is_profiled)
        return
    # Forking a process that has threads (the progress bar's) is not safe, so processes start anew.
    pool = multiprocessing.get_context("spawn").Pool(min(jobs, len(episodes)), _start, (subject,))
    try:
        yield from pool.imap_unordered(_outcome, tasks, CHUNK_EPISODES)
        # Processes that are let end by themselves give their models back.
        pool.close()
        pool.join()
    finally:
        pool.terminate()


def outcome(episode: Episode, subject: Subject, predict: Predict, *, is_profiled: bool = False) -> Outcome:
    """What comes of one episode."""
    order = orders.ORDERS[subject.order](episode)
    rows: tuple[metrics.Row, ...] = ()
    profile: dict[str, float] = {}
    if 1 in subject.protocols:
        # All are asked before any is judged: judging parses texts, which would make the next round's tree for nothing.
        asked = [(round_, *_asked(round_, subject, predict)) for round_ in rounds.rounds(episode, order)]
        rows = tuple(_row(*one) for one in asked)
        if is_profiled:
            profile = _profile(rounds.rounds(episode, order), subject, predict)
    if 2 not in subject.protocols or not order:
        return Outcome(episode.id, rows, profile=profile)

    def ask(round_: rounds.Round) -> Suggestion | None:
        suggestions = predict(round_.snapshot, subject.settings).suggestions
        return suggestions[0] if suggestions else None

    try:
        return Outcome(episode.id, rows, saving.saving(episode, order, ask), profile=profile)
    except Exception:  # An episode that fails is a result like any other; the run goes on.
        return Outcome(episode.id, rows, error=traceback.format_exc(), profile=profile)


@contextlib.contextmanager
def predicting(subject: Subject) -> Iterator[Predict]:
    """The function to ask; its model is given back at the end.  Raises ``ModelError``."""
    if subject.model is None:
        yield resolved(subject.predictor)
        return
    with with_model.loaded(subject.model) as predict:
        yield predict


def resolved(name: str) -> Predict:
    """The function that ``module:function`` names.  Raises PredictorError."""
    module, _, function = name.partition(":")
    try:
        return cast(Predict, getattr(importlib.import_module(module), function))
    except (ImportError, AttributeError, ValueError) as error:
        raise PredictorError(f"no predictor {name!r}: {error}. Name one as module:function") from error


def _asked(round_: rounds.Round, subject: Subject, predict: Predict) -> tuple[Prediction | str, metrics.Cost]:
    """The prediction, or how it failed, and what it cost."""
    started_at = time.perf_counter()
    try:
        prediction: Prediction | str = predict(round_.snapshot, subject.settings)
    except Exception:  # A round that fails is a result like any other; the run goes on.
        prediction = traceback.format_exc()
    ms = round(1000 * (time.perf_counter() - started_at), 3)
    if not isinstance(predict, with_model.ModelPredictor):
        return prediction, metrics.Cost(ms)
    return prediction, metrics.Cost(
        ms,
        round(predict.model_ms, 3),
        len(predict.usages),
        sum(usage.prompt_tokens for usage in predict.usages),
        sum(usage.evaluated_tokens for usage in predict.usages),
        sum(usage.written_tokens for usage in predict.usages),
        sum(usage.passes for usage in predict.usages),
    )


def _profile(states: Iterable[rounds.Round], subject: Subject, predict: Predict) -> dict[str, float]:
    """Where the time of these rounds goes; rounds that raise are in the rows already."""
    found = []
    for round_ in states:
        with contextlib.suppress(Exception):
            found.append(profiling.seconds_by_room(partial(predict, round_.snapshot, subject.settings)))
    return profiling.total(found)


def _row(round_: rounds.Round, prediction: Prediction | str, cost: metrics.Cost) -> metrics.Row:
    if isinstance(prediction, str):
        return metrics.failed(round_, prediction, cost)
    return metrics.judged(round_, prediction, cost)


# What a process of the pool asks, set once when it starts; or why it can't.
_started: tuple[Subject, Predict] | Exception | None = None


def _start(subject: Subject) -> None:
    global _started
    # Ctrl+C ends the run in the first process, which ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stack = contextlib.ExitStack()
    try:
        _started = subject, stack.enter_context(predicting(subject))
    except Exception as error:  # A pool starts a process that fails to start again and again; this one tells instead.
        _started = error
    Finalize(None, stack.close, exitpriority=1)


def _outcome(task: tuple[Episode, bool]) -> Outcome:
    if isinstance(_started, Exception):
        raise _started
    assert _started is not None, "the pool starts each process with _start"
    episode, is_profiled = task
    return outcome(episode, *_started, is_profiled=is_profiled)
