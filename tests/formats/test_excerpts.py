"""Which rows a prompt shows."""

from nextedit_lsp.formats import excerpts
from tests.formats.checks import opened, state

# Thirty bytes a row, without the line end: ten tokens.
ROW = "x" * 30


def check_editable(text: str, row: int, budget: int, rows: tuple[int, int], path: str = "a.txt") -> None:
    editable, _ = excerpts.editable_rows(opened(path, text), (row, row + 1), budget, 0)
    assert editable == rows


def test_without_a_tree_rows_are_taken_in_turn_below_and_above():
    text = "\n".join([ROW] * 21)
    check_editable(text, 10, 30, (9, 12))
    check_editable(text, 10, 40, (9, 13))
    check_editable(text, 10, 50, (8, 13))


def test_at_an_edge_all_goes_to_the_other_side():
    text = "\n".join([ROW] * 21)
    check_editable(text, 0, 50, (0, 5))
    check_editable(text, 20, 50, (16, 21))


def test_a_side_ends_at_the_first_row_that_does_not_fit():
    text = "\n".join([ROW] * 5 + ["y" * 3000] + [ROW] * 5)
    check_editable(text, 6, 60, (6, 11))


def test_a_row_costs_one_token_at_least():
    check_editable("\n".join([""] * 21), 10, 5, (8, 13))


def test_what_is_left_goes_to_the_syntax_around():
    body = "".join(f"    value_{n} = compute({n})\n" for n in range(6))
    text = f"def first():\n{body}" + "another = compute(1234567)\n" * 9
    check_editable(text, 4, 52, (0, 7), path="a.py")
    check_editable(text, 4, 52, (2, 8), path="a.txt")
    # The rows right around come first, and here they lead out of the function.
    check_editable(text, 5, 52, (3, 9), path="a.py")


def test_the_context_goes_beyond_the_rows_to_rewrite():
    editable, around = excerpts.editable_rows(opened("a.txt", "\n".join([ROW] * 41)), (20, 21), 50, 40)
    assert (editable, around) == ((18, 23), (16, 25))


def test_markers():
    assert excerpts.forged("a <|x|> b", ["<|x|>"])
    assert excerpts.forged("a\n=====\nb", ["=====\n"])
    assert not excerpts.forged("a\n===== \nb ======\n", ["=====\n"])


def test_the_empty_row_behind_the_last_line_end_is_not_counted():
    assert [excerpts.n_rows(opened("a", text).text) for text in ("", "a", "a\n", "a\n\n")] == [0, 1, 1, 2]


def check_related(others: dict[str, str], budget: int, shown: list[str], most: int = 3) -> None:
    snapshot = state("a.py", "x\n", others=others)
    found = excerpts.related(snapshot, snapshot.document, budget, ["<|x|>"], most)
    assert [f"{one.path}:{one.text}{'...' if one.is_cut_below else ''}" for one in found] == shown


def test_related_files_are_chosen_by_their_last_edit_and_listed_by_path():
    check_related({"c.py": "c\n", "b.py": "b\n", "d.py": "d\n"}, 99, ["b.py:b\n", "c.py:c\n"], most=2)


def test_a_related_file_with_a_marker_is_left_out():
    check_related({"b.py": "<|x|>\n", "<|x|>.py": "b\n", "c.py": "c\n"}, 99, ["c.py:c\n"])


def test_a_related_file_too_long_is_cut():
    check_related({"b.py": f"{ROW}\n" * 9}, 25, [f"b.py:{ROW}\n{ROW}\n..."])


def test_an_empty_related_file_is_left_out():
    check_related({"b.py": "\n\n"}, 99, [])
