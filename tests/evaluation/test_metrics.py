import pytest

from nextedit_lsp.evaluation.episodes import Episode
from nextedit_lsp.evaluation.metrics import Row, judged, summarised
from nextedit_lsp.evaluation.rounds import file_order, rounds
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
    row = judged(round_, Prediction((suggestion(round_.snapshot, old, new),)), 1.0)
    names = {"loc": row.is_located, "exact": row.is_exact, "part": row.is_part, "reversal": row.is_reversal}
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


def test_rates() -> None:
    asked = Row("e", 1, 2, "text", "a", is_complete=False, is_repeat=False, ms=1)
    right = Row("e", 1, 2, "text", "a", False, False, n_shown=1, is_located=True, is_exact=True, ms=2)
    wrong = Row("e", 1, 2, "text", "a", False, False, n_shown=1, is_located=True, ms=3)
    noisy = Row("e", 2, 2, "text", "a", is_complete=True, is_repeat=False, n_shown=1, ms=4)
    summary = summarised([asked, asked, right, wrong, noisy])
    assert (summary.n_rounds, summary.n_complete) == (4, 1)
    assert (summary.shown, summary.loc_1, summary.exact_1) == (0.5, 0.5, 0.25)
    assert (summary.precision_loc, summary.precision_exact, summary.no_edit) == (1.0, 0.5, 0.0)
    assert summary.points == (0.75 - 2 * 0.25) / 5
    assert (summary.p50_ms, summary.p95_ms) == (2, 4)
    assert summarised([]).precision_loc is None
