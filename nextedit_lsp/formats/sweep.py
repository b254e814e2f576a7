"""Sweep next-edit (``sweepai/sweep-next-edit-*`` on Qwen2.5-Coder): what was, what is, what will be.

In: a Snapshot and a spot; a completion.  Out: the task; the changes.
Not here: the history's hunks (``events``).

The prompt of ``sweep``, as the authors' local server writes it, for a block of two lines with the cursor in the
second one::

    <|file_sep|>lib.py
    def helper(): ...

    <|file_sep|>main.py
    y = 1
    z = y

    <|file_sep|>main.py:1:2
    original:
    y = 1
    z = y
    updated:
    x = 1
    z = y
    <|file_sep|>original/main.py:2:4
    y = 1
    z = y
    <|file_sep|>current/main.py:2:4
    x = 1
    z = y<|cursor|>
    <|file_sep|>updated/main.py:2:4

The file stands there as it was when the session began: it is the long part, and it does not change.  The numbers
behind the three sections count from the block, not from the file.

The prompt of ``sweep-zed``, as Zed writes it, has neither the file nor numbers nor the cursor; its window is the
cursor's line with ten lines on either side::

    <|file_sep|>lib.py
    def helper(): ...
    <|file_sep|>main.py.diff
    original:
    y = 1
    updated:
    x = 1
    <|file_sep|>original/main.py
    y = 1
    z = y
    <|file_sep|>current/main.py
    x = 1
    z = y
    <|file_sep|>updated/main.py

The answer is the whole block as it will be.  Only ``<|file_sep|>`` is one token.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.history import Intention
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.formats import events, excerpts
from nextedit_lsp.formats.answers import REJOIN_LINES, Dialect, window_reading
from nextedit_lsp.formats.format import Format, Reading, Refused, Spot, Task, Traits
from nextedit_lsp.formats.prompt import Completion, Prompt, Question, Segment
from nextedit_lsp.formats.regions import Region, cursor_of, rows_of, task_of, with_marker
from nextedit_lsp.formats.segments import control, prompt_of

FILE = control("<|file_sep|>")
CURSOR, END_OF_TEXT = "<|cursor|>", "<|endoftext|>"
MARKERS = (FILE.text, CURSOR, END_OF_TEXT)
# Zed stops there as well, so it must not stand in what is rewritten.
ZED_MARKERS = (*MARKERS, "</s>")

MAX_ANSWER = 1024
MAX_PROMPT = 8192

# The local server's numbers.
ABOVE, BELOW, MAX_BLOCK_CHARS = 2, 5, 512 * 7 // 2
MAX_HUNKS, HUNK_CONTEXT = 6, 1
MAX_FILE_ROWS, CHUNK_ROWS, CHUNK_STRIDE = 800, 300, 150
MAX_FILE_CHARS = 3 * (MAX_PROMPT - MAX_ANSWER)
MAX_LINE_CHARS, RELATED_ROWS = 600, 25
# Zed's.
ZED_WINDOW, ZED_HUNKS, ZED_HUNK_ROWS, ZED_CONTEXT, ZED_RELATED = 10, 3, 40, 3, 2048

# A block's last blank row and a line end behind the answer look alike: the first is kept, the second never added.
_DIALECT = Dialect(ends=(FILE.text, END_OF_TEXT), leaks=("<|fim_", "<|repo_name|>"), cursor=CURSOR, is_padded=True)
_ZED_DIALECT = replace(_DIALECT, ends=(*_DIALECT.ends, "</s>"))


def prompt(
    related: Sequence[tuple[str, str]],
    path: str,
    initial: str,
    changes: Sequence[str],
    span: tuple[int, int],
    previous: str,
    current: str,
) -> Prompt:
    """The local server's prompt; ``changes`` are sections without their ``<|file_sep|>``."""
    parts: list[str | Segment] = []
    for related_path, text in related:
        parts += [FILE, f"{related_path}\n{text}\n"]
    parts += [FILE, f"{path}\n{initial}\n"]
    for index, change in enumerate(changes):
        parts += ["\n" if index else "", FILE, change]
    parts.append("\n")
    where = f"{path}:{span[0]}:{span[1]}\n"
    for section, text in (("original", previous + "\n"), ("current", current + "\n"), ("updated", "")):
        parts += [FILE, f"{section}/{where}{text}"]
    return prompt_of(*parts)


