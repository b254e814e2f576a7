"""The user's last edits as whole lines before and after, with the lines around and where they stand now.

In: the Snapshot and the user's intentions.  Out: ``LineEdit``s, newest first.
Not here: pairing lines with lines (``patterns.examples``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nextedit_lsp.editing.history import Intention
from nextedit_lsp.editing.snapshot import Snapshot

# Edits further back say little about the next one.
MAX_EDITS = 8
# Of a longer edit the first lines are compared with the rest of the text.
MAX_LINES = 16
# Lines on either side that tell what the place of an edit looks like.
N_AROUND = 4


@dataclass(frozen=True, slots=True)
class LineEdit:
    """The lines ``old`` became the lines ``new``, which stand at ``row`` now; ``above`` and ``below`` as in the text.

    ``n_old`` and ``n_new`` count all lines, also those beyond ``MAX_LINES``.
    """

    uri: str
    row: int
    old: tuple[str, ...]
    new: tuple[str, ...]
    n_old: int
    n_new: int
    above: tuple[str, ...]
    below: tuple[str, ...]

    @property
    def end_row(self) -> int:
        """The row behind the last new line."""
        return self.row + self.n_new

    @property
    def is_spacing(self) -> bool:
        """Whether nothing but white space came or went."""
        old, new = ([line.strip() for line in side if line.strip()] for side in (self.old, self.new))
        return old == new


def recent(snapshot: Snapshot, intentions: Sequence[Intention]) -> list[LineEdit]:
    """The last edits, newest first."""
    found: list[LineEdit] = []
    for intention in intentions[:MAX_EDITS]:
        found.extend(_edits_of(snapshot, intention))
        if len(found) >= MAX_EDITS:
            break
    return found[:MAX_EDITS]


def _edits_of(snapshot: Snapshot, intention: Intention) -> Iterator[LineEdit]:
    after = intention.after
    document = snapshot.document_at(intention.uri)
    for old_rows, new_rows in reversed(intention.row_blocks(after)):
        old = intention.before.lines(*old_rows)
        new = after.lines(*new_rows)
        n_above = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
        old, new = old[n_above:], new[n_above:]
        n_below = 0
        while n_below < min(len(old), len(new)) and old[-1 - n_below] == new[-1 - n_below]:
            n_below += 1
        old, new = old[: len(old) - n_below], new[: len(new) - n_below]
        first = new_rows[0] + n_above
        row = first
        if document is not None:
            offset = intention.since.map_offset(after.line_start(first))
            row = document.text.line_at(min(offset, len(document.text)))
        yield LineEdit(
            uri=intention.uri,
            row=row,
            old=tuple(old[:MAX_LINES]),
            new=tuple(new[:MAX_LINES]),
            n_old=len(old),
            n_new=len(new),
            above=tuple(after.lines(first - N_AROUND, first)),
            below=tuple(after.lines(first + len(new), first + len(new) + N_AROUND)),
        )
