"""Which suggestion can be shown as text at the cursor, as inline completions are.

In: a suggestion, its document, the cursor.  Out: the completion, or None.
Not here: the protocol's item.
"""

from __future__ import annotations

from dataclasses import dataclass

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.presenting.suggestion import Suggestion


@dataclass(frozen=True, slots=True)
class Completion:
    """``start:end`` of the document becomes ``text``."""

    start: int
    end: int
    text: str
    suggestion: Suggestion


@dataclass(frozen=True, slots=True)
class Selected:
    """What the editor's own completion list would put in the place of ``start:end``."""

    start: int
    end: int
    text: str


def completion_of(
    suggestion: Suggestion, document: Document, cursor: int, selected: Selected | None
) -> Completion | None:
    """The suggestion as a completion: an insertion at or after the cursor on its line, in this document."""
    if suggestion.uri != document.uri or suggestion.version != document.version:
        return None
    edit = suggestion.edit
    line = document.text.line_at(cursor)
    if selected is None:
        is_inline = edit.start == edit.end >= cursor and document.text.line_at(edit.start) == line
        return Completion(edit.start, edit.end, edit.text, suggestion) if is_inline else None
    # With the list open an item is shown only if it extends the selected entry, over the same range.
    if not selected.start <= edit.start <= edit.end <= selected.end:
        return None
    head = document.text.slice(selected.start, edit.start)
    text = head + edit.text + document.text.slice(edit.end, selected.end)
    if not text.startswith(selected.text):
        return None
    return Completion(selected.start, selected.end, text, suggestion)
