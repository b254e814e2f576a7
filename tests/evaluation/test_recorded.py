import json
from collections.abc import Callable

from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.evaluation import recorded, recorded_summary, recordings
from nextedit_lsp.evaluation.recorded import Predict, Replayed
from nextedit_lsp.predictor import Prediction, PredictorSettings
from nextedit_lsp.session.scripted import ScriptedPredictor
from nextedit_lsp.vetting.silence import Silence

CONTENT = "one = 1\n\nprint(one)\n"

# (milliseconds after the start, first offset, last offset, new text)
Typed = tuple[int, int, int, str]


def replay(predict: Predict, *typed: Typed, content: str = CONTENT) -> Replayed:
    entries = [
        {"kind": "documentEncountered", "id": 0, "relativePath": "a.py", "time": 0},
        {"kind": "setContent", "id": 0, "v": 1, "content": content, "time": 0},
        *({"kind": "changed", "id": 0, "edit": [[start, end, text]], "time": ms} for ms, start, end, text in typed),
    ]
    return recorded.replayed(recordings.parsed(json.dumps({"log": entries})), predict, PredictorSettings())


def test_asks_after_each_pause() -> None:
    predictor = ScriptedPredictor()
    session = replay(predictor, (1000, 0, 0, "a"), (1050, 1, 1, "b"), (1150, 2, 2, "c"), (2000, 3, 3, "d"))
    # After the opening, after "b" and "c" and "d"; between "a" and "b" there was no time.
    assert [request.at_ms for request in session.requests] == [100, 1150, 1250, 2100]
    assert [str(snapshot.document.text)[:4] for snapshot in predictor.snapshots] == ["one ", "abon", "abco", "abcd"]
    assert [snapshot.cursor for snapshot in predictor.snapshots] == [0, 2, 3, 4]


def test_suggestion_that_is_typed_in_pieces_counts_once() -> None:
    # Asked after the first change, when the use stands as it was, and after each piece of it.
    pieces = [(3000, 15, 18, ""), (4000, 15, 15, "t"), (5000, 16, 16, "wo")]
    session = replay(_renames_use, (1000, 0, 3, "two"), *pieces)
    [shown] = session.shown
    assert (shown.is_typed, shown.old, shown.new, shown.line) == (True, "one", "two", 2)
    assert sum(request.has_suggestion for request in session.requests) == 3


def test_edits_elsewhere_move_a_suggestion() -> None:
    session = replay(_renames_use, (1000, 0, 3, "two"), (2000, 8, 8, "\n\n"), (3000, 17, 20, "two"))
    assert [shown.is_typed for shown in session.shown] == [True]


def test_what_is_typed_too_late_or_otherwise_was_not_typed() -> None:
    for last in ((40_000, 15, 18, "two"), (3000, 15, 18, "three")):
        session = replay(_renames_use, (1000, 0, 3, "two"), last)
        assert [shown.is_typed for shown in session.shown] == [False]


def test_late_answer_is_superseded_and_told_to_stop() -> None:
    def waits(snapshot: Snapshot, settings: PredictorSettings, is_cancelled: Callable[[], bool]) -> Prediction:
        # The pause before the second change leaves 20 ms; the end of the session leaves for ever.
        while not is_cancelled() and "x" not in str(snapshot.document.text):
            pass
        return _renames_use(snapshot, settings, is_cancelled)

    session = replay(waits, (120, 0, 3, "two"), (240, 7, 7, "x"))
    assert [request.is_answered for request in session.requests] == [False, False, True]
    assert len(session.shown) == 1


def test_half_typed_word_is_asked_about_again() -> None:
    predictor = ScriptedPredictor(("one", "two"), silences=(Silence.NO_HISTORY, Silence.UNSETTLED))
    session = replay(predictor, (1000, 0, 3, "two"))
    assert [(request.at_ms, request.silence) for request in session.requests] == [(100, "NO_HISTORY"), (1400, "")]
    assert len(predictor.snapshots) == 3


def test_taking_back_is_a_reversal() -> None:
    session = replay(ScriptedPredictor(("two", "one")), (1000, 0, 3, "two"))
    assert [(shown.reversal, shown.is_reversal) for shown in session.shown] == [(1.0, True)]


def test_sums() -> None:
    session = replay(_renames_use, (1000, 0, 3, "two"), (2000, 15, 18, "two"))
    found = recorded_summary.summarised([session, session], 1_000_000, None)
    assert (found.n_sessions, found.n_actions, found.n_requests, found.n_answered) == (2, 6, 6, 6)
    assert (found.n_shown, found.n_typed, found.n_reversals, found.n_model_requests) == (2, 2, 0, 0)
    assert found.p50_ms is not None and found.p95_ms is not None and found.p50_ms <= found.p95_ms


def _renames_use(snapshot: Snapshot, settings: PredictorSettings, is_cancelled: Callable[[], bool]) -> Prediction:
    """Once the first word is ``two``, what stands in the parentheses becomes it too."""
    text = str(snapshot.document.text)
    old = text[text.index("(") + 1 : text.index(")")]
    if not text.startswith("two") or old == "two":
        return Prediction(silence=Silence.NO_CANDIDATE)
    predictor = ScriptedPredictor((f"({old})", "(two)"))
    return predictor(snapshot, settings, is_cancelled)
