"""What became of the suggestions that were handed out.

In: suggestions handed out, then the changes of their documents and what the editor reports.  Out: where each
stands now, what was turned down, and an outcome for each.
Not here: storing outcomes (``feedback``).

    handed out ──▶ shown ──▶ accepted ──taken back──▶ undone (counts as turned down)
        │            ├────▶ rejected
        └────────────┴────▶ ignored, when its place was edited otherwise

An offer follows the changes of its document, so that it can be accepted or rejected by its id even
when its lines have moved.  Its text may arrive before the editor reports it accepted, or after.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.events import Origin
from nextedit_lsp.editing.snapshot import Rejection
from nextedit_lsp.presenting.suggestion import Suggestion
from nextedit_lsp.session import rebase
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit

# Suggestions whose fate is still followed; older ones are too far back to be accepted.
MAX_OFFERS = 128
# More rejections than a person makes in one task.
MAX_REJECTIONS = 64
# Acceptances that an undo may reach back to.
MAX_ACCEPTED = 16


class Outcome(Enum):
    """What became of a suggestion."""

    SHOWN = "shown"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IGNORED = "ignored"
    UNDONE = "undone"


@dataclass(slots=True, eq=False)
class Offer:
    """A suggestion that was handed out, as it stands now.

    ``is_applied``: its text is in the document.  ``is_stale``: its place was edited otherwise.
    """

    suggestion: Suggestion
    outcome: Outcome | None = None
    is_applied: bool = False
    is_stale: bool = False

    @property
    def is_undecided(self) -> bool:
        """Whether the user has neither taken nor refused it."""
        return self.outcome in (None, Outcome.SHOWN)

    @property
    def is_open(self) -> bool:
        """Whether it can still be applied."""
        return not self.is_applied and not self.is_stale and self.outcome is not Outcome.REJECTED


@dataclass(frozen=True, slots=True)
class Turn:
    """What a change meant for the offers: an acceptance with its suggestion, one taken back, or nothing."""

    origin: Origin | None = None
    accepted: Suggestion | None = None


@dataclass(frozen=True, slots=True)
class _Accepted:
    """An acceptance: what would take it back, and the new texts' spans, in offsets of the document now."""

    uri: str
    inverse: Changes
    taken: tuple[tuple[Offer, Rejection], ...]


