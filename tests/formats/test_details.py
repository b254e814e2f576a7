"""The rules of single families that their whole prompts do not show."""

import pytest

from nextedit_lsp.editing.events import Origin
from nextedit_lsp.editing.history import History
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.formats import chat, zeta21
from nextedit_lsp.formats.catalogue import FORMATS
from nextedit_lsp.formats.format import Refused, Spot, Task
from nextedit_lsp.formats.prompt import text_of
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.diff import text_changes
from tests.formats.checks import opened, spot_of, state, task_for


def prompt_for(name: str, snapshot: Snapshot) -> str:
    return text_of(task_for(name, snapshot).question.prompt)


def check_cuts(rows: list[str], firsts: list[int]) -> None:
    """The blocks of a region start at these rows, beside the first one."""
    text = "\n".join(rows)
    starts = [text[:place].count("\n") for place in zeta21.cuts(text)]
    assert starts[1:-1] == firsts and starts[0] == 0


def test_zeta_2_1_cuts_behind_blank_rows():
    check_cuts(["a"] * 7 + [""] + ["b"] * 7, [8])
    check_cuts(["a"] * 3 + [""] + ["b"] * 14, [])
    check_cuts(["a"] * 5 + [""] + ["b"] * 7, [6])


def test_zeta_2_1_cuts_long_blocks_anyway():
    check_cuts(["a"] * 16 + ["b"] * 5, [])
    check_cuts(["a"] * 16 + ["b"] * 6, [16])
    check_cuts(["a"] * 40, [16, 32])


def test_zeta_2_1_leaves_six_rows_for_the_last_block():
    check_cuts(["a"] * 7 + [""] + ["b"] * 5, [])
    check_cuts(["a"] * 7 + [""] + ["b"] * 6, [8])


@pytest.mark.parametrize("row", ["}", "    });", "]", "return x", "  end", "break"])
def test_zeta_2_1_moves_a_cut_to_a_row_that_starts_something(row):
    check_cuts(["a"] * 7 + [""] + [row] + ["b"] * 7, [9])
    check_cuts(["a"] * 7 + [""] + [row] * 9 + ["b"] * 7, [8])


def test_zeta_2_1_does_not_take_a_longer_word_for_a_keyword():
    check_cuts(["a"] * 7 + [""] + ["endless = 1"] + ["b"] * 7, [8])


def test_zeta_1_marks_the_start_of_the_file_only_there():
    rows = "".join(f"row {n} is a row that takes a part of the budget\n" for n in range(99))
    assert "<|start_of_file|>" not in prompt_for(
        "zeta1", state("a.txt", rows.replace("row 60 is", "row 60 <CURSOR>is"))
    )
    assert "<|start_of_file|>" in prompt_for("zeta1", state("a.txt", rows.replace("row 6 is", "row 6 <CURSOR>is")))


def test_zeta_2_tells_what_was_accepted():
    before, after = opened("a.py", "a\n"), opened("a.py", "b\n")
    changes = text_changes(before.text, Text.of("b\n"))
    for origin, n_told in ((Origin.ACCEPTED, 1), (Origin.TYPED, 0)):
        history = History().record(before, changes, origin, 1.0)
        text = prompt_for("zeta2", Snapshot(after, 0, history))
        assert text.count("// User accepted prediction:\n--- a/a.py\n") == n_told


def test_zeta_2_marks_where_a_related_file_is_cut():
    rows = "".join(f"value_{n} = {n}\n" for n in range(2000))
    before, other = opened("b.py", rows), opened("b.py", rows.replace("value_1000 =", "VALUE_1000 ="))
    history = History().record(before, text_changes(before.text, other.text), Origin.TYPED, 1.0)
    text = prompt_for("zeta2", Snapshot(opened("a.py", "x\n"), 0, history, (other,)))
    shown = text.split("<filename>b.py\n")[1].split("\n\n<filename>")[0]
    assert shown.startswith("...\nvalue_976 = 976\n") and shown.endswith("\n...")
    assert "VALUE_1000" in shown


def test_zeta_2_keeps_to_its_budget_and_drops_the_oldest_edit_first():
    steps = ["".join(f"{n}\n" for n in range(60))]
    for n in (0, 20, 40):
        steps.append(steps[-1].replace(f"\n{n + 5}\n", f"\n{n + 5}{'x' * 5000}\n"))
    text = prompt_for("zeta2", state("a.txt", *steps[:-1], steps[-1] + "<CURSOR>"))
    assert "-5\n" not in text.split("edit_history")[1] and "\n-45\n" in text
    assert len(text) // 3 <= 4096


