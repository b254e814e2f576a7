"""A watchdog observer for Linux that keeps its watches out of ignored directories.

In: which directories to keep out of, and how many to watch at most.  Out: an observer for ``observers``.
Not here: what happens with the events.

watchdog watches every directory of a tree, and one ``node_modules`` may use up all the watches that a user is granted.
This gives watchdog's own emitter another way of walking the tree.  It rests on the shape that watchdog has had since
version 7; with another shape the import or the construction fails and ``observers`` does without it.
"""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from watchdog.events import FileSystemEvent
from watchdog.observers.api import BaseObserver, EventQueue, ObservedWatch
from watchdog.observers.inotify import InotifyEmitter, InotifyWatchGroup
from watchdog.observers.inotify_c import InotifyFD, Mask


@dataclass(frozen=True, slots=True)
class Pruning:
    """Where watches go, and whom to tell when there can be no more."""

    keep: Callable[[str], bool]
    """Whether a directory below a root is watched."""
    max_directories: int
    on_capped: Callable[[], None]
    """More directories than ``max_directories``; the rest is left unwatched."""
    on_exhausted: Callable[[], None]
    """The system grants no more watches."""


class PrunedObserver(BaseObserver):
    """As ``InotifyObserver``, with a ``Pruning``."""

    def __init__(self, pruning: Pruning) -> None:
        self._inotify_fd = InotifyFD()
        self._inotify_fd.start()
        super().__init__(_PrunedEmitter, inotify_fd=self._inotify_fd, pruning=pruning)

    def on_thread_stop(self) -> None:
        """Take back all watches and end the reading thread."""
        super().on_thread_stop()
        self._inotify_fd.stop()
        self._inotify_fd.join()


class _PrunedEmitter(InotifyEmitter):
    def __init__(
        self,
        event_queue: EventQueue,
        watch: ObservedWatch,
        *,
        timeout: float,
        event_filter: list[type[FileSystemEvent]] | None,
        inotify_fd: InotifyFD,
        pruning: Pruning,
    ) -> None:
        super().__init__(event_queue, watch, timeout=timeout, event_filter=event_filter, inotify_fd=inotify_fd)
        self._pruning = pruning

    def on_thread_start(self) -> None:
        """Watch the tree; what goes wrong at its root reaches the caller of ``schedule``."""
        self._inotify = _PrunedWatchGroup(
            self._inotify_fd,
            os.fsencode(self.watch.path),
            event_mask=self.get_event_mask_from_filter(),
            is_recursive=self.watch.is_recursive,
            pruning=self._pruning,
        )


class _PrunedWatchGroup(InotifyWatchGroup):
    def __init__(
        self, inotify_fd: InotifyFD, path: bytes, *, event_mask: Mask, is_recursive: bool, pruning: Pruning
    ) -> None:
        # The base class walks the tree at once, so this comes first.
        self._pruning = pruning
        super().__init__(inotify_fd, path, event_mask=event_mask, is_recursive=is_recursive)

    def _add_all_callbacks(self, path: bytes) -> None:
        if path != self.path and not self._pruning.keep(os.fsdecode(path)):
            return
        # Breadth first: when there are too many, the deepest are the ones left out.
        pending = deque([path])
        while pending:
            directory = pending.popleft()
            if not self._try_add(directory):
                return
            if self.is_recursive:
                pending.extend(self._kept_children(directory))

    def _try_add(self, path: bytes) -> bool:
        """Watch a directory; false when there can be no more watches."""
        if len(self._active_callbacks_by_watch) >= self._pruning.max_directories:
            self._pruning.on_capped()
            return False
        if path != self.path and not os.access(path, os.R_OK):
            return True
        try:
            wd = self._inotify_fd.add_callback(path, self.event_mask, self._callback, self._id)
        except OSError as error:
            if path == self.path:
                raise
            if error.errno in (errno.ENOSPC, errno.EMFILE):
                self._pruning.on_exhausted()
                return False
            return True  # It is gone again.
        self._active_callbacks_by_path[path] = wd
        self._active_callbacks_by_watch[wd] = path
        return True

    def _kept_children(self, directory: bytes) -> Iterator[bytes]:
        try:
            with os.scandir(directory) as entries:
                children = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError:
            return
        for child in children:
            if self._pruning.keep(os.fsdecode(child)):
                yield child
