import json

import pytest

from nextedit_lsp.evaluation.episodes import parsed
from nextedit_lsp.evaluation.kinds import kinds_of, target
from nextedit_lsp.evaluation.rounds import HunkId, Round, file_order, rounds
from tests.evaluation.stand_ins import episode, fields

Given = tuple[int, int, list[str]]


def first_round(before: str, *hunks: Given) -> Round:
    one = episode(before, *hunks)
    return next(rounds(one, file_order(one)))


@pytest.mark.parametrize(
    ("before", "hunks", "expected"),
    [
        ("r = 1\n\nprint(r, r)\n", [(0, 1, ["s = 1"]), (2, 1, ["print(s, s)"])], "rename repeat near"),
        ("a\n\nprint(r)\n", [(0, 1, ["b"]), (2, 1, ["print(s)"])], "rename near"),
        ("a\n\nprint(r)\n", [(0, 1, ["b"]), (2, 1, ["print(s + 1)"])], "near"),
        ("a\n" + "\n" * 9 + "r + q\n", [(0, 1, ["b"]), (10, 1, ["s + p"])], "far"),
        ("a\n\nb\n", [(0, 1, ["A"]), (2, 0, ["new"])], "insertion near"),
        ("a\n\nb\n", [(0, 1, ["A"]), (2, 1, [])], "deletion near"),
        # A call whose function got other arguments.
        ("def f(a):\n\nf(1)\n", [(0, 1, ["def f(a, b):"]), (2, 1, ["f(1, 2)"])], "signature near"),
        # The declaration itself; the call that was done before is none.
        ("x = 1\n\ndef f(a):\n", [(0, 1, ["x = 2"]), (2, 1, ["def f(a, b):"])], "signature near"),
        ("g(1)\n\nf(1)\n", [(0, 1, ["g(1, 2)"]), (2, 1, ["f(1, 3)"])], "near"),
    ],
)
def test_kinds(before: str, hunks: list[Given], expected: str) -> None:
    round_ = first_round(before, *hunks)
    assert " ".join(kinds_of(round_.remaining[0], round_)) == expected


def test_hunk_in_another_file() -> None:
    one = parsed(json.dumps(fields(("a", "1\n", [(0, 1, ["2"])]), ("b", "3\n", [(0, 1, ["x"])]))), "test:1")
    round_ = next(rounds(one, file_order(one)))
    assert kinds_of(round_.remaining[0], round_) == ("other file",)


def test_round_is_about_what_was_hit_else_about_the_nearest() -> None:
    one = episode("a\n" * 30, (0, 1, ["b"]), (20, 1, ["c"]), (25, 1, ["d"]))
    round_ = next(rounds(one, [HunkId(0, 1), HunkId(0, 0), HunkId(0, 2)]))
    far, near = round_.remaining
    assert target(round_, ()) is near
    assert target(round_, (far,)) is far
