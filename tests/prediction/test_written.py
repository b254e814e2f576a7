"""What a model writes, through the pipeline: text in, the model's text in, suggestions or silence out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nextedit_lsp import predictor
from nextedit_lsp.editing import documents
from nextedit_lsp.editing.events import Origin
from nextedit_lsp.editing.history import History
from nextedit_lsp.editing.snapshot import Rejection, Snapshot
from nextedit_lsp.formats.catalogue import FORMATS
from nextedit_lsp.formats.format import Spot, Task
from nextedit_lsp.formats.prompt import Completion, Finish, Segment
from nextedit_lsp.locating.place import RankedPlace
from nextedit_lsp.predictor import Prediction, PredictorSettings
from nextedit_lsp.text import diff
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.vetting.silence import Silence

SWEEP = FORMATS["sweep-zed"]
BEFORE = "def total(items):\n    result = 0\n    return result\n"
EDITED = "def total(items):\n    result = 0.0\n    return result\n"


def snapshot_of(before: str, after: str, *, path: str = "a.py", **more) -> Snapshot:
    document = documents.opened(f"file:///{path}", path, "", 1, before)
    changes = diff.refined(diff.text_changes(document.text, Text.of(after)), document.text)
    history = History().record(document, changes, Origin.TYPED, 10.0)
    *_, (_, end) = changes.after_spans()
    return Snapshot(document.edited(changes, 2), end, history, now=20.0, **more)


def asked(snapshot: Snapshot, quick: Prediction) -> Task:
    task = next(predictor.questions(snapshot, quick, SWEEP))
    assert isinstance(task, Task)
    return task


def written(after: str, writes: str, *, logprob: float = -0.1, silence=Silence.NO_CANDIDATE, **more) -> Prediction:
    """What comes of a model that makes ``writes`` of the text ``after``."""
    snapshot = snapshot_of(BEFORE, after, **more)
    quick = Prediction(silence=silence)
    task = asked(snapshot, quick)
    completion = Completion((Segment(writes),), Finish.END, "", logprob, logprob, 20)
    return predictor.written(snapshot, quick, task, [completion], SWEEP, PredictorSettings())


def check_written(after: str, writes: str, *titles: str, **more) -> None:
    prediction = written(after, writes, **more)
    assert [one.title for one in prediction.suggestions] == list(titles), prediction
    assert prediction.suggestions[0].source == "model"


def check_silent(after: str, writes: str, expected: Silence, **more) -> None:
    prediction = written(after, writes, **more)
    assert (prediction.suggestions, prediction.silence) == ((), expected)


def test_what_the_model_changes_is_suggested_where_it_changes_it():
    writes = EDITED.replace("return result", "return round(result)")
    check_written(EDITED, writes, "change `result` to `round(result)` on line 3")


def test_changes_apart_from_each_other_are_suggestions_of_their_own():
    after = EDITED + "\n\n\nx = 1\n"
    writes = after.replace("items", "prices").replace("x = 1", "x = 2")
    check_written(after, writes, "change `1` to `2` on line 7", "change `items` to `prices` on line 1")


def test_lines_are_counted_in_titles():
    check_written(
        EDITED,
        EDITED.replace("    return", "    log(result)\n    check(result)\n    return"),
        "write 2 lines on line 3",
    )
    check_written(EDITED, EDITED.replace("    return result\n", ""), "delete `return result` on line 3")


@pytest.mark.parametrize("writes", [EDITED, ""])
def test_a_model_that_keeps_everything_or_writes_nothing_is_silent(writes):
    check_silent(EDITED, writes, Silence.NO_EDIT)


def test_what_takes_back_the_user_s_edit_is_withheld():
    check_silent(EDITED, BEFORE, Silence.REVERTS_USER)


def test_what_breaks_sound_syntax_is_withheld():
    check_silent(EDITED, EDITED.replace("return result", "return (result"), Silence.BREAKS_SYNTAX)


def test_what_was_rejected_here_is_withheld():
    start = EDITED.index("return result") + len("return ")
    rejection = Rejection("file:///a.py", start, start + 6, "result", "round(result)", "model:0:0")
    writes = EDITED.replace("return result", "return round(result)")
    prediction = written(EDITED, writes, rejections=(rejection,))
    assert (prediction.suggestions, prediction.silence) == ((), Silence.REJECTED)


def test_what_the_model_is_unsure_of_is_withheld():
    check_silent(EDITED, EDITED.replace("return result", "return 1"), Silence.UNLIKELY, logprob=-30.0)


def test_amid_a_word_only_what_goes_on_from_the_cursor_is_suggested():
    elsewhere = EDITED.replace("return result", "return round(result)")
    check_silent(EDITED, elsewhere, Silence.UNSETTLED, silence=Silence.UNSETTLED)
    here = EDITED.replace("0.0", "0.0  # euros")
    check_written(EDITED, here, "write `# euros` on line 2", silence=Silence.UNSETTLED)


def test_a_place_too_unlikely_to_be_shown_is_asked_about():
    before = "a = old(1)\n" + "pass\n" * 30 + "b = old(2)\n"
    snapshot = snapshot_of(before, before.replace("old", "new", 1))
    settings = PredictorSettings(min_chance=1.0)
    quick = predictor.predict(snapshot, settings)
    assert quick.suggestions == () and quick.withheld
    spots = [task.spot for task in predictor.questions(snapshot, quick, SWEEP) if isinstance(task, Task)]
    assert spots[0].cursor == snapshot.cursor
    assert (spots[1].cursor, spots[1].first) == (None, 31)


def test_the_likeliest_places_are_asked_about_where_nothing_was_derived():
    before = "a = 1\n" + "pass\n" * 60
    snapshot = snapshot_of(before, before.replace("1", "2"))
    rows = {20: 0.2, 40: 0.6, 2: 0.9, 50: 0.01}
    places = tuple(RankedPlace(snapshot.document, row, row + 1, chance, "", "") for row, chance in rows.items())
    quick = Prediction(silence=Silence.NO_CANDIDATE, places=places)
    spots = [task.spot for task in predictor.questions(snapshot, quick, SWEEP) if isinstance(task, Task)]
    # Row 2 stands in the cursor's own prompt, row 50 is too unlikely.
    assert [spot.first for spot in spots] == [0, 40, 20]


def test_without_an_edit_the_model_is_not_asked():
    document = documents.opened("file:///a.py", "a.py", "", 1, BEFORE)
    snapshot = Snapshot(document, 0, History())
    quick = predictor.predict(snapshot, PredictorSettings())
    assert list(predictor.questions(snapshot, quick, SWEEP)) == []


def test_an_answer_is_sound_or_not_while_it_is_written():
    snapshot = snapshot_of(BEFORE, EDITED)
    task = asked(snapshot, Prediction(silence=Silence.NO_CANDIDATE))
    head, tail = EDITED.split("    return result\n")
    assert predictor.is_sound(task, head + "    return round(result)\n", tail, SWEEP)
    assert not predictor.is_sound(task, head + "    return round(result\n", tail, SWEEP)
    assert predictor.is_sound(task, "", "", SWEEP)


def doubtful() -> tuple[Snapshot, Prediction, Task]:
    """A repeated change that is withheld as unlikely, and the task for its place."""
    before = "a = old(1)\n" + "pass\n" * 30 + "b = old(2)\n"
    snapshot = snapshot_of(before, before.replace("old", "new", 1))
    quick = predictor.predict(snapshot, PredictorSettings(min_chance=1.0))
    _, task, *_ = predictor.questions(snapshot, quick, SWEEP)
    assert isinstance(task, Task)
    return snapshot, quick, task


def test_the_draft_for_a_doubtful_place_is_what_was_derived_there():
    _, _, task = doubtful()
    assert "b = new(2)" in task.question.draft


@pytest.mark.parametrize(("score", "is_shown"), [(-1.0, True), (-30.0, False)])
def test_the_model_s_opinion_shows_what_was_derived_or_withholds_it(score, is_shown):
    snapshot, quick, _ = doubtful()
    task = SWEEP.task(snapshot, Spot(snapshot.document, 31, 32))
    assert isinstance(task, Task)
    keep, *others = predictor.rivals(task, quick)
    assert keep == task.question.draft
    (derived,) = others
    unlikely = replace(quick.withheld[0], chance=0.3)
    prediction = predictor.rescored(
        snapshot, replace(quick, withheld=(unlikely,)), task, {keep: -5.0, derived: score}, PredictorSettings()
    )
    assert [one.title for one in prediction.suggestions] == ["change `old` to `new` on line 32"] * is_shown, prediction


def test_where_nothing_was_derived_there_is_nothing_to_score():
    snapshot = snapshot_of(BEFORE, EDITED)
    quick = Prediction(silence=Silence.NO_CANDIDATE)
    assert predictor.rivals(asked(snapshot, quick), quick) == []
