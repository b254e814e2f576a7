"""The scene: the lines of all documents in one row of rows, and the last edits among them.

In: the Snapshot and the user's intentions.  Out: a ``Scene``, which every group of features is a function of.
Not here: features, chances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.elsewhere import Diagnostic
from nextedit_lsp.editing.history import Intention
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.locating.ranking import edits
from nextedit_lsp.locating.ranking.edits import LineEdit
from nextedit_lsp.locating.ranking.lines import Column, Ints, Lines, joined, lines_of
from nextedit_lsp.locating.ranking.reported import reported

# Documents looked at beside the focused one, and rows looked at in all: with more the answer comes too late.
MAX_OTHER_DOCUMENTS = 16
MAX_ROWS = 3000


@dataclass(frozen=True)
class Scene:
    """``document_of`` and ``row`` say for each row of ``lines`` which document's which row it is.

    ``edits`` is not empty, newest first; the newest one's document is the first of ``documents`` where it is open.
    """

    snapshot: Snapshot
    diagnostics: tuple[Diagnostic, ...]
    documents: tuple[Document, ...]
    edits: tuple[LineEdit, ...]
    lines: Lines
    document_of: Ints
    row: Ints

    @property
    def n_rows(self) -> int:
        """The number of rows in all documents."""
        return len(self.row)

    @property
    def last(self) -> LineEdit:
        """The newest edit."""
        return self.edits[0]

    @cached_property
    def n_rows_of_document(self) -> Ints:
        """Of each row how many its document has."""
        return np.array([document.text.n_lines for document in self.documents])[self.document_of]

    @cached_property
    def document_index(self) -> dict[str, int]:
        """The index of a document by its URI."""
        return {document.uri: index for index, document in enumerate(self.documents)}

    def in_document(self, uri: str) -> Column:
        """Which rows are of that document."""
        result: Column = self.document_of == self.document_index.get(uri, -1)
        return result

    def index_at(self, edit: LineEdit) -> int | None:
        """The index of the last row that an edit changed; None where its document is not among those looked at."""
        indices = np.flatnonzero(self.in_document(edit.uri))
        if not len(indices):
            return None
        at = int(np.searchsorted(self.row[indices], max(edit.end_row - 1, 0)))
        return int(indices[min(at, len(indices) - 1)])

    def shifted(self, column: Column, by: int, fill: float = 0) -> Column:
        """What stands ``by`` rows further down in the same document; ``fill`` beyond its ends."""
        result = np.full_like(column, fill)
        if by == 0:
            return column
        if abs(by) >= self.n_rows:
            return result
        if by > 0:
            same = self.document_of[by:] == self.document_of[:-by]
            result[:-by][same] = column[by:][same]
        else:
            same = self.document_of[:by] == self.document_of[-by:]
            result[-by:][same] = column[:by][same]
        return result

    @cached_property
    def is_blank(self) -> Column:
        """Which rows are blank."""
        result: Column = self.lines.n_chars == 0
        return result


def scene_of(snapshot: Snapshot, intentions: Sequence[Intention]) -> Scene | None:
    """The scene; None without an edit that is still to be seen."""
    found = edits.recent(snapshot, intentions)
    if not found:
        return None
    documents = [snapshot.document, *snapshot.others[:MAX_OTHER_DOCUMENTS]]
    documents.sort(key=lambda document: document.uri != found[0].uri)
    documents += snapshot.elsewhere.documents
    kept: list[Document] = []
    parts: list[Lines] = []
    rows: list[Column] = []
    for document in documents:
        n_left = MAX_ROWS - sum(part.n_rows for part in parts)
        if kept and document.text.n_lines > n_left:
            break
        near = next((edit.row for edit in found if edit.uri == document.uri), 0)
        part, first = lines_of(document.text, near, n_left)
        kept.append(document)
        parts.append(part)
        rows.append(np.arange(first, first + part.n_rows))
    document_of = np.repeat(np.arange(len(parts)), [part.n_rows for part in parts])
    diagnostics = reported(snapshot, intentions[0])
    return Scene(snapshot, diagnostics, tuple(kept), tuple(found), joined(parts), document_of, np.concatenate(rows))
