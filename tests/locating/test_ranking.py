"""Where the user edits next: what the shipped forest makes of plain situations."""

from __future__ import annotations

import textwrap
from itertools import pairwise

import pytest

from nextedit_lsp.editing import documents
from nextedit_lsp.editing.elsewhere import Diagnostic
from nextedit_lsp.editing.events import Origin
from nextedit_lsp.editing.history import History
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.locating.place import RankedPlace
from nextedit_lsp.locating.ranking import features, ranker, scene
from nextedit_lsp.text.changes import Changes

NEXT = "<NEXT>"


def state(
    before: str, old: str, new: str, others: dict[str, str] | None = None, diagnostics: tuple[Diagnostic, ...] = ()
) -> Snapshot:
    """The state after the first ``old`` of ``a.py`` became ``new``."""
    text = textwrap.dedent(before)
    document = documents.opened("file:///a.py", "a.py", "python", 1, text)
    start = text.index(old)
    changes = Changes.replace(start, start + len(old), new)
    history = History().record(document, changes, Origin.TYPED, 1.0)
    return Snapshot(
        document=document.edited(changes, 2),
        cursor=start + len(new),
        history=history,
        others=tuple(
            documents.opened(f"file:///{path}", path, "", 1, textwrap.dedent(other))
            for path, other in (others or {}).items()
        ),
        now=5.0,
        diagnostics=diagnostics,
    )


def ranked(snapshot: Snapshot) -> tuple[RankedPlace, ...]:
    return ranker.ranked(snapshot, snapshot.history.intentions())


FILLER = "\n".join(f"    step_{i}(argument_{i})" for i in range(12))
RENAMED = f"""\
def area(radius):
    return 3 * radius ** 2


def unrelated():
{FILLER}


def main():
    print(area(2))
"""


@pytest.mark.parametrize(
    ("before", "old", "new", "row"),
    [
        pytest.param(RENAMED, "area", "circle_area", 20, id="the use of a renamed function"),
        pytest.param(RENAMED, "(radius)", "(r)", 1, id="the use of a renamed parameter"),
    ],
)
def test_the_first_place_is_where_the_old_name_still_stands(before, old, new, row):
    first = ranked(state(before, old, new))[0]
    assert first.first_row <= row < first.end_row
    assert old.strip("()") in first.reason


def test_places_are_spots_of_their_own_and_fall_in_chance():
    places = ranked(state(RENAMED, "area", "circle_area"))
    assert len(places) > 3
    assert [place.chance for place in places] == sorted((place.chance for place in places), reverse=True)
    rows = sorted((place.first_row, place.end_row) for place in places)
    assert all(end < first for (_, end), (first, _) in pairwise(rows))
    assert all(0 <= place.chance <= 1 and place.reason for place in places)


def test_another_document_is_a_place_too():
    others = {"test_a.py": "from a import area\n\n\ndef test_area():\n    assert area(1) == 3\n"}
    places = ranked(state(RENAMED, "area", "circle_area", others))
    assert any(place.document.path == "test_a.py" for place in places[:3])


def test_a_reported_error_makes_its_row_likelier():
    start = RENAMED.index("step_5") + len("circle_")
    plain = state(RENAMED, "area", "circle_area")
    error = Diagnostic("file:///a.py", start, start + 6, "undefined name step_5")
    reported = state(RENAMED, "area", "circle_area", diagnostics=(error,))
    rows = (10, 11)
    was, is_ = (ranker.chance_at(ranked(one), one.document, rows) for one in (plain, reported))
    assert is_ > was
    assert any("undefined name step_5" in place.reason for place in ranked(reported))


def test_a_bracket_left_open_is_a_place():
    text = f"def main():\n    show(1, 2)\n\n\ndef unrelated():\n{FILLER}\n"
    places = ranked(state(text, "show(1, 2)", "show(1, 2"))
    assert any("does not parse" in place.reason for place in places)
    again = ranked(state(text.replace("step_3(", "step_3"), "show", "display"))
    assert not any("does not parse" in place.reason for place in again)


def test_the_chance_of_rows_is_that_of_the_place_they_touch():
    snapshot = state(RENAMED, "area", "circle_area")
    places = ranked(snapshot)
    first = places[0]
    assert ranker.chance_at(places, first.document, (first.first_row, first.end_row)) == first.chance
    assert ranker.chance_at(places, first.document, (first.first_row, first.first_row)) == first.chance
    assert ranker.chance_at((), first.document, (0, 1)) == 0.0


def test_without_an_edit_there_are_no_places():
    snapshot = state(RENAMED, "area", "circle_area")
    assert ranker.ranked(snapshot, []) == ()


@pytest.mark.parametrize(("old", "new"), [("area", "circle_area"), ("3", "4"), ("print(area(2))", "")])
def test_the_columns_are_those_of_learning_in_their_order(old, new):
    snapshot = state(RENAMED, old, new)
    of = scene.scene_of(snapshot, snapshot.history.intentions())
    assert of is not None
    assert tuple(features.columns(of)) == ranker.learned().names


@pytest.mark.parametrize("text", ["", "\n", "a", "x" * 100_000, "(\n" * 50, "\t\n \n", "é = 'ü'\r\nß\r"])
def test_any_text_is_ranked(text):
    document = documents.opened("file:///a.py", "a.py", "python", 1, text)
    changes = Changes.replace(0, 0, "new ")
    history = History().record(document, changes, Origin.TYPED, 1.0)
    snapshot = Snapshot(document.edited(changes, 2), 4, history, now=5.0)
    for place in ranked(snapshot):
        assert 0 <= place.first_row < place.end_row <= snapshot.document.text.n_lines
