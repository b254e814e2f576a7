"""What the answers of each family mean, the failures that they are known for among them."""

import pytest

from nextedit_lsp.formats import answers
from nextedit_lsp.formats.catalogue import FORMATS
from nextedit_lsp.formats.format import Refused
from nextedit_lsp.formats.prompt import Finish
from tests.formats.checks import after, check_answer, check_refused, said, state, task_for

BEFORE = "one\ntwo<CURSOR>\nthree\nfour\n"
PLAIN = BEFORE.replace("<CURSOR>", "")
WINDOWS = ["zeta1", "zeta2", "sweep", "sweep-zed", "instinct", "chat-chatml", "chat-llama3", "chat-plain"]
SPANS = ["zeta21", "zeta21-lines"]


@pytest.mark.parametrize("name", [*FORMATS])
def test_an_empty_answer_is_no_edit(name):
    check_answer(name, BEFORE, "", PLAIN)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "native"])
def test_an_end_of_text_that_a_server_left_in_is_none_of_the_answer(name):
    check_answer(name, BEFORE, "<|endoftext|>", PLAIN)


@pytest.mark.parametrize("name", WINDOWS)
def test_a_forgotten_line_end_does_not_cut_the_last_one_off_the_file(name):
    check_answer(name, BEFORE, "one\ntwo\nthree\n4", "one\ntwo\nthree\n4\n")


@pytest.mark.parametrize("name", [*WINDOWS, *SPANS])
@pytest.mark.parametrize("answer", ["\n", "   \n\n", "NO_EDITS", "NO_EDITS\n", "KEEP_PREVIOUS\n"])
def test_a_blank_answer_or_a_word_for_no_edit_changes_nothing(name, answer):
    check_answer(name, BEFORE, answer, PLAIN)


@pytest.mark.parametrize("name", [*WINDOWS, *SPANS, "native"])
def test_the_draft_is_the_answer_that_changes_nothing(name):
    check_answer(name, BEFORE, task_for(name, state("a.py", BEFORE)).question.draft, PLAIN)


@pytest.mark.parametrize("name", WINDOWS)
def test_a_rewritten_window(name):
    check_answer(name, BEFORE, "one\n2\nthree\nfour\n", "one\n2\nthree\nfour\n")


@pytest.mark.parametrize("name", WINDOWS)
def test_a_missing_line_end_at_the_end_of_the_answer(name):
    check_answer(name, "one\ntwo<CURSOR>\nthree", "one\n2\nthree", "one\n2\nthree")


@pytest.mark.parametrize("name", WINDOWS)
def test_a_line_end_too_many_at_the_end_of_the_answer(name):
    check_answer(name, "one\ntwo<CURSOR>\nthree", "one\n2\nthree\n", "one\n2\nthree")


@pytest.mark.parametrize("name", WINDOWS)
def test_a_code_fence_around_the_answer(name):
    check_answer(name, "one\ntwo<CURSOR>\nthree", "```python\none\n2\nthree\n```\nI changed one line.", "one\n2\nthree")


@pytest.mark.parametrize("name", WINDOWS)
def test_a_window_with_fences_of_its_own_keeps_them(name):
    check_answer(name, "```\ntwo<CURSOR>\n```\nx", "```\n2\n```\nx\n", "```\n2\n```\nx")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("zeta1", "<|editable_region_start|>\none\n2\nthree\n<|editable_region_end|>\nmore"),
        ("zeta1", "one\n2\nthree<|editable_region_end|>"),
        ("zeta2", "one\n2\nthree\n>>>>>>> UPDATED\n"),
        ("zeta2", "<<<<<<< CURRENT\none\n2\nthree\n>>>>>>> UPDATED"),
        ("sweep", "one\n2\nthree\n<|file_sep|>other.py\nx"),
        ("sweep", "one\n2\nthree<|endoftext|>"),
        ("sweep-zed", "one\n2\nthree\n</s>"),
        ("instinct", "<|editable_region_start|>\none\n2\nthree\n<|editable_region_end|>\n"),
        ("instinct", "one\n2\nthree<|im_end|>"),
        ("chat-chatml", "one\n2\nthree\n```\n\nThe name was changed."),
        ("chat-llama3", "<edit_here>\none\n2\nthree\n</edit_here>"),
    ],
)
def test_markers_around_the_answer(name, answer):
    check_answer(name, "one\ntwo<CURSOR>\nthree", answer, "one\n2\nthree")


def test_zeta_1_keeps_old_lines_behind_an_end_marker_that_came_too_early():
    check_answer("zeta1", BEFORE, "one\ntwo\n<|editable_region_end|>", PLAIN)
    check_answer("zeta1", "zero<CURSOR>\none\ntwo\nthree\nfour", "0\none\ntwo\n", "0\none\ntwo\nthree\nfour")


