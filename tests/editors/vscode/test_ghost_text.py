"""Text at the cursor, as VS Code draws it."""

from __future__ import annotations

import pytest

from tests.editors.terminal import wait_until
from tests.editors.vscode.conftest import Open
from tests.editors.vscode.test_next_edits import both
from tests.editors.vscode.window import Window

pytestmark = [pytest.mark.e2e, pytest.mark.editors]

POINT = """\
class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y
"""
BEGUN = POINT.replace("x, y)", "x, y, z)") + "        self."
# Words that VS Code knows from the file would be offered in a menu at each letter.
NO_MENU = {"editor.quickSuggestions": {"other": "off"}}


def begin_line(window: Window) -> None:
    """The user has added a parameter and begins the line that follows from it."""
    window.select("y)", cursor="after", offset=-1)
    window.type(", z")
    window.wait_for_edit()
    window.select("self.y = y", cursor="after")
    window.type("\nself.")


@both
def test_the_rest_of_a_line_is_ghost_text_and_tab_takes_it(open_in: Open, mode: str) -> None:
    window = open_in({"point.py": POINT}, mode, NO_MENU)
    begin_line(window)
    wait_until(lambda: window.ghost_text() == "z = z", "the rest of the line is foretold")
    window.picture(f"{mode}-ghost")
    window.press("Tab")
    wait_until(lambda: window.text() == BEGUN + "z = z\n", "Tab takes it")
    window.press("Control+Z")
    wait_until(lambda: window.text() == BEGUN + "\n", "it was a step of its own")


@both
def test_ghost_text_stays_while_it_is_typed(open_in: Open, mode: str) -> None:
    window = open_in({"point.py": POINT}, mode, NO_MENU)
    begin_line(window)
    wait_until(lambda: window.ghost_text() == "z = z", "the rest of the line is foretold")
    for typed, rest in (("z", " = z"), (" ", "= z"), ("=", " z")):
        window.type(typed)
        wait_until(lambda rest=rest: window.ghost_text() == rest, f"{rest!r} is left")
    window.press("Tab")
    wait_until(lambda: window.text() == BEGUN + "z = z\n", "Tab takes the rest")


@both
def test_ghost_text_is_taken_by_the_word(open_in: Open, mode: str) -> None:
    window = open_in({"point.py": POINT}, mode, NO_MENU)
    begin_line(window)
    wait_until(lambda: window.ghost_text() == "z = z", "the rest of the line is foretold")
    window.press("Control+ArrowRight")
    wait_until(lambda: window.text() == BEGUN + "z\n", "a word")
    wait_until(lambda: window.ghost_text() == " = z", "the rest is left")


@both
def test_ghost_text_that_was_turned_down_stays_away(open_in: Open, mode: str) -> None:
    window = open_in({"point.py": POINT}, mode, NO_MENU)
    begin_line(window)
    wait_until(lambda: window.ghost_text() == "z = z", "the rest of the line is foretold")
    window.dismiss()
    n_before = len(window.answers("inline_completion"))
    window.press("Backspace")
    window.type(".")
    wait_until(lambda: len(window.answers("inline_completion")) > n_before, "the server is asked again")
    assert "silent" in window.answers("inline_completion")[-1]
    assert window.ghost_text() == ""
