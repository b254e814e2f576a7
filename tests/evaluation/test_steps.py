"""Steps: how keystrokes are joined, and when a suggestion is what the user typed."""

from __future__ import annotations

from nextedit_lsp.evaluation import steps
from nextedit_lsp.evaluation.recordings import Changed, Opened, Recording, Selected
from nextedit_lsp.evaluation.steps import Match, Step
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit


def typed(
    path: str, before: str, start: int, end: int, new: str, at_ms: float, interval_ms: float = 100
) -> list[Changed]:
    """``new`` typed key by key over ``start:end``."""
    actions, text = [], Text.of(before)
    for character in new:
        changes = Changes.replace(start, end, character)
        actions.append(Changed(at_ms, path, text, changes))
        text, at_ms = changes.apply(text), at_ms + interval_ms
        start = end = start + 1
    return actions


def step(path: str, before: str, start: int, end: int, new: str) -> Step:
    """The one step in which the user types ``new``."""
    (made,) = steps.timeline(Recording(tuple(typed(path, before, start, end, new, 0))))
    assert isinstance(made, Step)
    return made


def check_match(
    suggested: Edit, later: list[Step], expected: Match | None, text: str = "a = x\nb = x\nc = x\n"
) -> None:
    assert steps.match("f.py", Text.of(text), suggested, later) == expected


def test_keys_in_one_go_are_one_step():
    made = step("f.py", "old()\n", 0, 3, "fresh")
    assert made.changes == Changes.replace(0, 3, "fresh")
    assert str(made.after) == "fresh()\n"
    assert (made.cursor, len(made.keystrokes)) == (5, 5)


def test_a_pause_ends_a_step():
    actions = [*typed("f.py", "x\n", 0, 0, "ab", 0), *typed("f.py", "abx\n", 2, 2, "c", 900)]
    first, second = steps.timeline(Recording(tuple(actions)))
    assert isinstance(first, Step) and isinstance(second, Step)
    assert (str(first.after), str(second.after), second.pause_ms) == ("abx\n", "abcx\n", 800)


def test_another_place_or_document_ends_a_step():
    actions = [
        *typed("f.py", "x y\n", 0, 0, "a", 0),
        *typed("f.py", "ax y\n", 4, 4, "b", 100),
        *typed("g.py", "z\n", 0, 0, "c", 200),
    ]
    assert len(steps.timeline(Recording(tuple(actions)))) == 3


def test_the_cursor_following_what_is_typed_does_not_end_a_step():
    first, second = typed("f.py", "x\n", 0, 0, "ab", 0)
    assert len(steps.timeline(Recording((first, Selected(50, "f.py", 1), second)))) == 1
    assert len(steps.timeline(Recording((first, Selected(50, "f.py", 3), second)))) == 2


def test_what_is_typed_and_taken_back_at_once_is_no_step():
    (first,) = typed("f.py", "x\n", 0, 0, "a", 0)
    back = Changed(100, "f.py", first.after, Changes.replace(0, 1, ""))
    opened = Opened(0, "f.py", first.before)
    assert steps.timeline(Recording((opened, first, back))) == [opened]


def test_the_next_edit_is_right():
    check_match(Edit(4, 5, "y"), [step("f.py", "a = x\nb = x\nc = x\n", 4, 5, "y")], Match(0, 0, is_next=True))


def test_the_same_edit_in_other_words_is_right():
    later = [step("f.py", "a = x\nb = x\nc = x\n", 0, 5, "a = y")]
    check_match(Edit(4, 5, "y"), later, Match(0, 0, is_next=True))


def test_a_line_added_at_either_end_of_the_break_is_right():
    check_match(Edit(6, 6, "n\n"), [step("f.py", "a = x\nb = x\nc = x\n", 5, 5, "\nn")], Match(0, 0, is_next=True))


def test_an_edit_made_later_is_right_but_not_next():
    later = [step("f.py", "a = x\nb = x\nc = x\n", 4, 5, "yy"), step("f.py", "a = yy\nb = x\nc = x\n", 11, 12, "yy")]
    check_match(Edit(10, 11, "yy"), later, Match(1, 1, is_next=False))


def test_edits_of_other_files_in_between_do_not_matter():
    later = [step("g.py", "x\n", 0, 1, "z"), step("f.py", "a = x\nb = x\nc = x\n", 4, 5, "y")]
    check_match(Edit(4, 5, "y"), later, Match(1, 1, is_next=False))


def test_an_edit_made_in_pieces_is_right():
    later = [step("f.py", "a = x\nb = x\nc = x\n", 0, 1, "q"), step("f.py", "q = x\nb = x\nc = x\n", 4, 5, "y")]
    check_match(Edit(0, 5, "q = y"), later, Match(0, 1, is_next=True))


def test_another_text_at_the_place_is_wrong():
    check_match(Edit(4, 5, "y"), [step("f.py", "a = x\nb = x\nc = x\n", 4, 5, "z")], None)


def test_half_of_what_the_user_types_is_wrong():
    check_match(Edit(4, 5, "y"), [step("f.py", "a = x\nb = x\nc = x\n", 4, 5, "yes")], None)


def test_an_edit_that_is_never_made_is_wrong():
    check_match(Edit(4, 5, "y"), [], None)
    check_match(Edit(4, 5, "y"), [step("f.py", "a = x\nb = x\nc = x\n", 16, 17, "y")], None)
