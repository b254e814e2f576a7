"""What the plugin asks, cancels and drops: with a server that answers when the test says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.editors.neovim import HERE, Neovim
from tests.editors.terminal import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.editors]

INLINE_EDIT = "textDocument/copilotInlineEdit"
INLINE_COMPLETION = "textDocument/inlineCompletion"
TEXT = "one = 1\ntwo = one\nthree = one\n"

Open = Callable[..., Neovim]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    editors = []

    def start(text: str = TEXT, **options: Any) -> Neovim:
        (tmp_path / "a.py").write_text(text, newline="")
        editors.append(Neovim(tmp_path, "a.py", options=options, init=HERE / "init_stand_in.lua"))
        editors[-1].wait_for_server()
        return editors[-1]

    yield start
    for editor in editors:
        editor.close()


def waiting(editor: Neovim, method: str) -> list[int]:
    ids: list[int] = editor.lua(f"require('stand_in').ids('{method}')")
    return ids or []


def next_request(editor: Neovim, method: str, after: int = 0) -> int:
    """The id of the newest request, once there is one behind ``after``."""
    wait_until(lambda: max(waiting(editor, method), default=0) > after, f"another {method}")
    return max(waiting(editor, method))


def cancelled(editor: Neovim) -> list[int]:
    return [message["params"]["id"] for message in editor.lua("require('stand_in').of('$/cancelRequest')") or []]


def answer(editor: Neovim, request_id: int, lua: str) -> None:
    assert editor.lua(f"require('stand_in').answer({request_id}, {lua})")


def edits(line: int, start: int, end: int, text: str) -> str:
    return f"{{ edits = {{ require('stand_in').edit({line}, {start}, {end}, '{text}') }} }}"


def completion(line: int, start: int, end: int, text: str) -> str:
    return (
        f"{{ items = {{ {{ insertText = '{text}', command = {{ title = '', command = 'nextedit.accept', "
        f"arguments = {{ 'x' }} }}, range = {{ start = {{ line = {line}, character = {start} }}, "
        f"['end'] = {{ line = {line}, character = {end} }} }} }} }} }}"
    )


def test_a_newer_question_cancels_the_older_one_whose_answer_is_dropped(opened: Open) -> None:
    editor = opened()
    editor.keys("x")
    first = next_request(editor, INLINE_EDIT)
    editor.keys("x")
    second = next_request(editor, INLINE_EDIT, first)
    wait_until(lambda: first in cancelled(editor), "the first is cancelled")
    answer(editor, first, edits(1, 6, 9, "late"))
    assert editor.suggestion() is None
    answer(editor, second, edits(1, 6, 9, "good"))
    editor.terminal.wait_for("two = onegood")


def test_an_answer_for_another_state_is_dropped(opened: Open) -> None:
    editor = opened()
    editor.keys("x")
    request = next_request(editor, INLINE_EDIT)
    stale = edits(1, 6, 9, "stale").replace("'stale')", "'stale')")
    editor.lua(f"(function() _G.late = {stale}; return true end)()")
    editor.lua("(function() _G.late.edits[1].textDocument.version = 0; return true end)()")
    answer(editor, request, "_G.late")
    assert editor.suggestion() is None


def test_the_old_edit_stays_until_the_new_one_is_known(opened: Open) -> None:
    editor = opened()
    editor.keys("x")
    first = next_request(editor, INLINE_EDIT)
    answer(editor, first, edits(1, 6, 9, "good"))
    editor.terminal.wait_for("two = onegood")
    editor.keys("x")
    second = next_request(editor, INLINE_EDIT, first)
    assert "two = onegood" in editor.terminal.screen()
    answer(editor, second, edits(2, 8, 11, "next"))
    assert "onegood" not in editor.terminal.wait_for("three = onenext")
    editor.keys("x")
    third = next_request(editor, INLINE_EDIT, second)
    answer(editor, third, "{ edits = {} }")
    editor.terminal.wait_gone("onenext")


def test_what_is_shown_accepted_and_rejected_is_reported(opened: Open) -> None:
    editor = opened()
    editor.keys("x")
    answer(editor, next_request(editor, INLINE_EDIT), edits(1, 6, 9, "good"))
    editor.terminal.wait_for("two = onegood")
    shown = editor.lua("require('stand_in').of('textDocument/didShowInlineEdit')")
    assert shown[0]["params"]["item"]["command"]["arguments"] == ["an-id"]
    editor.keys("<Tab><Tab>")
    done = wait_until(lambda: editor.lua("require('stand_in').of('workspace/executeCommand')"), "it is reported")
    assert done[0]["params"] == {"command": "nextedit.accept", "arguments": ["an-id"]}
    again = next_request(editor, INLINE_EDIT, 1)
    answer(editor, again, edits(2, 8, 11, "next"))
    editor.terminal.wait_for("three = onenext")
    editor.keys(":NextEdit reject<CR>")
    editor.terminal.wait_gone("onenext")
    done = wait_until(lambda: editor.lua("require('stand_in').of('workspace/executeCommand')")[1:], "so is that")
    assert done[0]["params"] == {"command": "nextedit.reject", "arguments": ["an-id"]}


@pytest.mark.parametrize("ghost", [True, "own"])
def test_superseded_completions_are_cancelled_and_dropped_and_cr_is_not_inserted(opened: Open, ghost: object) -> None:
    editor = opened(ghost=ghost, insert_mode=False)
    editor.keys("Go")
    first = next_request(editor, INLINE_COMPLETION)
    editor.keys("f")
    second = next_request(editor, INLINE_COMPLETION, first)
    wait_until(lambda: first in cancelled(editor), "the first is cancelled")
    answer(editor, first, completion(3, 0, 0, "late"))
    assert "late" not in editor.terminal.screen()
    answer(editor, second, completion(3, 0, 1, "four = 4\\r\\nfive = 5"))
    screen = editor.terminal.wait_for("four = 4")
    assert "^M" not in screen and "five = 5" in screen
    editor.keys("<Tab>")
    wait_until(lambda: editor.lines()[3:] == ["four = 4", "five = 5"], "inserted with clean line ends")
    wait_until(lambda: editor.cursor() == (5, 8), "the cursor is behind it")


@pytest.mark.parametrize("ghost", [True, "own"])
def test_what_was_typed_after_the_answer_is_not_inserted_twice(opened: Open, ghost: object) -> None:
    editor = opened(ghost=ghost, insert_mode=False)
    editor.keys("Gof")
    answer(editor, next_request(editor, INLINE_COMPLETION), completion(3, 1, 1, "our = 4"))
    editor.terminal.wait_for("four = 4")
    editor.keys("o<Tab>")
    wait_until(lambda: editor.lines()[3] == "four = 4", "the rest is inserted")


def test_text_at_the_cursor_is_not_drawn_twice(opened: Open) -> None:
    editor = opened()
    editor.keys("Gof")
    answer(editor, next_request(editor, INLINE_COMPLETION), completion(3, 1, 1, "our = 4"))
    answer(editor, next_request(editor, INLINE_EDIT), edits(3, 1, 1, "our = 4"))
    assert "our = 4our" not in editor.terminal.wait_for("four = 4")
    editor.keys("<Esc>")
    request = next_request(editor, INLINE_EDIT)
    answer(editor, request, edits(3, 1, 1, "our = 4"))
    editor.terminal.wait_for("four = 4")


def test_what_others_say_is_wrong_is_told_the_server(opened: Open) -> None:
    editor = opened("one = 1\nzwölf = eins\n")
    editor.lua(
        "(function() vim.diagnostic.set(vim.api.nvim_create_namespace('other'), 0, {"
        " { lnum = 1, col = 9, end_col = 13, severity = 1, message = 'no such name', source = 'linter' } })"
        " return true end)()"
    )
    told = wait_until(lambda: editor.lua("require('stand_in').of('nextedit/didChangeDiagnostics')"), "it is told")
    assert [diagnostic["range"] for diagnostic in told[-1]["params"]["diagnostics"]] == [
        {"start": {"line": 1, "character": 9}, "end": {"line": 1, "character": 13}}
    ]
    assert told[-1]["params"]["textDocument"]["version"] is not None
    editor.lua("(function() vim.diagnostic.reset(nil, 0) return true end)()")
    wait_until(
        lambda: (
            editor.lua("require('stand_in').of('nextedit/didChangeDiagnostics')")[-1]["params"]["diagnostics"] == []
        ),
        "so is their end",
    )
