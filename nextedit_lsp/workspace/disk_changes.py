"""What can happen on disk, and how happenings close together in time become one.

In: single happenings, and the time.  Out: ``FileChanged`` and ``HeadMoved``, the watcher's products.
Not here: threads, clocks, the disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypeAlias

from nextedit_lsp.workspace.git import HeadMove

# A save is often several events, and a formatter often follows it.
QUIET_S = 0.1
# A stream of changes is delivered at least this often.
MAX_GATHERING_S = 1.0
# While git holds its lock it is still writing the tree, and HEAD moves only at the end.  A lock left behind by a crash
# must not hold changes back for good.
MAX_GIT_GATHERING_S = 10.0


class ChangeKind(Enum):
    """What happened to a file; one saved by renaming another over it may show as created."""

    CREATED = "created"
    MODIFIED = "modified"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class FileChanged:
    """A file changed on disk; a deleted path may be a directory, whose files are all gone then."""

    path: Path
    kind: ChangeKind


@dataclass(frozen=True, slots=True)
class HeadMoved:
    """Git moved HEAD in the work tree of a root."""

    root: Path
    move: HeadMove


Change: TypeAlias = FileChanged | HeadMoved


@dataclass(frozen=True, slots=True)
class Touched:
    """A file below a root changed, as one event tells."""

    root: Path
    path: Path
    kind: ChangeKind


class Batch:
    """What was gathered since the last delivery."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[Path, Path], ChangeKind] = {}
        self._heads: dict[Path, None] = {}
        self._first_at: float | None = None
        self._last_at = 0.0
        self._held_until = 0.0

    def touch(self, touched: Touched, now: float) -> None:
        """Add what happened to a file."""
        key = (touched.root, touched.path)
        kind = combined(self._kinds.get(key), touched.kind)
        if kind is None:
            del self._kinds[key]
        else:
            self._kinds[key] = kind
        self._extend(now)

    def touch_head(self, root: Path, now: float) -> None:
        """Add that HEAD may have moved."""
        self._heads[root] = None
        self._extend(now)

    def hold(self, now: float) -> None:
        """Put the delivery off by a moment."""
        self._held_until = now + QUIET_S

    def roots(self) -> set[Path]:
        """The roots that something was gathered for."""
        return {root for root, _ in self._kinds} | set(self._heads)

    def wait_s(self, now: float) -> float | None:
        """How long until the delivery; ``None`` when there is nothing to deliver."""
        if self._first_at is None:
            return None
        due_at = min(self._last_at + QUIET_S, self._first_at + MAX_GATHERING_S)
        return max(0.0, max(due_at, self._held_until) - now)

    def may_wait_for_git(self, now: float) -> bool:
        """Whether git may still be given time to end what it does."""
        return self._first_at is not None and now - self._first_at < MAX_GIT_GATHERING_S

    def take(self) -> tuple[list[Touched], list[Path]]:
        """The files touched and the roots whose HEAD may have moved; the batch is empty then."""
        touched = [Touched(root, path, kind) for (root, path), kind in self._kinds.items()]
        heads = list(self._heads)
        self._kinds.clear()
        self._heads.clear()
        self._first_at = None
        return touched, heads

    def _extend(self, now: float) -> None:
        self._last_at = now
        if self._first_at is None:
            self._first_at = now


def combined(before: ChangeKind | None, now: ChangeKind) -> ChangeKind | None:
    """One change for two in a row; ``None`` when they cancel out."""
    if before is None or before is now:
        return now
    if before is ChangeKind.CREATED:
        return None if now is ChangeKind.DELETED else ChangeKind.CREATED
    if now is ChangeKind.DELETED:
        return ChangeKind.DELETED
    return ChangeKind.MODIFIED
