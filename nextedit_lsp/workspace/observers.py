"""The watchdog observer that suits this machine: the system's own, or polling.

In: which paths to keep out of.  Out: an observer, started by the caller.
Not here: which roots are watched and what becomes of events (``watcher``).
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserverVFS
from watchdog.utils import UnsupportedLibcError

# Reading a file is none of these: a search over the workspace would wake the watcher for each file.
EVENTS: list[type[FileSystemEvent]] = [
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
]

# Polling looks at every file each time; beyond this it would keep a core busy.
MAX_POLLED_DIRECTORIES = 1000


def make_native(
    keep: Callable[[str], bool],
    max_directories: int,
    on_capped: Callable[[], None],
    on_exhausted: Callable[[], None],
) -> BaseObserver:
    """The system's own observer, out of ignored directories where that saves anything.

    Raises ``OSError`` when the system grants none.
    """
    if sys.platform == "linux":
        try:
            from nextedit_lsp.workspace import pruned_inotify

            pruning = pruned_inotify.Pruning(keep, max_directories, on_capped, on_exhausted)
            return pruned_inotify.PrunedObserver(pruning)
        except (ImportError, AttributeError, TypeError, UnsupportedLibcError):
            # An older watchdog: it watches ignored directories too, and their events are dropped later.
            pass
    return Observer()


def make_polling(keep: Callable[[str], bool], interval_s: float, on_capped: Callable[[], None]) -> BaseObserver:
    """An observer that looks at the files again and again, out of the ignored directories."""
    return PollingObserverVFS(os.lstat, _PrunedListing(keep, on_capped), polling_interval=interval_s)


class _PrunedListing:
    """Lists a directory without what is to be kept out of; nothing any more when a tree has too many directories."""

    def __init__(self, keep: Callable[[str], bool], on_capped: Callable[[], None]) -> None:
        self._keep = keep
        self._on_capped = on_capped
        # Each tree is walked by one thread, from its root down.
        self._walk = threading.local()

    def __call__(self, path: str | None) -> Iterator[os.DirEntry[str]]:
        directory = os.curdir if path is None else path
        root = getattr(self._walk, "root", None)
        if root is None or not directory.startswith(root + os.sep):
            self._walk.root = directory
            self._walk.n_listed = 0
        self._walk.n_listed += 1
        if self._walk.n_listed > MAX_POLLED_DIRECTORIES:
            self._on_capped()
            return iter(())
        with os.scandir(directory) as entries:
            found = list(entries)
        return (entry for entry in found if not entry.is_dir(follow_symlinks=False) or self._keep(entry.path))
