"""What a training run is: sizes, rates, lessons.

In: a JSON file.  Out: a frozen ``Recipe``.
Not here: running it (``train``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.shape import Shape


@dataclass(frozen=True, slots=True)
class Stage:
    """A lesson: shares of rows by the names of shards (without ``-00.npz``), and after how many tokens it ends.

    ``batch_tokens`` count padding and are those of all processes together.
    """

    shares: Mapping[str, float]
    tokens: float
    batch_tokens: int = 4096


@dataclass(frozen=True, slots=True)
class Recipe:
    """A run.

    Rates rise over ``warm_up_tokens`` and stay: a run can always go on.  What is to be used is cooled down from a
    checkpoint.
    """

    shape: Mapping[str, Any]
    stages: tuple[Stage, ...]
    matrix_rate: float = 3e-3
    vector_rate: float = 3e-3
    weight_decay: float = 0.01
    warm_up_tokens: float = 2e5
    seed: int = 1
    held_out: tuple[str, ...] = field(default_factory=tuple)

    def shape_for(self, n_tokens: int) -> Shape:
        """The model's shape with that vocabulary."""
        return Shape(n_tokens, **self.shape)


def load(path: Path) -> Recipe:
    """The recipe in a file."""
    fields = json.loads(path.read_text(encoding="utf-8"))
    stages = tuple(Stage(**stage) for stage in fields.pop("stages"))
    return Recipe(stages=stages, held_out=tuple(fields.pop("held_out", ())), **fields)
