"""Which suggestion can be shown as text at the cursor, as inline completions are.

In: a suggestion, its document, the cursor.  Out: the completion, or None.
Not here: the protocol's item.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.presenting.suggestion import Suggestion, suggestion_id
from nextedit_lsp.text.changes import Changes


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
    """The suggestion as a completion: an insertion at or after the cursor on its line, in this document.

    Of a suggestion with several edits the one at the cursor is taken, as a suggestion of its own.
    """
    if suggestion.uri != document.uri or suggestion.version != document.version:
        return None
    if selected is None:
        part = _part_at(suggestion, document, cursor)
        return Completion(part.edit.start, part.edit.end, part.edit.text, part) if part is not None else None
    edit = suggestion.edit
    # With the list open an item is shown only if it extends the selected entry, over the same range.
    if not selected.start <= edit.start <= edit.end <= selected.end:
        return None
    head = document.text.slice(selected.start, edit.start)
    text = head + edit.text + document.text.slice(edit.end, selected.end)
    if not text.startswith(selected.text):
        return None
    return Completion(selected.start, selected.end, text, suggestion)


def _part_at(suggestion: Suggestion, document: Document, cursor: int) -> Suggestion | None:
    line = document.text.line_at(cursor)
    edits = suggestion.changes.edits
    for edit in edits:
        if edit.start == edit.end >= cursor and document.text.line_at(edit.start) == line:
            if len(edits) == 1:
                return suggestion
            return replace(
                suggestion,
                id=suggestion_id(document.uri, edit, ""),
                edit=edit,
                changes=Changes((edit,)),
                old_text="",
                line=line,
                cursor_after=edit.start + len(edit.text),
            )
    return None
