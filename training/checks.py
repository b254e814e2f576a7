"""How good a model is on rows that it was not trained on: each answer token foretold from the right ones before it.

In: a model, a held-out lesson.  Out: rates by kind of question; how far another's logits are from the model's.
Not here: the whole pipeline, which ``nextedit evaluate`` measures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from training import learning
from training.feed import Lesson, batch_of
from training.model import Llama

# Enough to tell a change of a few points, few enough for a minute on two busy cores.
N_ROWS = 200
# Texts whose logits are compared, and tokens of each.
N_TEXTS, N_COMPARED = 20, 500


@torch.no_grad()
def checked(model: Llama, shards: Path, name: str, device: torch.device, n_rows: int = N_ROWS) -> dict[str, Any]:
    """By kind: how many rows, the share of answers that are right altogether, and of their tokens; the mean loss."""
    lesson = Lesson(shards, name)
    places = lesson.drawn(0, min(n_rows, len(lesson.places)), seed=0)
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    losses: list[float] = []
    for number, place, _ in places:
        shard, row = lesson.shards[number], int(place)
        result = learning.result_of(model, batch_of([(shard, row)]).to(device))
        of_kind = counts[shard.kind_names[shard.kinds[row]]]
        for idx, count in enumerate((1, int(result.whole[0]), result.right, result.n_answer)):
            of_kind[idx] += count
        losses.append(result.answer_loss * result.n_answer)
    n_answer = sum(count[3] for count in counts.values())
    return {
        "answer_loss": round(sum(losses) / n_answer, 4),
        "kinds": {
            kind: {"n": int(n), "whole": round(whole / n, 4), "right": round(right / of, 4)}
            for kind, (n, whole, right, of) in sorted(counts.items())
        },
    }


@torch.no_grad()
def compared(
    model: Llama, texts: Sequence[Sequence[int]], logits_of: Callable[[Sequence[int]], NDArray[np.float32]]
) -> tuple[float, float]:
    """How far the logits of another implementation are from the model's in f32.

    The mean absolute difference, and the share of positions where another token is the best.
    """
    differences, is_other = [], []
    for ids in texts:
        here = model.logits(model(torch.tensor([list(ids)])))[0].numpy()
        there = logits_of(ids)
        differences.append(np.abs(here - there).mean())
        is_other.append((here.argmax(-1) != there.argmax(-1)).mean())
    return float(np.mean(differences)), float(np.mean(is_other))
