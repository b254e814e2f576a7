"""Tells what other programs change on disk below the workspace's roots, and when git moves HEAD.

In: roots, and a function to call.  Out: ``FileChanged`` and ``HeadMoved``, from a thread of the watcher's own.
Not here: the content of files, and whether a change is the editor's own save.

A change passes three hands: watchdog's threads put it into a queue; the watcher's thread drops ignored files
and gathers what comes within a moment, longer while git is at work in the tree; then all is delivered, a move of HEAD
before the files that it changed.  Setting up and walking trees is that thread's work as well, so no caller waits.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from watchdog.events import DirDeletedEvent, FileSystemEvent, FileSystemEventHandler
from watchdog.observers.api import BaseObserver, ObservedWatch

from nextedit_lsp.workspace import disk_changes, git, ignore, observers
from nextedit_lsp.workspace.disk_changes import Change, ChangeKind, FileChanged, HeadMoved, Touched

log = logging.getLogger(__name__)

POLL_INTERVAL_S = 2.0
# About 1 kB of kernel memory each, and a share of what the system grants the user's other programs too.
MAX_DIRECTORIES = 8192
# The longest that ``stop`` waits for threads, which end by themselves anyway.
STOP_TIMEOUT_S = 0.9


class Watcher:
    """Watches any number of roots until it is stopped."""

    def __init__(
        self,
        on_notice: Callable[[str], None],
        *,
        max_directories: int = MAX_DIRECTORIES,
        poll_interval_s: float = POLL_INTERVAL_S,
    ) -> None:
        self._on_notice = on_notice
        self._max_directories = max_directories
        self._poll_interval_s = poll_interval_s
        self._messages: queue.SimpleQueue[_Message] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="nextedit-watcher", daemon=True)
        # All that follows belongs to the thread.
        self._observer: BaseObserver | None = None
        self._is_polling = False
        self._noticed: set[str] = set()
        self._roots: dict[Path, _Root] = {}
        self._batch = disk_changes.Batch()

    def watch(self, root: Path, on_change: Callable[[Change], None]) -> None:
        """Report changes below ``root``, from the watcher's thread, until ``unwatch`` or ``stop``."""
        self._messages.put(_Watch(Path(os.path.abspath(root)), on_change))  # noqa: PTH100 - links are kept
        if self._thread.ident is None:
            self._thread.start()

    def unwatch(self, root: Path) -> None:
        """Report no more changes below ``root``."""
        self._messages.put(_Unwatch(Path(os.path.abspath(root))))  # noqa: PTH100

    def stop(self) -> None:
        """End all watching; at once, with what was gathered left undelivered."""
        self._stopping.set()
        self._messages.put(None)
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(STOP_TIMEOUT_S)

    # What follows runs in the watcher's thread, unless it says otherwise.

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._step()
        self._stop_observer()

    def _step(self) -> None:
        """Deliver what is due, else take in the next message."""
        wait_s = self._batch.wait_s(time.monotonic())
        try:
            if wait_s == 0.0:
                self._deliver()
            else:
                self._handle(self._messages.get(timeout=wait_s))
        except queue.Empty:
            pass
        except Exception:
            log.exception("the file watcher met an error and goes on")

    def _handle(self, message: _Message) -> None:
        if isinstance(message, Touched):
            self._touch(message)
        elif isinstance(message, _HeadTouched):
            if message.root in self._roots:
                self._batch.touch_head(message.root, time.monotonic())
        elif isinstance(message, _Watch):
            self._drop_root(message.root)
            root = _Root(message.root, message.on_change)
            self._roots[message.root] = root
            self._schedule(root)
        elif isinstance(message, _Unwatch):
            self._drop_root(message.root)
        elif isinstance(message, _Exhausted):
            self._fall_back_to_polling()

    def _touch(self, message: Touched) -> None:
        root = self._roots.get(message.root)
        if root is None:
            return
        if message.path == root.path / ".git":
            # A repository was made or removed; its HEAD may not be written yet, so it is looked for later.
            self._unschedule_git(root)
            self._batch.touch_head(root.path, time.monotonic())
        elif root.rules.ignored(message.path, is_dir=False) is None:
            self._batch.touch(message, time.monotonic())

    def _deliver(self) -> None:
        """Hand over what was gathered, unless git is still at work."""
        now = time.monotonic()
        if self._batch.may_wait_for_git(now) and any(self._is_locked(path) for path in self._batch.roots()):
            self._batch.hold(now)
            return
        touched, heads = self._batch.take()
        for path in heads:
            if path in self._roots:
                self._deliver_head(self._roots[path])
        for message in touched:
            if message.root in self._roots:
                self._roots[message.root].deliver(FileChanged(message.path, message.kind))
        for path in {message.root for message in touched if message.path.name in ignore.RULE_FILES}:
            # Directories may have to be watched that were not, or the reverse.
            if path in self._roots:
                self._unschedule(self._roots[path])
                self._schedule(self._roots[path])

    def _deliver_head(self, root: _Root) -> None:
        if root.git_dir is None:
            self._schedule_git(root)
            return
        before, root.head = root.head, git.head_state(root.git_dir)
        move = git.head_move(before, root.head, root.git_dir)
        if move is not git.HeadMove.NONE:
            root.deliver(HeadMoved(root.path, move))
        self._schedule_git(root)

    def _is_locked(self, path: Path) -> bool:
        root = self._roots.get(path)
        return root is not None and root.git_dir is not None and (root.git_dir / "index.lock").exists()

    def _schedule(self, root: _Root) -> None:
        if self._observer is None:
            self._start_observer()
        self._schedule_path(root, root.real_path, _TreeHandler(root, self._messages), recursive=True)
        self._schedule_git(root)

    def _schedule_git(self, root: _Root) -> None:
        """Watch what git writes when HEAD moves, as far as it exists yet."""
        if root.git_dir is None:
            root.git_dir = git.find_git_dir(root.path)
            if root.git_dir is None:
                return
            root.head = git.head_state(root.git_dir)
        for path in (root.git_dir, root.git_dir / "logs"):
            if path.is_dir():
                self._schedule_path(root, str(path), _HeadHandler(root.path, self._messages), recursive=False)

    def _schedule_path(self, root: _Root, path: str, handler: FileSystemEventHandler, *, recursive: bool) -> None:
        if self._observer is None or path in root.watches:
            return
        try:
            root.watches[path] = self._observer.schedule(
                handler, path, recursive=recursive, event_filter=observers.EVENTS
            )
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EMFILE) and not self._is_polling:
                self._fall_back_to_polling()
            else:
                log.info("%s is not watched: %s", path, error.strerror)

    def _start_observer(self) -> None:
        if not self._is_polling:
            try:
                self._observer = observers.make_native(self._keep, self._max_directories, self._capped, self._exhausted)
            except OSError:
                self._note_polling()
        if self._is_polling:
            self._observer = observers.make_polling(self._keep, self._poll_interval_s, self._capped)
        if self._observer is not None:
            self._observer.start()

    def _fall_back_to_polling(self) -> None:
        if self._is_polling:
            return
        self._note_polling()
        self._stop_observer()
        for root in self._roots.values():
            root.watches.clear()
            self._schedule(root)

    def _note_polling(self) -> None:
        self._is_polling = True
        self._notice(
            "The system grants no more file watches, so files are looked at every"
            f" {self._poll_interval_s:g} s instead. On Linux, raise fs.inotify.max_user_watches"
            " and fs.inotify.max_user_instances."
        )

    def _drop_root(self, path: Path) -> None:
        root = self._roots.pop(path, None)
        if root is not None:
            self._unschedule(root)

    def _unschedule(self, root: _Root) -> None:
        for path in list(root.watches):
            self._unschedule_path(root, path)

    def _unschedule_git(self, root: _Root) -> None:
        for path in [path for path in root.watches if path != root.real_path]:
            self._unschedule_path(root, path)
        root.git_dir = None

    def _unschedule_path(self, root: _Root, path: str) -> None:
        watch = root.watches.pop(path)
        if self._observer is not None:
            with contextlib.suppress(KeyError, OSError):
                self._observer.unschedule(watch)

    def _stop_observer(self) -> None:
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            observer.join(STOP_TIMEOUT_S)

    # What follows is called from watchdog's threads as well.

    def _keep(self, directory: str) -> bool:
        """Whether a directory is watched; none any more when stopping, which cuts a long walk short."""
        if self._stopping.is_set():
            return False
        holders = [root for root in list(self._roots.values()) if root.holds(directory)]
        if not holders:
            return True
        innermost = max(holders, key=lambda root: len(root.real_path))
        return innermost.rules.ignored(innermost.as_given(directory), is_dir=True) is None

    def _capped(self) -> None:
        self._notice(
            "The workspace has more directories than are watched; changes by other programs in the rest go unnoticed"
            " until a file is opened. Name large generated directories in .nexteditignore."
        )

    def _exhausted(self) -> None:
        self._messages.put(_Exhausted())

    def _notice(self, text: str) -> None:
        if text not in self._noticed:
            self._noticed.add(text)
            self._on_notice(text)


