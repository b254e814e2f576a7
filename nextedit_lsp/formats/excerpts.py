"""Which rows a prompt shows: around a spot as Zed chooses them, in a fixed window, of related files; forged markers.

In: a document, rows, a budget.  Out: rows; excerpts of other open documents.
Not here: how they are written (each format), the history (``events``).

A token is taken to be three bytes, as in Zed: no tokeniser is at hand, and the formats' budgets are meant so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.text.buffer import Text

BYTES_PER_TOKEN = 3
# The share of its budget that Zed's rule gives to the lines right around the cursor, before it looks at the syntax.
NEAR_SHARE = 0.75
# Rows of a related file are counted from a multiple of this, so that an edit there seldom moves the excerpt.
RELATED_STEP = 32

Rows = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Related:
    """Rows of another open document; whether some are left out before and behind."""

    path: str
    rows: tuple[str, ...]
    is_cut_above: bool
    is_cut_below: bool

    @property
    def text(self) -> str:
        """The rows, each with a line end."""
        return "".join(row + "\n" for row in self.rows)


def n_tokens(text: str) -> int:
    """About how many tokens a text takes."""
    return len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN


def editable_rows(document: Document, rows: Rows, budget: int, context: int) -> tuple[Rows, Rows]:
    """The rows to rewrite and those to show around them, as Zed chooses both.

    Rows in turn below and above, up to three quarters of the budget; then whole nodes of the syntax tree; then rows
    again, on the side that grew less.  The context goes on from there by syntax, or by rows where no node fits.
    """
    costs = _Costs(document)
    rest = budget - costs.of(rows)
    near = rest - int(budget * (1 - NEAR_SHARE))
    grown = _grown(document, rows, near, costs, below_first=True)
    rest -= costs.of(grown) - costs.of(rows)
    by_syntax = _by_syntax(document, grown, rest, costs)
    rest -= costs.of(by_syntax) - costs.of(grown)
    n_above, n_below = rows[0] - by_syntax[0], by_syntax[1] - rows[1]
    editable = _grown(document, by_syntax, rest, costs, below_first=n_below <= n_above)
    around = _by_syntax(document, editable, context, costs)
    if around == editable:
        around = _grown(document, editable, context, costs, below_first=True)
    return editable, around


def window(document: Document, rows: Rows, above: int, below: int) -> Rows:
    """``rows`` with so many rows above and below, as far as the document goes."""
    return max(0, rows[0] - above), min(document.text.n_lines, rows[1] + below)


def snapped(document: Document, rows: Rows, step: int) -> Rows:
    """``rows`` widened to multiples of ``step``, as far as the document goes."""
    return rows[0] // step * step, min(document.text.n_lines, -(-rows[1] // step) * step)


def n_rows(text: Text) -> int:
    """How many rows a text has, not counting an empty one behind its last line end."""
    return text.n_lines - (not text.line(text.n_lines - 1))


def forged(text: str, markers: Iterable[str]) -> bool:
    """Whether ``text`` holds a marker; one that ends in a line end counts as a whole line only."""
    lines: set[str] | None = None
    for marker in markers:
        if not marker.endswith("\n"):
            if marker in text:
                return True
            continue
        lines = set(text.split("\n")) if lines is None else lines
        if marker[:-1] in lines:
            return True
    return False


def is_bad_path(path: str, markers: Iterable[str]) -> bool:
    """Whether a path would break a prompt's lines or forge a marker."""
    return "\n" in path or "\r" in path or forged(path, markers)


def related(snapshot: Snapshot, document: Document, budget: int, markers: Sequence[str], most: int) -> list[Related]:
    """Excerpts of other open documents: chosen by when they were edited, listed by path, so that their order is stable.

    A file that fits is shown whole, else the rows around its last edit.  One that holds a marker is left out.
    """
    found: list[Related] = []
    for other in (snapshot.document, *snapshot.others):
        if other.uri == document.uri or len(found) >= most:
            continue
        excerpt = _excerpt(snapshot, other, budget)
        if excerpt is None or is_bad_path(other.path, markers) or forged(excerpt.text, markers):
            continue
        budget -= n_tokens(excerpt.text) + n_tokens(other.path) + 1
        found.append(excerpt)
    return sorted(found, key=lambda one: one.path)


def last_edited_row(snapshot: Snapshot, document: Document) -> int:
    """The row of the document's last edit, 0 without one."""
    newest = snapshot.history.newest(document.uri)
    return document.text.line_at(newest.changes.start) if newest is not None else 0


def _excerpt(snapshot: Snapshot, document: Document, budget: int) -> Related | None:
    """The document's rows that fit, from a stable first row on; None where hardly any do."""
    text = document.text
    n_whole = n_rows(text)
    first = 0
    if text.n_bytes // BYTES_PER_TOKEN > budget:
        first = max(0, last_edited_row(snapshot, document) // RELATED_STEP * RELATED_STEP - RELATED_STEP // 2)
    costs, end = _Costs(document), first
    while end < n_whole and costs.of((end, end + 1)) <= budget:
        budget -= costs.of((end, end + 1))
        end += 1
    rows = tuple(text.lines(first, end))
    return Related(document.path, rows, first > 0, end < n_whole) if any(row.strip() for row in rows) else None


class _Costs:
    """What rows of a document take, in tokens, counted once."""

    def __init__(self, document: Document) -> None:
        self._text = document.text
        self._known: dict[int, int] = {}

    def of(self, rows: Rows) -> int:
        return sum(self._cost(row) for row in range(*rows))

    def _cost(self, row: int) -> int:
        cost = self._known.get(row)
        if cost is None:
            cost = self._known[row] = max(1, n_tokens(self._text.line(row)))
        return cost


def _grown(document: Document, rows: Rows, budget: int, costs: _Costs, *, below_first: bool) -> Rows:
    """``rows`` with rows added in turn below and above; each side stops at the first that does not fit."""
    first, end = rows
    is_open = {True: True, False: True}
    is_below = below_first
    while any(is_open.values()):
        row = end if is_below else first - 1
        if is_open[is_below] and 0 <= row < document.text.n_lines and costs.of((row, row + 1)) <= budget:
            budget -= costs.of((row, row + 1))
            first, end = (first, end + 1) if is_below else (first - 1, end)
        else:
            is_open[is_below] = False
        is_below = not is_below
    return first, end


def _by_syntax(document: Document, rows: Rows, budget: int, costs: _Costs) -> Rows:
    """``rows`` widened to the nodes around them, from the inner ones out, while they fit."""
    tree, text = document.tree, document.text
    if tree is None:
        return rows
    line = text.line(rows[0])
    offset = text.line_start(rows[0]) + len(line) - len(line.lstrip())
    for node in reversed(tree.path_at(offset)):
        start, end = tree.span(node)
        around = (text.line_at(start), text.line_at(max(start, end - 1)) + 1)
        if around[0] > rows[0] or around[1] < rows[1] or around == rows:
            continue
        # A large node is turned down by its size, before its rows are counted.
        extra = around[1] - around[0] - (rows[1] - rows[0])
        if extra > budget or costs.of((around[0], rows[0])) + costs.of((rows[1], around[1])) > budget:
            break
        budget -= costs.of((around[0], rows[0])) + costs.of((rows[1], around[1]))
        rows = around
    return rows
