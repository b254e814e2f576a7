"""The edit history: net events, coalesced by place and time, undone work gone.

In: each change with the document before it, its origin and the time.  Out: a new history.
Not here: clocks, files; telling a checkout from typing (``workspace.git``).

    change ──▶ touches the newest event of the document, within a second ──▶ joins that event
        │                                                                          │
        ├──▶ together with earlier events it changes nothing ──▶ all of them vanish ◀─ net nothing
        └──▶ else ──▶ a new event

A history is a frozen value; recording makes the next one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.events import Event, Origin
from nextedit_lsp.text.buffer import TARGET_CHUNK_CHARS, Text
from nextedit_lsp.text.changes import Changes

# Changes of one document join one event while the pauses between them are shorter than this
# (Zed and cursortab agree on one second) and they lie on the same line or the next.  Peers join
# over eight lines, which makes shorter prompts; here an edit two lines on may be the repetition of
# the one before, and has to be told from it while it is being typed.
COALESCE_PAUSE_S = 1.0
COALESCE_LINES = 1

# More events than any prompt or pattern looks back at.
MAX_EVENTS = 64
# What the texts kept by the events may take together, in characters; the oldest go first.
MAX_KEPT_CHARS = 4_000_000
# What one edit keeps of a text that is not kept for another event: the chunks that it touches.
CHUNK_CHARS = 2 * TARGET_CHUNK_CHARS
# How many of a document's events an undo may reach back over.
MAX_UNDO_DEPTH = 16
# Work taken back that is remembered, so that it is not suggested again.
MAX_UNDONE = 16


@dataclass(frozen=True, slots=True)
class Intention:
    """What the user meant at one place: events that touch each other, joined whatever the pauses.

    ``since`` is what happened to the document later, in offsets of the text after ``changes``:
    it carries places of the intention to where they stand now.  ``events`` are those joined.
    """

    events: tuple[Event, ...]
    uri: str
    path: str
    before: Text
    changes: Changes
    ended_at: float
    since: Changes

    @property
    def after(self) -> Text:
        """The document's text after ``changes``."""
        return self.changes.apply(self.before)

    def row_blocks(self, after: Text) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """The row ranges, before and in ``after``, that the edits touch; edits on touching rows make one block."""
        blocks: list[tuple[tuple[int, int], tuple[int, int]]] = []
        for edit, (start, end) in zip(self.changes.edits, self.changes.after_spans(), strict=True):
            old_rows = (self.before.line_at(edit.start), self.before.line_at(edit.end) + 1)
            new_rows = (after.line_at(start), after.line_at(end) + 1)
            if blocks and old_rows[0] < blocks[-1][0][1]:
                (old_first, _), (new_first, _) = blocks.pop()
                old_rows, new_rows = (old_first, old_rows[1]), (new_first, new_rows[1])
            blocks.append((old_rows, new_rows))
        return blocks


