"""Recorded editing sessions: the JSON log of VS Code's next-edit recordings.

In: the text of a file ``{"log": [entry, …]}``.  Out: a ``Recording``: what was opened, changed and
looked at, in order.  Not here: replaying it (``recorded``, ``cli.replaying``).

    {"kind": "documentEncountered", "id": 0, "relativePath": "src/area.py", "time": 1730000000000}
    {"kind": "setContent", "id": 0, "v": 1, "content": "def area(r):\\n", "time": 1730000000000}
    {"kind": "changed", "id": 0, "v": 2, "edit": [[9, 10, "radius"]], "time": 1730000001200}
    {"kind": "selectionChanged", "id": 0, "selection": [[15, 15]], "time": 1730000001200}

Offsets count UTF-16 code units of the content before the entry, as VS Code counts; all offsets of
one entry are in the same content.  Times are in milliseconds.  Kinds and keys that are not known
are passed over; the kinds are counted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from nextedit_lsp.errors import NexteditError
from nextedit_lsp.text import diff
from nextedit_lsp.text.buffer import Text, utf16_length
from nextedit_lsp.text.changes import Changes, Edit


class RecordingError(NexteditError):
    """A file is not a recording that can be replayed."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A document and its content when the recording first saw it."""

    time_ms: float
    path: str
    text: Text


@dataclass(frozen=True, slots=True)
class Changed:
    """The user changed a document."""

    time_ms: float
    path: str
    before: Text
    changes: Changes

    @property
    def after(self) -> Text:
        """The document after the change."""
        return self.changes.apply(self.before)


@dataclass(frozen=True, slots=True)
class Selected:
    """The cursor moved to ``offset``, or a document came to the front (then the offset is None)."""

    time_ms: float
    path: str
    offset: int | None


@dataclass(frozen=True, slots=True)
class Closed:
    """A document was closed."""

    time_ms: float
    path: str


Action = Opened | Changed | Selected | Closed


@dataclass(frozen=True, slots=True)
class Recording:
    """What the user did, in order; ``ignored`` counts the entries of other kinds."""

    actions: tuple[Action, ...]
    ignored: Mapping[str, int] = field(default_factory=dict)


def read(path: Path) -> Recording:
    """The recording in a file.  Raises ``RecordingError`` when it is none."""
    try:
        content = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RecordingError(f"{path} can't be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise RecordingError(f"{path} is not UTF-8 text, so it is no recording") from error
    try:
        return parsed(content)
    except RecordingError as error:
        raise RecordingError(f"{path}: {error}") from error


def parsed(content: str) -> Recording:
    """The recording that ``content`` describes.  Raises ``RecordingError`` naming the entry that is wrong."""
    try:
        whole = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"not JSON ({error}): a recording is one JSON object with a list named log") from error
    entries = whole.get("log") if isinstance(whole, dict) else whole
    if not isinstance(entries, list):
        raise RecordingError('no list named "log": is this a recording of next edits?')
    reader = _Reader()
    index, entry = 0, None
    try:
        for index, entry in enumerate(entries):  # noqa: B007 - the message names them.
            reader.take(entry)
    except _BadEntryError as error:
        kind = entry.get("kind") if isinstance(entry, dict) else None
        raise RecordingError(f"entry {index}" + (f" ({kind})" if kind else "") + f": {error}") from error
    return Recording(tuple(reader.actions), dict(reader.ignored))


class _BadEntryError(Exception):
    """What is wrong with an entry; the caller adds which one."""


