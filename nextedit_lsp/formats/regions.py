"""Rows of a document that an answer rewrites, and the answer carried back into the document.

In: a document and rows; later the rows' new text.  Out: the region's text as prompts show it; changes of the document.
Not here: which rows (``excerpts``), making a text of a completion (``answers``).

Prompts end every line with ``\\n``, whatever the document does.  A region runs from the start of its first row to the
end of its last one, before the line end: so its text never depends on whether something follows, and new lines can be
told from old ones row by row.  The empty row behind a file's last line end is a row like any other.
"""

from __future__ import annotations

from dataclasses import dataclass

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.formats.format import Reading, Spot, Task
from nextedit_lsp.formats.prompt import Question
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit
from nextedit_lsp.text.diff import refined, text_changes
from nextedit_lsp.text.line_ends import line_end_of, plain


@dataclass(frozen=True, slots=True)
class Region:
    """The rows ``first`` up to ``end`` of a document, at least one."""

    document: Document
    first: int
    end: int

    @property
    def start(self) -> int:
        """The offset where the region starts."""
        return self.document.text.line_start(self.first)

    @property
    def stop(self) -> int:
        """The offset where it ends, before the line end of its last row."""
        return self.document.text.line_end(self.end - 1)

    @property
    def rows(self) -> list[str]:
        """Its lines."""
        return self.document.text.lines(self.first, self.end)

    @property
    def text(self) -> str:
        """Its lines as a prompt shows them, without the last line end."""
        return "\n".join(self.rows)

    def column(self, offset: int) -> int:
        """Where ``offset`` of the document stands in ``text``; the nearer end for one outside."""
        text = self.document.text
        row = min(max(text.line_at(offset), self.first), self.end - 1)
        column = min(max(offset - text.line_start(row), 0), len(text.line(row)))
        return sum(len(line) + 1 for line in self.rows[: row - self.first]) + column


def cursor_of(spot: Spot) -> int:
    """The cursor that a format shows: the user's, else one at the first word of the spot's first line."""
    if spot.cursor is not None:
        return spot.cursor
    text, line = spot.document.text, spot.document.text.line(spot.first)
    return text.line_start(spot.first) + len(line) - len(line.lstrip())


def rows_of(spot: Spot) -> tuple[int, int]:
    """The spot's rows, at least one, with the cursor's."""
    text = spot.document.text
    first = min(max(spot.first, 0), text.n_lines - 1)
    end = min(max(spot.end, first + 1), text.n_lines)
    if spot.cursor is None:
        return first, end
    row = text.line_at(spot.cursor)
    return min(first, row), max(end, row + 1)


def with_marker(text: str, column: int, marker: str) -> str:
    """``text`` with ``marker`` put in at ``column``."""
    return text[:column] + marker + text[column:]


def lines_text(text: Text, first: int, end: int) -> str:
    """The rows ``first`` up to ``end``, each with a line end; "" for none."""
    return "".join(line + "\n" for line in text.lines(first, end))


def task_of(spot: Spot, region: Region, question: Question) -> Task:
    """The task to rewrite ``region``."""
    return Task(question, spot, region.start, region.stop)


def region_of(task: Task) -> Region:
    """The region of a task made by ``task_of``."""
    text = task.spot.document.text
    return Region(task.spot.document, text.line_at(task.start), text.line_at(task.end) + 1)


def reading(region: Region, new: str, cursor: int | None = None) -> Reading:
    """The changes that make ``new`` of the region's text; ``cursor`` is an offset of ``new``.

    Only tokens that differ are changed, so rows that stay keep the line ends that they have, of whatever kind.
    """
    document = region.document.text
    old, after = Text.of(region.text), Text.of(plain(new))
    found = refined(text_changes(old, after), old).simplified(old)
    line_end = line_end_of(document)

    def carried(offset: int) -> int:
        row = old.line_at(offset)
        return document.line_start(region.first + row) + offset - old.line_start(row)

    changes = Changes.of(
        Edit(carried(edit.start), carried(edit.end), edit.text.replace("\n", line_end)) for edit in found.edits
    ).simplified(document)
    if cursor is None:
        return Reading(changes)
    row = after.line_at(min(max(cursor, 0), len(after)))
    column = min(max(cursor, 0), len(after)) - after.line_start(row)
    return Reading(changes, changes.apply(document).line_start(region.first + row) + column)
