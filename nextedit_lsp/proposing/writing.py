"""What the model wrote, as proposals; and where it is to be asked.

In: the Snapshot; an answer as changes.  Out: spots; proposals, one for each place that the answer changes.
Not here: prompts (``formats``), running a model (``engine``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.formats.format import Reading, Spot, Task
from nextedit_lsp.formats.prompt import Completion
from nextedit_lsp.locating.place import RankedPlace
from nextedit_lsp.proposing.synthesis import Proposal
from nextedit_lsp.text import diff
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit

SOURCE = "model"
# Changes with so many unchanged lines between them are read at one glance.
JOINED_LINES = 1
# What a title quotes at most of the text that is written.
MAX_QUOTED = 40
# How far from a place the user's cursor may stand and be part of the prompt.
WITHIN_REACH = 8


def spot_at_cursor(snapshot: Snapshot) -> Spot:
    """The line of the cursor."""
    row = snapshot.document.text.line_at(snapshot.cursor)
    return Spot(snapshot.document, row, row + 1, snapshot.cursor)


def spot_of(proposal: Proposal, snapshot: Snapshot) -> Spot | None:
    """The place of a proposal; None where the cursor's own spot covers it."""
    return _spot(proposal.document, *proposal.rows, snapshot)


def spot_on(place: RankedPlace, snapshot: Snapshot) -> Spot | None:
    """The rows of a ranked place; None where the cursor's own spot covers them."""
    return _spot(place.document, place.first_row, place.end_row, snapshot)


def is_within_reach(spot: Spot, other: Spot) -> bool:
    """Whether what is asked at ``other`` shows the model the lines of ``spot`` as well."""
    is_same = spot.document.uri == other.document.uri
    return is_same and spot.first - WITHIN_REACH < other.end and other.first < spot.end + WITHIN_REACH


def _spot(document: Document, first: int, end: int, snapshot: Snapshot) -> Spot | None:
    cursor_row = snapshot.document.text.line_at(snapshot.cursor)
    is_here = document.uri == snapshot.document.uri
    if is_here and first - WITHIN_REACH <= cursor_row < end + WITHIN_REACH:
        return None
    return Spot(document, first, max(end, first + 1))


def drafted(task: Task, proposal: Proposal) -> Task:
    """The task with what ``proposal`` makes of the region as the draft: a model that agrees says so in one pass."""
    answer = answer_of(task, proposal.document.uri, proposal.changes)
    return task if answer is None else replace(task, question=replace(task.question, draft=answer))


def answer_of(task: Task, uri: str, changes: Changes) -> str | None:
    """The answer that makes ``changes``; None where they reach beyond the region, or the format has no such answer."""
    document = task.spot.document
    if uri != document.uri or changes.start < task.start or changes.end > task.end:
        return None
    return task.answer(changes.apply(document.text).slice(task.start, task.end + changes.delta))


def proposals(task: Task, reading: Reading, completion: Completion, rank: int) -> Iterator[Proposal]:
    """The changes that an answer makes, place by place; ``rank`` is the answer's place among several."""
    text = task.spot.document.text
    n_tokens = max(1, completion.n_tokens)
    features = {
        "mean_logprob": completion.logprob / n_tokens,
        "min_logprob": completion.min_logprob,
        "none": dict(completion.watched).get("<|none|>", 0.0),
        "is_cut": float(completion.is_cut),
        # A server that tells no probabilities must not pass for one that is certain.
        "is_untold": float(completion.logprob == 0.0),
        "rank": float(rank),
    }
    for index, changes in enumerate(grouped(reading.changes.simplified(text).edits, text)):
        yield Proposal(
            document=task.spot.document,
            changes=changes,
            source=SOURCE,
            pattern=f"{SOURCE}:{rank}:{index}",
            title=title_of(changes, text),
            reason="the model expects it after your last edits",
            features={**features, "n_places": float(index)},
        )


def goes_on_from_cursor(proposal: Proposal, snapshot: Snapshot) -> bool:
    """Whether a proposal leaves alone what stands before the cursor, and begins on its line."""
    text = snapshot.document.text
    if proposal.document.uri != snapshot.document.uri or proposal.changes.start < snapshot.cursor:
        return False
    return text.line_at(proposal.changes.start) == text.line_at(snapshot.cursor)


def grouped(edits: Sequence[Edit], text: Text) -> Iterator[Changes]:
    """Edits close to each other together, in order."""
    group: list[Edit] = []
    for edit in edits:
        if group and text.line_at(edit.start) - text.line_at(group[-1].end) > JOINED_LINES:
            yield Changes(tuple(group))
            group = []
        group.append(edit)
    if group:
        yield Changes(tuple(group))


def title_of(changes: Changes, text: Text) -> str:
    """What a change does, for a person."""
    hull = changes.hull(text)
    # Whole lines, so that a change within a name is one of the whole name.
    start, end = text.line_start(text.line_at(hull.start)), max(hull.end, text.line_end(text.line_at(hull.end)))
    old = text.slice(start, end)
    new = text.slice(start, hull.start) + hull.text + text.slice(hull.end, end)
    narrow = Changes.of(diff.token_edits(old, new)).hull(Text.of(old))
    was, is_ = old[narrow.start : narrow.end].strip(), narrow.text.strip()
    if "\n" not in was + is_ and (was or is_):
        return f"change {_quoted(was)} to {_quoted(is_)}" if was and is_ else _written_or_deleted(was, is_)
    n_old, n_new = _n_lines(was), _n_lines(is_)
    if not n_old:
        return f"write {_counted(n_new)}"
    return f"rewrite {_counted(n_old)}" if n_new else f"delete {_counted(n_old)}"


def _written_or_deleted(was: str, is_: str) -> str:
    return f"write {_quoted(is_)}" if is_ else f"delete {_quoted(was)}"


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return f"`{line}`" if len(line) <= MAX_QUOTED else f"`{line[: MAX_QUOTED - 1]}…`"


def _n_lines(text: str) -> int:
    return len(text.splitlines()) if text.strip() else 0


def _counted(n: int) -> str:
    return "1 line" if n == 1 else f"{n} lines"
