"""Tab and Esc in VS Code do what they did before wherever something else has a claim on them."""

from __future__ import annotations

import pytest

from tests.editors.terminal import wait_until
from tests.editors.vscode.conftest import Open
from tests.editors.vscode.test_next_edits import RENAMED, SHAPES, SIGNATURE, both, rename_parameter, walk

pytestmark = [pytest.mark.e2e, pytest.mark.editors]


@both
def test_with_the_completion_menu_open_tab_takes_its_entry(open_in: Open, mode: str) -> None:
    window = open_in({"shapes.py": SHAPES}, mode)
    rename_parameter(window)
    window.select(", 2)", cursor="after")
    window.type("\ndep")
    window.press("Control+Space")
    window.find(".suggest-widget.visible .monaco-list-row").first.wait_for()
    window.picture(f"{mode}-menu")
    window.press("Tab")
    wait_until(lambda: window.text() == SIGNATURE + "    depth\n", "the menu's entry is there")
    assert window.cursor()[0] == 8


def test_in_a_snippet_tab_goes_to_its_next_place(open_in: Open) -> None:
    window = open_in({"shapes.py": SHAPES})
    rename_parameter(window)
    window.select(", 2)", cursor="after")
    window.command("editor.action.insertSnippet", {"snippet": " + f(${1:one}, ${2:two})"})
    wait_until(lambda: window.selected() == "one", "the first place")
    window.type("n")
    wait_until(window.has_edit, "a next edit is seen")
    window.press("Tab")
    wait_until(lambda: window.selected() == "two", "the second place")
    assert window.text() == SIGNATURE.replace(", 2)", ", 2) + f(n, two)")


def test_in_front_of_a_lines_text_tab_indents(open_in: Open) -> None:
    window = open_in({"shapes.py": SHAPES})
    rename_parameter(window)
    window.select("def other", cursor="before")
    wait_until(window.has_edit, "a next edit is seen")
    window.press("Tab")
    wait_until(lambda: window.text() == SIGNATURE.replace("def other", "    def other"), "the line is indented")


def test_with_a_selection_tab_indents_its_lines(open_in: Open) -> None:
    window = open_in({"shapes.py": SHAPES})
    rename_parameter(window)
    window.select("def other(size):\n    return area")
    window.press("Tab")
    indented = SIGNATURE.replace("def other", "    def other").replace("    return area", "        return area")
    wait_until(lambda: window.text() == indented, "the lines are indented")


def test_with_several_cursors_tab_is_the_editors(open_in: Open) -> None:
    window = open_in({"shapes.py": SHAPES})
    rename_parameter(window)
    window.select(" * depth", cursor="before")
    window.command("editor.action.insertCursorAbove")
    wait_until(lambda: window.js("return vscode.window.activeTextEditor.selections.length") == 2, "two cursors")
    window.press("Tab")
    wait_until(lambda: window.text() != SIGNATURE, "something was typed")
    assert "width" not in window.text().split("\n", 1)[1]


def test_without_a_next_edit_tab_indents(open_in: Open) -> None:
    window = open_in({"shapes.py": SHAPES})
    window.select("return size", cursor="before")
    window.press("Tab")
    wait_until(lambda: window.text() == SHAPES.replace("    return size", "        return size"), "indented")


@both
def test_esc_closes_what_is_open_before_it_turns_down(open_in: Open, mode: str) -> None:
    window = open_in({"shapes.py": SHAPES}, mode)
    rename_parameter(window)
    window.press("Control+F")
    window.find(".find-widget.visible").first.wait_for()
    window.press("Escape")
    window.find(".find-widget.visible").first.wait_for(state="hidden")
    wait_until(window.has_edit, "the edit is still there")
    walk(window, RENAMED)


@both
def test_a_second_key_works_where_tab_is_somebody_elses(open_in: Open, mode: str) -> None:
    window = open_in({"shapes.py": SHAPES}, mode)
    rename_parameter(window)
    window.select("def other", cursor="before")
    while window.text() != RENAMED:
        before = window.state()
        window.press("Alt+Enter")
        wait_until(lambda before=before: window.state() != before, "the key jumps or applies")