class _Reader:
    """The documents as they are after the entries read so far."""

    def __init__(self) -> None:
        self.actions: list[Action] = []
        self.ignored: Counter[str] = Counter()
        self._paths: dict[Any, str] = {}
        self._texts: dict[Any, Text] = {}
        self._time_ms = 0.0
        self._readers = {
            "documentEncountered": self._encountered,
            "setContent": self._content,
            "changed": self._changed,
            "selectionChanged": self._selected,
            "focused": self._focused,
            "closed": self._closed,
        }

    def take(self, entry: Any) -> None:
        """Reads one entry."""
        if not isinstance(entry, dict) or not isinstance(entry.get("kind"), str):
            raise _BadEntryError('not an object with a "kind"')
        time_ms = entry.get("time")
        if isinstance(time_ms, (int, float)) and not isinstance(time_ms, bool):
            # The clock of a recording may be set back; actions stay in order.
            self._time_ms = max(self._time_ms, float(time_ms))
        read_entry = self._readers.get(entry["kind"])
        if read_entry is None:
            self.ignored[entry["kind"]] += 1
        else:
            read_entry(entry)

    def _encountered(self, entry: dict[str, Any]) -> None:
        path = entry.get("relativePath")
        if not isinstance(path, str) or not path:
            raise _BadEntryError('"relativePath" is missing')
        self._paths[_id_of(entry)] = _inside(path)

    def _content(self, entry: dict[str, Any]) -> None:
        content = entry.get("content")
        if not isinstance(content, str):
            raise _BadEntryError('"content" is missing')
        document, path = self._known(entry)
        text = Text.of(content)
        before = self._texts.get(document)
        self._texts[document] = text
        if before is None:
            self.actions.append(Opened(self._time_ms, path, text))
        elif before != text:
            changes = diff.text_changes(before, text)
            self.actions.append(Changed(self._time_ms, path, before, changes))

    def _changed(self, entry: dict[str, Any]) -> None:
        document, path = self._known(entry)
        before = self._text(document)
        received = entry.get("edit")
        if not isinstance(received, list):
            raise _BadEntryError('"edit" is missing; it is a list of [start, end, text]')
        edits = [_edit_of(item, before) for item in received]
        try:
            changes = Changes.of(edits).simplified(before)
        except ValueError as error:
            raise _BadEntryError(str(error)) from error
        if changes:
            self._texts[document] = changes.apply(before)
            self.actions.append(Changed(self._time_ms, path, before, changes))

    def _selected(self, entry: dict[str, Any]) -> None:
        document, path = self._known(entry)
        selection = entry.get("selection")
        if not isinstance(selection, list):
            raise _BadEntryError('"selection" is missing; it is a list of [start, end]')
        if not selection or document not in self._texts:
            return
        last = selection[-1]
        if not isinstance(last, list) or len(last) != 2 or not all(_is_count(number) for number in last):
            raise _BadEntryError(f"{last!r} is not a selection; it is [start, end]")
        # A selection may be recorded just before the change that makes room for it.
        text = self._texts[document]
        n_units = utf16_length(str(text))
        self.actions.append(Selected(self._time_ms, path, _offset(min(last[1], n_units), text)))

    def _focused(self, entry: dict[str, Any]) -> None:
        document, path = self._known(entry)
        if document in self._texts:
            self.actions.append(Selected(self._time_ms, path, None))

    def _closed(self, entry: dict[str, Any]) -> None:
        document, path = self._known(entry)
        if self._texts.pop(document, None) is not None:
            self.actions.append(Closed(self._time_ms, path))

    def _known(self, entry: dict[str, Any]) -> tuple[Any, str]:
        document = _id_of(entry)
        if document not in self._paths:
            raise _BadEntryError(f"document {document!r} has no documentEncountered entry before this one")
        return document, self._paths[document]

    def _text(self, document: Any) -> Text:
        if document not in self._texts:
            raise _BadEntryError(f"document {document!r} has no setContent entry before this one")
        return self._texts[document]


def _inside(path: str) -> str:
    """``path`` as one inside of a folder, wherever it led: a recording is only data."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    kept = [part.replace(":", "_") for part in parts if part not in ("/", ".", "..")]
    if not kept:
        raise _BadEntryError(f'"relativePath" names no file: {path!r}')
    return "/".join(kept)


def _id_of(entry: dict[str, Any]) -> int | str:
    document = entry.get("id")
    if not isinstance(document, (int, str)):
        raise _BadEntryError('"id" is missing')
    return document


def _edit_of(item: Any, before: Text) -> Edit:
    if (
        not isinstance(item, list)
        or len(item) != 3
        or not all(_is_count(number) for number in item[:2])
        or not isinstance(item[2], str)
    ):
        raise _BadEntryError(f"{item!r} is not an edit; it is [start, end, text]")
    start, end, text = item
    n_units = utf16_length(str(before))
    if not start <= end <= n_units:
        raise _BadEntryError(f"the range {start}:{end} is not in a document of {n_units} UTF-16 code units")
    return Edit(_offset(start, before), _offset(end, before), text)


def _offset(n_units: int, text: Text) -> int:
    """The offset in code points of an offset in UTF-16 code units."""
    string = str(text)
    if utf16_length(string) == len(string):
        return n_units
    prefix = string.encode("utf-16-le", "surrogatepass")[: 2 * n_units].decode("utf-16-le", "surrogatepass")
    if prefix and string[len(prefix) - 1] != prefix[-1]:
        raise _BadEntryError(f"offset {n_units} is inside a character (a surrogate pair)")
    return len(prefix)


def _is_count(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0
