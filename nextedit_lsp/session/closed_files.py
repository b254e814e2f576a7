"""Files that are not open, as documents.

In: paths.  Out: documents as the disk has them, and whether the disk still has them so.
Not here: which files are worth reading (``looking``).

Each reading has a version of its own, below zero, so that it is never taken for one of the editor's.  What is loaded
is kept while its time and size stay as they are.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nextedit_lsp.editing import documents
from nextedit_lsp.editing.documents import Document
from nextedit_lsp.workspace import files, walking
from nextedit_lsp.workspace.walking import Stamp

# Some more than one answer looks at, so that going back and forth between edits reads nothing again.
MAX_KEPT = 24
# A longer file takes longer to look through than an answer may take.
MAX_CHARS = 100_000


@dataclass(frozen=True, slots=True)
class _Read:
    document: Document
    stamp: Stamp


class ClosedFiles:
    """The files read.  ``shown_path`` is a URI's path as people read it.  Safe to use from several threads."""

    def __init__(self, shown_path: Callable[[str], str]) -> None:
        self._shown_path = shown_path
        self._read: OrderedDict[str, _Read] = OrderedDict()
        self._versions = itertools.count(documents.CLOSED, -1)

    def load(self, path: Path) -> Document | None:
        """A file as the disk has it now; None where it is none that can be edited safely."""
        uri = files.uri_of(path)
        stamp = walking.stamp_of(str(path))
        known = self._read.get(uri)
        if known is not None and known.stamp == stamp:
            return known.document
        text = files.read_text(path)
        # Where characters can't be told, nor can the places of those behind them.
        if stamp is None or isinstance(text, files.Refused) or len(text) > MAX_CHARS or "\ufffd" in text:
            self._read.pop(uri, None)
            return None
        document = documents.opened(uri, self._shown_path(uri), "", next(self._versions), text)
        self._read[uri] = _Read(document, stamp)
        while len(self._read) > MAX_KEPT:
            self._read.popitem(last=False)
        return document

    def get(self, uri: str) -> Document | None:
        """A file as it was read last."""
        known = self._read.get(uri)
        return None if known is None else known.document

    def is_current(self, uri: str, version: int) -> bool:
        """Whether the disk still has what was read as ``version``."""
        known, path = self._read.get(uri), files.path_of(uri)
        if known is None or path is None or known.document.version != version:
            return False
        return walking.stamp_of(str(path)) == known.stamp

    def forget(self, uri: str) -> None:
        """Drops a file that changed on disk."""
        self._read.pop(uri, None)
