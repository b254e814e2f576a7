"""A recording played to the real server, as an editor would, and what the server suggests.

In: a recording and an editor that is connected.  Out: for each finished step one ``Answer``: the
suggestion with its milliseconds, and whether the user's own later typing makes exactly it.
Not here: starting the server (``live_server``), display.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from nextedit_lsp.editing.history import COALESCE_PAUSE_S
from nextedit_lsp.evaluation import steps
from nextedit_lsp.evaluation.recordings import Closed, Opened, Recording
from nextedit_lsp.evaluation.steps import FINISHED_AFTER_MS
from nextedit_lsp.server.fake_editor import FakeEditor, NextEdit
from nextedit_lsp.syntax import languages
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit
from nextedit_lsp.workspace import files

# An editor of 40 lines with the cursor in the middle shows this many on either side.
LINES_ON_SCREEN = 20

# The server joins what is typed without a pause; this long after a change it starts a new event.
LONG_PAUSE_S = COALESCE_PAUSE_S * 1.05
# So long nothing happens before the editor asks: by then what was typed counts as finished.
ASK_AFTER_S = FINISHED_AFTER_MS / 1000

# In real time a pause is no longer than this: nobody wants to watch a coffee break.
MAX_REAL_PAUSE_S = 3.0


@dataclass(frozen=True, slots=True)
class Suggested:
    """A suggestion as an editor shows it.  ``line`` counts from 0; ``made`` says how the user came to make it."""

    path: str
    before: Text
    changes: Changes
    line: int
    reason: str
    is_other_file: bool
    is_off_screen: bool
    made: steps.Match | None

    @property
    def language(self) -> str:
        """The language of the file."""
        return language_of(self.path)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking after ``step``, the ``index``-th of the recording."""

    index: int
    step: steps.Step
    elapsed_ms: float
    suggested: Suggested | None
    silence: str


async def replay(recording: Recording, editor: FakeEditor, *, is_real_time: bool) -> AsyncIterator[Answer]:
    """Plays ``recording`` to the editor's server and asks for the next edit after each step."""
    line = steps.timeline(recording)
    all_steps = [item for item in line if isinstance(item, steps.Step)]
    index = 0
    for item in line:
        if isinstance(item, Opened):
            await editor.open(item.path, str(item.text))
        elif isinstance(item, Closed):
            await editor.close(item.path)
        else:
            await _type(item, editor, is_real_time=is_real_time)
            yield await _ask(index, item, editor, all_steps[index + 1 :])
            index += 1


def language_of(path: str) -> str:
    """The language of a file, for people."""
    language = languages.language_for(None, path)
    return language.name if language else "text"


async def _type(step: steps.Step, editor: FakeEditor, *, is_real_time: bool) -> None:
    """The changes of a step, one by one, after the pause that the user made."""
    pause_s = step.pause_ms / 1000
    if is_real_time:
        await asyncio.sleep(max(0.0, min(pause_s, MAX_REAL_PAUSE_S) - ASK_AFTER_S))
    elif pause_s >= COALESCE_PAUSE_S:
        await asyncio.sleep(LONG_PAUSE_S - ASK_AFTER_S)
    last_ms = step.keystrokes[0].time_ms
    for change in step.keystrokes:
        if is_real_time:
            await asyncio.sleep((change.time_ms - last_ms) / 1000)
            last_ms = change.time_ms
        # Back to front, so that each edit's offsets hold in the text that the earlier ones left.
        for edit in reversed(change.changes.edits):
            await editor.replace(step.path, edit.start, edit.end, edit.text)


async def _ask(index: int, step: steps.Step, editor: FakeEditor, later: Sequence[steps.Step]) -> Answer:
    await asyncio.sleep(ASK_AFTER_S)
    started_at = time.perf_counter()
    edits = await editor.next_edits(step.path, step.cursor)
    elapsed_ms = 1000 * (time.perf_counter() - started_at)
    if not edits:
        return Answer(index, step, elapsed_ms, None, await _explained(step.path, editor))
    await editor.did_show(edits[0])
    return Answer(index, step, elapsed_ms, await _suggested(edits[0], step, editor, later), "")


async def _suggested(edit: NextEdit, step: steps.Step, editor: FakeEditor, later: Sequence[steps.Step]) -> Suggested:
    path = edit.path.relative_to(editor.root).as_posix() if edit.path.is_relative_to(editor.root) else str(edit.path)
    before = Text.of(editor.text(edit.path))
    changes = Changes.of([Edit(edit.start, edit.end, edit.text)]).simplified(before)
    place = changes.start if changes else edit.start
    line = before.line_at(place)
    is_other_file = path != step.path
    return Suggested(
        path=path,
        before=before,
        changes=changes,
        line=line,
        reason=await _explained(step.path, editor),
        is_other_file=is_other_file,
        is_off_screen=not is_other_file and abs(line - before.line_at(step.cursor)) > LINES_ON_SCREEN,
        made=steps.match(path, before, Edit(edit.start, edit.end, edit.text), later),
    )


async def _explained(path: str, editor: FakeEditor) -> str:
    """Why the server suggests what it suggests, or nothing, in its own words."""
    document = {"uri": files.uri_of(editor.root / path)}
    answer = await editor.execute("nextedit.explain", {"textDocument": document, "quiet": True})
    # The first line is for the best suggestion, numbered; others and what was withheld follow.
    first = str(answer["text"]).split("\n")[0]
    return first.removeprefix("1. ").removeprefix("No suggestion: ").rstrip(".")
