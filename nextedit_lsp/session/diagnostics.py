"""What compilers and linters say of the open documents, kept in place while they are edited.

In: diagnostics as the editor or a linter tells them, then the changes of their documents.  Out: those that stand.
Not here: running a linter (``linting``), what a diagnostic leads to (``locating``).

Who tells of a document tells all of it at once, and replaces what it told before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from nextedit_lsp.editing.elsewhere import Diagnostic
from nextedit_lsp.text.changes import Changes

# A document with more is broken as a whole; the worst are kept.
MAX_PER_SOURCE = 200
# The source of those that the editor tells.
EDITOR = "editor"


class Diagnostics:
    """The diagnostics by document and source."""

    def __init__(self) -> None:
        self._told: dict[str, dict[str, tuple[Diagnostic, ...]]] = {}
        self._tells_all = False

    def tell(self, uri: str, source: str, found: Iterable[Diagnostic]) -> bool:
        """Takes all that ``source`` says of a document as it is now; whether that is news."""
        self._tells_all |= source == EDITOR
        return self._put(uri, source, found)

    def tell_range(self, uri: str, start: int, end: int, found: Sequence[Diagnostic]) -> bool:
        """Takes all that the editor says of a part of a document; whether that is news.

        An editor that tells of whole documents is not heard on parts: it may leave out there what other servers say.
        """
        if self._tells_all:
            return False
        known = self._told.get(uri, {}).get(EDITOR, ())
        others = [one for one in known if one.end < start or end < one.start]
        return self._put(uri, EDITOR, dict.fromkeys([*others, *found]))

    def follow(self, uri: str, changes: Changes) -> None:
        """Keeps those of a document in their places; what was edited itself is not known any more."""
        for source, told in self._told.get(uri, {}).items():
            self._told[uri][source] = tuple(_moved(one, changes) for one in told if not _is_edited(one, changes))

    def forget(self, uri: str) -> None:
        """Drops those of a document."""
        self._told.pop(uri, None)

    def of(self, uris: Iterable[str]) -> tuple[Diagnostic, ...]:
        """Those of documents, in their order; what two sources say alike once."""
        found = (one for uri in uris for told in self._told.get(uri, {}).values() for one in told)
        return tuple(dict.fromkeys(found))

    def _put(self, uri: str, source: str, found: Iterable[Diagnostic]) -> bool:
        told = tuple(sorted(found, key=lambda one: (one.severity, one.start))[:MAX_PER_SOURCE])
        if told == self._told.get(uri, {}).get(source, ()):
            return False
        self._told.setdefault(uri, {})[source] = told
        return True


def _is_edited(one: Diagnostic, changes: Changes) -> bool:
    """Whether a change reaches into the diagnostic's text; one that borders on it does not."""
    return any(edit.start < one.end and one.start < edit.end for edit in changes.edits)


def _moved(one: Diagnostic, changes: Changes) -> Diagnostic:
    start = changes.map_offset(one.start)
    return replace(one, start=start, end=max(start, changes.map_offset(one.end, stay_left=True)))
