"""The project's own format."""

from itertools import pairwise

import pytest

from nextedit_lsp.editing.history import History
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.formats import native
from nextedit_lsp.formats.format import Refused, Spot, Task
from nextedit_lsp.formats.prompt import Finish, Prompt, text_of
from tests.formats.checks import check_answer, check_refused, opened, said, spot_of, state, task_for

BEFORE = "one\n<CURSOR>two\nthree\n"


def check_read(answer: str, then: str) -> None:
    """Of ``two``, marked between two other lines; rows beyond the marked ones may change."""
    task = task_for("native", state("a.py", BEFORE))
    read = native.read(task, said(answer))
    assert not isinstance(read, Refused), read
    assert str(read.changes.apply(task.spot.document.text)) == then


@pytest.mark.parametrize(
    ("answer", "then"),
    [
        ("2\n<|eot|>", "one\n2\nthree\n"),
        ("2<|eot|>", "one\n2\nthree\n"),
        ("2\n2b\n<|eot|>", "one\n2\n2b\nthree\n"),
        ("\n<|eot|>", "one\n\nthree\n"),
        ("<|up|>1\n2\n<|eot|>", "1\n2\nthree\n"),
        ("<|down|>2\n3\n<|eot|>", "one\n2\n3\n"),
        ("<|down|><|up|>all\n<|eot|>", "all\n"),
        ("<|up|>one\n<|eot|>", "one\nthree\n"),
        ("<|none|>", "one\ntwo\nthree\n"),
        ("<|none|>2\n<|eot|>", "one\ntwo\nthree\n"),
        ("<|eot|>", "one\ntwo\nthree\n"),
        ("<|up|><|eot|>", "one\ntwo\nthree\n"),
    ],
)
def test_answers(answer, then):
    check_read(answer, then)


@pytest.mark.parametrize(
    ("answer", "then"),
    [
        ("wrong<|back|>2\n<|eot|>", "one\n2\nthree\n"),
        ("wrong\n<|back|>2\n<|eot|>", "one\n2\nthree\n"),
        ("2\nwrong<|back|>2b\n<|eot|>", "one\n2\n2b\nthree\n"),
        ("2\nwrong\n<|back|>2b\n<|eot|>", "one\n2\n2b\nthree\n"),
        ("2\nwrong\nworse<|back|><|back|>2b\n<|eot|>", "one\n2\n2b\nthree\n"),
        ("<|up|>wrong\n<|back|><|back|>1\n2\n<|eot|>", "1\n2\nthree\n"),
        ("wrong\n<|back|><|eot|>", "one\ntwo\nthree\n"),
    ],
)
def test_back_takes_back_a_line(answer, then):
    check_read(answer, then)


@pytest.mark.parametrize(
    "answer",
    [
        "<|up|><|up|>1\n<|eot|>",
        "<|down|><|down|><|down|>1\n<|eot|>",
        "2\n<|up|>\n<|eot|>",
        "2\n<|none|>",
        "<|up|><|none|>",
        "<|file|>a.py\n<|eot|>",
        "2<|from|>\n<|eot|>",
    ],
)
def test_answers_without_sense(answer):
    check_refused("native", BEFORE, answer)


def test_what_only_looks_like_a_token_is_text():
    task = task_for("native", state("a.py", BEFORE))
    plain = said("x")
    object.__setattr__(plain.pieces[0], "text", "<|none|>\n")
    read = native.read(task, plain)
    assert not isinstance(read, Refused)
    assert str(read.changes.apply(task.spot.document.text)) == "one\n<|none|>\nthree\n"


def test_a_cut_answer():
    long = "one\n<CURSOR>two\nthree\n"
    check_refused("native", long, "2", Finish.LENGTH)
    check_answer("native", long, "two\nthr", "one\ntwo\nthree\n", Finish.LENGTH)


def test_the_cursor_of_the_answer():
    check_answer("native", BEFORE, "2<|cursor|>2\n<|eot|>", "one\n2<CURSOR>2\nthree\n")


