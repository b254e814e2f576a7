"""The facade: everything that an editor can report and ask.

In: reports of documents and outcomes, asks.  Out: suggestions that apply to the documents as they are.
Not here: the protocol; what is known at a moment (``state``); how an ask is answered in time (``asking``).

Off, a switched-off language and a pause silence what comes by itself.  Asking explicitly always works,
but for files that are left alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.elsewhere import Diagnostic
from nextedit_lsp.engine.interface import EngineState
from nextedit_lsp.errors import DocumentNotOpen, UnknownSuggestion
from nextedit_lsp.feedback.store import Entry, Store
from nextedit_lsp.predictor import Prediction
from nextedit_lsp.presenting.suggestion import Suggestion
from nextedit_lsp.session import rebase
from nextedit_lsp.session.asking import Ask, Asking, Predict
from nextedit_lsp.session.clock import Clock
from nextedit_lsp.session.documents import Documents, Received
from nextedit_lsp.session.inline import Completion, Selected, completion_of
from nextedit_lsp.session.linting import Linting
from nextedit_lsp.session.listening import Kind, Listener, Status
from nextedit_lsp.session.looking import Looking
from nextedit_lsp.session.model import MakeEngine, Model
from nextedit_lsp.session.offers import Offer, Offers, Outcome
from nextedit_lsp.session.settings import Settings
from nextedit_lsp.session.state import State
from nextedit_lsp.session.surroundings import Surroundings, touches_rules
from nextedit_lsp.session.worker import Worker
from nextedit_lsp.vetting.silence import Silence
from nextedit_lsp.workspace.disk_changes import Change, HeadMoved

logger = logging.getLogger(__name__)


class Session:
    """One client's session.  All its methods are called on the event loop."""

    def __init__(
        self,
        *,
        predict: Predict,
        clock: Clock,
        listener: Listener,
        surroundings: Surroundings,
        make_engine: MakeEngine,
        feedback_directory: Path | None,
        settings: Settings,
    ) -> None:
        documents = Documents(surroundings.ignored, surroundings.roots)
        self.state = State(documents, Offers(self._on_outcome), surroundings.is_saved)
        self._clock = clock
        self._listener = listener
        self._surroundings = surroundings
        self._linting = Linting(
            self.state.documents.get, lambda: surroundings.roots, clock, self.diagnosed, listener.on_warning
        )
        self._model = Model(make_engine, listener, self._tell_status)
        self._looking = Looking(self.state, listener.on_warning)
        self._asking = Asking(self.state, predict, clock, settings, lambda: self._model.writer, self._looking)
        self._store = Store(feedback_directory)
        self._store_writer = Worker("nextedit-feedback")
        self._paused_until = float("-inf")
        self._last: dict[str, Prediction] = {}
        self._told: tuple[object, ...] = ()

    def start(self) -> None:
        """Begins to watch the disk and to load the model, in the background."""
        self._surroundings.watch(self._on_disk_change, self._listener.on_warning)
        self._use_index()
        self._linting.use(self.settings.linters)
        self._model.use(self.settings)
        self._tell_status()

    async def close(self) -> None:
        """Ends everything at once; a prediction that still runs is left to end by itself."""
        self._asking.close()
        self._store_writer.close()
        self._surroundings.close()
        await asyncio.gather(self._looking.close(), self._linting.close(), self._model.close())

    @property
    def settings(self) -> Settings:
        """How the session is set."""
        return self._asking.settings

    def configure(self, settings: Settings) -> None:
        """Sets it anew."""
        self._asking.configure(settings)
        self.state.revision += 1
        self._use_index()
        self._linting.use(settings.linters)
        self._model.use(settings)
        self._tell_status()

    # What the editor reports.

    def open(self, uri: str, language_id: str, version: int, text: str) -> None:
        """A document was opened, or opened again."""
        self._asking.forget(uri)
        if not self.state.open(uri, language_id, version, text):
            stale = [key for key, last in self._last.items() if any(one.uri == uri for one in last.suggestions)]
            for key in stale:
                del self._last[key]
        else:
            self._last = {key: rebase.in_version(last, uri, version) for key, last in self._last.items()}
        document = self.state.documents.get(uri)
        if document is not None:
            self._looking.wake()
            self._linting.edited(uri)
            self._asking.warm(document)
            self._read_ahead(uri, self.state.cursors.get(uri, 0))

    def changing(self, uri: str) -> Document | None:
        """The document that a change belongs to; None when it is left alone or was never opened."""
        if not self.state.documents.is_open(uri):
            self.state.documents.refuse_stranger(uri)
        return self.state.documents.get(uri)

    def change(self, uri: str, version: int, received: Received) -> None:
        """A document that is followed was changed."""
        self._asking.forget(uri)
        accepted = self.state.change(uri, version, received, self._clock.now())
        self._linting.edited(uri)
        if accepted is not None:
            self.ask_ahead(uri, accepted.cursor_after)
        else:
            self._read_ahead(uri, self.state.cursors.get(uri, 0))

    def lose(self, uri: str, reason: str) -> None:
        """A document can no longer be followed."""
        self._asking.forget(uri)
        self.state.leave_alone(uri, reason)

    def close_document(self, uri: str) -> None:
        """A document was closed."""
        self._asking.forget(uri)
        self.state.close(uri)
        self._looking.closed(uri)
        self._linting.forget(uri)
        self._last.pop(uri, None)

    def diagnosed(self, uri: str, source: str, found: Sequence[Diagnostic]) -> None:
        """The editor, or a linter, tells all that is wrong with a document as it is now."""
        if self.state.documents.get(uri) is not None and self.state.diagnostics.tell(uri, source, found):
            self.state.learned()

    def diagnosed_range(self, uri: str, start: int, end: int, found: Sequence[Diagnostic]) -> None:
        """The editor tells what is wrong in a part of a document."""
        if self.state.documents.get(uri) is not None and self.state.diagnostics.tell_range(uri, start, end, found):
            self.state.learned()

    def change_roots(self, added: Iterable[Path], removed: Iterable[Path]) -> None:
        """Folders joined the workspace or left it."""
        for root in removed:
            self._surroundings.remove(root)
        for root in added:
            self._surroundings.add(root)
        self.state.documents.roots = self._surroundings.roots
        self._use_index()
        self.state.check_ignored()

    def focus(self, uri: str | None) -> None:
        """The user looks at another document, or at none."""
        self.state.focused = uri
        if uri is not None:
            self._read_ahead(uri, self.state.cursors.get(uri, 0))

    def shown(self, suggestion_id: str) -> None:
        """A suggestion is on the screen."""
        offer = self.state.offers.get(suggestion_id)
        if offer is not None:
            self.state.offers.show(offer)

    def accepted(self, suggestion_id: str) -> None:
        """The user took a suggestion, and the editor has applied it or is about to."""
        offer = self._offer(suggestion_id)
        revision = self.state.revision
        self.state.accept(offer, self._clock.now())
        if self.state.revision != revision:
            self.ask_ahead(offer.suggestion.uri, self.state.cursors.get(offer.suggestion.uri, 0))

    def rejected(self, suggestion_id: str | None) -> bool:
        """The user turned a suggestion down, by default the newest; False when there is none."""
        offer = self._offer(suggestion_id) if suggestion_id is not None else self.state.offers.newest()
        if offer is None:
            return False
        self.state.reject(offer)
        return True

    # What the editor asks.

    async def next_edits(self, ask: Ask) -> list[Suggestion]:
        """The best next edits, as many as the settings say, in any open document."""
        prediction = await self.predicted(ask)
        suggestions = list(prediction.suggestions[: self.settings.max_edits])
        self.state.offers.hand_out(suggestions)
        return suggestions

    async def completions(self, ask: Ask, selected: Selected | None) -> list[Completion]:
        """The best next edit that is text at the cursor; nothing when all are other kinds of edits."""
        prediction = await self.predicted(ask)
        document = self.state.documents.get(ask.uri)
        if document is None:
            return []
        fits = (completion_of(one, document, ask.cursor, selected) for one in prediction.suggestions)
        completion = next((one for one in fits if one is not None), None)
        if completion is None:
            return []
        self.state.offers.hand_out([completion.suggestion])
        return [completion]

    async def predicted(self, ask: Ask) -> Prediction:
        """What comes next, or why nothing.  Raises ``DocumentNotOpen``."""
        if not self.state.documents.is_open(ask.uri):
            raise DocumentNotOpen(ask.uri)
        self.state.focused, self.state.cursors[ask.uri] = ask.uri, ask.cursor
        silence = self._silence(ask)
        if silence is not None:
            logger.info("request %s %s: silent: %s", ask.label, ask.lane, silence.name.lower())
            prediction = Prediction(silence=silence)
        else:
            prediction = self._standing_on_disk(await self._asking.answer(ask))
        self._last[ask.uri] = prediction
        return prediction

    @property
    def has_model(self) -> bool:
        """Whether a model is asked as well, which takes its time."""
        return self._model.writer is not None

    def known(self, uri: str) -> tuple[Suggestion, ...]:
        """The suggestions known for a document as it is, at once."""
        if not self.state.documents.is_open(uri):
            raise DocumentNotOpen(uri)
        prediction = self.state.answers.newest(uri, self.state.revision)
        return self._standing_on_disk(prediction).suggestions if prediction is not None else ()

    def ask_ahead(self, uri: str, cursor: int) -> None:
        """Predicts in the background, so that the answer is known when it is asked for."""
        document = self.state.documents.get(uri)
        if document is not None and self._silence(Ask(uri, cursor, "ahead")) is None:
            self._asking.ask_ahead(uri, cursor)

    def _read_ahead(self, uri: str, cursor: int) -> None:
        """Has the model read what it will be asked about, unless nothing will be asked."""
        if self.state.documents.get(uri) is not None and self._silence(Ask(uri, cursor, "ahead")) is None:
            self._asking.read_ahead(uri, cursor)

    def alike(self, suggestion: Suggestion) -> list[Suggestion]:
        """The suggestions that repeat the same change and still stand, this one among them."""
        alike = {suggestion.id: suggestion}
        for last in self._last.values():
            if any(one.id == suggestion.id for one in last.suggestions):
                same = (one for one in last.suggestions if one.pattern == suggestion.pattern)
                alike.update((one.id, one) for one in same if self._is_current(one) and one.id not in alike)
        return list(alike.values())

    def standing(self, suggestion_id: str) -> Suggestion:
        """A suggestion as it stands in its document now.  Raises ``UnknownSuggestion`` when it does not any more."""
        offer = self._offer(suggestion_id)
        if not offer.is_open or self.state.document(offer.suggestion) is None:
            raise UnknownSuggestion(suggestion_id)
        return offer.suggestion

    def explanation(self, uri: str) -> str:
        """Why the last answer for a document was what it was, for a person."""
        if uri in self.state.documents.left_alone:
            return f"No suggestion: this file is left alone ({self.state.documents.left_alone[uri]})."
        prediction = self._last.get(uri)
        if prediction is None:
            return "No suggestion: nothing was asked for this document yet."
        lines = [
            f"{number}. {one.title}: {one.reason} ({one.source}, chance {one.chance:.0%})."
            for number, one in enumerate(prediction.suggestions, start=1)
        ]
        if not lines:
            lines = [f"No suggestion: {(prediction.silence or Silence.NO_CANDIDATE).value}."]
        lines += [f"Withheld: {one.title}, as {one.reason.value}." for one in prediction.withheld]
        cost = self._asking.costs.get(uri)
        return "\n".join([*lines, f"Model: {cost}."] if cost else lines)

    def went_to(self, suggestion: Suggestion) -> None:
        """The editor has put the cursor at a suggestion; a file that was not open is open by now, or soon."""
        self.state.cursors[suggestion.uri] = suggestion.edit.start
        if self.state.documents.is_open(suggestion.uri):
            self.state.focused = suggestion.uri

    # What the user controls.

    def pause(self, minutes: float | None) -> None:
        """Silences what comes by itself, for that long or until ``resume``."""
        self._paused_until = float("inf") if minutes is None else self._clock.now() + 60 * minutes
        self._tell_status()

    def resume(self) -> None:
        """Ends the pause."""
        self._paused_until = float("-inf")
        self._tell_status()

    def status(self) -> Status:
        """How it is."""
        kind, message = self._kind()
        remaining = max(0.0, self._paused_until - self._clock.now())
        return Status(
            kind=kind,
            is_busy=self._model.state is EngineState.LOADING,
            message=message,
            model=self._model.name,
            model_state=self._model.state.value,
            model_problem=self._model.problem,
            paused_s=None if remaining == float("inf") else remaining,
            documents=len(self.state.documents.followed),
            index=self._looking.index_state,
            left_alone=dict(self.state.documents.left_alone),
            counts=dict(self._store.counts),
        )

    def _kind(self) -> tuple[Kind, str]:
        if self._clock.now() < self._paused_until:
            return Kind.INACTIVE, "paused"
        if not self.settings.enabled:
            return Kind.INACTIVE, "off: asking explicitly still works"
        if self._model.problem is not None:
            return Kind.WARNING, f"no model: {self._model.problem}"
        if self._model.state is EngineState.LOADING:
            return Kind.NORMAL, "loading the model"
        return Kind.NORMAL, "ready"

    def _silence(self, ask: Ask) -> Silence | None:
        document = self.state.documents.get(ask.uri)
        if document is None:
            return Silence.LEFT_ALONE
        if ask.is_explicit:
            return None
        if self._clock.now() < self._paused_until:
            return Silence.PAUSED
        names = (document.language_id, document.language.name if document.language else document.language_id)
        return None if self.settings.is_automatic(names) else Silence.DISABLED

    def _is_current(self, suggestion: Suggestion) -> bool:
        document = self.state.document(suggestion)
        return document is not None and document.version == suggestion.version

    def _offer(self, suggestion_id: str) -> Offer:
        offer = self.state.offers.get(suggestion_id)
        if offer is None:
            raise UnknownSuggestion(suggestion_id)
        return offer

    def _on_outcome(self, suggestion: Suggestion, outcome: Outcome) -> None:
        document = self.state.documents.get(suggestion.uri)
        entry = Entry(
            outcome=outcome.value,
            id=suggestion.id,
            language=document.language_id if document else "",
            source=suggestion.source,
            form=suggestion.form.value,
            chance=round(suggestion.chance, 3),
            n_old=len(suggestion.old_text),
            n_new=len(suggestion.edit.text),
        )
        self._store.count(entry)
        if self.settings.feedback:
            self._store_writer.submit(lambda: self._store.append(entry))

    def _use_index(self) -> None:
        roots = self._surroundings.roots if self.settings.index else ()
        self._looking.use(roots, self.settings.index_max_files)

    def _standing_on_disk(self, prediction: Prediction) -> Prediction:
        """``prediction`` without suggestions for files that are not open and have changed since they were read."""
        standing = tuple(one for one in prediction.suggestions if self.state.document(one) is not None)
        if len(standing) == len(prediction.suggestions):
            return prediction
        return replace(prediction, suggestions=standing, silence=None if standing else Silence.STALE)

    def _on_disk_change(self, change: Change) -> None:
        self._looking.changed_on_disk(change)
        if isinstance(change, HeadMoved):
            logger.info("git: HEAD moved (%s)", change.move.value)
            self.state.head_moved(change.root, change.move, self._clock.now())
        elif touches_rules(change):
            self.state.check_ignored()

    def _tell_status(self) -> None:
        status = self.status()
        told = (status.kind, status.is_busy, status.message)
        if told != self._told:
            self._told = told
            self._listener.on_status(status)