def test_of_several_end_markers_the_last_one_counts():
    check_answer("zeta1", "one\ntwo<CURSOR>", "one\n<|editable_region_end|>\n2\n<|editable_region_end|>", "one\n2")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("zeta1", "one\n<|editable_region_start|>\n2\nthree\n"),
        ("zeta1", "<|start_of_file|>\none\n2\n"),
        ("zeta2", "one\n<[fim-prefix]>2\n"),
        ("zeta2", "one\n<<<<<<< CURRENT\n2\n"),
        ("sweep", "one\n<|fim_middle|>2\n"),
        ("instinct", "one\n<|snippet|>\n2\n"),
        ("chat-chatml", "one\n<edit_here>\n2\n"),
    ],
)
def test_a_marker_in_the_midst_of_an_answer_makes_it_worthless(name, answer):
    check_refused(name, BEFORE, answer)


@pytest.mark.parametrize(
    ("name", "marker"),
    [
        ("zeta1", "<|user_cursor_is_here|>"),
        ("zeta2", "<|user_cursor|>"),
        ("sweep", "<|cursor|>"),
        ("instinct", "<|user_cursor_is_here|>"),
        ("chat-plain", "<cursor_here/>"),
    ],
)
def test_the_cursor_marker_says_where_the_cursor_goes(name, marker):
    check_answer(name, "one\ntwo<CURSOR>\nthree", f"one\n2{marker}2\nthree\n", "one\n2<CURSOR>2\nthree")


def test_the_cursor_counts_the_line_ends_of_the_document():
    check_answer("zeta2", "one\r\ntwo<CURSOR>\r\nthree", "1\n2\n3<|user_cursor|>\n", "1\r\n2\r\n3<CURSOR>")


@pytest.mark.parametrize("finish", [Finish.LENGTH, Finish.TIME])
@pytest.mark.parametrize("name", WINDOWS)
def test_a_cut_answer_counts_as_far_as_its_whole_lines_agree(name, finish):
    check_answer(name, "zero<CURSOR>\none\ntwo\nthree", "0\none\ntwo\nth", "0\none\ntwo\nthree", finish)


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize("answer", ["0", "0\n", "0\none\n", "zero\none\nt"])
def test_a_cut_answer_that_could_go_on_in_any_way_is_no_answer(name, answer):
    before = "zero<CURSOR>\none\ntwo\nthree"
    if answer.startswith("zero"):
        check_answer(name, before, answer, before.replace("<CURSOR>", ""), Finish.LENGTH)
    else:
        check_refused(name, before, answer, Finish.LENGTH)


def test_lines_that_stand_twice_align_nothing():
    assert answers.completed("a\n}\n)\nb\n}\n)\nc", "x\n}\n)\n") is None
    assert answers.completed("a\n}\n)\nc", "x\n}\n)\n") == "x\n}\n)\nc"


@pytest.mark.parametrize("name", SPANS)
@pytest.mark.parametrize(
    "answer",
    [
        "<|marker_1|>one\n2\nthree\nfour\n<|marker_2|>",
        "<|marker_1|>\none\n2\nthree\nfour\n<|marker_2|>",
        "<|marker_1|>one\n2\nthree\nfour\n<|marker_2|><[end▁of▁sentence]>",
    ],
)
def test_zeta_2_1_reads_both_layouts(name, answer):
    check_answer(name, BEFORE, answer, "one\n2\nthree\nfour\n")


@pytest.mark.parametrize("name", SPANS)
@pytest.mark.parametrize(
    "answer", ["<|marker_1|><|marker_1|>", "<|marker_2|>\n<|marker_2|>", "<|marker_1|>x<|marker_1|>"]
)
def test_the_same_marker_twice_is_no_edit(name, answer):
    check_answer(name, BEFORE, answer, PLAIN)


@pytest.mark.parametrize("name", SPANS)
@pytest.mark.parametrize(
    "answer",
    [
        "one\n2\n",
        "<|marker_1|>one\n2\n",
        "<|marker_2|>x<|marker_1|>",
        "<|marker_1|>x<|marker_3|>",
        "<|marker_0|>x<|marker_1|>",
        "<|marker_1|>x<|marker_999999|>",
        "<|marker_1|><|marker_2|>",
        "<|marker_1|>one\n<[fim-suffix]>2\n<|marker_2|>",
    ],
)
def test_zeta_2_1_refuses_markers_that_make_no_sense(name, answer):
    check_refused(name, BEFORE, answer)


LONG = "".join(f"row {n}\n" for n in range(8)) + "\n" + "".join(f"row {n}\n" for n in range(8, 20)) + "end<CURSOR>"


def test_zeta_2_1_rewrites_one_block_of_several():
    check_answer(
        "zeta21",
        LONG,
        "<|marker_1|>" + "".join(f"row {n}\n" for n in range(7)) + "row seven\n\n<|marker_2|>",
        LONG.replace("<CURSOR>", "").replace("row 7", "row seven"),
    )


def test_zeta_2_1_deletes_a_block_when_told_so():
    check_answer("zeta21", LONG, "<|marker_1|><|marker_2|>", LONG[LONG.index("row 8") :].replace("<CURSOR>", ""))


def test_zeta_2_1_may_write_the_markers_in_between():
    rows = LONG.replace("<CURSOR>", "")
    cut = rows.index("row 8")
    answer = f"<|marker_1|>{rows[:cut]}<|marker_2|>{rows[cut:]}<|marker_3|>".replace("row 3", "ROW 3")
    check_answer("zeta21", LONG, answer, rows.replace("row 3", "ROW 3"))


