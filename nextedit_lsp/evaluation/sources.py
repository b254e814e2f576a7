"""The episodes that a run is about: from files, or mined from a git repository.

In: arguments.  Out: episodes, filtered and drawn; a sentence on what was left out.
Not here: the form of an episode (``episodes``), which commits make one (``mining``).
"""

from __future__ import annotations

import argparse
import lzma
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from nextedit_lsp.errors import NexteditError
from nextedit_lsp.evaluation import episodes, git_history, mining
from nextedit_lsp.evaluation.episodes import Episode

# Mining this many takes a minute; users with longer histories say so.
MAX_COMMITS = 2000
# Reasons that are told; the others are rare.
_MAX_REASONS = 5


class NoEpisodesError(NexteditError):
    """Nothing can be measured; the message says why and what to try."""


def drawn(arguments: argparse.Namespace, errors: Console) -> list[Episode]:
    """The episodes.  Raises EpisodeError, GitError or NoEpisodesError."""
    wanted = episodes.Filter(tuple(arguments.lang), tuple(arguments.repo), tuple(arguments.id))
    if arguments.git is not None:
        found: Iterable[Episode] = _mined(arguments, wanted, errors)
    else:
        found = _read(arguments.episodes, wanted)
    sample = episodes.sampled(found, arguments.limit, arguments.seed)
    if not sample:
        raise NoEpisodesError("no episode: nothing there fits the filters" if arguments.git is None else _NONE_IN_GIT)
    if arguments.write_episodes is not None:
        write(arguments.write_episodes, sample)
    return sample


def write(path: Path, found: Sequence[Episode]) -> None:
    """Writes episodes in the form that ``episodes.read`` reads.  Raises EpisodeError."""
    lines = "".join(episodes.as_line(episode) + "\n" for episode in found).encode("ascii")
    try:
        path.write_bytes(lzma.compress(lines) if path.suffix == ".xz" else lines)
    except OSError as error:
        raise episodes.EpisodeError(f"cannot write the episodes: {error}") from error


_NONE_IN_GIT = (
    "no episode: no commit there modifies 1 to 4 source files in 2 to 16 small hunks."
    " Try an earlier --since or more --max-commits"
)


def _read(paths: Sequence[Path], wanted: episodes.Filter) -> Iterator[Episode]:
    try:
        yield from episodes.read(paths, wanted)
    except (OSError, lzma.LZMAError, EOFError, UnicodeDecodeError) as error:
        raise episodes.EpisodeError(f"cannot read the episodes: {error}") from error


def _mined(arguments: argparse.Namespace, wanted: episodes.Filter, errors: Console) -> list[Episode]:
    repository = git_history.opened(arguments.git)
    left_out: Counter[str] = Counter()
    found: list[Episode] = []
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), console=errors, transient=True) as progress:
        task = progress.add_task("")
        for episode in mining.mined(repository, arguments.since, arguments.max_commits, left_out):
            if wanted.wants(episode):
                found.append(episode)
            progress.update(task, description=f"{len(found)} episodes, {left_out.total()} other commits")
    reasons = ", ".join(f"{n} {reason}" for reason, n in left_out.most_common(_MAX_REASONS))
    told = f"{repository.name}: {len(found)} episodes; {left_out.total()} commits left out"
    errors.print(f"{told} ({reasons})" if reasons else told, markup=False, highlight=False, soft_wrap=True)
    if repository.is_shallow:
        errors.print("the history is shallow: git fetch --unshallow gets the rest", markup=False, highlight=False)
    return found
