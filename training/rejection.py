"""After training: what the model still gets wrong becomes a place to say nothing at.

In: a model, a lesson that it was not trained on.  Out: a shard: answers that it gets right as they are, and "nothing
here" in the stead of wrong ones.
Not here: training on it, which is a cool-down with that shard among its lessons.

Rejection-sampled fine-tuning with exact match as the reward: an answer is right if every token is the likeliest one
behind the right ones before it, which is when greedy decoding writes it.  A model that was taught to write wherever
someone could have written does not know where it cannot; so it learns its own limits.
"""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import torch

from nextedit_lsp.formats import native
from training import learning
from training.data.example import FIRST_WEIGHT, Row
from training.data.packing import WEIGHT_STEP, Shard, packed
from training.feed import Lesson, batch_of
from training.model import Llama
from training.tokenizer import Tokenizer

# Of the wrong answers so many become "nothing here", the rest is left out: else the model falls silent.
SILENCED_SHARE = 0.5


@torch.no_grad()
def rejected(
    model: Llama, made: Tokenizer, shards: Path, name: str, n_rows: int, seed: int = 1
) -> tuple[Shard, Counter[str]]:
    """The shard made of ``n_rows`` rows of a lesson, and how many of each kind were right, wrong, or nothing before."""
    lesson, rng = Lesson(shards, name), random.Random(seed)
    none = made.control(native.NONE.text)
    rows: list[Row] = []
    counts: Counter[str] = Counter()
    for number, place, _ in lesson.drawn(0, min(n_rows, len(lesson.places)), seed):
        shard, at = lesson.shards[number], int(place)
        row = _row(shard, at)
        is_right = bool(learning.result_of(model, batch_of([(shard, at)])).whole[0])
        was_none = row.ids[-row.n_answer :] == [none]
        counts["nothing" if was_none else "right" if is_right else "wrong"] += 1
        if was_none or is_right:
            rows.append(row)
        elif rng.random() < SILENCED_SHARE:
            prompt = row.ids[: -row.n_answer]
            rows.append(Row("silenced", [*prompt, none], [0.0] * len(prompt) + [FIRST_WEIGHT], 1))
    return packed(rows), counts


def _row(shard: Shard, at: int) -> Row:
    span = slice(int(shard.starts[at]), int(shard.starts[at + 1]))
    weights = [float(weight) * WEIGHT_STEP for weight in shard.weights[span]]
    return Row(shard.kind_names[shard.kinds[at]], shard.ids[span].tolist(), weights, int(shard.n_answer[at]))
