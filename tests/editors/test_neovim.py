"""What a person sees in Neovim 0.12 or later.  Set ``NVIM_EXE`` when it is not on the path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.editors import neovim
from tests.editors.neovim import Neovim, wait_until

NVIM = neovim.executable()
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(NVIM is None, reason="no Neovim 0.12 or later: put nvim on the path or set NVIM_EXE"),
]

SHAPES = """\
def area(size, depth):
    if size < 0:
        raise ValueError(size)
    return size * depth


def other(size):
    return area(size, 2)
"""
RENAMED = SHAPES.replace("area(size, depth)", "area(width, depth)").replace("if size", "if width")
RENAMED = RENAMED.replace("Error(size)", "Error(width)").replace("size * depth", "width * depth")
POINT = """\
class Point {
  constructor(x, y) {
    this.x = x;
    this.y = y;
  }
}
"""

Open = Callable[..., Neovim]


@pytest.fixture
def open_in(tmp_path: Path) -> Iterator[Open]:
    editors = []

    def opened(**texts: str) -> Neovim:
        names = [name.replace("_", ".") for name in texts]
        for name, text in zip(names, texts.values(), strict=True):
            (tmp_path / name).write_text(text, newline="")
        assert NVIM is not None
        editors.append(Neovim(NVIM, tmp_path, *names))
        editors[-1].wait_for_server()
        return editors[-1]

    yield opened
    for editor in editors:
        editor.close()


def rename_parameter(editor: Neovim) -> None:
    editor.keys("gg/size, depth<CR>cw")
    editor.type("width")
    editor.keys("<Esc>")
    wait_until(editor.suggestion, "a next edit is shown")


def walk(editor: Neovim, text: str) -> None:
    """Takes one next edit after the other until the text is reached."""

    def is_reached() -> bool:
        if editor.lines() != text.splitlines() and editor.suggestion():
            editor.keys("<Tab>")
        return editor.lines() == text.splitlines()

    wait_until(is_reached, "the walk is over")


def test_the_rest_of_a_line_is_ghost_text_and_tab_takes_it(open_in: Open) -> None:
    editor = open_in(point_js=POINT)
    editor.keys("/y)<CR>a")
    editor.type(", z")
    editor.keys("<Esc>")
    wait_until(editor.suggestion, "the signature is learned from")
    editor.keys("/this.y<CR>o")
    editor.type("this.")
    assert wait_until(editor.ghost_text, "ghost text is shown") == "z = z;"
    editor.keys("<Tab>")
    wait_until(lambda: "    this.z = z;" in editor.lines(), "Tab takes it")


def test_a_rename_is_walked_through_with_tab(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES)
    rename_parameter(editor)
    walk(editor, RENAMED)


def test_a_rename_reaches_another_buffer(open_in: Open) -> None:
    editor = open_in(main_py="from shapes import area\n\nprint(area(1, 2))\n", shapes_py=SHAPES)
    editor.keys(":edit shapes.py<CR>gg/area<CR>cw")
    editor.type("surface")
    editor.keys("<Esc>")

    def is_reached() -> bool:
        name = editor.lua("vim.fn.bufname()")
        if editor.suggestion():
            editor.keys("<Tab>")
        return name == "main.py" and editor.lines()[2] == "print(surface(1, 2))"

    wait_until(is_reached, "main.py follows")


def test_files_with_crlf_and_emoji_stay_as_they_are(open_in: Open, tmp_path: Path) -> None:
    text = SHAPES.replace("Error(size)", 'Error("🎉", size)').replace("\n", "\r\n")
    renamed = RENAMED.replace("Error(width)", 'Error("🎉", width)')
    editor = open_in(shapes_py=text)
    rename_parameter(editor)
    walk(editor, renamed)
    editor.keys(":write<CR>")
    wanted = renamed.replace("\n", "\r\n").encode()
    wait_until(lambda: (tmp_path / "shapes.py").read_bytes() == wanted, "the file has its line ends")


def test_code_actions_offer_one_and_all(open_in: Open) -> None:
    text = "def total(size):\n    first = size + 1\n\n    print(first)\n\n    return size\n"
    editor = open_in(total_py=text)
    editor.keys("gg/size<CR>cw")
    editor.type("width")
    editor.keys("<Esc>")
    wait_until(editor.suggestion, "a next edit is shown")
    assert len(editor.code_actions("^Next edit: ")) == 1
    editor.code_actions("^Apply all 2: ", apply=True)
    wait_until(lambda: editor.lines() == text.replace("size", "width").splitlines(), "all are applied")


def test_next_jumps_and_then_applies(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES)
    rename_parameter(editor)
    assert editor.command("next")["state"] == "jumped"
    wait_until(lambda: editor.lua("vim.fn.line('.')") == 2, "the cursor is there")
    assert editor.command("next")["state"] == "applied"
    wait_until(lambda: editor.lines()[1] == "    if width < 0:", "the edit is there")
    assert editor.command("status")["counts"]["accepted"] == 1


def test_what_was_turned_down_stays_away(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES)
    rename_parameter(editor)
    editor.keys("<C-e>ggOimport os<Esc>")
    wait_until(lambda: "turned down" in editor.command("explain")["text"], "it is withheld")
    assert editor.suggestion() is None


def test_what_was_undone_stays_away(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES)
    rename_parameter(editor)
    walk(editor, RENAMED)
    editor.keys("u")
    wait_until(lambda: "turned down" in editor.command("explain")["text"], "it is withheld")
    assert editor.suggestion() is None
    assert editor.lines()[0] == "def area(width, depth):"


def test_paused_it_is_silent_and_answers_when_asked(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES)
    assert editor.command("pause")["message"] == "paused"
    editor.keys("gg/size, depth<CR>cwwidth<Esc>")
    wait_until(lambda: "silent: paused" in editor.log_file.read_text(), "it was asked for")
    assert editor.suggestion() is None
    assert editor.command("next")["state"] == "jumped"
