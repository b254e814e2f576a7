"""How far the model's word is to be trusted: the weights of what it writes, learned from rounds of the training split.

In: a model file, episodes.  Out: weights by feature for ``vetting.chance``, and how sure they are where.
Not here: the weights of what is derived (``tools/fit_chance.py``).

    python -m training calibrate --model model.gguf --episodes PATH.jsonl.xz --limit 300

The model is asked what the server would ask it.  Each proposal of an answer is a sample: right if a user would take it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import numpy as np

from nextedit_lsp import predictor
from nextedit_lsp.engine.interface import Effort, EngineError
from nextedit_lsp.evaluation import judging, rounds
from nextedit_lsp.evaluation.episodes import Episode
from nextedit_lsp.evaluation.rounds import Round
from nextedit_lsp.formats.format import Refused
from nextedit_lsp.presenting import present
from nextedit_lsp.proposing import writing
from nextedit_lsp.session import engines
from nextedit_lsp.session.model import Target
from nextedit_lsp.session.writer import MAX_QUESTIONS, Writer
from training.data import courses

# States of an episode that are asked about, the last one among them now and then.
MAX_STATES = 3
# A ridge on the weights but the bias: few samples must not make a feature sure of itself.
RIDGE = 1.0
N_STEPS = 50
LEVELS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.01)


@dataclass(frozen=True, slots=True)
class Sample:
    """What the model proposed, as numbers, and whether a user would have taken it."""

    features: Mapping[str, float]
    is_right: bool


@dataclass(frozen=True, slots=True)
class Level:
    """Samples whose chance lies between two bounds: how many, the mean chance, and the share that was right."""

    n: int
    chance: float
    right: float


def samples(path: Path, drawn: Sequence[Episode], seed: int) -> list[Sample]:
    """What the model in ``path`` proposes in some rounds of the episodes."""

    async def asked() -> list[Sample]:
        found: list[Sample] = []
        async with engines.loaded(Target(path=path)) as writer:
            for round_ in _rounds(drawn, random.Random(seed)):
                found += [sample async for sample in _asked(round_, writer)]
        return found

    return asyncio.run(asked())


def fitted(found: Sequence[Sample]) -> dict[str, float]:
    """The weights of a logistic regression, ``bias`` included, by Newton's method."""
    names = sorted({name for sample in found for name in sample.features})
    x = np.array([[1.0, *(sample.features.get(name, 0.0) for name in names)] for sample in found])
    y = np.array([float(sample.is_right) for sample in found])
    penalty = np.diag([1e-6, *[RIDGE] * len(names)])
    beta = np.zeros(x.shape[1])
    for _ in range(N_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        step = np.linalg.solve((x.T * (p * (1 - p) + 1e-9)) @ x + penalty, x.T @ (y - p) - penalty @ beta)
        beta += step
        if np.abs(step).max() < 1e-7:
            break
    return {name: round(float(weight), 3) for name, weight in zip(("bias", *names), beta, strict=True)}


def levels(found: Sequence[Sample], weights: Mapping[str, float]) -> list[Level]:
    """How often the samples are right that the weights find so and so likely."""
    chances = np.array([_chance(sample.features, weights) for sample in found])
    right = np.array([sample.is_right for sample in found], dtype=float)
    result = []
    for low, high in pairwise(LEVELS):
        chosen = (chances >= low) & (chances < high)
        if chosen.any():
            result.append(Level(int(chosen.sum()), float(chances[chosen].mean()), float(right[chosen].mean())))
    return result


def _rounds(drawn: Sequence[Episode], rng: random.Random) -> Iterator[Round]:
    for episode in drawn:
        course = courses.course_of(episode, rng)
        n = len(course.order)
        wanted = set(rng.sample(range(1, n + 1), min(MAX_STATES, n)))
        yield from (one for one in rounds.rounds(course.episode, course.order) if one.k in wanted)


async def _asked(round_: Round, writer: Writer) -> AsyncIterator[Sample]:
    settings = predictor.PredictorSettings()
    quick = predictor.predict(round_.snapshot, settings)
    if quick.suggestions:
        return
    for task in islice(predictor.questions(round_.snapshot, quick, writer.form), MAX_QUESTIONS):
        if isinstance(task, Refused):
            continue
        try:
            reply = await writer.engine.ask(task.question, Effort())
        except EngineError:
            # A prompt that does not fit into the model's context.
            continue
        for rank, one in enumerate(reply.completions):
            reading = writer.form.read(task, one)
            if isinstance(reading, Refused):
                continue
            for proposal in writing.proposals(task, reading, one, rank):
                suggestion = present.presented(proposal, 0.5, round_.snapshot)
                yield Sample(dict(proposal.features), judging.is_right(suggestion, round_))


def _chance(features: Mapping[str, float], weights: Mapping[str, float]) -> float:
    score = weights["bias"] + sum(weights.get(name, 0.0) * value for name, value in features.items())
    return float(1 / (1 + np.exp(-np.clip(score, -30, 30))))
