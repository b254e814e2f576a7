"""Examples, analogies and argument changes, each from plain lines."""

import pytest

from nextedit_lsp.editing import documents
from nextedit_lsp.editing.events import Origin
from nextedit_lsp.editing.history import History
from nextedit_lsp.patterns import analogy, subjects
from nextedit_lsp.patterns.arguments import Action, argument_changes, argument_lists
from nextedit_lsp.patterns.examples import Example, LineChange, examples, line_change
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.diff import text_changes
from nextedit_lsp.text.tokens import solid, tokenized


def examples_between(old: str, new: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    document = documents.opened("file:///a.txt", "a.txt", "plaintext", 1, old)
    history = History().record(document, text_changes(document.text, Text.of(new)), Origin.TYPED, 0.0)
    return [(example.old, example.new) for example in examples(history.intentions())]


def changed(old: str, new: str) -> LineChange:
    change = line_change(Example("file:///a", "a", (old,), (new,), (), (), 0, 0))
    assert change is not None
    return change


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a\nb c\nd\n", "a\nb x\nd\n", [(("b c",), ("b x",))]),
        ("a\nd\n", "a\nnew\nd\n", [((), ("new",))]),
        ("a\nold\nd\n", "a\nd\n", [(("old",), ())]),
        ("f(a)\nf(b)\n", "g(a)\ng(b)\n", [(("f(b)",), ("g(b)",)), (("f(a)",), ("g(a)",))]),
        ("total = 1\n", "import os\ntotal = 2\n", [(("total = 1",), ("total = 2",)), ((), ("import os",))]),
    ],
)
def test_edits_become_lines_before_and_after(old, new, expected):
    assert examples_between(old, new) == expected


def bound(left: str, right: str) -> dict[str, str] | None:
    return analogy.binding(solid(tokenized(left)), solid(tokenized(right)))


def test_words_stand_for_words():
    assert bound("this.x = x;", "this.y = y;") == {"this": "this", "x": "y"}
    assert bound("this.x = x;", "this.y = z;") is None
    assert bound("this.x = x;", "that.x + x;") is None
    assert bound("return x", "x y") is None


def test_text_is_carried_over_in_every_spelling():
    assert analogy.carried("setWidth(WIDTH, width_px)", {"width": "height"}) == "setHeight(HEIGHT, height_px)"
    assert analogy.carried("unrelated(words)", {"width": "height"}) == "unrelated(words)"


def test_argument_lists_are_cut_at_their_commas():
    lists = {one.callee: one.arguments for one in argument_lists("f(a, g(b, c), [d, e], 'x, y') + h()")}
    assert lists == {"f": ("a", "g(b, c)", "[d, e]", "'x, y'"), "g": ("b", "c"), "h": ()}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("f(a, b)", "f(a, b, c)", (Action.ADDED, "f", 2, "c", "")),
        ("f(a, b)", "f(z, a, b)", (Action.ADDED, "f", 0, "z", "")),
        ("f()", "f(a)", (Action.ADDED, "f", 0, "a", "")),
        ("f(a, b, c)", "f(a, c)", (Action.REMOVED, "f", 1, "b", "")),
        ("f(a, b)", "f(a, str(b))", (Action.WRAPPED, "f", 1, "str(", ")")),
        ("f(a)", "f(a.name)", (Action.WRAPPED, "f", 0, "", ".name")),
    ],
)
def test_what_was_done_to_an_argument(old, new, expected):
    (change,) = argument_changes(changed(old, new))
    assert (change.action, change.callee, change.index, change.text, change.tail) == expected


def test_a_longer_name_is_no_wrapped_argument():
    assert list(argument_changes(changed("f(a)", "f(abc)"))) == []


def about(old: str, *news: str) -> subjects.Subjects:
    document, history = documents.opened("file:///a.py", "a.py", "python", 1, old), History()
    for number, new in enumerate(news):
        changes = text_changes(document.text, Text.of(new))
        history = history.record(document, changes, Origin.TYPED, 10.0 * number)
        document = document.edited(changes, document.version + 1)
    return subjects.subjects(history.intentions())


def test_names_that_an_edit_removes_and_adds_are_its_subjects():
    found = about("def area(size):\n    return size\n", "def area(width):\n    return size\n")
    assert (found.removed, found.added, found.called) == (("size",), ("width",), ())


def test_the_newest_names_come_first_and_keywords_are_none():
    found = about("first = 1\n\n\nsecond = 2\n", "gone = 1\n\n\nsecond = 2\n", "gone = 1\n\n\nreturn None\n")
    assert (found.removed, found.added) == (("second", "first"), ("gone",))


def test_a_function_whose_arguments_change_is_a_subject():
    assert about("total = area(size)\n", "total = area(size, 2)\n").called == ("area",)


def test_other_spellings_of_a_renamed_name_are_kin():
    kin = about("max_size = 1\n", "max_width = 1\n").kin
    assert {"maxSize", "MaxSize", "MAX_SIZE"} <= set(kin)
    assert "max-size" not in kin


def test_the_lines_around_an_edit_are_those_before_it():
    (block,) = about("a = 1\nb = 2\nc = 3\n", "a = 1\nb = 5\nc = 3\n").blocks
    assert block == ("a = 1", "b = 2", "c = 3", "")


def test_nothing_edited_is_about_nothing():
    assert subjects.subjects([]) == subjects.Subjects()
