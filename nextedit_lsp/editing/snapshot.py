"""The Snapshot: one frozen value that holds all that a prediction may look at.

In: nothing; the session, a replay, the evaluation or a test fill it.  Out: itself.
Not here: behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.history import History


@dataclass(frozen=True, slots=True)
class Rejection:
    """A suggestion that the user turned down: what it would have done, and where that stands now."""

    uri: str
    start: int
    end: int
    old: str
    new: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state to predict from.

    ``cursor`` is an offset in code points of ``document``; ``others`` are the other open
    documents, those edited last first; ``now`` is in seconds on the clock that the history's events were timed with.
    ``explicit`` says that the user asked.
    """

    document: Document
    cursor: int
    history: History
    others: tuple[Document, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    now: float = 0.0
    explicit: bool = False

    def document_at(self, uri: str) -> Document | None:
        """The open document of that URI."""
        if uri == self.document.uri:
            return self.document
        return next((other for other in self.others if other.uri == uri), None)
