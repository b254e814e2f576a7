"""Courses: episodes with an order in which their hunks are made.

In: episodes.  Out: courses.
Not here: what is asked on the way (``questions``).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nextedit_lsp.evaluation import orders, rounds
from nextedit_lsp.evaluation.episodes import Episode, EpisodeFile, Hunk

# In this share of the episodes a hunk that replaces lines one for one is made line by line, as people do.
SPLIT_SHARE = 0.4
# In this share the hunks are made in file order, in this in any, else in flow order.
FILE_SHARE, SHUFFLED_SHARE = 0.3, 0.2


@dataclass(frozen=True, slots=True)
class Course:
    """``kind`` says where it comes from.

    Once ``n_given`` hunks are made all that remain follow from them; 0 where nobody vouches for that.
    """

    episode: Episode
    order: Sequence[rounds.HunkId]
    kind: str = "commit"
    n_given: int = 0


def course_of(episode: Episode, rng: random.Random) -> Course:
    """One of the ways in which a commit may have come about."""
    if rng.random() < SPLIT_SHARE:
        episode = replace(episode, files=tuple(_split(file) for file in episode.files))
    draw = rng.random()
    if draw < FILE_SHARE:
        return Course(episode, rounds.file_order(episode))
    order = orders.flow_order(episode)
    if draw < FILE_SHARE + SHUFFLED_SHARE:
        rng.shuffle(order)
    return Course(episode, order)


def _split(file: EpisodeFile) -> EpisodeFile:
    lines = file.before.split("\n")
    hunks: list[Hunk] = []
    for hunk in file.hunks:
        if hunk.n_old != len(hunk.new):
            hunks.append(hunk)
            continue
        for row, new in enumerate(hunk.new, start=hunk.start):
            if lines[row] != new:
                hunks.append(Hunk(row, 1, (new,)))
    return replace(file, hunks=tuple(hunks))
