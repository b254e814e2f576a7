from dataclasses import replace

from nextedit_lsp.evaluation.episodes import Episode
from nextedit_lsp.evaluation.rounds import Round, file_order
from nextedit_lsp.evaluation.saving import Saving, saving
from nextedit_lsp.presenting.suggestion import Form, Suggestion
from tests.evaluation.stand_ins import episode, suggestion

# By hand: a jump of 4, then one letter deleted and one typed, in each line; the lines are 9 letters apart.
EPISODE = episode("a-----\n1\nb-----\n2\nc-----\n", (0, 1, ["A-----"]), (2, 1, ["B-----"]), (4, 1, ["C-----"]))
OF_A_LINE = 4 + 1 + 1


def saved(script: dict[int, tuple[str, str]], of: Episode = EPISODE) -> tuple[Saving, list[int]]:
    """The saving where after so many hunks this replacement is suggested; and after how many it was asked."""
    asked: list[int] = []

    def ask(round_: Round) -> Suggestion | None:
        asked.append(round_.k)
        wanted = script.get(round_.k)
        return suggestion(round_.snapshot, *wanted) if wanted else None

    return saving(of, file_order(of), ask), asked


def test_without_suggestions_nothing_is_saved() -> None:
    one, asked = saved({})
    # From the end of a line it is 3 characters to the next hunk, nearer than a jump.
    by_hand = OF_A_LINE + 2 * (3 + 1 + 1)
    assert (one.by_hand, one.first, one.strict.keystrokes, one.lenient.keystrokes) == (
        by_hand,
        OF_A_LINE,
        *2 * [by_hand],
    )
    assert asked == [1, 2, 3]


def test_right_suggestions_cost_a_keystroke_each() -> None:
    one, _ = saved({1: ("b-----", "B-----"), 2: ("c-----", "C-----")})
    assert one.strict.keystrokes == OF_A_LINE + 1 + 1
    assert (one.strict.n_accepted, one.strict.n_wrong, one.strict.n_lines_accepted, one.n_lines) == (2, 0, 4, 6)


def test_hunks_may_be_accepted_in_any_order() -> None:
    one, _ = saved({1: ("c-----", "C-----"), 2: ("b-----", "B-----")})
    assert one.strict.keystrokes == OF_A_LINE + 1 + 1


def test_wrong_suggestion_costs_a_keystroke_also_at_the_end() -> None:
    one, _ = saved({1: ("2", "two"), 3: ("2", "two")})
    assert one.strict.keystrokes == one.by_hand + 2
    assert (one.strict.n_accepted, one.strict.n_wrong) == (0, 2)


def test_what_was_turned_down_is_told() -> None:
    seen: list[int] = []

    def ask(round_: Round) -> Suggestion | None:
        seen.append(len(round_.snapshot.rejections))
        return None if round_.snapshot.rejections else suggestion(round_.snapshot, "2", "two")

    saving(EPISODE, file_order(EPISODE), ask)
    assert seen == [0, 1, 1]


def test_jump_costs_two() -> None:
    far = episode("a\n" + "\n" * 20 + "b\n", (0, 1, ["A"]), (21, 1, ["B"]))

    def ask(round_: Round) -> Suggestion | None:
        return replace(suggestion(round_.snapshot, "b", "B"), form=Form.JUMP) if round_.k == 1 else None

    assert saving(far, file_order(far), ask).strict.keystrokes == OF_A_LINE + 2


def test_right_part_is_wrong_strictly_and_finished_by_hand_leniently() -> None:
    two = episode("a-----\n1\nb-----\nc-----\n", (0, 1, ["A-----"]), (2, 2, ["B-----", "C-----"]))
    one, _ = saved({1: ("b-----", "B-----")}, of=two)
    # To the hunk, two letters changed; the second is 6 characters on from the first.
    assert one.by_hand == OF_A_LINE + (3 + 1 + 1) + OF_A_LINE
    assert one.strict.keystrokes == one.by_hand + 1
    assert one.lenient.keystrokes == OF_A_LINE + 1 + OF_A_LINE
    assert (one.strict.n_accepted, one.lenient.n_accepted, one.lenient.n_lines_accepted) == (0, 1, 0)


def test_several_hunks_at_once_count_leniently() -> None:
    one, asked = saved({1: ("b-----\n2\nc-----", "B-----\n2\nC-----")})
    assert one.strict.n_accepted == 0
    assert one.lenient.keystrokes == OF_A_LINE + 1
    # The lenient session goes from one hunk to all three, the strict one by two.
    assert asked == [1, 2, 3, 3]
