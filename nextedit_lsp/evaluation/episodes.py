"""Episodes: commits as small hunks, read from JSON lines.

In: paths of ``.jsonl`` or ``.jsonl.xz`` files, a filter, a sample size.  Out: frozen Episodes, in
the order of the files.
Not here: the order in which hunks are made (``orders``), documents (``rounds``).

One object a line: ``{"repo", "commit", "date", "files": [{"path", "lang", "before", "hunks":
[[start, n_old, [new lines]], ...]}]}``; ``start`` is the 0-based first replaced line of ``before``.
"""

from __future__ import annotations

import heapq
import json
import lzma
import random
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, TypeVar

from nextedit_lsp.errors import NexteditError

T = TypeVar("T")

# The project's own episodes, so that an evaluation works from a clean clone.
OWN_EPISODES = Path(__file__).parent / "data" / "own.jsonl"


class EpisodeError(NexteditError):
    """A line that is no episode; the message names the file, the line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """The ``n_old`` lines from line ``start`` become the lines ``new``."""

    start: int
    n_old: int
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EpisodeFile:
    """One file of a commit: its whole text before, and its hunks, top down."""

    path: str
    language_id: str
    before: str
    hunks: tuple[Hunk, ...]


@dataclass(frozen=True, slots=True)
class Episode:
    """One commit."""

    id: str
    repo: str
    commit: str
    date: str
    files: tuple[EpisodeFile, ...]

    @property
    def n_hunks(self) -> int:
        """The number of hunks in all files."""
        return sum(len(file.hunks) for file in self.files)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which episodes are wanted; an empty tuple wants all.  ``id`` matches by its start."""

    languages: tuple[str, ...] = ()
    repos: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()

    def wants(self, episode: Episode) -> bool:
        """Whether ``episode`` is wanted; one file in a wanted language is enough."""
        return (
            (not self.languages or any(file.language_id in self.languages for file in episode.files))
            and (not self.repos or episode.repo in self.repos)
            and (not self.ids or any(episode.id.startswith(wanted) for wanted in self.ids))
        )


def read(paths: Iterable[Path], wanted: Filter) -> Iterator[Episode]:
    """The wanted episodes of the files.  Raises EpisodeError at a line that is none."""
    for path in paths:
        with _opened(path) as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    episode = parsed(line, f"{path}:{number}")
                    if wanted.wants(episode):
                        yield episode


def sampled(items: Iterable[T], limit: int | None, seed: int) -> list[T]:
    """``limit`` of the items, in their order; the same seed draws the same, and a larger limit a superset."""
    if limit is None:
        return list(items)
    draw = random.Random(seed)
    keyed = ((draw.random(), index, item) for index, item in enumerate(items))
    drawn = heapq.nsmallest(limit, keyed, key=lambda entry: entry[:2])
    return [item for _, _, item in sorted(drawn, key=lambda entry: entry[1])]


def parsed(line: str, origin: str) -> Episode:
    """The episode of one JSON line; ``origin`` names the line in errors."""
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise EpisodeError(f"{origin}: not JSON: {error}") from error
    try:
        return Episode(
            id=f"{fields['repo']}@{fields['commit'][:12]}",
            repo=_of(str, fields["repo"]),
            commit=fields["commit"],
            date=str(fields.get("date", "")),
            files=tuple(_file(file) for file in _of(list, fields["files"])),
        )
    except KeyError as error:
        raise EpisodeError(f"{origin}: the field {error} is missing") from error
    except (TypeError, ValueError) as error:
        raise EpisodeError(f"{origin}: {error}") from error


def as_line(episode: Episode) -> str:
    """The JSON line of an episode, without a line break; ``parsed`` makes the episode of it again."""
    files = [
        {
            "path": file.path,
            "lang": file.language_id,
            "before": file.before,
            "hunks": [[hunk.start, hunk.n_old, list(hunk.new)] for hunk in file.hunks],
        }
        for file in episode.files
    ]
    fields = {"repo": episode.repo, "commit": episode.commit, "date": episode.date, "files": files}
    return json.dumps(fields)


def _opened(path: Path) -> AbstractContextManager[TextIO]:
    # Line ends inside JSON strings are escaped; "\n" keeps other characters from ending a line.
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8", newline="\n")
    return path.open(encoding="utf-8", newline="\n")


def _file(fields: Any) -> EpisodeFile:
    path, before = _of(str, fields["path"]), _of(str, fields["before"])
    old_lines = before.split("\n")
    n_lines = len(old_lines)
    hunks: list[Hunk] = []
    end = 0
    for start, n_old, new in _of(list, fields["hunks"]):
        hunk = Hunk(_of(int, start), _of(int, n_old), tuple(_of(str, line) for line in new))
        if hunk.n_old < 0 or hunk.start + hunk.n_old > n_lines:
            raise ValueError(f"{path}: the hunk at line {start} is not in a file of {n_lines} lines")
        if hunk.start < end:
            raise ValueError(f"{path}: the hunk at line {start} overlaps the one before it")
        end = hunk.start + hunk.n_old
        # Where only the line break at the end of the file came or went, nothing is left to edit.
        if old_lines[hunk.start : end] != list(hunk.new):
            hunks.append(hunk)
    return EpisodeFile(path, _of(str, fields["lang"]), before, tuple(hunks))


def _of(kind: type[T], value: Any) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"expected {kind.__name__}, found {str(value)[:40]!r}")
    return value
