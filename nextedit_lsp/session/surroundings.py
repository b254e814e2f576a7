"""The workspace as the session sees it: ignore rules, what is saved, what other programs change.

In: the roots.  Out: answers about paths, and reports on the event loop.
Not here: what follows from a report (``state``).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

from nextedit_lsp.text.buffer import Text
from nextedit_lsp.workspace import disk_changes, files, ignore
from nextedit_lsp.workspace.watcher import Watcher

# A byte-order mark, which an editor takes off the text that it shows.
BOM_BYTES = 3


class Surroundings:
    """The roots of the workspace."""

    def __init__(self, roots: tuple[Path, ...]) -> None:
        self._rules = {root: ignore.IgnoreRules(root) for root in roots}
        self._watcher: Watcher | None = None
        self._report: Callable[[disk_changes.Change], None] | None = None

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders of the workspace."""
        return tuple(self._rules)

    def add(self, root: Path) -> None:
        """A folder joined the workspace."""
        self._rules[root] = ignore.IgnoreRules(root)
        if self._watcher is not None and self._report is not None:
            self._watcher.watch(root, self._report)

    def remove(self, root: Path) -> None:
        """A folder left the workspace."""
        if self._rules.pop(root, None) is not None and self._watcher is not None:
            self._watcher.unwatch(root)

    def ignored(self, path: Path) -> str | None:
        """The rule that ignores a path, or None."""
        found = (rules.ignored(path, is_dir=False) for rules in self._rules.values())
        return next((rule for rule in found if rule is not None), None)

    def is_saved(self, uri: str, text: Text) -> bool:
        """Whether ``text`` is what stands on disk under ``uri``."""
        path = files.path_of(uri)
        if path is None:
            return False
        try:
            n_bytes = path.stat().st_size
        except (OSError, ValueError):
            return False
        if n_bytes not in (text.n_bytes, text.n_bytes + BOM_BYTES):
            return False
        return files.read_text(path) == str(text)

    def watch(self, on_change: Callable[[disk_changes.Change], None], on_notice: Callable[[str], None]) -> None:
        """Reports changes on disk, on the running event loop, until ``close``."""
        loop = asyncio.get_running_loop()

        def report(change: disk_changes.Change) -> None:
            # The loop may be closed while the watcher's thread is still at work.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(on_change, change)

        def notice(text: str) -> None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(on_notice, text)

        self._watcher, self._report = Watcher(notice), report
        for root in self.roots:
            self._watcher.watch(root, report)

    def close(self) -> None:
        """Ends the watching."""
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher = None


def touches_rules(change: disk_changes.FileChanged) -> bool:
    """Whether a change on disk can alter what is ignored."""
    return change.path.name in ignore.RULE_FILES
