"""The evidence to locate by: the user's examples, and what several of them have in common.

In: the Snapshot.  Out: examples with their token hunks, and how often a change was repeated.
Not here: places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.history import Intention
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.patterns import analogy
from nextedit_lsp.patterns.examples import Example, Hunk, LineChange, blocks, examples, line_change
from nextedit_lsp.text.tokens import Token

# Open documents looked at beside the focused one; those used last come first.
MAX_OTHER_DOCUMENTS = 16


@dataclass(frozen=True, slots=True)
class Evidence:
    """The user's last edits, newest first: all examples, those that change one line, and whole blocks of lines."""

    snapshot: Snapshot
    examples: tuple[Example, ...]
    line_changes: tuple[LineChange, ...]
    blocks: tuple[Example, ...]

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents to look at: the focused one, other open ones, then twins that are not open.

        A twin has the name of an edited file; what merely reads alike in other files that nobody opened is seldom
        wanted, and there is much of it.
        """
        names = {file_name(example.path) for example in self.examples}
        return (*self._open, *(one for one in self.snapshot.elsewhere.documents if file_name(one.path) in names))

    @property
    def all_documents(self) -> tuple[Document, ...]:
        """Those and all other files that the index has found: for what a changed definition leaves wrong."""
        return (*self._open, *self.snapshot.elsewhere.documents)

    @property
    def _open(self) -> tuple[Document, ...]:
        return (self.snapshot.document, *self.snapshot.others[:MAX_OTHER_DOCUMENTS])


def gathered(snapshot: Snapshot, intentions: Sequence[Intention]) -> Evidence:
    """The evidence in ``intentions``, newest first."""
    found = tuple(examples(intentions))
    changes = tuple(change for example in found if (change := line_change(example)) is not None)
    return Evidence(snapshot, found, changes, tuple(blocks(intentions)))


def hunks_and_hull(change: LineChange) -> Iterator[Hunk]:
    """The hunks of a line one by one, then all of them as one hunk from the first to the last."""
    yield from change.hunks
    if len(change.hunks) > 1:
        first, last = change.hunks[0], change.hunks[-1]
        yield Hunk(first.old_start, last.old_end, first.new_start, last.new_end)


def slots(change: LineChange, hunk: Hunk) -> tuple[tuple[int, int], tuple[int, int]]:
    """The columns of a hunk in the old and in the new line, white space around it included.

    They reach from the end of the token before to the start of the token behind, so that what
    is replaced brings its own spacing along; the indentation stays out.
    """
    return (
        line_slot(change.old_line, change.old, hunk.old_start, hunk.old_end),
        line_slot(change.new_line, change.new, hunk.new_start, hunk.new_end),
    )


def predicted_line(change: LineChange, other: LineChange) -> str | None:
    """What ``other``'s old line would have become by analogy with ``change``; None where they are not alike."""
    bound = analogy.binding(change.old, other.old)
    if bound is None:
        return None
    line, old_line = "", other.old_line
    cursor = 0
    for hunk in change.hunks:
        start, end = line_slot(old_line, other.old, hunk.old_start, hunk.old_end)
        (_, _), (new_start, new_end) = slots(change, hunk)
        line += old_line[cursor:start] + analogy.carried(change.new_line[new_start:new_end], bound)
        cursor = end
    return line + old_line[cursor:]


def confirmed_by(evidence: Evidence, change: LineChange) -> list[LineChange]:
    """The user's other edits that this one foretells by analogy."""
    return [
        other
        for other in evidence.line_changes
        if other is not change and predicted_line(change, other) == other.new_line
    ]


def starts_in(document: Document, changes: Sequence[LineChange]) -> tuple[int, ...]:
    """Where in ``document`` the lines of ``changes`` stand now, newest first."""
    found = [change.example for change in changes if change.example.uri == document.uri]
    return tuple(example.start for example in sorted(found, key=lambda example: example.age))


def line_slot(line: str, found: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    """The columns of the tokens ``first`` up to ``last`` of a line, white space around them included."""
    start = found[first - 1].end if first > 0 else (found[0].start if found else len(line))
    end = found[last].start if last < len(found) else len(line.rstrip())
    return start, max(start, end)


def file_name(path: str) -> str:
    """The last part of a path; twins share it."""
    return path.rpartition("/")[2]
