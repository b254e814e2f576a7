"""Protocol 3: what would have been suggested in a recorded session.

In: a recording, and a predictor that can be cancelled.  Out: every request, and every suggestion that was shown.
Not here: reading recordings (``recordings``), sums (``recorded_report``).

The session's clock is that of the recording; only the predictor takes real time.  After every pause of ``PAUSE_MS``
it is asked; in the middle of a word again once the word counts as finished, as the server does.  An answer counts if it
comes before the user's next action; when that is due the predictor is told to stop.  A suggestion was typed if its text
stands there as suggested when the user stops typing for a moment, within 30 seconds; what is left of a suggestion while
the user types it is the same suggestion.

    action ── pause of 100 ms ──▶ ask ──▶ answered before the next action? ──yes──▶ shown
                                            └──no──▶ superseded
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from nextedit_lsp.editing.history import Intention
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.evaluation.recordings import Action, Changed, Closed, Opened, Recording, Selected
from nextedit_lsp.evaluation.similarity import reversal_ratio
from nextedit_lsp.evaluation.steps import FINISHED_AFTER_MS
from nextedit_lsp.evaluation.with_model import ModelPredictor
from nextedit_lsp.predictor import Prediction, PredictorSettings
from nextedit_lsp.presenting.suggestion import Suggestion
from nextedit_lsp.session.documents import Documents, Received
from nextedit_lsp.session.offers import Offers
from nextedit_lsp.session.state import State
from nextedit_lsp.syntax import languages
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit
from nextedit_lsp.vetting.silence import Silence

# Editors ask when the user has paused this long (Copilot's debounce).
PAUSE_MS = 100.0
# What the user types so long after a suggestion counts as the suggestion's.
TYPED_WITHIN_MS = 30_000.0
# A suggestion most of whose characters take back one of so many last edits is a reversal.
REVERSAL_SHARE = 0.5
N_LAST_EDITS = 5

Predict = Callable[[Snapshot, PredictorSettings, Callable[[], bool]], Prediction]


@dataclass(frozen=True, slots=True)
class Request:
    """One question.  ``is_answered``: before the next action.  ``evaluated_tokens``: None where no model was asked."""

    at_ms: float
    latency_ms: float
    is_answered: bool
    has_suggestion: bool
    silence: str
    evaluated_tokens: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A suggestion that was shown, once for as long as it stood.  ``line`` counts from 0."""

    at_ms: float
    path: str
    line: int
    title: str
    source: str
    reason: str
    chance: float
    old: str
    new: str
    is_typed: bool
    reversal: float

    @property
    def is_reversal(self) -> bool:
        """Whether most of it takes back what the user has just done."""
        return self.reversal > REVERSAL_SHARE


@dataclass(frozen=True, slots=True)
class Replayed:
    """A whole session."""

    n_actions: int
    requests: tuple[Request, ...]
    shown: tuple[Shown, ...]


@dataclass(slots=True)
class _Standing:
    """A suggestion that was shown, and what is left to do of it: less as the user types it."""

    uri: str
    shown: Shown
    left: Changes


@dataclass(slots=True)
class _Replay:
    predict: Predict
    settings: PredictorSettings
    state: State = field(
        default_factory=lambda: State(Documents(lambda _: None), Offers(lambda *_: None), lambda *_: False)
    )
    standing: list[_Standing] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    n_versions: int = 1


def replayed(recording: Recording, predict: Predict, settings: PredictorSettings) -> Replayed:
    """What the predictor would have suggested."""
    replay = _Replay(predict, settings)
    replay.state.settle_s = settings.settle_s
    requests: list[Request] = []
    actions = recording.actions
    for index, action in enumerate(actions):
        _take(replay, action)
        next_ms = actions[index + 1].time_ms if index + 1 < len(actions) else float("inf")
        if next_ms - action.time_ms >= FINISHED_AFTER_MS:
            _end(replay, [one for one in replay.standing if not one.left], is_typed=True)
        if isinstance(action, Closed) or next_ms - action.time_ms < PAUSE_MS or replay.state.focused is None:
            continue
        request, prediction, snapshot = _ask(replay, action.time_ms + PAUSE_MS, next_ms)
        requests.append(request)
        if request.is_answered and prediction.suggestions:
            _show(replay, prediction.suggestions[0], snapshot, request.at_ms)
    shown = sorted([*replay.shown, *(one.shown for one in replay.standing)], key=lambda one: one.at_ms)
    return Replayed(len(actions), tuple(requests), tuple(shown))


def _take(replay: _Replay, action: Action) -> None:
    """Makes the user's action."""
    state, uri, now = replay.state, _uri(action.path), action.time_ms / 1000
    if isinstance(action, Opened):
        language = languages.language_for(None, action.path)
        state.open(uri, language.name if language else "text", 1, str(action.text))
    elif isinstance(action, Closed):
        state.close(uri)
        _end(replay, [one for one in replay.standing if one.uri == uri])
    elif state.documents.get(uri) is None:
        state.focused = None  # The server leaves such a document alone.
    elif isinstance(action, Selected):
        state.focused = uri
        if action.offset is not None:
            state.cursors[uri] = action.offset
    else:
        replay.n_versions += 1
        state.change(uri, replay.n_versions, Received(action.changes, len(action.changes.edits)), now)
        *_, (_, cursor) = action.changes.after_spans()
        state.cursors[uri] = cursor
        _follow(replay, uri, action)


