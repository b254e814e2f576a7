"""From a proposal to a Suggestion: the smallest edit, its form, and where the cursor lands.

In: a proposal that passed, its chance, and the Snapshot.  Out: a Suggestion.
Not here: the protocol's items (``server``).
"""

from __future__ import annotations

from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.presenting.suggestion import Form, Suggestion, suggestion_id
from nextedit_lsp.proposing.synthesis import Proposal
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit, trimmed

# A change within this many lines of the cursor is on the screen and needs no jump (peers: 2 to 5).
NEAR_LINES = 5


def presented(proposal: Proposal, chance: float, snapshot: Snapshot) -> Suggestion:
    """The suggestion for ``proposal``."""
    document, text = proposal.document, proposal.document.text
    edit = smallest_edit(proposal.changes, text)
    old_text = text.slice(edit.start, edit.end)
    line = text.line_at(edit.start)
    return Suggestion(
        id=suggestion_id(document.uri, edit, old_text),
        uri=document.uri,
        path=document.path,
        version=document.version,
        edit=edit,
        old_text=old_text,
        changes=proposal.changes,
        line=line,
        form=_form(proposal, edit, line, snapshot),
        what=proposal.title,
        reason=proposal.reason,
        source=proposal.source,
        pattern=proposal.pattern,
        chance=chance,
        cursor_after=edit.start + len(edit.text),
    )


def smallest_edit(changes: Changes, text: Text) -> Edit:
    """One edit that does all of ``changes``, as small as can be, splitting no line break and no surrogate pair."""
    edit = trimmed(changes.hull(text), text)
    start, end, new = edit.start, edit.end, edit.text
    if _splits(text, start):
        start, new = start - 1, text.slice(start - 1, start) + new
    if _splits(text, end):
        end, new = end + 1, new + text.slice(end, end + 1)
    return Edit(start, end, new)


def _splits(text: Text, offset: int) -> bool:
    return text.slice(offset - 1, offset + 1) == "\r\n"


def _form(proposal: Proposal, edit: Edit, line: int, snapshot: Snapshot) -> Form:
    if proposal.document.uri != snapshot.document.uri:
        return Form.JUMP
    cursor_line = snapshot.document.text.line_at(snapshot.cursor)
    if edit.start == edit.end >= snapshot.cursor and line == cursor_line:
        return Form.INLINE
    return Form.NEAR if abs(line - cursor_line) <= NEAR_LINES else Form.JUMP
