"""Answers kept, so that nothing is predicted twice, and re-based while the user types into them.

In: predictions with the state that they were made for, then the changes of the documents.  Out: the
answer for the state as it is now, if one is known.
Not here: when to ask.

An answer, "nothing" included, holds for one revision of everything that was looked at.  When only its
own document changed, and only so that the best suggestion's text is being typed, it is re-based.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from nextedit_lsp.predictor import Prediction
from nextedit_lsp.session import rebase
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes

# Lines that the cursor goes back and forth between without an edit.
MAX_ANSWERS = 64


@dataclass(frozen=True, slots=True)
class Key:
    """What an answer depends on.

    ``revision`` counts all changes of documents, history, rejections and settings.  ``is_settled``: the
    last keystroke was long enough ago for the word being typed to count as finished.
    """

    uri: str
    revision: int
    line: int
    is_explicit: bool
    is_settled: bool = True


@dataclass(frozen=True, slots=True)
class _Newest:
    prediction: Prediction
    revision: int
    is_rebased: bool


class Answers:
    """The cache."""

    def __init__(self) -> None:
        self._by_key: OrderedDict[Key, Prediction] = OrderedDict()
        self._newest: dict[str, _Newest] = {}

    def keep(self, key: Key, prediction: Prediction, *, is_rebased: bool = False) -> None:
        """Keeps what was predicted."""
        self._by_key[key] = prediction
        self._by_key.move_to_end(key)
        while len(self._by_key) > MAX_ANSWERS:
            self._by_key.popitem(last=False)
        self._newest[key.uri] = _Newest(prediction, key.revision, is_rebased)

    def find(self, key: Key) -> Prediction | None:
        """The answer for this state; a re-based one holds wherever the typing has taken the cursor."""
        newest = self._newest.get(key.uri)
        if newest is not None and newest.is_rebased and newest.revision == key.revision:
            return newest.prediction
        return self._by_key.get(key)

    def newest(self, uri: str, revision: int) -> Prediction | None:
        """The document's newest answer, wherever the cursor was, if it holds at this revision."""
        newest = self._newest.get(uri)
        return newest.prediction if newest is not None and newest.revision == revision else None

    def forget_silent(self) -> None:
        """Drops the answers that were nothing: more is known now, and what was found still holds."""
        self._by_key = OrderedDict((key, one) for key, one in self._by_key.items() if one.suggestions)
        self._newest = {uri: one for uri, one in self._newest.items() if one.prediction.suggestions}

    def changed(self, uri: str, changes: Changes, before: Text, version: int, revision: int) -> None:
        """Follows the change of one document that made ``revision``."""
        newest = self._newest.pop(uri, None)
        if newest is None or newest.revision != revision - 1:
            return
        rebased = rebase.prediction_typed_through(newest.prediction, uri, changes, before, version)
        if rebased is not None:
            self._newest[uri] = _Newest(rebased, revision, is_rebased=True)

    def forget(self, uri: str) -> None:
        """Drops the newest answer of a document that was closed."""
        self._newest.pop(uri, None)
