"""A model adapted to the history of one repository, and whether that helped.

In: a model file, a repository.  Out: an adapter file; how often answers were right before and after, on the newest
commits, which were not trained on.
Not here: the adapter itself (``adapting``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from nextedit_lsp.evaluation import git_history, mining
from nextedit_lsp.evaluation.episodes import Episode
from training import adapting, checks, export, reading
from training.data import build, duplicates
from training.feed import Feed

# So many of the newest episodes, and at least this share of all, are kept to judge by.
NEWEST_SHARE = 0.2
MIN_EPISODES = 20
MAX_COMMITS = 5000
# Shares of the examples by lesson: refactorings are of the repository's own files.
SHARES = {"commits": 3.0, "refactorings": 1.0}
BATCH_TOKENS = 4096
N_JUDGED = 400


class TooLittleHistory(Exception):  # noqa: N818 - it names a state.
    """There are too few commits to learn from."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Episodes trained on and judged by, and the rates of ``checks.checked`` before and after."""

    n_trained: int
    n_judged: int
    before: dict[str, Any]
    after: dict[str, Any]


def adapted(
    model_file: Path, repository: Path, tokenizer_file: Path, out: Path, tokens: float, seconds: float
) -> Outcome:
    """Writes the adapter to ``out``.  Raises ``TooLittleHistory``."""
    episodes = list(
        duplicates.without_duplicates(mining.mined(git_history.opened(repository), None, MAX_COMMITS, Counter()))
    )
    if len(episodes) < MIN_EPISODES:
        raise TooLittleHistory(f"{repository} has {len(episodes)} small commits; {MIN_EPISODES} are needed")
    # Newest first, as they are mined.
    n_newest = max(1, round(len(episodes) * NEWEST_SHARE))
    newest, older = episodes[:n_newest], episodes[n_newest:]
    model, _ = reading.model_of(model_file)
    with TemporaryDirectory() as folder:
        shards = Path(folder)
        _build(older, shards, tokenizer_file, tuple(SHARES))
        # Where no file can be refactored the commits must do.
        shares = {name: share for name, share in SHARES.items() if (shards / f"{name}-00.npz").exists()}
        _build(newest, shards / "newest", tokenizer_file, ("commits",))
        device = torch.device("cpu")
        before = checks.checked(model, shards / "newest", "commits", device, N_JUDGED)
        parameters = adapting.adapt(model)
        adapting.train(model, parameters, Feed(shards, shares, BATCH_TOKENS, seed=1), int(tokens), seconds)
        after = checks.checked(model, shards / "newest", "commits", device, N_JUDGED)
    export.write_adapter(adapting.weights_of(model), adapting.ALPHA, out, f"{repository.resolve().name} history")
    return Outcome(len(older), len(newest), before, after)


def _build(episodes: Sequence[Episode], folder: Path, tokenizer_file: Path, lessons: Sequence[str]) -> None:
    for lesson in lessons:
        build.build(episodes, build.Recipe(lesson, tokenizer_file), folder / lesson, 1, 10**9)