@dataclass(frozen=True, slots=True)
class _Watch:
    root: Path
    on_change: Callable[[Change], None]


@dataclass(frozen=True, slots=True)
class _Unwatch:
    root: Path


@dataclass(frozen=True, slots=True)
class _HeadTouched:
    root: Path


@dataclass(frozen=True, slots=True)
class _Exhausted:
    pass


# ``None`` ends the thread.
_Message: TypeAlias = _Watch | _Unwatch | Touched | _HeadTouched | _Exhausted | None


class _Root:
    """One watched root; watchdog sees it with links resolved, the rest of the server as it was given."""

    def __init__(self, path: Path, on_change: Callable[[Change], None]) -> None:
        self.path = path
        self.real_path = os.path.realpath(path)
        self.rules = ignore.IgnoreRules(path)
        self.watches: dict[str, ObservedWatch] = {}
        self.git_dir: Path | None = None
        self.head = git.HeadState(None, None, busy=False)
        self._on_change = on_change

    def holds(self, real_path: str) -> bool:
        return real_path.startswith(self.real_path.rstrip(os.sep) + os.sep)

    def as_given(self, real_path: str) -> Path:
        return self.path / real_path.removeprefix(self.real_path).lstrip(os.sep)

    def deliver(self, change: Change) -> None:
        try:
            self._on_change(change)
        except Exception:
            log.exception("a change on disk could not be handled")