def _ask(replay: _Replay, at_ms: float, next_ms: float) -> tuple[Request, Prediction, Snapshot]:
    """One request: the answer, and whether it came in time."""
    snapshot = _snapshot(replay, at_ms)
    prediction, latency_ms, n_tokens = _timed(replay, snapshot, next_ms - at_ms)
    uri = snapshot.document.uri
    wait_ms = 1000 * replay.state.unsettled_s(uri, at_ms / 1000)
    if prediction.silence is Silence.UNSETTLED and at_ms + wait_ms < next_ms:
        at_ms += max(0.0, wait_ms)
        snapshot = _snapshot(replay, at_ms)
        prediction, again_ms, more = _timed(replay, snapshot, next_ms - at_ms)
        latency_ms += again_ms
        n_tokens = more if n_tokens is None else n_tokens + (more or 0)
    return (
        Request(
            at_ms=round(at_ms, 1),
            latency_ms=latency_ms,
            is_answered=at_ms + latency_ms <= next_ms,
            has_suggestion=bool(prediction.suggestions),
            silence=prediction.silence.name if prediction.silence else "",
            evaluated_tokens=n_tokens,
        ),
        prediction,
        snapshot,
    )


def _snapshot(replay: _Replay, at_ms: float) -> Snapshot:
    uri = replay.state.focused
    assert uri is not None, "only a document that is looked at is asked about"
    flight = replay.state.take_off(uri, replay.state.cursors.get(uri, 0), at_ms / 1000, is_explicit=False)
    replay.state.drop(flight)
    return flight.snapshot


def _timed(replay: _Replay, snapshot: Snapshot, allowed_ms: float) -> tuple[Prediction, float, int | None]:
    """The answer, how long it took, and the prompt tokens that a model evaluated."""
    started_at = time.perf_counter()

    def elapsed_ms() -> float:
        return 1000 * (time.perf_counter() - started_at)

    prediction = replay.predict(snapshot, replay.settings, lambda: elapsed_ms() > allowed_ms)
    latency_ms = elapsed_ms()
    usages = replay.predict.usages if isinstance(replay.predict, ModelPredictor) else ()
    return prediction, latency_ms, sum(usage.evaluated_tokens for usage in usages) if usages else None


def _show(replay: _Replay, suggestion: Suggestion, snapshot: Snapshot, at_ms: float) -> None:
    """Puts the suggestion on the screen, unless it is what is left of one that stands there."""
    document = snapshot.document_at(suggestion.uri)
    assert document is not None, "what is suggested is in a document that was looked at"
    after = Changes((suggestion.edit,)).apply(document.text)
    if any(one.uri == suggestion.uri and one.left.apply(document.text) == after for one in replay.standing):
        return
    intentions = [one for one in snapshot.history.intentions() if one.uri == suggestion.uri][:N_LAST_EDITS]
    shown = Shown(
        at_ms=at_ms,
        path=_path(suggestion.uri),
        line=suggestion.line,
        title=suggestion.title,
        source=suggestion.source,
        reason=suggestion.reason,
        chance=round(suggestion.chance, 4),
        old=suggestion.old_text,
        new=suggestion.edit.text,
        is_typed=False,
        reversal=max((_reversal(suggestion.edit, document.text, one) for one in intentions), default=0.0),
    )
    replay.standing.append(_Standing(suggestion.uri, shown, Changes((suggestion.edit,))))


def _follow(replay: _Replay, uri: str, change: Changed) -> None:
    """Carries what stands in a document through a change of it."""
    for one in replay.standing:
        if one.uri != uri:
            continue
        elsewhere = one.left.rebased(change.changes)
        # In its place: what leads from the text now, back over the change, to what was suggested.
        back = change.changes.inverted(change.before)
        one.left = elsewhere if elsewhere is not None else back.composed(one.left).simplified(change.after)
    _end(replay, [one for one in replay.standing if change.time_ms > one.shown.at_ms + TYPED_WITHIN_MS])


def _end(replay: _Replay, ended: Sequence[_Standing], *, is_typed: bool = False) -> None:
    """Takes suggestions from the screen."""
    replay.shown += [replace(one.shown, is_typed=is_typed) for one in ended]
    replay.standing = [one for one in replay.standing if not any(one is gone for gone in ended)]


def _reversal(edit: Edit, text: Text, intention: Intention) -> float:
    """The share of ``edit`` that takes an intention back; 0 where it lies elsewhere."""
    undo = intention.changes.inverted(intention.before).rebased(intention.since)
    if undo is None or not undo:
        return 0.0
    first, last = text.line_at(edit.start), text.line_at(edit.end)
    here = [one for one in undo.edits if text.line_at(one.start) <= last and first <= text.line_at(one.end)]
    if not here:
        return 0.0
    start = min(text.line_start(first), *(text.line_start(text.line_at(one.start)) for one in here))
    end = max(text.line_end(last), *(text.line_end(text.line_at(one.end)) for one in here))
    base, suggested = (_applied(text, edits, start, end) for edits in (here, [edit]))
    return reversal_ratio(base, text.slice(start, end), suggested)


def _applied(text: Text, edits: Sequence[Edit], start: int, end: int) -> str:
    """The characters ``start:end`` of ``text`` after edits inside them."""
    pieces = list(_pieces(text, edits, start, end))
    return "".join(pieces)


def _pieces(text: Text, edits: Sequence[Edit], start: int, end: int) -> Iterator[str]:
    for edit in sorted(edits):
        yield text.slice(start, edit.start)
        yield edit.text
        start = edit.end
    yield text.slice(start, end)


def _uri(path: str) -> str:
    return f"file:///{path}"


def _path(uri: str) -> str:
    return uri.removeprefix("file:///")
