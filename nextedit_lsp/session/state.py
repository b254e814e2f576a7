"""All that the session knows at one moment: documents, history, offers, answers.

In: what the editor, the disk and git report, each with the time.  Out: Snapshots to predict from, and whether
a prediction still applies when it lands.
Not here: waiting, threads (``session``).

``revision`` counts everything that a prediction could depend on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from nextedit_lsp.editing import events
from nextedit_lsp.editing.documents import CLOSED, Document
from nextedit_lsp.editing.elsewhere import Elsewhere
from nextedit_lsp.editing.events import Origin
from nextedit_lsp.editing.history import History
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.predictor import Prediction
from nextedit_lsp.presenting.suggestion import Suggestion
from nextedit_lsp.session import rebase
from nextedit_lsp.session.answers import Answers, Key
from nextedit_lsp.session.closed_files import ClosedFiles
from nextedit_lsp.session.diagnostics import Diagnostics
from nextedit_lsp.session.documents import Documents, Received
from nextedit_lsp.session.offers import Offer, Offers
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes
from nextedit_lsp.vetting.silence import Silence
from nextedit_lsp.workspace import files
from nextedit_lsp.workspace.git import HeadMove

# How long after HEAD moved the changes that come in are git's (Copilot waits as long).
HEAD_MOVED_S = 2.0
# An event this fresh can be the acceptance that the editor reports.
ACCEPTANCE_S = 2.0

# Moves of HEAD after which the texts are others; a commit leaves them as they are.
FOLDING_MOVES = frozenset({HeadMove.CHECKOUT, HeadMove.REBASE, HeadMove.RESET, HeadMove.MERGE})


@dataclass(slots=True, eq=False)
class Flight:
    """A prediction under way, and what its document went through meanwhile.

    ``is_informed``: it looks at all that is known by now of the workspace beyond its documents.
    """

    snapshot: Snapshot
    revision: int
    is_informed: bool
    suffered: list[tuple[Text, Changes, int]] = field(default_factory=list)


class State:
    """The state; ``is_saved`` tells whether a text is what stands on disk under a URI."""

    def __init__(self, documents: Documents, offers: Offers, is_saved: Callable[[str, Text], bool]) -> None:
        self.documents = documents
        self.closed = ClosedFiles(documents.shown_path)
        self.elsewhere = Elsewhere()
        self.diagnostics = Diagnostics()
        self.offers = offers
        self.answers = Answers()
        self.history = History()
        self.revision = 0
        self.n_changes = 0
        self.cursors: dict[str, int] = {}
        self.focused: str | None = None
        self.typed_at: dict[str, float] = {}
        self.settle_s = 0.0
        self._is_saved = is_saved
        self._flights: list[Flight] = []
        self._is_looking = False
        self._external_until = float("-inf")

    def open(self, uri: str, language_id: str, version: int, text: str) -> bool:
        """Takes an opened document.  Whether its text is the one last seen; if not, what was known of it goes."""
        read = self.closed.get(uri)
        newest = self.history.newest(uri)
        if read is not None and (newest is None or newest.after == read.text):
            self.documents.remember(uri, read.text)
        self._drop_closed(uri)
        is_known = self.documents.opened(uri, language_id, version, text)
        if is_known:
            self.offers.in_version(uri, version)
        else:
            self._forget(uri)
        self.focused = uri
        self.revision += 1
        return is_known

    def close(self, uri: str) -> None:
        """Takes a closed document."""
        self.documents.closed(uri)
        self.diagnostics.forget(uri)
        self.answers.forget(uri)
        self.cursors.pop(uri, None)
        self.typed_at.pop(uri, None)
        if self.focused == uri:
            self.focused = None
        self.revision += 1

    def change(self, uri: str, version: int, received: Received, now: float) -> Suggestion | None:
        """Takes a change of a followed document; returns the suggestion that it accepted, if any."""
        before, changes = self.documents.followed[uri], received.changes
        after = self.documents.changed(uri, version, received)
        self.revision += 1
        self.n_changes += bool(changes)
        if after is None:
            self._forget(uri)
            return None
        turn = self.offers.follow(before, changes, after, is_keystroke=received.is_keystroke)
        origin = turn.origin or self._origin(before, after, received, now)
        self.history = self.history.record(before, changes, origin, now)
        self.diagnostics.follow(uri, changes)
        self.answers.changed(uri, changes, before.text, version, self.revision)
        for flight in self._flights:
            if flight.snapshot.document.uri == uri and flight.revision == self.revision - 1:
                flight.suffered.append((before.text, changes, version))
                flight.revision = self.revision
        if uri in self.cursors:
            self.cursors[uri] = changes.map_offset(self.cursors[uri])
        self.focused = uri
        # What was accepted is finished at once.
        self.typed_at[uri] = float("-inf") if origin is Origin.ACCEPTED else now
        return turn.accepted

    def document(self, suggestion: Suggestion) -> Document | None:
        """The document of a suggestion, open or not, if it is the one that the suggestion was made for."""
        if suggestion.version > CLOSED:
            return self.documents.get(suggestion.uri)
        is_current = self.closed.is_current(suggestion.uri, suggestion.version)
        return self.closed.get(suggestion.uri) if is_current else None

    def with_documents(self, suggestions: Iterable[Suggestion]) -> list[tuple[Suggestion, Document]]:
        """Suggestions, each with its document; without those whose document is another by now."""
        found = ((suggestion, self.document(suggestion)) for suggestion in suggestions)
        return [(suggestion, document) for suggestion, document in found if document is not None]

    def changed_on_disk(self, uri: str) -> None:
        """A file that is not open changed: what was read of it and suggested for it no longer holds."""
        if self.closed.get(uri) is not None and self.documents.get(uri) is None:
            self.closed.forget(uri)
            self._drop_closed(uri)
            self.offers.forget(uri)
            self.revision += 1

    def look_begun(self) -> None:
        """What the edits concern in the workspace is being looked up."""
        self._is_looking = True

    def look_ended(self, elsewhere: Elsewhere | None) -> None:
        """It is known now; None when that failed."""
        self._is_looking = False
        if elsewhere is not None:
            # Some may have been opened meanwhile.
            closed = tuple(one for one in elsewhere.documents if not self.documents.is_open(one.uri))
            self.elsewhere = replace(elsewhere, documents=closed)
            self.learned()

    def learned(self) -> None:
        """More is known now than predictions so far have looked at: where they found nothing there may be something."""
        self.answers.forget_silent()
        for flight in self._flights:
            flight.is_informed = False

    def leave_alone(self, uri: str, reason: str) -> None:
        """Stops following a document."""
        self.documents.leave_alone(uri, reason)
        self._forget(uri)
        self.revision += 1

    def check_ignored(self) -> None:
        """Leaves alone what the ignore rules name by now."""
        for uri in self.documents.check_ignored():
            self._forget(uri)
            self.revision += 1

    def head_moved(self, root: Path, move: HeadMove, now: float) -> None:
        """HEAD moved below ``root``: the changes that follow are git's, and what was done before is the base."""
        if move in FOLDING_MOVES:
            for uri in {event.uri for event in self.history.events}:
                path = files.path_of(uri)
                if path is None or path.is_relative_to(root):
                    self.history = self.history.without_document(uri)
            self.revision += 1
        if move is not HeadMove.COMMIT:
            self._external_until = now + HEAD_MOVED_S

    def accept(self, offer: Offer, now: float) -> None:
        """The editor reports an acceptance; its text may have come changed, or as a single key."""
        is_news = offer.is_undecided
        self.offers.accept(offer)
        uri = offer.suggestion.uri
        newest = self.history.newest(uri)
        is_fresh = newest is not None and now - newest.ended_at < ACCEPTANCE_S and newest.origin.is_intended
        if is_news and is_fresh and (offer.is_applied or offer.is_stale):
            self.history = self.history.retagged(uri, Origin.ACCEPTED)
            self.revision += 1

    def reject(self, offer: Offer) -> None:
        """The user turned a suggestion down."""
        self.offers.reject(offer)
        self.revision += 1

    def key(self, uri: str, cursor: int, now: float, *, is_explicit: bool) -> Key:
        """What an answer for the cursor at this moment depends on."""
        line = self.documents.followed[uri].text.line_at(cursor)
        return Key(uri, self.revision, line, is_explicit, is_settled=self.unsettled_s(uri, now) <= 0)

    def unsettled_s(self, uri: str, now: float) -> float:
        """How long until a half-typed word of this document counts as finished."""
        return self.typed_at.get(uri, float("-inf")) + self.settle_s - now

    def take_off(self, uri: str, cursor: int, now: float, *, is_explicit: bool) -> Flight:
        """The Snapshot to predict from, followed until ``land``."""
        document = self.documents.followed[uri]
        edited = {event.uri: index for index, event in enumerate(self.history.events)}
        others = sorted(
            (other for other in self.documents.followed.values() if other is not document),
            key=lambda other: -edited.get(other.uri, -1),
        )
        cursor = min(cursor, len(document.text))
        rejections = self.offers.rejections
        diagnostics = self.diagnostics.of([uri, *(other.uri for other in others)])
        snapshot = Snapshot(document, cursor, self.history, tuple(others), rejections, now, is_explicit, diagnostics)
        if is_explicit or self.unsettled_s(uri, now) <= 0:
            # Whoever is in the middle of a word has no eyes for other files.
            snapshot = replace(snapshot, elsewhere=self.elsewhere)
        flight = Flight(snapshot, self.revision, is_informed=not self._is_looking)
        self._flights.append(flight)
        return flight

    def land(self, flight: Flight, prediction: Prediction) -> Prediction:
        """What still applies of ``prediction``; it is kept for the next time."""
        self.drop(flight)
        uri = flight.snapshot.document.uri
        if flight.revision != self.revision:
            return Prediction(silence=Silence.STALE)
        landed: Prediction | None = prediction
        for text, changes, version in flight.suffered:
            landed = landed and rebase.prediction_typed_through(landed, uri, changes, text, version)
        if landed is None:
            return Prediction(silence=Silence.STALE)
        if landed.silence is not Silence.UNSETTLED and (landed.suggestions or flight.is_informed):
            cursor = flight.snapshot.cursor if not flight.suffered else self.cursors.get(uri, 0)
            key = self.key(uri, cursor, flight.snapshot.now, is_explicit=flight.snapshot.explicit)
            self.answers.keep(key, landed, is_rebased=bool(flight.suffered))
        return landed

    def drop(self, flight: Flight) -> None:
        """Follows a prediction no longer."""
        if flight in self._flights:
            self._flights.remove(flight)

    def _origin(self, before: Document, after: Document, received: Received, now: float) -> Origin:
        if not received.is_keystroke and received.changes and self._is_external(after, now):
            return Origin.EXTERNAL
        return events.origin_of(
            before.text,
            received.changes,
            n_received=received.n_received,
            is_whole_text=received.is_whole_text,
        )

    def _is_external(self, after: Document, now: float) -> bool:
        """Whether a change is git's, or makes the document what another program has saved."""
        return now < self._external_until or self._is_saved(after.uri, after.text)

    def _drop_closed(self, uri: str) -> None:
        """A file is open now, or another one than was read."""
        kept = tuple(document for document in self.elsewhere.documents if document.uri != uri)
        self.elsewhere = replace(self.elsewhere, documents=kept)

    def _forget(self, uri: str) -> None:
        self.history = self.history.without_document(uri)
        self.offers.forget(uri)
        self.diagnostics.forget(uri)
        self.answers.forget(uri)