_KINDS = {
    "created": ChangeKind.CREATED,
    "modified": ChangeKind.MODIFIED,
    "closed": ChangeKind.MODIFIED,
    "deleted": ChangeKind.DELETED,
}


class _TreeHandler(FileSystemEventHandler):
    def __init__(self, root: _Root, messages: queue.SimpleQueue[_Message]) -> None:
        self._root = root
        self._messages = messages

    def on_any_event(self, event: FileSystemEvent) -> None:
        source = os.fsdecode(event.src_path)
        if event.event_type == "moved":
            # watchdog tells of each file of a moved directory as well.
            self._put(source, ChangeKind.DELETED)
            if not event.is_directory:
                self._put(os.fsdecode(event.dest_path), ChangeKind.CREATED)
        elif not event.is_directory or isinstance(event, DirDeletedEvent) or Path(source).name == ".git":
            self._put(source, _KINDS[event.event_type])

    def _put(self, path: str, kind: ChangeKind) -> None:
        if self._root.holds(path):
            self._messages.put(Touched(self._root.path, self._root.as_given(path), kind))


class _HeadHandler(FileSystemEventHandler):
    def __init__(self, root: Path, messages: queue.SimpleQueue[_Message]) -> None:
        self._root = root
        self._messages = messages

    def on_any_event(self, event: FileSystemEvent) -> None:
        self._messages.put(_HeadTouched(self._root))
