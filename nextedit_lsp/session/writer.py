"""The model asked: the pipeline's questions put to an engine, and its answers given back to the pipeline.

In: a Snapshot, what was predicted without the model, an engine with its format.  Out: a prediction, and what it cost.
Not here: when to ask (``asking``), the model's life (``model``).

The session, ``nextedit predict`` and the evaluation ask in the same way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from nextedit_lsp import predictor
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.engine.interface import Effort, Engine, EngineError, Partial, Usage
from nextedit_lsp.formats.format import Format, Refused, Task
from nextedit_lsp.formats.prompt import Completion
from nextedit_lsp.predictor import Prediction, PredictorSettings
from nextedit_lsp.vetting.silence import Silence

T = TypeVar("T")

# So many places are asked about until one has an edit: by itself, and when the user asked.
MAX_QUESTIONS = 2
MAX_QUESTIONS_EXPLICIT = 3
# So many answers of the model are ranked where the user asked.
N_ANSWERS_EXPLICIT = 3


class Run(Protocol):
    """Runs a job of the pipeline where it holds nothing up."""

    def __call__(self, job: Callable[[], T], /) -> Awaitable[T]:
        """What the job returns."""


@dataclass(frozen=True, slots=True)
class Writer:
    """A model that is ready to write, and the format of its prompts."""

    engine: Engine
    form: Format


@dataclass(frozen=True, slots=True)
class Written:
    """A prediction with the model's part, what each question cost, and why there was no answer, if so."""

    prediction: Prediction
    usages: tuple[Usage, ...] = ()
    problem: str | None = None


async def write(
    snapshot: Snapshot,
    quick: Prediction,
    writer: Writer,
    settings: PredictorSettings,
    effort: Effort,
    run: Run,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Written:
    """What the model expects beside ``quick``.  A failing engine costs its part, and nothing else."""
    usages: list[Usage] = []
    problem: str | None = None
    prediction = quick
    tasks = predictor.questions(snapshot, quick, writer.form)
    for _ in range(MAX_QUESTIONS_EXPLICIT if snapshot.explicit else MAX_QUESTIONS):
        task = await run(lambda: next(tasks, None))
        if task is None:
            break
        if isinstance(task, Refused):
            problem = problem or task.reason
            continue
        try:
            reply = await writer.engine.ask(task.question, effort, _judge(task, writer.form, effort, run))
        except EngineError as error:
            return Written(_without_answer(prediction), tuple(usages), str(error))
        usages.append(reply.usage)
        prediction = await run(_merging(snapshot, prediction, task, reply.completions, writer.form, settings))
        if effort.n_answers > 1:
            prediction = await _with_opinions(snapshot, prediction, task, writer, settings, run, usages)
        if len(prediction.suggestions) > len(quick.suggestions) or is_cancelled():
            break
    return Written(prediction, tuple(usages), problem)


async def _with_opinions(
    snapshot: Snapshot,
    prediction: Prediction,
    task: Task,
    writer: Writer,
    settings: PredictorSettings,
    run: Run,
    usages: list[Usage],
) -> Prediction:
    """``prediction`` with what the model thinks of the edits that were derived; as it is where it can't say."""
    answers = predictor.rivals(task, prediction)
    if not answers:
        return prediction
    try:
        scores, usage = await writer.engine.score(task.question.prompt, answers)
    except EngineError:
        return prediction
    usages.append(usage)
    known = dict(zip(answers, scores, strict=True))
    return await run(lambda: predictor.rescored(snapshot, prediction, task, known, settings))


def described(usages: tuple[Usage, ...]) -> str:
    """What the model's part cost, for a log line: counts, and no text of the user's."""
    total = Usage()
    for usage in usages:
        names = Usage.__slots__
        total = replace(total, **{name: getattr(total, name) + getattr(usage, name) for name in names})
    return (
        f"prompt {total.prompt_tokens} tokens, {total.evaluated_tokens} evaluated, {total.reused_tokens} re-used;"
        f" {total.written_tokens} written in {total.passes} passes, {total.accepted_tokens} of"
        f" {total.drafted_tokens} drafted held, {total.taken_back} taken back;"
        f" prompt {total.prompt_ms:.0f} ms, answer {total.answer_ms:.0f} ms"
    )


def _merging(
    snapshot: Snapshot,
    prediction: Prediction,
    task: Task,
    completions: tuple[Completion, ...],
    form: Format,
    settings: PredictorSettings,
) -> Callable[[], Prediction]:
    return lambda: predictor.written(snapshot, prediction, task, completions, form, settings)


def _judge(task: Task, form: Format, effort: Effort, run: Run) -> Callable[[Partial], Awaitable[bool]] | None:
    if not effort.takes_back:
        return None
    return lambda partial: run(lambda: predictor.is_sound(task, partial.text, partial.rest, form))


def _without_answer(prediction: Prediction) -> Prediction:
    if prediction.suggestions or prediction.silence is Silence.UNSETTLED:
        return prediction
    return replace(prediction, silence=Silence.ENGINE_FAILED)
