"""What the user typed in one go: the changes of a recording, joined into finished steps.

In: a recording.  Out: its steps, and for a suggestion whether the user's own later steps make exactly it.
Not here: servers, display.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from nextedit_lsp.evaluation.recordings import Action, Changed, Closed, Opened, Recording, Selected
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit

# A person who stops for this long has finished a piece, or wonders; either way editors ask now.
FINISHED_AFTER_MS = 500.0

# How many further steps at its place a suggestion may need: the user may make in pieces what it does at once.
MAX_PIECES = 3


@dataclass(frozen=True, slots=True)
class Step:
    """Changes of one document that touch each other, without a pause.

    ``changes`` is their net effect on ``before``; ``keystrokes`` are the changes one by one.
    ``pause_ms`` is how long the user had waited before the first.
    """

    path: str
    before: Text
    changes: Changes
    keystrokes: tuple[Changed, ...]
    pause_ms: float

    @property
    def after(self) -> Text:
        """The document after the step."""
        return self.changes.apply(self.before)

    @property
    def cursor(self) -> int:
        """Where the cursor stands after the step: behind what was typed last."""
        *_, (_, end) = self.keystrokes[-1].changes.after_spans()
        return end


@dataclass(frozen=True, slots=True)
class Match:
    """How the user came to make a suggested edit: ``first`` and ``last`` index the steps that make it."""

    first: int
    last: int
    is_next: bool


def timeline(recording: Recording, finished_after_ms: float = FINISHED_AFTER_MS) -> list[Opened | Closed | Step]:
    """The recording with its changes joined into steps; each step stands where it was finished."""
    line: list[Opened | Closed | Step] = []
    current: Step | None = None
    last_ms: float | None = None
    for action in recording.actions:
        if current is not None and not _goes_on(current, action, finished_after_ms):
            line.extend(_finished(current))
            current = None
        if isinstance(action, Changed):
            pause_ms = action.time_ms - last_ms if last_ms is not None else 0.0
            current = _extended(current, action, pause_ms)
            last_ms = action.time_ms
        elif isinstance(action, (Opened, Closed)):
            line.append(action)
    return line if current is None else [*line, *_finished(current)]


def match(path: str, text: Text, suggested: Edit, later: Sequence[Step]) -> Match | None:
    """Which of the ``later`` steps make exactly the edit ``suggested`` of ``text``; None when none do.

    Steps elsewhere in the document are made both with and without the suggestion.  The edit is
    the user's own if the two texts then meet.
    """
    suggestion = Changes.of([suggested]).simplified(text)
    actual, expected = text, suggestion.apply(text)
    first: int | None = None
    n_pieces = 0
    for index, step in enumerate(later):
        if step.path != path:
            continue
        actual_after = step.changes.apply(actual)
        rebased = step.changes.rebased(suggestion) if first is None else None
        if rebased is None or actual_after == expected:
            first = index if first is None else first
            n_pieces += 1
            if actual_after == expected:
                return Match(first, index, is_next=first == 0)
            if n_pieces >= MAX_PIECES:
                return None
        else:
            carried = suggestion.rebased(step.changes)
            if carried is None:
                return None
            suggestion, expected = carried, rebased.apply(expected)
        actual = actual_after
    return None


def final_texts(actions: Iterable[Action]) -> dict[str, str]:
    """Every document at the end of the recording."""
    texts: dict[str, str] = {}
    for action in actions:
        if isinstance(action, Opened):
            texts[action.path] = str(action.text)
        elif isinstance(action, Changed):
            texts[action.path] = str(action.after)
    return texts


def _goes_on(step: Step, action: Action, finished_after_ms: float) -> bool:
    """Whether ``action`` may belong to the step that is being typed."""
    if isinstance(action, Opened):
        return True
    if action.path != step.path or isinstance(action, Closed):
        return False
    spans = list(step.changes.after_spans())
    if isinstance(action, Selected):
        return action.offset is None or any(start <= action.offset <= end for start, end in spans)
    if action.time_ms - step.keystrokes[-1].time_ms >= finished_after_ms:
        return False
    return any(action.changes.touches(start, end) for start, end in spans)


def _finished(step: Step) -> list[Step]:
    """The step with what it really changed; nothing when it was taken back at once."""
    net = step.changes.simplified(step.before)
    return [replace(step, changes=net)] if net else []


def _extended(step: Step | None, change: Changed, pause_ms: float) -> Step:
    if step is None:
        return Step(change.path, change.before, change.changes, (change,), pause_ms)
    net = step.changes.composed(change.changes)
    return replace(step, changes=net, keystrokes=(*step.keystrokes, change))
