"""A Suggestion: an edit worth showing, as small as it can be, with what a person wants to know about it.

In: a proposal and the Snapshot it was made for.  Out: the Suggestion.
Not here: whether to show it (``vetting``).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum

from nextedit_lsp.text.changes import Changes, Edit


class Form(Enum):
    """How a suggestion is best shown: text at the cursor, a diff close by, or a jump."""

    INLINE = "inline"
    NEAR = "near"
    JUMP = "jump"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One edit of one document at one version.

    ``edit`` replaces ``old_text`` and is the hull of ``changes``; both are in code points of
    that version's text.  ``pattern`` is shared by suggestions that repeat the same change.
    ``chance`` is the estimated probability that the user accepts it.  ``cursor_after`` is an
    offset in the text after the edit.  ``line`` counts from 0.  ``what`` says what the edit does.
    """

    id: str
    uri: str
    path: str
    version: int
    edit: Edit
    old_text: str
    changes: Changes
    line: int
    form: Form
    what: str
    reason: str
    source: str
    pattern: str
    chance: float
    cursor_after: int

    @property
    def title(self) -> str:
        """What the edit does and where, for a person."""
        n_more = self.old_text.rstrip("\r\n").count("\n")
        lines = f"lines {self.line + 1}-{self.line + 1 + n_more}" if n_more else f"line {self.line + 1}"
        return f"{self.what} on {lines}"


def suggestion_id(uri: str, edit: Edit, old_text: str) -> str:
    """A short name for a suggestion; the same edit of the same text has the same name."""
    key = "\0".join((uri, str(edit.start), old_text, edit.text))
    return hashlib.blake2s(key.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
