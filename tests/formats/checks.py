"""The helpers of the tests of formats: text in, text out."""

from __future__ import annotations

import re

from nextedit_lsp.editing import documents
from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.events import Origin
from nextedit_lsp.editing.history import History
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.formats import native
from nextedit_lsp.formats.catalogue import FORMATS
from nextedit_lsp.formats.format import Reading, Refused, Spot, Task
from nextedit_lsp.formats.prompt import Completion, Finish, Segment
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.diff import text_changes

CURSOR = "<CURSOR>"
_NATIVE = re.compile("(" + "|".join(re.escape(token) for token in native.TOKENS) + ")")


def opened(path: str, text: str) -> Document:
    return documents.opened(f"file:///{path}", path, "", 1, text)


def state(path: str, *steps: str, others: dict[str, str] | None = None) -> Snapshot:
    """The state after the text of ``path`` went through ``steps``, with the cursor where the last one marks it."""
    cursor = max(steps[-1].find(CURSOR), 0)
    texts = [step.replace(CURSOR, "") for step in steps]
    document, history = opened(path, texts[0]), History()
    for index, text in enumerate(texts[1:]):
        changes = text_changes(document.text, Text.of(text))
        history = history.record(document, changes, Origin.TYPED, 10.0 * index)
        document = document.edited(changes, document.version + 1)
    return Snapshot(
        document, cursor, history, tuple(opened(other, text) for other, text in (others or {}).items()), now=99.0
    )


def spot_of(snapshot: Snapshot, n_rows: int = 1) -> Spot:
    """The cursor's row, with more below."""
    row = snapshot.document.text.line_at(snapshot.cursor)
    return Spot(snapshot.document, row, row + n_rows, snapshot.cursor)


def task_for(name: str, snapshot: Snapshot) -> Task:
    """The format's task at the cursor."""
    task = FORMATS[name].task(snapshot, spot_of(snapshot))
    assert isinstance(task, Task), task
    return task


def said(text: str, finish: Finish = Finish.END, rest: str = "") -> Completion:
    """A completion; the native format's tokens in it are control tokens."""
    pieces = [Segment(piece, bool(_NATIVE.fullmatch(piece))) for piece in _NATIVE.split(text) if piece]
    return Completion(tuple(pieces), finish, rest)


def after(task: Task, reading: Reading | Refused) -> str:
    """The document's text after an answer, or why there is none."""
    if isinstance(reading, Refused):
        return f"refused: {reading.reason}"
    for edit in reading.changes.edits:
        assert task.start <= edit.start <= edit.end <= task.end, "a change outside the region"
    text = str(reading.changes.apply(task.spot.document.text))
    if reading.cursor is None:
        return text
    return text[: reading.cursor] + CURSOR + text[reading.cursor :]


def check_answer(name: str, before: str, answer: str, then: str, finish: Finish = Finish.END) -> None:
    """In ``before``, with its cursor, an answer leads to ``then``, which may have the cursor's new place."""
    task = task_for(name, state("a.py", before))
    assert after(task, FORMATS[name].read(task, said(answer, finish))) == then


def check_refused(name: str, before: str, answer: str, finish: Finish = Finish.END) -> None:
    """No sense is made of an answer."""
    task = task_for(name, state("a.py", before))
    assert isinstance(FORMATS[name].read(task, said(answer, finish)), Refused)


def controls(task: Task) -> list[str]:
    """The control tokens of a prompt, in order."""
    return [segment.text for segment in task.question.prompt if segment.is_control]
