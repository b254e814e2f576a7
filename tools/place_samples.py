"""Rows of edit episodes as training samples for ``fit_places.py``.

In: edit episodes (JSON lines).  Out: features, labels and weights as numpy arrays.
An episode's hunks are made one by one; after some of them every row of its files is a candidate, right if a
remaining hunk touches it as ``evaluation.metrics`` has it.
"""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nextedit_lsp.evaluation import orders, rounds
from nextedit_lsp.evaluation.episodes import Episode
from nextedit_lsp.evaluation.rounds import HunkId, Round
from nextedit_lsp.locating.ranking import features, scene

# In this share of the episodes the hunks are made in file order, in this in flow order, in the rest at random.
FILE_SHARE, FLOW_SHARE = 0.6, 0.25
# States of one episode that are sampled, and how often the complete one is among them.
MAX_ROUNDS = 3
COMPLETE_SHARE = 0.5
# Wrong rows of one state that are kept; each stands for as many as were left out.
MAX_WRONG_NEAR, MAX_WRONG = 40, 60
# Rows this close to the last edit or to a right row are kept first.
NEAR_ROWS = 12
# In this share of the episodes other files of the repository are open as well, so many: in an editor most open
# documents have no part in what the user is at, while every file of a commit has.
CROWDED_SHARE, MIN_OTHERS, MAX_OTHERS = 0.1, 3, 8
# Episodes whose samples are kept in one file.
BATCH = 500
# Of this share of the episodes every row is kept: they calibrate what the others teach.
WHOLE_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Samples:
    """Rows of states: ``group`` numbers the states, ``document`` and ``row`` say where a row stands.

    ``is_whole`` marks the states of which every row is here, in order.
    """

    x: np.ndarray
    is_right: np.ndarray
    weight: np.ndarray
    group: np.ndarray
    document: np.ndarray
    row: np.ndarray
    is_whole: np.ndarray


def samples_of(episode: Episode) -> Samples | None:
    """The samples of some states of an episode."""
    rng = random.Random(episode.id)
    order = _order(episode, rng)
    n = len(order)
    if n < 2:
        return None
    wanted = set(rng.sample(range(1, n), min(MAX_ROUNDS, max(1, n // 2))))
    if rng.random() < COMPLETE_SHARE:
        wanted.add(n)
    is_whole = rng.random() < WHOLE_SHARE
    found = [_sampled(round_, rng, is_whole) for round_ in rounds.rounds(episode, order) if round_.k in wanted]
    seen = [one for one in found if one is not None]
    return _stacked(seen) if seen else None


def collected(episodes: Sequence[Episode], jobs: int, kept_in: Path) -> Samples:
    """The samples of all ``episodes``, in ``jobs`` processes; of every batch kept in a folder, and read from there."""
    kept_in.mkdir(parents=True, exist_ok=True)
    found: list[Samples] = []
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        for first in range(0, len(episodes), BATCH):
            path = kept_in / f"{first:06d}.npz"
            if not path.exists():
                batch = crowded(episodes[first : first + BATCH])
                _save(_stacked([one for one in pool.imap(samples_of, batch, chunksize=8) if one is not None]), path)
            with np.load(path) as stored:
                found.append(Samples(**stored))
            print(f"{path.name}: {len(found[-1].row)} rows of {int(found[-1].group.max()) + 1} states", flush=True)
    return _stacked(found)


def _save(samples: Samples, path: Path) -> None:
    np.savez(path, **{name: getattr(samples, name) for name in Samples.__dataclass_fields__})


def crowded(episodes: Sequence[Episode]) -> Iterator[Episode]:
    """The episodes, some of them with files of others that are of the same repository."""
    for episode in episodes:
        rng = random.Random(f"{episode.id} others")
        if rng.random() < CROWDED_SHARE:
            paths = {file.path for file in episode.files}
            others = {
                file.path: replace(file, hunks=())
                for other in episodes
                if other.repo == episode.repo
                for file in other.files
                if file.path not in paths
            }
            n = min(len(others), rng.randint(MIN_OTHERS, MAX_OTHERS))
            episode = replace(episode, files=(*episode.files, *rng.sample(list(others.values()), n)))
        yield episode


def labels(round_: Round, of: scene.Scene) -> np.ndarray:
    """Which rows a remaining hunk touches: those it replaces, or the two around an insertion."""
    right = np.zeros(of.n_rows, dtype=bool)
    for hunk in round_.remaining:
        first, end = (hunk.start, hunk.start + len(hunk.old)) if hunk.old else (hunk.start - 1, hunk.start + 1)
        right |= of.in_document(hunk.uri) & (of.row >= first) & (of.row < end)
    return right


def _order(episode: Episode, rng: random.Random) -> list[HunkId]:
    draw = rng.random()
    if draw < FILE_SHARE:
        return rounds.file_order(episode)
    order = list(orders.flow_order(episode))
    if draw >= FILE_SHARE + FLOW_SHARE:
        rng.shuffle(order)
    return order


def _sampled(round_: Round, rng: random.Random, is_whole: bool) -> Samples | None:
    of = scene.scene_of(round_.snapshot, round_.snapshot.history.intentions())
    if of is None:
        return None
    columns = features.columns(of)
    right = labels(round_, of)
    if is_whole:
        return _chosen(of, columns, right, np.arange(of.n_rows), np.ones(of.n_rows), is_whole=True)
    near = (columns["n_away"] <= NEAR_ROWS) | _around(right, 3) | (columns["gone_all"] > 0)
    chosen, weights = [np.flatnonzero(right)], [np.ones(int(right.sum()))]
    for flags, n_most in ((near & ~right, MAX_WRONG_NEAR), (~near & ~right, MAX_WRONG - MAX_WRONG_NEAR)):
        rows = np.flatnonzero(flags)
        kept = np.array(sorted(rng.sample(rows.tolist(), min(n_most, len(rows)))), dtype=int)
        chosen.append(kept)
        weights.append(np.full(len(kept), len(rows) / max(1, len(kept))))
    return _chosen(of, columns, right, np.concatenate(chosen), np.concatenate(weights), is_whole=False)


def _chosen(
    of: scene.Scene,
    columns: dict[str, np.ndarray],
    right: np.ndarray,
    index: np.ndarray,
    weight: np.ndarray,
    *,
    is_whole: bool,
) -> Samples:
    return Samples(
        x=np.stack([column[index] for column in columns.values()], axis=1),
        is_right=right[index],
        weight=weight.astype(np.float32),
        group=np.zeros(len(index), dtype=np.int64),
        document=of.document_of[index],
        row=of.row[index],
        is_whole=np.full(len(index), is_whole),
    )


def _around(flags: np.ndarray, n_rows: int) -> np.ndarray:
    return np.convolve(flags, np.ones(2 * n_rows + 1))[n_rows : n_rows + len(flags)] > 0


def _stacked(found: Sequence[Samples]) -> Samples:
    groups, n_groups = [], 0
    for one in found:
        groups.append(one.group + n_groups)
        n_groups += int(one.group.max()) + 1
    columns = {
        name: np.concatenate([getattr(one, name) for one in found])
        for name in Samples.__dataclass_fields__
        if name != "group"
    }
    return Samples(**columns, group=np.concatenate(groups))