class Offers:
    """The memory; ``on_outcome`` hears of each outcome once."""

    def __init__(self, on_outcome: Callable[[Suggestion, Outcome], None]) -> None:
        self.rejections: tuple[Rejection, ...] = ()
        self._on_outcome = on_outcome
        self._offers: OrderedDict[str, Offer] = OrderedDict()
        self._accepted: list[_Accepted] = []

    def hand_out(self, suggestions: Iterable[Suggestion]) -> None:
        """Remembers suggestions as handed out."""
        for suggestion in suggestions:
            offer = self._offers.get(suggestion.id)
            if offer is None or not offer.is_open or not offer.is_undecided:
                offer = self._offers[suggestion.id] = Offer(suggestion)
            offer.suggestion = suggestion
            self._offers.move_to_end(suggestion.id)
        while len(self._offers) > MAX_OFFERS:
            self._offers.popitem(last=False)

    def get(self, suggestion_id: str) -> Offer | None:
        """The offer of that id."""
        return self._offers.get(suggestion_id)

    def newest(self) -> Offer | None:
        """The offer that was handed out last, of those that are open and undecided."""
        return next((offer for offer in reversed(self._offers.values()) if offer.is_open and offer.is_undecided), None)

    def show(self, offer: Offer) -> None:
        """The suggestion is on the screen."""
        if offer.outcome is None:
            self._settle(offer, Outcome.SHOWN)

    def accept(self, offer: Offer) -> None:
        """The user took it."""
        if offer.is_undecided:
            self._settle(offer, Outcome.ACCEPTED)

    def reject(self, offer: Offer) -> None:
        """The user turned it down."""
        if offer.is_undecided:
            self._settle(offer, Outcome.REJECTED)
            edit = offer.suggestion.edit
            self._remember(rejection_of(offer.suggestion, edit.start, edit.end))

    def follow(self, before: Document, changes: Changes, after: Document, *, is_keystroke: bool) -> Turn:
        """Follows a change; says whether it is an acceptance, or takes one back."""
        undone = self._undone(before, after.text)
        applied = [] if undone else self._applied(before, after.text)
        self._carry(before, changes, after.version, applied)
        if undone is not None:
            for offer, rejection in undone:
                self._settle(offer, Outcome.UNDONE)
                self._remember(rejection)
            return Turn(Origin.UNDONE)
        for offer in applied:
            offer.is_applied = True
        if not applied or (is_keystroke and applied[0].is_undecided):
            return Turn()
        self._take(applied, before, after)
        return Turn(Origin.ACCEPTED, applied[-1].suggestion)

    def forget(self, uri: str) -> None:
        """Drops all about a document whose text is another one now."""
        self.rejections = tuple(rejection for rejection in self.rejections if rejection.uri != uri)
        self._accepted = [accepted for accepted in self._accepted if accepted.uri != uri]
        for suggestion_id in [key for key, offer in self._offers.items() if offer.suggestion.uri == uri]:
            del self._offers[suggestion_id]

    def _applied(self, before: Document, after: Text) -> list[Offer]:
        """The offer whose text a change brought in; or all of one pattern, where it brought in all."""
        here = [offer for offer in self._offers.values() if offer.is_open and offer.suggestion.uri == before.uri]
        patterns = dict.fromkeys(offer.suggestion.pattern for offer in here)
        groups = [[offer for offer in here if offer.suggestion.pattern == pattern] for pattern in patterns]
        for offers in [*([offer] for offer in reversed(here)), *(group for group in groups if len(group) > 1)]:
            wanted = together([offer.suggestion for offer in offers], before.text)
            if wanted is not None and _results_in(wanted, before.text, after):
                return offers
        return []

    def _undone(self, before: Document, after: Text) -> list[tuple[Offer, Rejection]] | None:
        """The offers whose acceptance a change takes back, each as a rejection in the text after."""
        for accepted in reversed(self._accepted):
            if accepted.uri == before.uri and _results_in(accepted.inverse, before.text, after):
                self._accepted.remove(accepted)
                return [
                    (
                        offer,
                        replace(
                            taken,
                            start=inverse.map_offset(taken.start, stay_left=True),
                            end=inverse.map_offset(taken.end),
                        ),
                    )
                    for inverse in (accepted.inverse,)
                    for offer, taken in accepted.taken
                ]
        return None

    def _take(self, offers: Sequence[Offer], before: Document, after: Document) -> None:
        for offer in offers:
            self.accept(offer)
        wanted = together([offer.suggestion for offer in offers], before.text)
        if wanted is None:
            return
        inverse = wanted.inverted(before.text)
        taken = []
        for offer in offers:
            start = wanted.map_offset(offer.suggestion.edit.start, stay_left=True)
            end = wanted.map_offset(offer.suggestion.edit.end)
            taken.append((offer, rejection_of(offer.suggestion, start, end)))
        self._accepted = [*self._accepted, _Accepted(after.uri, inverse, tuple(taken))][-MAX_ACCEPTED:]

    def _carry(self, before: Document, changes: Changes, version: int, applied: Sequence[Offer]) -> None:
        self.rejections = tuple(carried(r, changes) if r.uri == before.uri else r for r in self.rejections)
        self._accepted = [kept for a in self._accepted if (kept := _followed(a, before.uri, changes)) is not None]
        for offer in self._offers.values():
            suggestion = offer.suggestion
            if offer.is_stale and offer.outcome is Outcome.SHOWN:
                # Had it been accepted, the editor would have said so before the next change.
                self._settle(offer, Outcome.IGNORED)
            if suggestion.uri != before.uri or not offer.is_open or offer in applied:
                continue
            standing = rebase.moved(suggestion, changes, before.text, version)
            standing = standing or rebase.typed_through(suggestion, changes, before.text, version)
            offer.is_stale = standing is None
            offer.suggestion = standing or suggestion

    def _settle(self, offer: Offer, outcome: Outcome) -> None:
        offer.outcome = outcome
        self._on_outcome(offer.suggestion, outcome)

    def _remember(self, rejection: Rejection) -> None:
        self.rejections = (*self.rejections, rejection)[-MAX_REJECTIONS:]


def together(suggestions: Sequence[Suggestion], text: Text) -> Changes | None:
    """Suggestions of one document as one set of changes; None when they overlap.

    Line breaks become those of the document, as editors make them when they apply an edit.
    """
    edits = [edit for suggestion in suggestions for edit in suggestion.changes.edits]
    if text.n_lines > 1 and text.slice(text.line_end(0), text.line_start(1)) == "\r\n":
        edits = [Edit(edit.start, edit.end, edit.text.replace("\r\n", "\n").replace("\n", "\r\n")) for edit in edits]
    try:
        return Changes.of(edits)
    except ValueError:
        return None


def _results_in(wanted: Changes, before: Text, after: Text) -> bool:
    return len(before) + wanted.delta == len(after) and wanted.end <= len(before) and wanted.apply(before) == after


def rejection_of(suggestion: Suggestion, start: int, end: int) -> Rejection:
    """What the history of rejections keeps of ``suggestion``, whose old text stands at ``start:end``."""
    return Rejection(suggestion.uri, start, end, suggestion.old_text, suggestion.edit.text, suggestion.pattern)


def carried(rejection: Rejection, changes: Changes) -> Rejection:
    """A rejection after ``changes``; what is inserted at its start pushes it on, as a new line above does."""
    start = changes.map_offset(rejection.start)
    return replace(rejection, start=start, end=max(start, changes.map_offset(rejection.end, stay_left=True)))


def _followed(accepted: _Accepted, uri: str, changes: Changes) -> _Accepted | None:
    """An acceptance after ``changes``; None when its text was edited since."""
    if accepted.uri != uri:
        return accepted
    inverse = accepted.inverse.rebased(changes)
    if inverse is None:
        return None
    return _Accepted(uri, inverse, tuple((offer, carried(taken, changes)) for offer, taken in accepted.taken))