def original(text: str) -> str:
    return text.split("<|file_sep|>original/")[1].split("<|file_sep|>")[0].split("\n", 1)[1]


def test_sweep_shows_the_file_as_it_was_in_the_beginning_and_the_block_before_the_last_edits():
    text = prompt_for("sweep", state("a.py", "a = 1\nb\nc\n", "a = 2\nb\nc\n", "a = 2\nb\ncc<CURSOR>\n"))
    assert "<|file_sep|>a.py\na = 1\nb\nc\n\n" in text
    assert text.count("original:") == 2
    assert original(text) == "a = 1\nb\nc\n"


def test_sweep_takes_edits_back_until_one_is_not_in_the_block():
    rows = "".join(f"{n}\n" for n in range(40))
    first, second = (
        rows.replace("\n20\n", "\ntwenty\n"),
        rows.replace("\n20\n", "\ntwenty\n").replace("\n2\n", "\ntwo\n"),
    )
    third = second.replace("\n21\n", "\n21a<CURSOR>\n")
    # The edit of row 2 is not there to be taken back, so the older one of row 20 stays as well.
    assert original(prompt_for("sweep", state("a.txt", rows, first, second, third))).startswith("19\ntwenty\n21\n22\n")


def test_sweep_shows_a_part_of_a_long_file():
    rows = [f"row {n}" for n in range(2000)]
    rows[1000] += "<CURSOR>"
    rows[900] = "y" * 2000
    text = prompt_for("sweep", state("a.txt", "\n".join(rows)))
    shown = text.split("<|file_sep|>")[1].split("\n")
    assert shown[1] == "row 900"[:0] + "y" * 600
    assert shown[2] == "row 901" and "row 1199" in shown and "row 1200" not in shown


def test_sweep_leaves_out_edits_of_space_alone():
    text = prompt_for("sweep", state("a.py", "a=1\nb=1\n", "a = 1\nb=1\n<CURSOR>"))
    assert "original:" not in text


def test_sweep_as_zed_asks_cuts_long_edits():
    rows = [f"row {n}" for n in range(60)]
    text = prompt_for("sweep-zed", state("a.txt", "x\n", "\n".join(rows) + "\nx\n<CURSOR>"))
    updated = text.split("updated:\n")[1].split("<|file_sep|>")[0].split("\n")
    assert len(updated) == 42 and updated[40] == "..."


def test_a_prefix_starts_at_a_multiple_of_its_step():
    rows = [f"{n:04} {'x' * 60}" for n in range(500)]
    starts = set()
    for row in range(300, 331):
        text = "\n".join([*rows[:row], rows[row] + "<CURSOR>", *rows[row + 1 :]])
        starts.add(prompt_for("fim-codellama", state("a.txt", text)).removeprefix("▁<PRE>")[:4])
    assert starts <= {f"{32 * n:04}" for n in range(20)} and len(starts) == 2


def test_an_insertion_needs_a_cursor():
    document = opened("a.py", "x\n")
    assert isinstance(FORMATS["fim-qwen"].task(Snapshot(document, 0, History()), Spot(document, 0, 1)), Refused)


def test_a_fence_is_longer_than_those_in_the_text():
    assert [chat.fence_of(text) for text in ("", "``", "```", "a ````` b")] == ["```", "```", "````", "``````"]
    text = prompt_for("chat-plain", state("a.md", "```\ntwo<CURSOR>\n```\n"))
    assert text.endswith("### Response:\n````\n")


WHOLE_SPOTS = ["zeta1", "zeta2", "zeta21", "sweep", "sweep-zed", "instinct", "chat-plain", "native"]


@pytest.mark.parametrize("name", WHOLE_SPOTS)
@pytest.mark.parametrize("cursor_row", [None, 10, 22, 29])
def test_the_region_holds_all_rows_of_the_spot(name, cursor_row):
    document = opened("a.txt", "".join(f"row {n} {'x' * 40}\n" for n in range(60)))
    cursor = None if cursor_row is None else document.text.line_start(cursor_row)
    task = FORMATS[name].task(Snapshot(document, cursor or 0, History()), Spot(document, 20, 30, cursor))
    assert isinstance(task, Task)
    rows = [row.removesuffix(" " + "x" * 40) for row in task.old.split("\n")]
    assert {f"row {n}" for n in range(20, 30)} <= set(rows)
    if cursor_row is not None and name != "native":
        assert f"row {cursor_row}" in rows


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "native"])
def test_a_path_with_a_line_end_is_refused(name):
    snapshot = state("a\nb.py", "x<CURSOR>\n")
    task = FORMATS[name].task(snapshot, spot_of(snapshot))
    assert isinstance(task, Refused)
