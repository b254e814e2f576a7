"""What one event of the history is, and where a change came from.

In: a change as the editor sent it.  Out: its origin, told from its shape.
Not here: how events are joined and kept (``history``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes

# One change that inserts this many characters, or two lines with text, was not typed.
MIN_PASTED_CHARS = 40

# White space, and what formatters add, drop or swap without changing the meaning.
_COSMETIC = re.compile(r"[\s\"'`;]+|,(?=\s*[)\]}])")


class Origin(Enum):
    """Who made a change."""

    TYPED = "typed"
    PASTED = "pasted"
    ACCEPTED = "accepted"
    UNDONE = "undone"
    FORMATTER = "formatter"
    EXTERNAL = "external"

    @property
    def is_intended(self) -> bool:
        """Whether the change tells what the user is up to."""
        return self in (Origin.TYPED, Origin.PASTED, Origin.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Event:
    """A net change of one document: ``changes`` are in offsets of ``before``; times in seconds."""

    uri: str
    path: str
    before: Text
    changes: Changes
    origin: Origin
    started_at: float
    ended_at: float

    @property
    def after(self) -> Text:
        """The text after the event."""
        return self.changes.apply(self.before)


def origin_of(before: Text, changes: Changes, *, n_received: int, is_whole_text: bool) -> Origin:
    """Typed, pasted or formatter, told from the shape of the changes of one message.

    ``n_received`` counts the changes of the message.  A formatter touches several places, or
    sends the whole text, and leaves everything but white space and its like as it was.
    """
    if is_whole_text or n_received > 1:
        cosmetic = all(
            _COSMETIC.sub("", before.slice(edit.start, edit.end)) == _COSMETIC.sub("", edit.text)
            for edit in changes.edits
        )
        if cosmetic and (len(changes.edits) > 1 or is_whole_text):
            return Origin.FORMATTER
    if is_whole_text and len(changes.edits) > 1:
        return Origin.EXTERNAL
    if any(_is_pasted(edit.text) for edit in changes.edits):
        return Origin.PASTED
    return Origin.TYPED


def _is_pasted(text: str) -> bool:
    n_lines_with_text = sum(1 for line in text.splitlines() if line.strip())
    return len(text.strip()) >= MIN_PASTED_CHARS or n_lines_with_text >= 2
