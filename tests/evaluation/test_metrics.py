import json
from dataclasses import asdict

import pytest

from nextedit_lsp.evaluation.episodes import Episode
from nextedit_lsp.evaluation.metrics import Cost, Row, failed, from_fields, judged
from nextedit_lsp.evaluation.rounds import file_order, rounds
from nextedit_lsp.locating.place import RankedPlace
from nextedit_lsp.predictor import Prediction
from tests.evaluation.stand_ins import episode, suggestion

EPISODE = episode(
    "zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\n",
    (0, 1, ["ZERO"]),
    (2, 2, ["TWO", "THREE"]),
    (6, 0, ["five and a half"]),
)


def check_judged(old: str, new: str, expected: str, k: int = 1, of: Episode = EPISODE) -> None:
    """What is said of the suggestion ``old`` → ``new`` after ``k`` hunks."""
    round_ = list(rounds(of, file_order(of)))[k - 1]
    shown = judged(round_, Prediction((suggestion(round_.snapshot, old, new),)), Cost()).shown
    assert shown is not None
    names = {"loc": shown.is_located, "exact": shown.is_exact, "part": shown.is_part, "reversal": shown.is_reversal}
    assert " ".join(name for name, holds in names.items() if holds) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("two\nthree", "TWO\nTHREE", "loc exact"),
        ("two\nthree", "TWO  \nTHREE", "loc exact"),
        ("six", "five and a half\nsix", "loc exact"),
        ("two", "TWO", "loc part"),
        ("three", "THREE", "loc part"),
        ("two\nthree\nfour\nfive\n", "TWO\nTHREE\nfour\nfive\nfive and a half\n", "loc part"),
        ("two", "THREE", "loc"),
        ("three\nfour", "THREE\nFOUR", "loc"),
        ("six", "SIX", "loc"),
        ("one", "ONE", ""),
        ("ZERO", "zero", "reversal"),
    ],
)
def test_suggestion_is_judged(old: str, new: str, expected: str) -> None:
    check_judged(old, new, expected)


def test_nothing_is_right_once_the_commit_is_complete() -> None:
    check_judged("six", "five and a half\nsix", "", k=3)
    check_judged("TWO\n", "", "reversal", k=3)


def test_part_of_a_growing_hunk_adds_only_lines_of_it() -> None:
    growing = episode("a\nb\nc\n", (0, 1, ["A"]), (2, 1, ["c1", "c2", "c3"]))
    check_judged("c\n", "c1\nc2\n", "loc part", of=growing)
    check_judged("c\n", "c2\nc1\n", "loc", of=growing)


def check_ranks(places: list[tuple[int, int]], expected: tuple[int, int]) -> None:
    """The rank among these row ranges, and among the suggestions, of the first that touches a remaining hunk."""
    round_ = next(rounds(EPISODE, file_order(EPISODE)))
    ranked = tuple(RankedPlace(round_.snapshot.document, *rows, 0.5, "test", "said so") for rows in places)
    prediction = Prediction((suggestion(round_.snapshot, "two\nthree", "TWO\nTHREE"),), places=ranked)
    row = judged(round_, prediction, Cost())
    assert (row.rank, row.rank_shown) == expected


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        # Without a ranking the suggestions are the ranking.
        ([], (1, 1)),
        ([(4, 5), (3, 4)], (2, 1)),
        ([(4, 5)], (0, 1)),
        # The last remaining hunk is an insertion before row 6: its neighbours and itself touch it.
        ([(5, 6)], (1, 1)),
        ([(6, 7)], (1, 1)),
        ([(7, 8)], (0, 1)),
        ([(7, 7)], (1, 1)),
        ([(8, 8)], (0, 1)),
    ],
)
def test_ranking_is_judged_apart_from_what_is_shown(places: list[tuple[int, int]], expected: tuple[int, int]) -> None:
    check_ranks(places, expected)


def test_row_survives_being_written() -> None:
    round_ = next(rounds(EPISODE, file_order(EPISODE)))
    place = RankedPlace(round_.snapshot.document, 2, 4, 0.25, "test", "said so")
    prediction = Prediction((suggestion(round_.snapshot, "two", "TWO"),), places=(place,))
    row = judged(round_, prediction, Cost(ms=1.5))
    assert from_fields(json.loads(json.dumps(asdict(row)))) == row
    assert row.shown is not None and row.shown.diff == "@@ a.txt:3\n-two\n+TWO"
    raised = failed(round_, "out of ideas", Cost())
    assert from_fields(json.loads(json.dumps(asdict(raised)))) == raised
    with pytest.raises(TypeError):
        from_fields({"episode": "e", "surprise": 1})


def test_row_without_answer_has_no_chance() -> None:
    row = Row("e", 1, 2, "text", "a", is_complete=False, is_repeat=False)
    assert (row.best, row.place_chance, row.rank, row.is_right, row.is_wrong) == (None, None, 0, False, False)