def zed_prompt(
    related: Sequence[tuple[str, str]], path: str, changes: Sequence[str], previous: str, current: str
) -> Prompt:
    """Zed's prompt; ``changes`` are sections without their ``<|file_sep|>``."""
    parts: list[str | Segment] = []
    for related_path, text in related:
        parts += [FILE, f"{related_path}\n{text}"]
    for change in changes:
        parts += [FILE, change + "\n"]
    for section, text in (("original", previous + "\n"), ("current", current + "\n"), ("updated", "")):
        parts += [FILE, f"{section}/{path}\n{text}"]
    return prompt_of(*parts)


def task(snapshot: Snapshot, spot: Spot) -> Task | Refused:
    """The question to rewrite the lines around the cursor, in the local server's words."""
    document, cursor = spot.document, cursor_of(spot)
    rows = rows_of(spot)
    row = document.text.line_at(cursor)
    # The empty row behind the file's last line end is in the block only if the spot has it.
    end = min(excerpts.n_rows(document.text), row + 1 + BELOW)
    region = Region(document, min(rows[0], max(0, row - ABOVE)), max(rows[1], end))
    initial = _initial(snapshot, document, row)
    if _is_forged(document, initial + region.text, MARKERS):
        return Refused("the text holds a marker of the format")
    if len(region.text) > MAX_BLOCK_CHARS:
        return Refused("the lines are too long for the format's budget")
    found = _hunks(snapshot, MAX_HUNKS, HUNK_CONTEXT, MARKERS)
    changes = [f"{path}:{first + 1}:{first + len(new)}\n{_change(old, new)}" for path, first, old, new in found]
    own = [(old, new) for path, _, old, new in found if path == document.path]
    first = row - region.first + 1
    question = _question(
        prompt(
            [(one.path, _shortened(one.rows[:RELATED_ROWS])) for one in _related(snapshot, document, 1)],
            document.path,
            initial,
            changes,
            (first, first + len(region.rows)),
            "\n".join(_undone(region.rows, own)),
            with_marker(region.text, region.column(cursor), CURSOR),
        ),
        region,
        (FILE.text, END_OF_TEXT),
    )
    return task_of(spot, region, question)


def zed_task(snapshot: Snapshot, spot: Spot) -> Task | Refused:
    """The question to rewrite a fixed window, in Zed's words."""
    document = spot.document
    row = document.text.line_at(cursor_of(spot))
    rows, around = rows_of(spot), excerpts.window(document, (row, row + 1), ZED_WINDOW, ZED_WINDOW)
    region = Region(document, min(rows[0], around[0]), max(rows[1], around[1]))
    if _is_forged(document, region.text, ZED_MARKERS):
        return Refused("the text holds a marker of the format")
    if excerpts.n_tokens(region.text) > MAX_ANSWER:
        return Refused("the lines are too long for the format's budget")
    changes = [
        f"{path}.diff\n{_change(_clipped(old), _clipped(new))}"
        for path, _, old, new in _hunks(snapshot, ZED_HUNKS, ZED_CONTEXT, ZED_MARKERS)
    ]
    related = excerpts.related(snapshot, document, ZED_RELATED, ZED_MARKERS, 3)
    question = _question(
        zed_prompt(
            [(one.path, one.text) for one in related], document.path, changes, _before(snapshot, region), region.text
        ),
        region,
        (FILE.text, END_OF_TEXT, "</s>"),
    )
    return task_of(spot, region, question)


def read(task: Task, completion: Completion) -> Reading | Refused:
    """The changes of an answer."""
    return window_reading(task, completion, _DIALECT)


def fits(traits: Traits) -> bool:
    """Whether a model file says that it is one of Sweep's."""
    return "sweep" in traits.label and "edit" in traits.label


def zed_read(task: Task, completion: Completion) -> Reading | Refused:
    """The changes of an answer to what Zed asks."""
    return window_reading(task, completion, _ZED_DIALECT)


def _question(prompt: Prompt, region: Region, stops: tuple[str, ...]) -> Question:
    return Question(prompt, draft=region.text, stops=stops, max_tokens=MAX_ANSWER, rejoin_lines=REJOIN_LINES)


