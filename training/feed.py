"""Batches, the same for the same place in a run: so that one that was stopped goes on as if it had not been.

In: shards, shares, a seed, a place.  Out: batches as tensors.
Not here: what is done with them.

A stage is a row of windows.  A window takes so many rows of each lesson as its share says, from the lesson's rows in an
order that is shuffled anew each time they are used up; it is cut into batches of like length, so that little is
padding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from training.data import packing
from training.data.packing import Shard

# A window has so many batches' worth of rows.
WINDOW_BATCHES = 32
# Lengths are rounded up to these: fewer shapes for the machine to get used to.
LENGTH_STEP = 32


@dataclass(frozen=True, slots=True)
class Batch:
    """``ids``: int64, (rows, positions).  ``weights``: float32, of the token at the same place; zero for padding.

    ``in_answer`` marks the answers' tokens.  ``n_tokens`` does not count padding.
    """

    ids: torch.Tensor
    weights: torch.Tensor
    in_answer: torch.Tensor
    n_tokens: int

    def to(self, device: torch.device) -> Batch:
        """The batch on a device."""
        return Batch(self.ids.to(device), self.weights.to(device), self.in_answer.to(device), self.n_tokens)


class Lesson:
    """The rows of all shards of one name."""

    def __init__(self, folder: Path, name: str) -> None:
        paths = sorted(folder.glob(f"{name}-[0-9][0-9].npz"))
        if not paths:
            raise FileNotFoundError(f"{folder} has no shards {name}-00.npz and so on")
        self.shards = [packing.load(path) for path in paths]

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """(shard, row, length) of every row: int64, (rows, 3)."""
        parts = [
            np.stack((np.full(len(shard), number), np.arange(len(shard)), shard.lengths), axis=1)
            for number, shard in enumerate(self.shards)
        ]
        return np.concatenate(parts)

    def drawn(self, first: int, n: int, seed: int) -> NDArray[np.int64]:
        """``n`` places from the ``first``-th on, of an endless shuffled row of all."""
        n_all, found = len(self.places), []
        while n > 0:
            epoch, at = divmod(first, n_all)
            order = np.random.default_rng((seed, epoch)).permutation(n_all)
            taken = order[at : at + n]
            found.append(self.places[taken])
            first, n = first + len(taken), n - len(taken)
        return np.concatenate(found)


class Feed:
    """The batches of one stage."""

    def __init__(self, folder: Path, shares: Mapping[str, float], batch_tokens: int, seed: int) -> None:
        self._lessons = {name: Lesson(folder, name) for name in shares}
        self._batch_tokens = batch_tokens
        self._seed = seed
        total = sum(shares.values())
        mean_length = sum(
            share / total * float(self._lessons[name].places[:, 2].mean()) for name, share in shares.items()
        )
        n_rows = WINDOW_BATCHES * batch_tokens / mean_length
        self._n_rows = {name: max(1, round(share / total * n_rows)) for name, share in shares.items()}

    def window(self, number: int) -> list[list[tuple[str, int, int]]]:
        """The batches of a window as (lesson, shard, row)."""
        rows = [
            (int(length), name, int(shard), int(row))
            for name, n in self._n_rows.items()
            for shard, row, length in self._lessons[name].drawn(number * n, n, self._seed)
        ]
        rows.sort()
        batches: list[list[tuple[str, int, int]]] = [[]]
        for length, name, shard, row in rows:
            if batches[-1] and (len(batches[-1]) + 1) * length > self._batch_tokens:
                batches.append([])
            batches[-1].append((name, shard, row))
        order = np.random.default_rng((self._seed, number)).permutation(len(batches))
        return [batches[at] for at in order]

    def batch(self, rows: Sequence[tuple[str, int, int]]) -> Batch:
        """The tensors of some rows."""
        return batch_of([(self._lessons[name].shards[shard], row) for name, shard, row in rows])

    def from_(self, window: int, batch: int, rank: int = 0, world: int = 1) -> Iterator[tuple[int, int, Batch]]:
        """This process's batches from a place on, each with the place behind it; all processes get as many."""
        while True:
            batches = self.window(window)
            for at in range(batch, len(batches) - world + 1, world):
                behind = (window, at + world) if at + 2 * world <= len(batches) else (window + 1, 0)
                yield *behind, self.batch(batches[at + rank])
            window, batch = window + 1, 0


def batch_of(rows: Sequence[tuple[Shard, int]]) -> Batch:
    """The tensors of rows, padded at the end."""
    lengths = [int(shard.starts[row + 1] - shard.starts[row]) for shard, row in rows]
    width = -(-max(lengths) // LENGTH_STEP) * LENGTH_STEP + 1
    ids = np.zeros((len(rows), width), dtype=np.int64)
    weights = np.zeros((len(rows), width), dtype=np.float32)
    in_answer = np.zeros((len(rows), width), dtype=bool)
    for at, ((shard, row), length) in enumerate(zip(rows, lengths, strict=True)):
        span = slice(int(shard.starts[row]), int(shard.starts[row + 1]))
        ids[at, :length] = shard.ids[span]
        weights[at, :length] = shard.weights[span] * np.float32(packing.WEIGHT_STEP)
        in_answer[at, length - int(shard.n_answer[row]) : length] = True
    return Batch(torch.from_numpy(ids), torch.from_numpy(weights), torch.from_numpy(in_answer), sum(lengths))
