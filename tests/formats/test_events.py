"""The history as hunks and diffs."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nextedit_lsp.editing.events import Origin
from nextedit_lsp.editing.history import History
from nextedit_lsp.formats import events
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.diff import refined, text_changes
from tests.formats.checks import opened, state


def check_diff(before: str, after: str, diff: str) -> None:
    (intention,) = state("a.py", before, after).history.intentions()
    assert events.unified(intention) == diff


def test_a_changed_line():
    check_diff("a\nb\nc\n", "a\nB\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n")


def test_added_and_deleted_lines():
    check_diff("a\n", "a\nb\n", "@@ -1 +1,2 @@\n a\n+b\n")
    check_diff("a\nb\n", "b\n", "@@ -1,2 +1 @@\n-a\n b\n")
    check_diff("", "a\n", "@@ -0,0 +1 @@\n+a\n")


def test_hunks_whose_context_touches_are_one():
    rows = [str(n) for n in range(12)]
    for gap, n_hunks in ((6, 1), (7, 2)):
        after = [*rows]
        after[1], after[2 + gap] = "one", "other"
        (intention,) = state("a.py", "\n".join(rows), "\n".join(after)).history.intentions()
        assert events.unified(intention).count("@@ -") == n_hunks


def test_hunks_far_apart_stand_by_themselves():
    rows = [str(n) for n in range(30)]
    after = [*rows]
    after[3], after[20] = "three", "twenty"
    diff = "@@ -1,7 +1,7 @@\n 0\n 1\n 2\n-3\n+three\n 4\n 5\n 6\n"
    diff += "@@ -18,7 +18,7 @@\n 17\n 18\n 19\n-20\n+twenty\n 21\n 22\n 23\n"
    check_diff("\n".join(rows), "\n".join(after), diff)


rows = st.lists(st.sampled_from(["a", "b", "c", "d e", ""]), max_size=14)


@given(rows, rows)
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_diff_leads_from_the_text_before_to_the_text_after(old, new):
    before, after = (Text.of("".join(row + "\n" for row in side)) for side in (old, new))
    document = opened("a.txt", str(before))
    changes = refined(text_changes(before, after), before)
    found = History().record(document, changes, Origin.TYPED, 1.0).intentions()
    if not found:
        assert old == new
        return
    result = str(before).split("\n")
    for hunk in reversed(events.hunks(found[0])):
        assert tuple(result[hunk.old_first : hunk.old_first + len(hunk.old)]) == hunk.old
        result[hunk.old_first : hunk.old_first + len(hunk.old)] = hunk.new
    assert "\n".join(result) == str(after)


def test_work_at_one_place_is_one_edit_and_the_oldest_comes_first():
    snapshot = state("a.py", "a\n\n\n\nb\n", "a1\n\n\n\nb\n", "a12\n\n\n\nb\n", "a12\n\n\n\nb1\n")
    assert [events.unified(one).split("\n")[1] for one in events.intentions(snapshot, 6)] == ["-a", " "]
    assert [[hunk.new for hunk in events.hunks(one)] for one in events.intentions(snapshot, 6)] == [
        [("a12",)],
        [("b1",)],
    ]


def test_the_newest_are_kept():
    snapshot = state("a.py", "a\n\n\nb\n\n\nc\n", "A\n\n\nb\n\n\nc\n", "A\n\n\nB\n\n\nc\n", "A\n\n\nB\n\n\nC\n")
    assert [events.hunks(one)[0].new for one in events.intentions(snapshot, 2)] == [("B",), ("C",)]


def test_only_space():
    assert events.Hunk(0, ("a b",), 0, ("a  b", "")).is_blank
    assert not events.Hunk(0, ("a b",), 0, ("a c",)).is_blank