@pytest.mark.parametrize("name", SPANS)
def test_zeta_2_1_fills_an_empty_file(name):
    check_answer(name, "<CURSOR>", "<|marker_1|>import os<|marker_2|>", "import os")


def test_zeta_2_1_cut_in_its_block():
    old = "zero<CURSOR>\none\ntwo\nthree"
    check_answer("zeta21", old, "<|marker_1|>0\none\ntwo\nth", "0\none\ntwo\nthree", Finish.LENGTH)
    check_refused("zeta21", old, "<|marker_1|>0\none\n", Finish.LENGTH)


@pytest.mark.parametrize(
    ("name", "answer"), [("fim-qwen", "(a)<|file_sep|>x"), ("fim-codellama", "(a)▁<EOT>"), ("fim-codestral", "(a)</s>")]
)
def test_an_insertion_ends_at_the_family_s_tokens(name, answer):
    check_answer(name, "f<CURSOR>\nlast\n", answer, "f(a)<CURSOR>\nlast\n")


def test_of_a_cut_insertion_the_whole_lines_count():
    check_answer("fim-qwen", "f<CURSOR>\nlast\n", "(a)\ng(b)\nh(", "f(a)\ng(b)<CURSOR>\nlast\n", Finish.LENGTH)
    check_refused("fim-qwen", "f<CURSOR>\nlast\n", "(a", Finish.LENGTH)


@pytest.mark.parametrize(
    ("before", "answer", "after"),
    [
        ("x = f(<CURSOR>, size)\n", "width, size)", "x = f(width<CURSOR>, size)\n"),
        ("x = f(<CURSOR>)\n", "g(1)", "x = f(g(1)<CURSOR>)\n"),
        ("if a:\n<CURSOR>\nreturn b\n", "    a += 1\nreturn b\n", "if a:\n    a += 1<CURSOR>\nreturn b\n"),
        ("if a:\n<CURSOR>\n\nreturn b\n", "    a += 1\n\nreturn b", "if a:\n    a += 1<CURSOR>\n\nreturn b\n"),
        ("a {<CURSOR>\n}\n", "\n  b {\n}", "a {\n  b {\n}<CURSOR>\n}\n"),
    ],
)
def test_an_insertion_does_not_repeat_what_stands_behind_the_cursor(before, answer, after):
    check_answer("fim-qwen", before, answer, after)


def test_an_insertion_takes_the_document_s_line_end():
    check_answer("fim-qwen", "f<CURSOR>\r\nlast", "(a)\ng()", "f(a)\r\ng()<CURSOR>\r\nlast")


def test_talk_behind_a_fence_may_have_a_fence_of_its_own():
    check_answer("sweep", "one\ntwo<CURSOR>", "```\none\n2\n```\nor else\n```\none\n3\n```\n", "one\n2")
    check_answer("sweep", "x\n```\ntwo<CURSOR>\n```", "```\nx\n```\n2\n```\n```\n", "x\n```\n2\n```")


def test_lines_written_twice_align_nothing():
    assert answers.completed("a\n}\n)\nc", "x\n}\n)\nnew\n}\n)\n") is None


@pytest.mark.parametrize("name", WINDOWS)
def test_an_answer_that_rejoined_goes_on_as_its_draft(name):
    task = task_for(name, state("a.py", "one<CURSOR>\ntwo\nthree\nfour"))
    draft = task.question.draft
    at = draft.index("four")
    completion = said(draft[:at].replace("one", "1"), Finish.REJOINED, draft[at:])
    assert after(task, FORMATS[name].read(task, completion)) == "1\ntwo\nthree\nfour"


@pytest.mark.parametrize("name", SPANS)
def test_blocks_that_rejoined_go_on_to_their_end_marker(name):
    task = task_for(name, state("a.py", "one<CURSOR>\ntwo\nthree\nfour"))
    draft = task.question.draft
    at = draft.index("four")
    completion = said(draft[:at].replace("one", "1"), Finish.REJOINED, draft[at:])
    assert after(task, FORMATS[name].read(task, completion)) == "1\ntwo\nthree\nfour"


@pytest.mark.parametrize("name", WINDOWS)
def test_rows_that_stay_keep_their_own_line_ends(name):
    check_answer(name, "a\r\nb<CURSOR>\nc\r\nd", "a\nb\nC\nd\n", "a\r\nb\nC\r\nd")
    check_answer(name, "a\r\nb<CURSOR>\nc\r\nd", "a\nb\nnew\nc\nd\n", "a\r\nb\nnew\r\nc\r\nd")


@pytest.mark.parametrize("name", WINDOWS)
def test_only_what_differs_is_changed(name):
    task = task_for(name, state("a.py", "one = first\ntwo<CURSOR> = second\nthree = third"))
    read = FORMATS[name].read(task, said("one = first\n2 = second\nthree = third!\n"))
    assert not isinstance(read, Refused)
    text = task.spot.document.text
    assert [(text.slice(e.start, e.end), e.text) for e in read.changes.edits] == [("two", "2"), ("", "!")]
