import itertools
import random
from functools import cache

import pytest

from nextedit_lsp.evaluation.keystrokes import JUMP, keystrokes


@pytest.mark.parametrize(
    ("old", "new", "distance", "expected"),
    [
        ("same", "same", JUMP, 0),
        # An insertion: the jump, and its characters.
        ("", "abc\n", JUMP, 4 + 4),
        ("", "abc\n", 2, 2 + 4),
        ("", "abc\n", 0, 4),
        # A block of lines goes for the jump and 2, however long.
        ("one line\nand another\n", "", JUMP, 4 + 2),
        ("x", "", JUMP, 4 + 1),
        ("xy", "", JUMP, 4 + 2),
        # One word in a line that stays: to the word, select it, delete it, type.
        ("total = count\n", "total = n\n", 0, 4 + 2 + 1),
        ("total = count\n", "total = n\n", JUMP, 4 + 2 + 1),
        # Two places: the cursor is brought up for each.
        ("r + long_name + r\n", "s + long_name + s\n", 0, (1 + 1) + (4 + 1 + 1)),
        # Near places cost their distance, not a jump.
        ("f(a)", "f(b)", 0, 2 + 1 + 1),
        # Where too many places differ, all is selected and typed anew.
        ("a.b.c", "x.y.z", 0, 2 + 5),
    ],
)
def test_known_costs(old: str, new: str, distance: int, expected: int) -> None:
    assert keystrokes(old, new, distance) == expected


def test_distance_beyond_a_jump_is_a_jump() -> None:
    assert keystrokes("", "a", 1000) == keystrokes("", "a", JUMP) == 5


def test_agrees_with_plain_search_over_all_moves() -> None:
    rng = random.Random(5)
    for _ in range(60):
        old, new = ("".join(rng.choices("ab ", k=rng.randint(0, 7))) for _ in range(2))
        for distance in (0, 2, JUMP):
            assert keystrokes(old, new, distance) == _searched(old, new, distance), (old, new, distance)


def _searched(old: str, new: str, distance: int) -> int:
    """The same cost from its definition: every state, every move."""

    @cache
    def rest(i: int, j: int, behind: int, is_selecting: bool) -> float:
        if (i, j) == (len(old), len(new)) and not is_selecting:
            return 0
        moves = []
        if is_selecting:
            moves += [rest(i + 1, j, 0, True)] if i < len(old) else []
            moves.append(1 + rest(i, j, 0, False) if i else float("inf"))
            return min(moves)
        if i < len(old) and j < len(new) and old[i] == new[j]:
            moves.append(rest(i + 1, j + 1, min(behind + 1, JUMP), False))
        if behind:
            return min([*moves, behind + rest(i, j, 0, False)])
        if j < len(new):
            moves.append(1 + rest(i, j + 1, 0, False))
        if i < len(old):
            # A selection takes at least a character, so that search ends.
            moves += [1 + rest(i + 1, j, 0, False), 1 + rest(i + 1, j, 0, True)]
        return min(moves, default=float("inf"))

    return int(rest(0, 0, min(distance, JUMP), False))


def test_never_costs_more_than_deleting_all_and_typing_anew() -> None:
    words = ["", "alpha", "beta gamma", "x\ny\n"]
    for old, new in itertools.product(words, words):
        assert keystrokes(old, new) <= JUMP + 2 + len(new)
