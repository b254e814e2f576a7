import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextedit_lsp.engine.remote_lines import Alignment, lines_of

DRAFT = "def f():\n    a = 1\n    b = 2\n\n    return a\n\ndef g():\n    return 3\n"


def check_alignment(answer: str, *, follows: int, rest: str | None = None, draft: str = DRAFT) -> None:
    alignment = Alignment(draft)
    for line in lines_of(answer):
        alignment.add(line)
    assert alignment.n_following == follows
    if rest is not None:
        assert alignment.rest == rest


def test_an_answer_that_changes_nothing_has_nothing_to_come_back_from():
    check_alignment("", follows=0, rest=DRAFT)
    check_alignment("def f():\n    a = 1\n", follows=0, rest="    b = 2\n\n    return a\n\ndef g():\n    return 3\n")
    check_alignment(DRAFT, follows=0, rest="")


def test_behind_a_replaced_line():
    check_alignment("def f(x):\n", follows=0)
    check_alignment("def f(x):\n    a = 1\n", follows=1)
    check_alignment("def f(x):\n    a = 1\n    b = 2\n\n", follows=2, rest="    return a\n\ndef g():\n    return 3\n")


def test_behind_inserted_and_deleted_lines():
    check_alignment(
        "import x\n\ndef f():\n    a = 1\n", follows=2, rest="    b = 2\n\n    return a\n\ndef g():\n    return 3\n"
    )
    check_alignment("def f():\n    b = 2\n\n    return a\n", follows=2, rest="\ndef g():\n    return 3\n")


def test_many_deleted_lines_are_believed_when_as_many_have_followed():
    draft = "".join(f"{number}\n" for number in range(9))
    check_alignment("3\n4\n", follows=0, draft=draft)
    check_alignment("3\n4\n5\n", follows=3, rest="6\n7\n8\n", draft=draft)


def test_a_second_change_counts_anew():
    check_alignment("def f(x):\n    a = 1\n    b = 3\n", follows=0)
    check_alignment("def f(x):\n    a = 1\n    b = 3\n\n    return a\n", follows=1)


def test_of_equal_lines_the_next_one_is_meant():
    draft = "if a:\n    stop()\nif b:\n    stop()\nif c:\n    stop()\n"
    check_alignment("if x:\n    stop()\n", follows=1, rest="if b:\n    stop()\nif c:\n    stop()\n", draft=draft)


def test_lines_of_white_space_do_not_count():
    check_alignment("x\n\n  \n", follows=0, draft="y\n\n  \nz\n")
    check_alignment("x\n\n  \nz\n", follows=1, draft="y\n\n  \nz\n")


def test_a_last_line_without_an_end_is_not_whole():
    check_alignment("x\nb\n", follows=0, draft="a\nb")


@pytest.mark.parametrize("text", ["", "\n", "a", "a\n", "a\nb", "a\r\nb\n\n", "\u2028a\x0cb\n"])
def test_lines_are_all_of_the_text(text: str):
    lines = lines_of(text)
    assert "".join(lines) == text
    assert all(line.endswith("\n") for line in lines[:-1])
    assert all(lines)


LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n"]), max_size=8)


@settings(deadline=None)
@given(draft=LINES, answer=LINES)
def test_what_follows_is_in_the_answer_and_in_the_draft_alike(draft: list[str], answer: list[str]):
    alignment = Alignment("".join(draft))
    for line in answer:
        alignment.add(line)
    n_written = len(draft) - len(lines_of(alignment.rest))
    assert "".join(draft).endswith(alignment.rest)
    if alignment.n_following:
        assert answer != draft[: len(answer)]
        said = [line for line in answer if line.strip()]
        had = [line for line in draft[:n_written] if line.strip()]
        assert said[-alignment.n_following :] == had[-alignment.n_following :]


@settings(deadline=None)
@given(before=LINES, old=LINES, new=LINES)
def test_unique_lines_behind_a_change_are_found(before: list[str], old: list[str], new: list[str]):
    behind = [f"unique {number}\n" for number in range(20)]
    alignment = Alignment("".join(before + old + behind))
    for line in before + new + behind[:18]:
        alignment.add(line)
    assert alignment.rest == "".join(behind[18:])
    assert (alignment.n_following > 0) == (new != old)