def check_written(first: int, end: int, new: list[str], answer: str) -> None:
    """The answer that rewrites rows ``first:end`` of four, of which the second is marked."""
    page = native.Page("a.py", ("a", "b", "c", "d"), 1, 2)
    assert text_of(native.answer(page, first, end, new)) == answer


def test_written_answers():
    check_written(1, 2, ["B"], "B\n<|eot|>")
    check_written(1, 2, ["b"], "<|none|>")
    check_written(2, 2, ["x"], "b\nx\n<|eot|>")
    check_written(2, 3, ["C"], "<|down|>b\nC\n<|eot|>")
    check_written(0, 1, ["A"], "<|up|>A\nb\n<|eot|>")
    check_written(0, 4, ["A"], "<|up|><|down|><|down|>A\n<|eot|>")
    check_written(1, 2, [], "<|up|>a\n<|eot|>")


def test_an_answer_can_not_leave_nothing_of_the_page():
    with pytest.raises(ValueError, match="nothing"):
        native.answer(native.Page("a.py", ("a",), 0, 1), 0, 1, [])


def shared(left: Prompt, right: Prompt) -> str:
    """What two prompts have in common at their start, in whole segments."""
    n_same = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), len(left))
    return text_of(left[:n_same])


FILE = "".join(f"line {n}\n" for n in range(60))


def prompt_at(row: int, text: str = FILE) -> Prompt:
    document = opened("a.txt", text)
    other = opened("b.txt", "other\n")
    spot = Spot(document, row, row + 1, document.text.line_start(row))
    task = native.task(Snapshot(document, spot.cursor or 0, History(), (other,)), spot)
    assert isinstance(task, Task)
    return task.question.prompt


def test_typing_in_the_marked_line_leaves_all_before_it_as_it_was():
    common = shared(prompt_at(20), prompt_at(20, FILE.replace("line 20\n", "line 20 and more\n")))
    assert common.startswith("<|file|>b.txt\nother\n<|file|>a.txt\n<|after|>line 21\n")
    assert "line 19\n<|from|>" in common


def test_the_rows_shown_begin_and_end_at_multiples_of_eight():
    for row in (16, 20, 23):
        text = text_of(prompt_at(row))
        assert text.index("<|before|>line 8\n") > text.index("line 31\n<|before|>")


def test_the_history_grows_at_its_end_and_sheds_several_at_once():
    steps = [FILE]
    for n in range(14):
        steps.append(steps[-1].replace(f"line {4 * n}\n", f"LINE {4 * n}\n"))
    edits = []
    for n in range(2, 15):
        task = task_for("native", state("a.txt", *steps[: n + 1]))
        text = text_of(task.question.prompt)
        edits.append([part.split("<|new|>")[1] for part in text.split("<|file|>a.txt")[0].split("<|edit|>")[1:]])
    assert max(map(len, edits)) == 6
    grown = [(old, new) for old, new in pairwise(edits) if new[: len(old)] == old]
    assert len(grown) == len(edits) - 1 - 3


def test_lines_too_long_for_the_prompt_are_refused_and_long_neighbours_left_out():
    long = "x" * 2000
    snapshot = state("a.txt", f"{long}<CURSOR>\n")
    assert isinstance(native.task(snapshot, spot_of(snapshot)), Refused)
    text = text_of(task_for("native", state("a.txt", f"{long}\nshort<CURSOR>\n{long}\n")).question.prompt)
    assert "<|after|><|before|><|from|>short<|cursor|>\n<|to|>" in text


def test_every_prompt_keeps_to_its_budget():
    text = "".join(f"value_{n} = compute({n}, {n}) if condition else {n}\n" for n in range(200))
    steps = [text]
    for n in range(20, 40):
        steps.append(steps[-1].replace(f"value_{n} =", f"VALUE_{n} ="))
    others = {f"{n}.txt": text for n in range(5)}
    task = task_for("native", state("a.txt", *steps, others=others))
    assert len(text_of(task.question.prompt)) // 3 <= 1024
