"""Examples, analogies and argument changes, each from plain lines."""

import pytest

from nextedit_lsp.editing import documents
from nextedit_lsp.editing.events import Origin
from nextedit_lsp.editing.history import History
from nextedit_lsp.patterns import analogy
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
