import json

from nextedit_lsp.evaluation.episodes import parsed
from nextedit_lsp.evaluation.orders import flow_order
from nextedit_lsp.evaluation.rounds import file_order, rounds
from tests.evaluation.stand_ins import episode, fields


def test_each_round_makes_one_more_hunk() -> None:
    one = episode("a\nb\nc\nd\n", (0, 1, ["A", "A"]), (2, 1, []), (4, 0, ["E"]))
    found = list(rounds(one, file_order(one)))
    assert [str(r.snapshot.document.text) for r in found] == ["A\nA\nb\nc\nd\n", "A\nA\nb\nd\n", "A\nA\nb\nd\nE\n"]
    assert [len(r.snapshot.history.events) for r in found] == [1, 2, 3]
    assert [r.snapshot.cursor for r in found] == [len("A\nA"), len("A\nA\nb\n"), len("A\nA\nb\nd\nE")]
    assert [[hunk.start for hunk in r.remaining] for r in found] == [[3, 5], [4], []]
    assert [r.is_complete for r in found] == [False, False, True]


def test_last_line_without_line_break_gets_none() -> None:
    for hunk, after in [((1, 1, ["B"]), "a\nB"), ((2, 0, ["c"]), "a\nb\nc"), ((1, 0, ["x"]), "a\nx\nb")]:
        one = episode("a\nb", hunk)
        assert [str(r.snapshot.document.text) for r in rounds(one, file_order(one))] == [after]


def test_all_files_are_open_and_the_newest_edit_has_the_focus() -> None:
    one = parsed(json.dumps(fields(("a", "1\n", [(0, 1, ["2"])]), ("b", "3\n", [(0, 1, ["4"])]))), "test:1")
    first, second = rounds(one, file_order(one))
    assert (first.snapshot.document.path, [other.path for other in first.snapshot.others]) == ("a", ["b"])
    assert (second.snapshot.document.path, [str(other.text) for other in second.snapshot.others]) == ("b", ["2\n"])


def test_in_flow_order_uses_wait_for_the_definition_and_imports_for_the_use() -> None:
    one = episode(
        "import b\n\nrun(area(1))\n\ndef area(r):\n    pass\n",
        (0, 1, ["import b, m"]),
        (2, 1, ["run(disk(m.one))"]),
        (4, 1, ["def disk(r):"]),
    )
    assert [which.hunk for which in file_order(one)] == [0, 1, 2]
    assert [which.hunk for which in flow_order(one)] == [2, 1, 0]
