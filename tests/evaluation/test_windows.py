from nextedit_lsp.evaluation import windows
from nextedit_lsp.evaluation.rounds import file_order, rounds
from nextedit_lsp.evaluation.windows import Window
from tests.evaluation.stand_ins import episode, suggestion

EPISODE = episode("zero\none\ntwo\nthree\nfour\n", (0, 1, ["ZERO"]), (2, 2, ["TWO"]), (5, 0, ["five"]))


def check_window(old: str, new: str, expected: Window, *, is_ahead: bool = True) -> None:
    round_ = next(rounds(EPISODE, file_order(EPISODE)))
    made = windows.ahead if is_ahead else windows.behind
    assert made(suggestion(round_.snapshot, old, new), round_) == expected


def test_window_holds_whole_hunks_that_are_overlapped() -> None:
    check_window("two", "2", Window("two\nthree", "2\nthree", "TWO"))


def test_window_of_a_place_that_stays_is_its_own_line() -> None:
    check_window("ZERO", "0", Window("ZERO", "0", "ZERO"))


def test_separate_lines_of_one_suggestion_stand_below_each_other() -> None:
    check_window("ZERO\none\ntwo", "0\none\n2", Window("ZERO\ntwo\nthree", "0\n2\nthree", "ZERO\nTWO"))


def test_insertion_at_the_border_belongs_to_the_window() -> None:
    check_window("four", "4", Window("four", "4", "four\nfive"))


def test_window_behind_tells_how_it_was() -> None:
    check_window("ZERO", "zer0", Window("ZERO", "zer0", "zero"), is_ahead=False)