@dataclass(frozen=True, slots=True)
class History:
    """Events, oldest first; ``undone`` are events that were taken back."""

    events: tuple[Event, ...] = ()
    undone: tuple[Event, ...] = ()

    def record(self, before: Document, changes: Changes, origin: Origin, now: float) -> History:
        """The history after ``changes`` of ``before``; ``now`` in seconds on any steady clock."""
        changes = changes.simplified(before.text)
        if not changes:
            return self
        new = Event(before.uri, before.path, before.text.bare(), changes, origin, now, now)
        newest = self.newest(before.uri)
        if newest is not None and newest is self.events[-1] and _joins(newest, new):
            net = newest.changes.composed(changes).simplified(newest.before)
            if not net:
                return self._taken_back((newest,), new) or self.without((newest,))
            joined = replace(newest, changes=net, ended_at=now)
            return replace(self, events=(*self.events[:-1], joined))
        collapsed = self._collapsed(new)
        if collapsed is not None:
            return collapsed
        if origin.is_intended and newest is not None and _takes_back(newest, new):
            new = replace(new, origin=Origin.UNDONE)
        return replace(self, events=_bounded((*self.events, new)))

    def retagged(self, uri: str, origin: Origin) -> History:
        """The history with the newest event of a document given another origin."""
        newest = self.newest(uri)
        if newest is None:
            return self
        events = tuple(replace(e, origin=origin) if e is newest else e for e in self.events)
        return replace(self, events=events)

    def newest(self, uri: str | None = None) -> Event | None:
        """The newest event, of one document or of all."""
        return next((event for event in reversed(self.events) if uri in (None, event.uri)), None)

    def intentions(self) -> list[Intention]:
        """What the user meant, newest first: intended events, those that touch each other joined."""
        joined: list[tuple[Event, tuple[Event, ...]]] = []
        latest: dict[str, int] = {}
        for event in self.events:
            index = latest.get(event.uri)
            if index is not None and _is_continued(joined[index][0], event):
                previous, members = joined[index]
                net = previous.changes.composed(event.changes).simplified(previous.before)
                origin = event.origin if previous.origin is Origin.UNDONE else previous.origin
                # What is continued becomes the newest again.
                del joined[index]
                latest = {uri: at - (at > index) for uri, at in latest.items()}
                latest[event.uri] = len(joined)
                whole = replace(previous, changes=net, ended_at=event.ended_at, origin=origin)
                joined.append((whole, (*members, event)))
            else:
                latest[event.uri] = len(joined)
                joined.append((event, (event,)))
        return list(_intentions(joined))

    def without(self, events: tuple[Event, ...]) -> History:
        """The history without ``events``, the newest of their document: as it was before them."""
        return replace(self, events=tuple(e for e in self.events if not any(e is gone for gone in events)))

    def without_document(self, uri: str) -> History:
        """The history without a document: what was done to it is the base now, or it is followed no longer."""
        return replace(self, events=tuple(event for event in self.events if event.uri != uri))

    def _collapsed(self, new: Event) -> History | None:
        """The history without the events that ``new`` takes back as a whole; None where it does not.

        Walks back over the document's events.  One that ``new`` touches is joined to it; if
        nothing is left, all that were joined vanish.  One that it does not touch lies elsewhere:
        the place is carried back over it.
        """
        net, gone = new.changes, []
        same_document = [event for event in reversed(self.events) if event.uri == new.uri]
        for event in same_document[:MAX_UNDO_DEPTH]:
            if any(net.touches(start, end) for start, end in event.changes.after_spans()):
                net = event.changes.composed(net).simplified(event.before)
                gone.append(event)
                if not net:
                    return self._taken_back(tuple(gone), new)
            else:
                carried = net.rebased(event.changes.inverted(event.before))
                if carried is None:
                    return None
                net = carried
        return None

    def _taken_back(self, gone: tuple[Event, ...], by: Event) -> History | None:
        """The history as if ``gone`` and ``by``, which undoes them, had never been.

        The document's events in between are moved to where they would have been made; None
        where that can't be said.
        """
        kept: list[Event] = []
        # Leads from the document's text as it was to the text without what is gone.
        back = Changes()
        for event in (*self.events, by):
            if event.uri != by.uri:
                kept.append(event)
            elif event is by or any(event is one for one in gone):
                back = event.changes.inverted(event.before).composed(back).simplified(event.after)
            elif not back:
                kept.append(event)
            else:
                changes, carried = event.changes.rebased(back), back.rebased(event.changes)
                if changes is None or carried is None:
                    return None
                kept.append(replace(event, before=back.apply(event.before), changes=changes))
                back = carried
        if back:
            return None
        undone = (*self.undone, *(replace(event, origin=Origin.UNDONE) for event in gone))[-MAX_UNDONE:]
        return History(tuple(kept), undone)


def _joins(event: Event, new: Event) -> bool:
    """Whether a new change joins the newest event: same origin, soon, and close by."""
    if event.origin is not new.origin or event.origin not in (Origin.TYPED, Origin.FORMATTER, Origin.EXTERNAL):
        return False
    if new.started_at - event.ended_at >= COALESCE_PAUSE_S:
        return False
    lines = [new.before.line_at(offset) for span in event.changes.after_spans() for offset in span]
    new_lines = [new.before.line_at(offset) for edit in new.changes.edits for offset in (edit.start, edit.end)]
    return min(new_lines) <= max(lines) + COALESCE_LINES and max(new_lines) >= min(lines) - COALESCE_LINES


def _is_continued(previous: Event, event: Event) -> bool:
    """Whether ``event`` goes on where ``previous``, the one before it in the same document, left off."""
    kinds = (previous.origin, event.origin)
    if not all(origin.is_intended or origin is Origin.UNDONE for origin in kinds):
        return False
    return any(event.changes.touches(start, end) for start, end in previous.changes.after_spans())


def _takes_back(event: Event, new: Event) -> bool:
    """Whether ``new`` only removes text that ``event`` brought in: part of it is undone."""
    spans = list(event.changes.after_spans())
    return all(
        not edit.text and edit.end - edit.start > 1 and any(a <= edit.start and edit.end <= b for a, b in spans)
        for edit in new.changes.edits
    )


def _bounded(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """The newest events that fit the limits; texts of one document share what no event changed."""
    seen: set[str] = set()
    n_chars = n_kept = 0
    for event in reversed(events[-MAX_EVENTS:]):
        if event.uri not in seen:
            seen.add(event.uri)
            n_chars += len(event.before)
        n_chars += sum(len(edit.text) + (edit.end - edit.start) + CHUNK_CHARS for edit in event.changes.edits)
        if n_kept and n_chars > MAX_KEPT_CHARS:
            break
        n_kept += 1
    return events[-n_kept:]


def _intentions(joined: list[tuple[Event, tuple[Event, ...]]]) -> Iterator[Intention]:
    later: dict[str, Changes] = {}
    for event, members in reversed(joined):
        since = later.get(event.uri, Changes())
        if event.origin.is_intended and event.changes:
            yield Intention(members, event.uri, event.path, event.before, event.changes, event.ended_at, since)
        later[event.uri] = event.changes.composed(since)
