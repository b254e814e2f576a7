"""The project's own format: for tiny local models, and for a cache that keeps as much of the prompt as can be.

In: a Snapshot and a spot, or plain values (training calls the same functions); a completion.  Out: the task, the
answer that is right for given lines; the changes.
Not here: training, the vocabulary beyond the control tokens.

The prompt: what changes seldom first, what changes with every keystroke last.  Here without the line ends that end
each line::

    <|file|>lib.py                      other open files, by path
    def helper(y):
    <|edit|>lib.py                      what was done before, the oldest first: only ever added to
    <|old|>def helper(x):
    <|new|>def helper(y):
    <|file|>main.py                     the file: the lines behind the marked ones, those before, the marked ones
    <|after|>last()
    <|before|>first()
    <|from|>z = helper(x=1<|cursor|>)
    <|to|><|edit|>main.py              the edit in progress
    <|old|>z = helper(1)
    <|new|>z = helper(x=1)
    <|answer|>

Every line has a line end, so the empty line behind a file's last line end is one more ``\\n``.  The rows shown begin
and end at multiples of ``STEP``.  A control token is one token of the vocabulary, so text can't forge one.

The answer is ``<|none|>`` (nothing to do here), or: ``<|up|>`` and ``<|down|>``, each of which takes one more row
above or below into what is replaced; the new text of the rows; ``<|eot|>``.  So an answer without text says nothing;
to delete all marked rows it takes one more row in, and writes that.  ``<|cursor|>`` says where the cursor goes.
``<|back|>`` takes back what was written since the last line end, or, where nothing was since, the line that this line
end ended; never an ``<|up|>`` or ``<|down|>``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nextedit_lsp.editing.history import Intention
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.formats import events, excerpts
from nextedit_lsp.formats.answers import completed
from nextedit_lsp.formats.format import Format, Reading, Refused, Spot, Task, Traits
from nextedit_lsp.formats.prompt import Completion, Prompt, Question, Segment, text_of
from nextedit_lsp.formats.regions import Region, lines_text, reading, rows_of, task_of
from nextedit_lsp.formats.segments import control, prompt_of
from nextedit_lsp.text.changes import Changes
from nextedit_lsp.text.line_ends import plain

FILE, EDIT, OLD, NEW, AFTER, BEFORE, FROM, TO, CURSOR, ANSWER, NONE, UP, DOWN, BACK, EOT = (
    control(f"<|{name}|>")
    for name in (
        *("file", "edit", "old", "new", "after", "before", "from", "to"),
        *("cursor", "answer", "none", "up", "down", "back", "eot"),
    )
)
TOKENS = tuple(
    token.text for token in (FILE, EDIT, OLD, NEW, AFTER, BEFORE, FROM, TO, CURSOR, ANSWER, NONE, UP, DOWN, BACK, EOT)
)

# Rows shown around the marked ones: eight on either side at least, to multiples of eight: about 24.
STEP, AROUND = 8, 8
MAX_INTENTIONS, MAX_EDIT_ROWS = 6, 12
# When the history is full, so many of the oldest go at once: else each new edit would shift all that follow.
DROPPED_AT_ONCE = 3
# Shares of the prompt that do not depend on each other: one that grows must not move another.
RELATED_BUDGET, HISTORY_BUDGET, PAGE_BUDGET, NEWEST_BUDGET = 288, 224, 384, 128
MAX_RELATED = 3
MAX_ANSWER = 256


@dataclass(frozen=True, slots=True)
class Edit:
    """Whole rows that became other rows; without line ends."""

    path: str
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a file, those of them that are marked (``first`` up to ``end``), and the cursor in these: row and column.

    The cursor's row counts as ``first`` does.
    """

    path: str
    rows: tuple[str, ...]
    first: int
    end: int
    cursor: tuple[int, int] | None = None


