"""Tokenised examples on disk: shards, read as a whole.

In: rows.  Out: ``.npz`` files; then batches' worth of arrays.
Not here: making rows (``example``), batches (``feed``).

All rows of a shard lie behind each other in one array; weights are kept in steps of a twentieth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.data.example import Row

# A weight in a shard is a whole number of these.
WEIGHT_STEP = 0.05


@dataclass(frozen=True, slots=True)
class Shard:
    """Row ``i`` are the tokens ``starts[i]`` up to ``starts[i + 1]``; its answer the last ``n_answer[i]`` of them.

    ``ids``: uint16.  ``weights``: uint8, in steps of ``WEIGHT_STEP``.  ``kinds``: indices of ``kind_names``.
    """

    ids: NDArray[np.uint16]
    weights: NDArray[np.uint8]
    starts: NDArray[np.int64]
    n_answer: NDArray[np.int32]
    kinds: NDArray[np.uint8]
    kind_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.n_answer)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """The number of tokens of each row."""
        return np.diff(self.starts)


def packed(rows: Sequence[Row]) -> Shard:
    """The shard of rows."""
    names = tuple(sorted({row.kind for row in rows}))
    weights = np.array([weight for row in rows for weight in row.weights])
    return Shard(
        ids=np.array([token for row in rows for token in row.ids], dtype=np.uint16),
        weights=np.round(weights / WEIGHT_STEP).astype(np.uint8),
        starts=np.cumsum([0, *(len(row.ids) for row in rows)], dtype=np.int64),
        n_answer=np.array([row.n_answer for row in rows], dtype=np.int32),
        kinds=np.array([names.index(row.kind) for row in rows], dtype=np.uint8),
        kind_names=names,
    )


def save(shard: Shard, path: Path) -> None:
    """Write a shard, never half of one."""
    unfinished = path.with_suffix(".unfinished.npz")
    fields = {name: getattr(shard, name) for name in ("ids", "weights", "starts", "n_answer", "kinds")}
    np.savez(unfinished, kind_names=np.array(shard.kind_names), **fields)
    unfinished.replace(path)


def load(path: Path) -> Shard:
    """The shard in a file."""
    with np.load(path) as kept:
        names = tuple(str(name) for name in kept["kind_names"])
        return Shard(kept["ids"], kept["weights"], kept["starts"], kept["n_answer"], kept["kinds"], names)
