"""The process that the index lives in: it reads files and looks things up, far from the keystrokes.

In: JSON messages on stdin, one a line.  Out: JSON messages on stdout, one a line.
Not here: the index of a root (``index_root``), the server's end of the pipe (``index``).

    {"call": "use", "roots": [[root, file], …], "max_files": n}   which roots there are; file may be null
    {"call": "changed", "paths": [path, …]}                       these files changed on disk
    {"call": "scan", "root": root}                                much of a root may have changed, HEAD too
    {"call": "closed", "path": path}                              the editor holds a file no longer
    {"call": "look_up", "id": n, "question": …, "open": {path: text}}

Answered by ``{"id": n, "result": …}``; besides, ``{"state": …}`` is told when it changes.  The end of stdin ends the
process, whatever became of the server.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from nextedit_lsp.workspace import co_changes, index_store, looking, terms
from nextedit_lsp.workspace.index_root import RootIndex, Tally, best
from nextedit_lsp.workspace.looking import Found, IndexState
from nextedit_lsp.workspace.terms import Terms

T = TypeVar("T")

# How far it gives way to everything else on the machine (Unix; Windows is told at the start of the process).
NICENESS = 10
# Another server has the index locked: it is tried again after so long.
RETRY_S = 2.0
# Without a place on disk the index lives in memory, and of so many files at most.
MAX_FILES_IN_MEMORY = 5_000
# How often it is told how far the building has come.
TELL_INTERVAL_S = 0.5
# Once the server is gone, what is under way has so long to end by itself.
END_S = 2.0
# The open files whose words are known; an editor that has more open forgets some.
MAX_OPEN_FILES = 256


@dataclass(slots=True)
class _Root:
    path: str
    file: Path | None
    index: RootIndex | None = None
    retry_at: float = 0.0
    problem: str | None = None
    has_failed: bool = False
    reading_log: bool = False


class Worker:
    """The loop: messages first, else a step of building, else waiting."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        self.messages: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._roots: dict[str, _Root] = {}
        self._max_files = 0
        self._open: dict[str, Terms] = {}
        self._told = IndexState()
        self._told_at = 0.0

    def run(self) -> None:
        """Works until the message ``None``."""
        while True:
            try:
                message = self.messages.get(timeout=self._wait_s())
            except queue.Empty:
                self._step()
                continue
            if message is None:
                break
            self._handle(message)
        for root in self._roots.values():
            self._close(root)

    def _wait_s(self) -> float | None:
        """How long a message is waited for: not at all while there is work."""
        waits = [
            max(0.0, root.retry_at - time.monotonic())
            for root in self._roots.values()
            if not root.has_failed and (root.index is None or not root.index.is_idle)
        ]
        return min(waits) if waits else None

    def _step(self) -> None:
        now = time.monotonic()
        for root in self._roots.values():
            if root.has_failed or root.retry_at > now:
                continue
            index = root.index
            if index is None:
                self._guarded(root, self._open_index, root)
                break
            if not index.is_idle:
                if self._guarded(root, index.step):
                    self._read_log(root)
                break
        self._tell()

    def _open_index(self, root: _Root) -> None:
        others = [path for path in self._roots if path != root.path]
        limit = self._max_files if root.file is not None else min(self._max_files, MAX_FILES_IN_MEMORY)
        root.index = RootIndex(root.path, root.file, others, limit)

    def _guarded(self, root: _Root, work: Callable[..., T], *arguments: object) -> T | None:
        """What something returns that the disk may refuse; None where it did, with the conclusions drawn."""
        try:
            return work(*arguments)
        except sqlite3.Error as error:
            self._conclude(root, error)
            return None

    def _conclude(self, root: _Root, error: sqlite3.Error) -> None:
        """A busy disk is tried again, a damaged file made anew once, a full disk done without."""
        said = str(error)
        was_open = root.index is not None
        self._close(root)
        if "locked" in said or "busy" in said:
            root.retry_at = time.monotonic() + RETRY_S
        elif "full" in said:
            root.has_failed = True
            root.problem = f"the disk is full, so {root.path} is not indexed"
        elif root.file is not None and not isinstance(error, sqlite3.OperationalError) and root.problem is None:
            index_store.discard(root.file)
            root.problem = f"the index of {root.path} was damaged and is built anew"
        elif root.file is not None and not was_open:
            root.problem = f"{root.file} can't be written ({said}), so the index of {root.path} is kept in memory"
            root.file = None
        else:
            root.has_failed = True
            root.problem = f"the index of {root.path} failed: {said}"

    def _close(self, root: _Root) -> None:
        if root.index is not None:
            with contextlib.suppress(sqlite3.Error):
                root.index.close()
            root.index = None

    # The git log, which is read by a thread, as git may take its time.

    def _read_log(self, root: _Root) -> None:
        if root.index is None or root.reading_log:
            return
        head = self._guarded(root, root.index.wanted_head)
        if head is not None:
            root.reading_log = True
            threading.Thread(target=self._log_thread, args=(root.path, head), daemon=True).start()

    def _log_thread(self, root: str, head: str) -> None:
        self.messages.put({"call": "log", "root": root, "head": head, "log": co_changes.read_log(Path(root))})

    # Messages.

    def _handle(self, message: dict[str, Any]) -> None:
        call = message.get("call")
        if call == "look_up":
            self._say({"id": message["id"], "result": looking.found_out(self._look_up(message))})
        elif call == "use":
            self._use(message)
        elif call == "changed":
            for path in message["paths"]:
                index = self._index_of(path)
                if index is not None:
                    index.touch(path)
        elif call == "closed":
            self._open.pop(message["path"], None)
        elif call == "scan":
            root = self._roots.get(message["root"])
            if root is not None and root.index is not None:
                root.index.scan()
        elif call == "log":
            self._take_log(message)

    def _use(self, message: dict[str, Any]) -> None:
        wanted = {path: None if file is None else Path(file) for path, file in message["roots"]}
        is_same = wanted.keys() == self._roots.keys() and message["max_files"] == self._max_files
        if not is_same:
            # Which roots there are decides what belongs to each.
            for root in self._roots.values():
                self._close(root)
            self._max_files = message["max_files"]
            self._roots = {path: _Root(path, file) for path, file in wanted.items()}
            for folder in {file.parent for file in wanted.values() if file is not None}:
                index_store.discard_unused(folder)
        self._tell()

    def _take_log(self, message: dict[str, Any]) -> None:
        root = self._roots.get(message["root"])
        if root is not None:
            root.reading_log = False
            index = root.index
            if index is not None:
                self._guarded(root, index.take_log, message["head"], message["log"])

    def _look_up(self, message: dict[str, Any]) -> Found:
        question = looking.question_in(message["question"])
        for path, text in message["open"].items():
            self._open.pop(path, None)
            self._open[path] = terms.terms_of(text)
        while len(self._open) > MAX_OPEN_FILES:
            del self._open[next(iter(self._open))]
        tally = Tally()
        for root in self._roots.values():
            index = root.index
            if index is not None and self._guarded(root, index.catch_up):
                self._guarded(root, index.look_up, question, self._held_in(index), tally)
        return Found(
            files=tuple(best(tally.scores, looking.MAX_FILES_FOUND)),
            n_files=dict(tally.n_files),
            defined=frozenset(tally.defined),
            companions=tally.companions,
        )

    def _held_in(self, index: RootIndex) -> Mapping[str, Terms]:
        """The open files of a root, by their path below it."""
        return {
            index.relative(path): found
            for path, found in self._open.items()
            if index.holds(path) and self._index_of(path) is index
        }

    def _index_of(self, path: str) -> RootIndex | None:
        """The index of the innermost root that holds a path."""
        holders = [root.index for root in self._roots.values() if root.index is not None and root.index.holds(path)]
        return max(holders, key=lambda index: len(index.root), default=None)

    # What is told.

    def _tell(self) -> None:
        state = self._state()
        now = time.monotonic()
        is_progress = state.phase == self._told.phase and state.problem == self._told.problem
        if state != self._told and not (
            is_progress and now - self._told_at < TELL_INTERVAL_S and state.phase != "ready"
        ):
            self._told, self._told_at = state, now
            self._say({"state": asdict(state)})

    def _state(self) -> IndexState:
        roots = list(self._roots.values())
        if not roots:
            return IndexState()
        problems = [root.problem for root in roots if root.problem is not None]
        problems += [
            f"{root.path} has more than {self._max_files:,} files, the rest is not indexed"
            for root in roots
            if root.index is not None and root.index.is_capped
        ]
        is_ready = all(root.has_failed or (root.index is not None and root.index.is_idle) for root in roots)
        phase = "failed" if all(root.has_failed for root in roots) else "ready" if is_ready else "building"
        n_files = sum(root.index.n_files for root in roots if root.index is not None)
        return IndexState(phase, n_files, "; ".join(problems) or None)

    def _say(self, message: dict[str, Any]) -> None:
        self._output.write(json.dumps(message).encode() + b"\n")
        self._output.flush()


def main() -> None:
    """Serves one server until its end of the pipe is closed."""
    _give_way()
    worker = Worker(sys.stdout.buffer)
    threading.Thread(target=_read, args=(worker,), daemon=True).start()
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        worker.run()
    # Threads that still read a log hold nothing up.
    os._exit(0)


def _read(worker: Worker) -> None:
    with contextlib.suppress(ValueError, OSError):
        for line in sys.stdin.buffer:
            worker.messages.put(json.loads(line))
    worker.messages.put(None)
    time.sleep(END_S)
    os._exit(0)


def _give_way() -> None:
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(NICENESS)


if __name__ == "__main__":
    main()
