"""The state of a git work tree's HEAD, and why it moved, read from git's own files.

In: paths.  Out: where the git directory is, what HEAD names, what kind of move took it there.
Not here: any git command, any content of a commit, watching for moves (``watcher``).

Nothing here raises: a repository that can't be read is one whose HEAD is unknown.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

# Files and directories that git keeps while an operation of several steps is under way.
BUSY_NAMES = (
    "rebase-merge",
    "rebase-apply",
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "BISECT_LOG",
    "sequencer",
)

# How much of the reflog's end is read: some hundred moves, more than fall into one glance.
REFLOG_TAIL_BYTES = 64 * 1024

# No ref points through more than a few others; a loop ends here.
MAX_REF_DEPTH = 5

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class HeadMove(Enum):
    """Why HEAD moved."""

    NONE = "none"
    COMMIT = "commit"
    """The user's own commit, amended or not: no text changed."""
    CHECKOUT = "checkout"
    REBASE = "rebase"
    RESET = "reset"
    MERGE = "merge"
    """A merge or a pull."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class HeadState:
    """What HEAD names: a branch (``None`` when detached) and a commit (``None`` before the first, or when unknown)."""

    ref: str | None
    commit: str | None
    busy: bool
    """A rebase, merge, cherry-pick, revert or bisection is under way."""


def find_work_tree(path: Path) -> Path | None:
    """The nearest directory at or above ``path`` that holds a ``.git``."""
    for directory in (path, *path.parents):
        if _git_dir_in(directory) is not None:
            return directory
    return None


def find_git_dir(path: Path) -> Path | None:
    """The git directory of the work tree that ``path`` lies in; a linked work tree or a submodule has its own."""
    work_tree = find_work_tree(path)
    return None if work_tree is None else _git_dir_in(work_tree)


def common_dir(git_dir: Path) -> Path:
    """The directory that the linked work trees of a repository share."""
    target = _read(git_dir / "commondir").strip()
    return _normal(git_dir / target) if target else git_dir


def head_state(git_dir: Path) -> HeadState:
    """What HEAD names just now."""
    head = _read(git_dir / "HEAD").strip()
    ref = _symbolic_target(head)
    commit = _resolve(git_dir, ref) if ref is not None else _commit_in(head)
    return HeadState(ref=ref, commit=commit, busy=any(_exists(git_dir / name) for name in BUSY_NAMES))


def head_move(before: HeadState, after: HeadState, git_dir: Path) -> HeadMove:
    """Why HEAD went from one state to the other, by the reflog's word."""
    if (before.ref, before.commit) == (after.ref, after.commit):
        return HeadMove.NONE
    kinds = _kinds_between(before.commit, after.commit, _reflog(git_dir))
    foreign = [kind for kind in kinds if kind is not HeadMove.COMMIT]
    if foreign:
        # Several moves at one glance: the latest that is no commit of the user's own says how the texts changed.
        return foreign[-1]
    if kinds:
        return HeadMove.COMMIT
    # No reflog, or it tells of something else.
    return HeadMove.CHECKOUT if before.ref != after.ref else HeadMove.OTHER


@dataclass(frozen=True, slots=True)
class _Entry:
    old: str
    new: str
    message: str


def _git_dir_in(directory: Path) -> Path | None:
    candidate = directory / ".git"
    with contextlib.suppress(OSError, ValueError):
        if candidate.is_file():
            prefix, _, target = _read(candidate).partition(":")
            if prefix != "gitdir" or not target.strip():
                return None
            candidate = _normal(directory / target.strip())
        if (candidate / "HEAD").is_file():
            return candidate
    return None


def _symbolic_target(content: str) -> str | None:
    if not content.startswith("ref:"):
        return None
    target = content[4:].strip()
    # A ref is a path below the git directory and never leads out of it.
    return target if target and ".." not in target and not target.startswith("/") else None


def _commit_in(content: str) -> str | None:
    return content if _COMMIT.fullmatch(content) else None


def _resolve(git_dir: Path, ref: str) -> str | None:
    shared = common_dir(git_dir)
    for _ in range(MAX_REF_DEPTH):
        content = _read(git_dir / ref).strip() or _read(shared / ref).strip()
        target = _symbolic_target(content)
        if target is None:
            return _commit_in(content) or _packed_commit(shared, ref)
        ref = target
    return None


def _packed_commit(shared: Path, ref: str) -> str | None:
    for line in _read(shared / "packed-refs").splitlines():
        commit, _, name = line.partition(" ")
        if name == ref:
            return _commit_in(commit)
    return None


def _reflog(git_dir: Path) -> list[_Entry]:
    lines = _read_tail(git_dir / "logs" / "HEAD").splitlines()
    return [entry for entry in map(_entry_of, lines) if entry is not None]


def _entry_of(line: str) -> _Entry | None:
    header, _, message = line.partition("\t")
    commits = header.split(" ", 2)[:2]
    if len(commits) < 2 or not all(map(_COMMIT.fullmatch, commits)):
        return None
    return _Entry(commits[0], commits[1], message)


def _kinds_between(before: str | None, after: str | None, reflog: list[_Entry]) -> list[HeadMove]:
    """The kinds of the latest moves that led from one commit to the other, oldest first."""
    if after is None or not reflog or reflog[-1].new != after:
        return []
    start = before if before is not None else "0" * len(after)
    kinds: list[HeadMove] = []
    for entry in reversed(reflog):
        kinds.append(_kind_of(entry.message))
        if entry.old == start:
            return kinds[::-1]
    # The log does not reach back that far; its last line is still the latest word.
    return [_kind_of(reflog[-1].message)]


def _kind_of(message: str) -> HeadMove:
    # "commit (amend): text", "rebase (finish): …", "rebase -i (start): …", "pull --rebase origin main (pick): …",
    # "merge topic: Fast-forward", "checkout: moving from a to b", "reset: moving to HEAD~1".
    command = message.partition(":")[0]
    word = command.split(" ", 1)[0].lower()
    if word == "pull":
        return HeadMove.REBASE if "rebase" in command or command.endswith(")") else HeadMove.MERGE
    return {
        "commit": HeadMove.COMMIT,
        "checkout": HeadMove.CHECKOUT,
        "rebase": HeadMove.REBASE,
        "reset": HeadMove.RESET,
        "merge": HeadMove.MERGE,
    }.get(word, HeadMove.OTHER)


def _normal(path: Path) -> Path:
    with contextlib.suppress(OSError, RuntimeError, ValueError):
        return path.resolve()
    return path


def _exists(path: Path) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return path.exists()
    return False


def _read(path: Path) -> str:
    """The text of one of git's small files; empty when there is none."""
    with contextlib.suppress(OSError, ValueError):
        if path.is_file():
            return path.read_text("utf-8", errors="replace")
    return ""


def _read_tail(path: Path) -> str:
    with contextlib.suppress(OSError, ValueError), path.open("rb") as file:
        n_bytes = file.seek(0, 2)
        file.seek(max(0, n_bytes - REFLOG_TAIL_BYTES))
        return file.read().decode("utf-8", errors="replace")
    return ""