def _is_forged(document: Document, text: str, markers: tuple[str, ...]) -> bool:
    return excerpts.is_bad_path(document.path, markers) or excerpts.forged(text, markers)


def _change(old: Sequence[str], new: Sequence[str]) -> str:
    return "\n".join(["original:", *old, "updated:", *new])


def _clipped(rows: Sequence[str]) -> list[str]:
    return [*rows[:ZED_HUNK_ROWS], "..."] if len(rows) > ZED_HUNK_ROWS else [*rows]


def _related(snapshot: Snapshot, document: Document, most: int) -> list[excerpts.Related]:
    return excerpts.related(snapshot, document, RELATED_ROWS * MAX_LINE_CHARS // 3, MARKERS, most)


def _shortened(rows: Sequence[str]) -> str:
    return "".join(row[:MAX_LINE_CHARS] + "\n" for row in rows)


def _hunks(
    snapshot: Snapshot, most: int, context: int, markers: tuple[str, ...]
) -> list[tuple[str, int, list[str], list[str]]]:
    """The last hunks, oldest first: path, first row after, and the rows before and after with those around."""
    found: list[tuple[str, int, list[str], list[str]]] = []
    for intention in reversed(events.intentions(snapshot, most)):
        for hunk in reversed(events.hunks(intention)):
            above, below = _around(intention, hunk, context)
            old, new = [*above, *hunk.old, *below], [*above, *hunk.new, *below]
            if not hunk.is_blank and events.is_fit(intention, "\n".join(old + new), markers) and len(found) < most:
                found.insert(0, (intention.path, hunk.new_first - len(above), old, new))
    return found


def _around(intention: Intention, hunk: events.Hunk, context: int) -> tuple[list[str], list[str]]:
    before, end = intention.before, hunk.old_first + len(hunk.old)
    n_rows = excerpts.n_rows(before)
    return before.lines(hunk.old_first - context, hunk.old_first), before.lines(end, min(end + context, n_rows))


def _initial(snapshot: Snapshot, document: Document, row: int) -> str:
    """The file as it was when the session began, or the part of it around the row where it is long."""
    event = next((event for event in snapshot.history.events if event.uri == document.uri), None)
    text = event.before if event is not None else document.text
    first, end = 0, excerpts.n_rows(text)
    if end > MAX_FILE_ROWS or len(text) > MAX_FILE_CHARS:
        first = max(0, (row - CHUNK_STRIDE // 2) // CHUNK_STRIDE * CHUNK_STRIDE)
        end = min(end, first + CHUNK_ROWS)
    return _shortened(text.lines(first, end))[:MAX_FILE_CHARS]


def _undone(rows: Sequence[str], changes: Sequence[tuple[list[str], list[str]]]) -> list[str]:
    """``rows`` with the newest changes taken back, one by one, until one is not found in them."""
    rows = list(rows)
    for old, new in reversed(changes):
        at = next((at for at in range(len(rows) - len(new) + 1) if rows[at : at + len(new)] == new), None)
        if at is None or not new:
            break
        rows[at : at + len(new)] = old
    return rows


def _before(snapshot: Snapshot, region: Region) -> str:
    """The region's text before the document's last intention."""
    document = region.document
    newest = next((one for one in snapshot.history.intentions() if one.uri == document.uri), None)
    if newest is None:
        return region.text
    # The intention need not be the last thing that happened: the rest is taken back first.
    back = newest.changes.composed(newest.since).simplified(newest.before).inverted(newest.before)
    start, end = back.map_offset(region.start, stay_left=True), back.map_offset(region.stop)
    before = newest.before
    if excerpts.forged(text := "\n".join(before.lines(before.line_at(start), before.line_at(end) + 1)), ZED_MARKERS):
        return region.text
    return text


FORMAT = Format("sweep", "Sweep next-edit", MAX_PROMPT + 2 * MAX_ANSWER, MARKERS, task, read, fits)

# Chosen by name only: a model file can't tell which of the two it is better at.
ZED_FORMAT = Format(
    "sweep-zed",
    "Sweep next-edit, as Zed asks",
    MAX_PROMPT,
    ZED_MARKERS,
    zed_task,
    zed_read,
    lambda traits: False,
)
