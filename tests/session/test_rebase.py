from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextedit_lsp.editing import documents
from nextedit_lsp.session import rebase
from nextedit_lsp.session.scripted import suggested
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes


def check_typed_through(text: str, old: str, new: str, typed: tuple[int, int, str], remaining: str | None) -> None:
    """``typed`` replaces a range of ``text``; ``remaining`` is the suggestion then, as ``start:end→text``."""
    document = documents.opened("u", "p", "plaintext", 1, text)
    suggestion = suggested(document, text.index(old), old, new)
    changes = Changes.replace(*typed)
    after = changes.apply(document.text)
    result = rebase.typed_through(suggestion, changes, document.text, 2)
    if result is not None:
        assert str(result.changes.apply(after)) == str(suggestion.changes.apply(document.text))
        assert (result.version, result.id, result.cursor_after) == (2, suggestion.id, suggestion.cursor_after)
    assert remaining == (result and f"{result.edit.start}:{result.edit.end}→{result.edit.text}")


@pytest.mark.parametrize(
    ("text", "old", "new", "typed", "remaining"),
    [
        ("ab", "ab", "abcd", (2, 2, "c"), "3:3→d"),
        ("ab", "ab", "abcd", (2, 2, "cd"), None),
        ("ab", "ab", "abcd", (2, 2, "x"), None),
        ("ab", "ab", "abcd", (0, 0, "c"), None),
        ("size!", "size", "width", (0, 4, "w"), "1:1→idth"),
        ("size!", "size", "width", (0, 0, "w"), "1:5→idth"),
        ("size!", "size", "width", (0, 4, ""), "0:0→width"),
        ("size!", "size", "width", (3, 4, ""), "0:3→width"),
        ("size!", "size", "width", (4, 5, ""), None),
        ("size!", "size!", "", (0, 2, ""), "0:3→"),
        ("f(a)", "(a)", "(a, b)", (3, 3, ", "), "5:5→b"),
        ("a\n", "a\n", "a\nb\nc\n", (2, 2, "b\n"), "4:4→c\n"),
    ],
)
def test_what_remains_of_a_suggestion_that_is_typed(text, old, new, typed, remaining):
    check_typed_through(text, old, new, typed, remaining)


TEXTS = st.text("ab\n", max_size=6)


@given(TEXTS, TEXTS, TEXTS, TEXTS, st.data())
def test_typing_never_changes_the_result(head, old, new, tail, data):
    text = head + old + tail
    document = documents.opened("u", "p", "plaintext", 1, text)
    suggestion = suggested(document, len(head), old, new)
    start = data.draw(st.integers(0, len(text)))
    typed = Changes.replace(start, data.draw(st.integers(start, len(text))), data.draw(TEXTS))
    after = typed.apply(document.text)
    result = rebase.typed_through(suggestion, typed, document.text, 2)
    if result is not None:
        assert result.changes.apply(after) == suggestion.changes.apply(document.text)
        assert result.changes.hull(after) == result.edit
        assert after.slice(result.edit.start, result.edit.end) == result.old_text


def test_a_suggestion_elsewhere_moves():
    document = documents.opened("u", "p", "plaintext", 1, "a\nold\n")
    suggestion = suggested(document, 2, "old", "new")
    moved = rebase.moved(suggestion, Changes.replace(0, 0, "x\n"), document.text, 2)
    assert moved is not None
    assert (moved.edit.start, moved.line, moved.cursor_after) == (4, 2, 7)
    assert rebase.moved(suggestion, Changes.replace(3, 4, ""), document.text, 2) is None


def test_the_others_come_along_while_the_best_is_typed():
    document = documents.opened("u", "p", "plaintext", 1, "ab ab ab")
    suggestions = tuple(suggested(document, offset, "ab", "abcd") for offset in (0, 3, 6))
    prediction = rebase.Prediction(suggestions)
    typed = Changes.replace(2, 2, "c")
    result = rebase.prediction_typed_through(prediction, "u", typed, document.text, 2)
    assert result is not None
    assert [(one.edit.start, one.edit.text, one.version) for one in result.suggestions] == [
        (3, "d", 2),
        (6, "cd", 2),
        (9, "cd", 2),
    ]
    assert Text.of("abc ab ab") == typed.apply(document.text)