def prompt(
    related: Sequence[tuple[str, Sequence[str]]], history: Sequence[Edit], page: Page, newest: Sequence[Edit]
) -> Prompt:
    """The prompt of plain values: ``history`` and ``newest`` oldest first."""
    parts: list[str | Segment] = []
    for path, rows in related:
        parts += [FILE, f"{path}\n", _lines(rows)]
    for edit in history:
        parts += _edit_parts(edit)
    behind, before = page.rows[page.end :], page.rows[: page.first]
    parts += [FILE, f"{page.path}\n", AFTER, _lines(behind), BEFORE, _lines(before), FROM, *_marked_parts(page), TO]
    for edit in newest:
        parts += _edit_parts(edit)
    return prompt_of(*parts, ANSWER)


def answer(page: Page, first: int, end: int, new: Sequence[str]) -> Prompt:
    """The answer that makes ``new`` of the page's rows ``first`` up to ``end``, which may reach beyond the marked ones.

    Raises ValueError for rows that the page does not show, and where the last row of a page would go.
    """
    if not 0 <= first <= end <= len(page.rows):
        raise ValueError(f"rows {first}:{end} are not on a page of {len(page.rows)}")
    if tuple(new) == page.rows[first:end]:
        return (NONE,)
    top, bottom = min(first, page.first), max(end, page.end)
    rows = [*page.rows[top:first], *new, *page.rows[end:bottom]]
    if not rows and top > 0:
        top -= 1
        rows = [page.rows[top]]
    elif not rows and bottom < len(page.rows):
        rows = [page.rows[bottom]]
        bottom += 1
    elif not rows:
        raise ValueError("nothing would be left of the page")
    return prompt_of(*[UP] * (page.first - top), *[DOWN] * (bottom - page.end), _lines(rows), EOT)


def task(snapshot: Snapshot, spot: Spot) -> Task | Refused:
    """The question to rewrite the spot's lines; the draft is these lines."""
    document = spot.document
    marked = _marked(spot)
    shown = shown_rows(spot)
    if excerpts.is_bad_path(document.path, ()):
        return Refused("the file's path has a line end")
    if shown is None:
        return Refused("the lines are too long for the format's budget")
    region = Region(document, *marked)
    cursor = None
    if spot.cursor is not None:
        row = document.text.line_at(spot.cursor)
        column = min(spot.cursor - document.text.line_start(row), len(document.text.line(row)))
        cursor = (row - shown[0], column)
    page = Page(document.path, tuple(document.text.lines(*shown)), marked[0] - shown[0], marked[1] - shown[0], cursor)
    history, newest = _history(snapshot)
    related = excerpts.related(snapshot, document, RELATED_BUDGET, (), MAX_RELATED)
    question = Question(
        prompt([(one.path, one.rows) for one in related], history, page, newest),
        draft=region.text + "\n",
        stops=(EOT.text,),
        max_tokens=MAX_ANSWER,
        watched=(NONE.text,),
    )
    return task_of(spot, region, question)


def read(task: Task, completion: Completion) -> Reading | Refused:
    """The changes of an answer.  Rows that ``<|up|>`` and ``<|down|>`` took in may change, as far as the page goes."""
    marked = _marked(task.spot)
    shown = shown_rows(task.spot)
    first, end = marked
    text, cursor = "", None
    for piece in (*completion.pieces, Segment(completion.rest)):
        if not piece.is_control:
            text += plain(piece.text)
        elif piece == NONE and not text and (first, end) == marked:
            return Reading(Changes())
        elif piece in (UP, DOWN) and not text:
            first, end = (first - 1, end) if piece == UP else (first, end + 1)
        elif piece == BACK:
            text = text[: text.rfind("\n", 0, max(0, len(text) - 1)) + 1]
            cursor = cursor if cursor is not None and cursor <= len(text) else None
        elif piece == CURSOR:
            cursor = len(text)
        elif piece == EOT:
            break
        else:
            return Refused("the answer holds a marker where none belongs")
    if shown is None or first < shown[0] or end > shown[1]:
        return Refused("the answer reaches beyond the rows that were shown")
    region = Region(task.spot.document, first, end)
    if completion.is_cut:
        whole = completed(region.text, text)
        return (
            Refused("the answer was cut, and how it goes on can't be told") if whole is None else reading(region, whole)
        )
    if not text:
        return Reading(Changes())
    return reading(region, text.removesuffix("\n"), cursor)


