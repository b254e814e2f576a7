"""What a person sees in Emacs, with the set-ups of ``docs/editors/emacs.md``."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.editors.terminal import FETCHED, Terminal, program

pytestmark = [pytest.mark.e2e, pytest.mark.editors]

HERE = Path(__file__).parent / "emacs"
SHAPES = """\
def area(size, depth):
    if size < 0:
        raise ValueError(size)
    return size * depth
"""
POINT = """\
class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y
"""
ELPA = FETCHED.parent / "emacs/usr/share/emacs/site-lisp/elpa-src"
# An Emacs that was not installed for good compiles nothing; a single action is to be shown, too.
QUIET = (
    "(setq native-comp-enable-subr-trampolines nil native-comp-jit-compilation nil"
    " lsp-auto-guess-root t lsp-disabled-clients '(ruff) lsp-auto-execute-action nil)"
)

Start = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    terminals = []

    def started(text: str, *arguments: str) -> Terminal:
        (tmp_path / "a.py").write_text(text)
        subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        command = [program("emacs", "EMACS_EXE"), "-nw", "-q", "--eval", QUIET, *arguments, "a.py"]
        terminals.append(Terminal(command, tmp_path, {"PATH": path, "HOME": str(tmp_path)}))
        return terminals[-1]

    yield started
    for terminal in terminals:
        terminal.close()


def eglot(start: Start) -> Terminal:
    terminal = start(SHAPES, "-l", str(HERE / "eglot.el"))
    terminal.wait_for("Connected! Server")
    return terminal


def lsp_mode(start: Start, text: str) -> Terminal:
    folders = [argument for folder in sorted(ELPA.iterdir()) for argument in ("-L", str(folder))]
    terminal = start(text, *folders, "-l", "lsp-mode-autoloads", "-l", str(HERE / "lsp-mode.el"))
    terminal.wait_for("initialized successfully")
    return terminal


def rename_parameter(terminal: Terminal) -> None:
    terminal.press("M-f", "M-f", "C-f", "M-d")
    terminal.type("width")
    terminal.wait_for("def area(width, depth):")


def test_eglot_shows_the_code_action_and_applies_it(start: Start) -> None:
    terminal = eglot(start)
    rename_parameter(terminal)
    terminal.press("C-c", "a")
    terminal.wait_for("Next edit: rename `size` to `width` on lines 2-4")
    terminal.press("Enter")
    screen = terminal.wait_for("if width < 0:")
    assert "return width * depth" in screen


def test_eglot_jumps_and_applies_with_one_command(start: Start) -> None:
    terminal = eglot(start)
    rename_parameter(terminal)
    terminal.press("C-c", "n")
    terminal.wait_for("L2 ")
    assert "if size < 0:" in terminal.screen()
    terminal.press("C-c", "n")
    terminal.wait_for("if width < 0:")


def test_lsp_mode_shows_the_code_action_and_applies_it(start: Start) -> None:
    terminal = lsp_mode(start, SHAPES)
    rename_parameter(terminal)
    terminal.press("C-c", "a")
    terminal.wait_for("Select code action")
    terminal.type("Next")
    terminal.press("Tab")
    terminal.wait_for("Next edit: rename `size` to `width` on lines 2-4")
    terminal.press("Enter")
    terminal.wait_for("if width < 0:")


def test_lsp_mode_shows_text_at_the_cursor_and_takes_it(start: Start) -> None:
    terminal = lsp_mode(start, POINT)
    terminal.press("C-n", "C-e", "C-b", "C-b")
    terminal.type(", z")
    terminal.wait_for("x, y, z):")
    terminal.press("M->", "C-b", "C-e", "Enter")
    terminal.type("self.")
    terminal.wait_for("        self.\n")
    terminal.press("C-c", "i")
    terminal.wait_for("        self.z = z")
    terminal.press("Tab")
    terminal.press("Enter")
    terminal.type("done")
    terminal.wait_for("done")
    rows = [row.strip() for row in terminal.rows()]
    assert rows[rows.index("self.y = y") + 1 :][:2] == ["self.z = z", "done"]
