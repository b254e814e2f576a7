"""The open documents, and those that are left alone.

In: what the editor opens, changes and closes.  Out: documents at their newest version.
Not here: positions of the protocol (``server.conversion``), the history of edits.

    opened ──▶ fit to follow? ──yes──▶ followed ──grows too large──▶ left alone ──opened again──▶ …
                    └──no──▶ left alone
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from nextedit_lsp.editing import documents
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes
from nextedit_lsp.workspace import files

logger = logging.getLogger(__name__)

# A cell of a notebook, in VS Code: the notebook's path, and the cell's name behind a ``#``.
CELL_SCHEME = "vscode-notebook-cell"

# Documents of other schemes are output channels, old versions and the like: nobody edits them.
FOLLOWED_SCHEMES = frozenset({"file", "untitled", CELL_SCHEME})

# Texts of closed documents, kept to see whether they come back as they were.
MAX_CLOSED = 32


@dataclass(frozen=True, slots=True)
class Received:
    """The changes of one message as one set; ``n_received`` counts them, one may have been the whole text."""

    changes: Changes
    n_received: int
    is_whole_text: bool = False

    @property
    def is_keystroke(self) -> bool:
        """Whether a single key can have made it."""
        edits = self.changes.edits
        return not self.is_whole_text and len(edits) == 1 and len(edits[0].text) + edits[0].end - edits[0].start <= 1


class Documents:
    """The store.  ``ignoring`` names the rule that ignores a path, or is None; ``roots`` shorten paths for people."""

    def __init__(self, ignoring: Callable[[Path], str | None], roots: tuple[Path, ...] = ()) -> None:
        self.ignoring = ignoring
        self.roots = roots
        self.followed: dict[str, documents.Document] = {}
        self.left_alone: dict[str, str] = {}
        self._closed: OrderedDict[str, Text] = OrderedDict()
        self._strangers: set[str] = set()

    def get(self, uri: str) -> documents.Document | None:
        """The document, if it is followed."""
        return self.followed.get(uri)

    def is_open(self, uri: str) -> bool:
        """Whether the editor has opened it, followed or not."""
        return uri in self.followed or uri in self.left_alone

    def opened(self, uri: str, language_id: str, version: int, text: str) -> bool:
        """Takes an opened document.  Whether its text is the one that was last seen of it."""
        known = self.followed.pop(uri, None)
        before = known.text if known else self._closed.pop(uri, None)
        self.left_alone.pop(uri, None)
        self._strangers.discard(uri)
        reason = self._refusal(uri, text)
        if reason is not None:
            self.leave_alone(uri, reason)
            return False
        if known is not None and known.language_id == language_id and str(known.text) == text:
            self.followed[uri] = replace(known, version=version)
            return True
        self.followed[uri] = documents.opened(uri, self.shown_path(uri), language_id, version, text)
        return before is not None and before == self.followed[uri].text

    def remember(self, uri: str, text: Text) -> None:
        """Takes the text of a document that is not open, as if it had been closed with it."""
        self._closed[uri] = text

    def changed(self, uri: str, version: int, received: Received) -> documents.Document | None:
        """Takes a change of a followed document; None when it is left alone from now on."""
        after = self.followed[uri].edited(received.changes, version)
        reason = _outgrown(after.text, received.changes)
        if reason is not None:
            self.leave_alone(uri, reason)
            return None
        self.followed[uri] = after
        return after

    def closed(self, uri: str) -> None:
        """Forgets a document, but for its text."""
        document = self.followed.pop(uri, None)
        self.left_alone.pop(uri, None)
        if document is not None:
            self._closed[uri] = document.text
            while len(self._closed) > MAX_CLOSED:
                self._closed.popitem(last=False)

    def leave_alone(self, uri: str, reason: str) -> None:
        """Stops following a document, and says why."""
        self.followed.pop(uri, None)
        self.left_alone[uri] = reason
        logger.info("left alone: %s (%s)", uri, reason)

    def refuse_stranger(self, uri: str) -> None:
        """Says once that a document was changed that was never opened."""
        if uri not in self._strangers:
            self._strangers.add(uri)
            logger.warning("ignored: changes of %s, which was never opened", uri)

    def check_ignored(self) -> list[str]:
        """Leaves alone what is ignored by now; returns those documents."""
        dropped = []
        for uri in list(self.followed):
            rule = self._rule(uri)
            if rule is not None:
                self.leave_alone(uri, rule)
                dropped.append(uri)
        return dropped

    def shown_path(self, uri: str) -> str:
        """A document's path for people: below its root where it has one."""
        path = files.path_of(uri)
        if path is None:
            return unquote(urlsplit(uri).path) or uri
        for root in self.roots:
            if path.is_relative_to(root):
                return path.relative_to(root).as_posix()
        return path.as_posix()

    def _refusal(self, uri: str, text: str) -> str | None:
        scheme = _scheme(uri)
        if scheme not in FOLLOWED_SCHEMES:
            return f"the scheme {scheme!r} is not one of files"
        return files.refusal(text) or self._rule(uri)

    def _rule(self, uri: str) -> str | None:
        """The rule by which a document's path, for a cell that of its notebook, is left alone."""
        path = files.path_of(_notebook(uri) if _scheme(uri) == CELL_SCHEME else uri)
        if path is None:
            return None
        secret = files.secret_pattern(path)
        if secret is not None:
            return f"it may hold secrets ({secret})"
        rule = self.ignoring(path)
        return f"ignored by {rule}" if rule is not None else None


def _scheme(uri: str) -> str:
    return uri.partition(":")[0].lower()


def _notebook(cell: str) -> str:
    """The URI of a cell's notebook; a host in it is the one that the editor, and so this server, works on."""
    place = cell.partition(":")[2].partition("#")[0]
    return "file:/" + place[2:].partition("/")[2] if place.startswith("//") else f"file:{place}"


def _outgrown(text: Text, changes: Changes) -> str | None:
    """Why a document is left alone after ``changes``; looks at the sizes and at what came in, not at the whole text."""
    if len(text) > files.MAX_BYTES or text.n_bytes > files.MAX_BYTES or text.n_lines > files.MAX_LINES:
        return files.refusal(str(text))
    if any("\0" in edit.text for edit in changes.edits):
        return "binary"
    return None