def shown_rows(spot: Spot) -> tuple[int, int] | None:
    """The rows of a spot's page: fewer where they are long, None where the marked ones alone are too long."""
    document, marked = spot.document, _marked(spot)
    for around in (AROUND, 0):
        rows = excerpts.snapped(document, excerpts.window(document, marked, around, around), STEP)
        if excerpts.n_tokens(lines_text(document.text, *rows)) <= PAGE_BUDGET:
            return rows
    return marked if excerpts.n_tokens(lines_text(document.text, *marked)) <= PAGE_BUDGET else None


def fits(traits: Traits) -> bool:
    """Whether a model's vocabulary is ours."""
    return all(traits.has_token(token) for token in TOKENS)


def edits_of(intention: Intention) -> list[Edit]:
    """An intention as edits of whole rows, of each side the last ``MAX_EDIT_ROWS``."""
    return [
        Edit(intention.path, hunk.old[-MAX_EDIT_ROWS:], hunk.new[-MAX_EDIT_ROWS:]) for hunk in events.hunks(intention)
    ]


def _lines(rows: Sequence[str]) -> str:
    return "".join(row + "\n" for row in rows)


def _edit_parts(edit: Edit) -> list[str | Segment]:
    return [EDIT, f"{edit.path}\n", OLD, _lines(edit.old), NEW, _lines(edit.new)]


def _marked_parts(page: Page) -> list[str | Segment]:
    """The marked rows with the cursor, if it stands in them."""
    rows = page.rows[page.first : page.end]
    if page.cursor is None or not page.first <= page.cursor[0] < page.end:
        return [_lines(rows)]
    at, column = page.cursor[0] - page.first, page.cursor[1]
    return [_lines(rows[:at]) + rows[at][:column], CURSOR, rows[at][column:] + "\n" + _lines(rows[at + 1 :])]


def _marked(spot: Spot) -> tuple[int, int]:
    """The spot's rows, without widening them to the cursor's."""
    first, end = rows_of(Spot(spot.document, spot.first, spot.end))
    return first, end


def _history(snapshot: Snapshot) -> tuple[list[Edit], list[Edit]]:
    """The older edits and those of the newest intention, each oldest first and within its budget."""
    found = [edits for one in reversed(snapshot.history.intentions()) if (edits := _fit(edits_of(one), one))]
    n_older = max(0, len(found) - 1)
    n_gone = max(0, -(-(n_older - MAX_INTENTIONS) // DROPPED_AT_ONCE) * DROPPED_AT_ONCE)
    older = [edit for edits in found[n_gone:n_older] for edit in edits]
    while older and _size(older) > HISTORY_BUDGET:
        del older[:DROPPED_AT_ONCE]
    newest = found[-1] if found else []
    while newest and _size(newest) > NEWEST_BUDGET:
        newest = newest[1:]
    return older, newest


def _fit(edits: list[Edit], intention: Intention) -> list[Edit]:
    return [] if excerpts.is_bad_path(intention.path, ()) else edits


def _size(edits: Sequence[Edit]) -> int:
    return excerpts.n_tokens(text_of(prompt_of(*(part for edit in edits for part in _edit_parts(edit)))))


FORMAT = Format(
    "native",
    "nextedit's own",
    RELATED_BUDGET + HISTORY_BUDGET + PAGE_BUDGET + NEWEST_BUDGET + MAX_ANSWER,
    TOKENS,
    task,
    read,
    fits,
)
