"""The smallest edit, and how it is shown."""

import pytest

from nextedit_lsp.editing import documents
from nextedit_lsp.editing.history import History
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.presenting.present import presented, smallest_edit
from nextedit_lsp.presenting.suggestion import Form
from nextedit_lsp.proposing.synthesis import Proposal
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit


def test_equal_ends_are_cut():
    assert smallest_edit(Changes.replace(0, 9, "foo(b, c)"), Text.of("foo(a, c)")) == Edit(4, 5, "b")


def test_several_edits_become_the_one_around_them():
    changes = Changes.of([Edit(0, 1, "xx"), Edit(4, 5, "xx")])
    assert smallest_edit(changes, Text.of("a b a")) == Edit(0, 5, "xx b xx")


@pytest.mark.parametrize(("old", "new"), [("a\r\nb", "a\rb"), ("a\rb", "a\r\nb"), ("a\r\n", "a\n")])
def test_no_line_break_is_cut_in_two(old, new):
    text = Text.of(old)
    edit = smallest_edit(Changes.replace(0, len(old), new), text)
    assert text.slice(0, edit.start) + edit.text + text.slice(edit.end, len(text)) == new
    for offset in (edit.start, edit.end):
        assert text.slice(offset - 1, offset + 1) != "\r\n"


@pytest.mark.parametrize(
    ("line", "cursor_line", "form"), [(0, 0, Form.INLINE), (4, 0, Form.NEAR), (40, 0, Form.JUMP), (0, 40, Form.JUMP)]
)
def test_the_form_follows_the_distance(line, cursor_line, form):
    document = documents.opened("file:///a.txt", "a.txt", "plaintext", 3, "word\n" * 50)
    changes = Changes.replace(document.text.line_end(line), document.text.line_end(line), "s")
    snapshot = Snapshot(document, document.text.line_start(cursor_line), History())
    suggestion = presented(Proposal(document, changes, "repeat", "p", "insert `s`", "r"), 0.5, snapshot)
    assert suggestion.form is form
    assert suggestion.title == f"insert `s` on line {line + 1}"
    assert suggestion.version == 3
