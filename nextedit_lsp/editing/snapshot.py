"""The Snapshot: one frozen value that holds all that a prediction may look at.

In: nothing; the session, a replay, the evaluation or a test fill it.  Out: itself.
Not here: behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.elsewhere import Diagnostic, Elsewhere
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
    ``explicit`` says that the user asked.  ``diagnostics`` are those of open documents, as far as the
    editor told them; ``elsewhere`` is what is known of files that are not open.
    """

    document: Document
    cursor: int
    history: History
    others: tuple[Document, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    now: float = 0.0
    explicit: bool = False
    diagnostics: tuple[Diagnostic, ...] = ()
    elsewhere: Elsewhere = field(default_factory=Elsewhere)

    def document_at(self, uri: str) -> Document | None:
        """The document of that URI, of those that are open and of those that are not."""
        if uri == self.document.uri:
            return self.document
        return next((other for other in (*self.others, *self.elsewhere.documents) if other.uri == uri), None)
