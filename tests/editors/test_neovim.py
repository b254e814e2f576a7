"""What a person sees in Neovim 0.12 or later, with the plugin."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.editors.neovim import Neovim
from tests.editors.terminal import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.editors]

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

    def opened(*, options: dict[str, Any] | None = None, before: str = "", rows: int = 24, **texts: str) -> Neovim:
        names = [name.replace("_", ".") for name in texts]
        for name, text in zip(names, texts.values(), strict=True):
            (tmp_path / name).write_text(text, newline="")
        editors.append(Neovim(tmp_path, *names, options=options, before=before, rows=rows))
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


def wait_for_cursor(editor: Neovim, line: int, column: int) -> None:
    wait_until(lambda: editor.cursor() == (line, column), f"the cursor is at {line}, {column}")


def no_errors(editor: Neovim) -> None:
    assert "Error" not in editor.messages().replace("ValueError", ""), editor.messages()


# Seen, jumped to, applied, undone.


def test_the_change_is_drawn_in_the_line_and_tab_jumps_and_applies(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES)
    rename_parameter(editor)
    screen = editor.terminal.wait_for("if sizewidth < 0:")
    assert "return sizewidth * depth" in screen
    assert editor.lines()[1] == "    if size < 0:", "nothing is applied yet"
    editor.keys("<Tab>")
    wait_for_cursor(editor, 2, 7)
    editor.keys("<Tab>")
    wait_until(lambda: editor.lines() == RENAMED.splitlines(), "the edit is applied")
    assert "sizewidth" not in editor.terminal.wait_for("return width * depth")
    no_errors(editor)


def test_old_and_new_words_have_the_colours_of_the_scheme(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES)
    rename_parameter(editor)
    editor.terminal.wait_for("sizewidth")
    for group, linked in (("NextEditAdd", "DiffAdd"), ("NextEditDelete", "DiffDelete")):
        assert editor.lua(f"vim.api.nvim_get_hl(0, {{ name = '{group}' }}).link") == linked
    row = next(row for row in editor.terminal.screen(colours=True).split("\n") if "width" in row and "if" in row)
    assert "\x1b[" in row[: row.index("size")]
    assert "\x1b[" in row[row.index("size") + 4 : row.index("width")]


def test_undo_takes_one_step_and_the_edit_stays_away(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES)
    rename_parameter(editor)
    walk(editor, RENAMED)
    editor.keys("u")
    signature_only = SHAPES.replace("area(size, depth)", "area(width, depth)")
    wait_until(lambda: editor.lines() == signature_only.splitlines(), "one undo takes the edit back, and no more")
    wait_until(lambda: "turned down" in editor.command("explain")["text"], "it is withheld")
    assert editor.suggestion() is None


def test_the_jump_list_leads_back(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES)
    rename_parameter(editor)
    before = editor.cursor()
    editor.keys("<Tab>")
    wait_for_cursor(editor, 2, 7)
    editor.keys("<C-o>")
    wait_for_cursor(editor, *before)


def test_dot_applies_the_next_one(open_in: Open) -> None:
    text = "def total(size):\n    first = size + 1\n\n    print(first)\n\n    return size\n"
    editor = open_in(total_py=text)
    editor.keys("gg/size<CR>cwwidth<Esc>")
    wait_until(editor.suggestion, "a next edit is shown")
    editor.keys("<Tab><Tab>")
    wait_until(lambda: "width" in editor.lines()[1], "the first is applied")
    wait_until(editor.suggestion, "the next one is shown")
    editor.keys(".")
    wait_until(lambda: editor.lines() == text.replace("size", "width").splitlines(), "so is the second")
    editor.keys("u")
    wait_until(lambda: editor.lines()[5] == "    return size", "it was a step of its own")
    assert editor.lines()[1] == "    first = width + 1"


def test_a_large_change_is_drawn_as_lines(open_in: Open) -> None:
    text = "alpha = load(1)\nalpha.run()\n\nbeta = load(2)\n\ngamma = load(3)\n"
    editor = open_in(script_js=POINT, options={"ghost": False}, script_py=text)
    editor.keys("/y)<CR>a")
    editor.type(", z")
    editor.keys("<Esc>/this.y<CR>")
    shown = wait_until(editor.suggestion, "the assignment is foretold")
    assert shown["new"][-1] == "" or len(shown["new"]) > 1
    rows = editor.terminal.wait_for("this.z = z;").split("\n")
    assert [row.strip() for row in rows[3:5]] == ["this.y = y;", "this.z = z;"]
    assert "this.z" not in "".join(editor.lines())


# Turned down, moved on from.


def test_what_was_turned_down_stays_away(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES)
    rename_parameter(editor)
    wait_until(lambda: editor.lua("require('nextedit').is_seen()"), "it has been seen")
    editor.keys("<Esc>")
    editor.terminal.wait_gone("sizewidth")
    editor.keys("ggOimport os<Esc>")
    wait_until(lambda: "turned down" in editor.command("explain")["text"], "it is withheld")
    assert editor.suggestion() is None


def test_an_escape_too_many_turns_nothing_down(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES)
    editor.keys("gg/size, depth<CR>cwwidth<Esc><Esc>")
    editor.terminal.wait_for("sizewidth")


def test_moving_away_hides_it_and_moving_near_does_not(open_in: Open) -> None:
    text = SHAPES + "\n" * 40
    editor = open_in(shapes_py=text, rows=60)
    rename_parameter(editor)
    editor.keys("8j")
    for _ in range(4):
        editor.keys("j")
    assert editor.suggestion()
    for _ in range(9):
        editor.keys("j")
    editor.terminal.wait_gone("sizewidth")


def test_typing_somewhere_else_keeps_it_without_flicker(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES)
    rename_parameter(editor)
    editor.lua("(function() _G.n = 0; local d = require('nextedit.draw'); local e = d.erase; "
               "d.erase = function(...) _G.n = _G.n + 1; return e(...) end; return true end)()")  # fmt: skip
    editor.keys("Go# a note<Esc>")
    wait_until(lambda: editor.log_file.read_text().count("inline_edit") > 1, "the server was asked again")
    assert "sizewidth" in editor.terminal.screen()
    assert editor.lua("_G.n") == 0, "it was never taken off the screen"


def test_typing_the_edit_narrows_it(open_in: Open) -> None:
    editor = open_in(total_py="def total(size):\n    return 1 + size\n\n\nlimit = total(size=3)\n")
    editor.keys("gg/size<CR>cwwidth<Esc>")
    editor.terminal.wait_for("sizewidth")
    editor.keys("/size<CR>cwwi")
    assert "sizewidth" not in editor.terminal.wait_for("return 1 + wi")
    editor.keys("dth<Esc>")
    wait_until(lambda: editor.lines()[1] == "    return 1 + width", "typed to its end")
    no_errors(editor)


# Elsewhere.


def test_a_rename_reaches_another_file_in_the_same_window(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES, main_py="from shapes import area\n\nprint(area(1, 2))\n")
    editor.keys(":edit main.py<CR>:edit shapes.py<CR>gg/area<CR>cw")
    editor.type("surface")
    editor.keys("<Esc>")

    def walk_on() -> bool:
        if editor.suggestion() and editor.suggestion()["bufnr"] == editor.lua("vim.fn.bufnr()"):  # type: ignore[index]
            editor.keys("<Tab>")
        return "→ main.py:" in editor.terminal.screen()

    wait_until(walk_on, "a hint leads to main.py")
    editor.keys("<Tab>")
    wait_until(lambda: editor.lua("vim.fn.bufname()") == "main.py", "the other file is open")
    assert editor.lua("#vim.api.nvim_tabpage_list_wins(0)") == 1
    editor.keys("<Tab>")
    wait_until(lambda: "surface" in "".join(editor.lines()), "it is applied there")
    editor.keys("<C-o>")
    wait_until(lambda: editor.lua("vim.fn.bufname()") == "shapes.py", "the jump list leads back")


def test_a_rename_reaches_another_file_in_a_window_of_its_own(open_in: Open) -> None:
    editor = open_in(
        options={"open": "vsplit"}, one_py="def area(a):\n    return a\n", main_py="from one import area\narea(1)\n"
    )
    editor.keys(":edit main.py<CR>:edit one.py<CR>gg/area<CR>cwsurface<Esc>")
    editor.terminal.wait_for("→ main.py:1 area → surface")
    editor.keys("<Tab>")
    wait_until(lambda: editor.lua("#vim.api.nvim_tabpage_list_wins(0)") == 2, "a window is split off")
    assert editor.lua("vim.fn.bufname()") == "main.py"


def test_a_rename_reaches_a_file_that_is_not_open(open_in: Open, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("from one import area\narea(1)\n")
    editor = open_in(one_py="def area(a):\n    return a\n")
    wait_until(lambda: editor.command("status")["index"]["state"] == "ready", "the workspace is indexed")
    editor.keys("gg/area<CR>cwsurface<Esc>")
    editor.terminal.wait_for("→ main.py:1 area → surface")
    editor.keys("<Tab>")
    wait_until(lambda: editor.lua("vim.fn.expand('%:t')") == "main.py", "the file is open")
    editor.keys("<Tab>")
    wait_until(lambda: editor.lines() == ["from one import surface", "surface(1)"], "it is applied there")
    no_errors(editor)


def test_what_is_off_screen_has_a_hint_and_a_sign(open_in: Open) -> None:
    body = "".join(f"    step({index})\n" for index in range(60))
    text = f"def total(size):\n{body}    return size\n"
    editor = open_in(total_py=text, before="set signcolumn=yes")
    editor.keys("gg/size<CR>cwwidth<Esc>")
    screen = editor.terminal.wait_for("↓ line 62 size → width")
    assert screen.split("\n")[0].startswith("» def total(width)")
    editor.keys("j")
    wait_until(lambda: "↓ line 62" in editor.terminal.rows()[1], "the hint goes with the cursor")
    editor.keys("<Tab>")
    rows = editor.terminal.wait_for("return sizewidth").split("\n")
    assert next(row for row in rows if "sizewidth" in row).startswith("» ")
    assert "↓ line" not in "\n".join(rows)


def test_a_closed_fold_has_a_hint_and_the_jump_opens_it(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES)
    editor.keys(":2,4fold<CR>")
    editor.keys("gg/size, depth<CR>cwwidth<Esc>")
    editor.terminal.wait_for("↓ line 2 size → width (3 lines)")
    editor.keys("<Tab>")
    editor.terminal.wait_for("if sizewidth < 0:")
    editor.keys("<Tab>")
    wait_until(lambda: editor.lines() == RENAMED.splitlines(), "it is applied")


# Insert mode.


def test_the_rest_of_a_line_is_ghost_text_and_tab_takes_it(open_in: Open) -> None:
    editor = open_in(point_js=POINT)
    editor.keys("/y)<CR>a")
    editor.type(", z")
    editor.keys("<Esc>")
    wait_until(editor.suggestion, "the signature is learned from")
    editor.keys("/this.y<CR>o")
    editor.type("this.")
    assert wait_until(editor.ghost_text, "ghost text is shown") == "z = z;"
    editor.terminal.wait_for("this.z = z;")
    editor.keys("<Tab>")
    wait_until(lambda: "    this.z = z;" in editor.lines(), "Tab takes it")
    editor.keys("<Esc>u")
    wait_until(lambda: "    this." in editor.lines(), "it was a step of its own")


def test_without_neovims_own_the_plugin_draws_ghost_text(open_in: Open) -> None:
    editor = open_in(point_js=POINT, options={"ghost": "own"})
    editor.keys("/y)<CR>a")
    editor.type(", z")
    editor.keys("<Esc>")
    wait_until(editor.suggestion, "the signature is learned from")
    editor.keys("/this.y<CR>o")
    editor.type("this.")
    editor.terminal.wait_for("this.z = z;")
    assert "    this." in editor.lines()
    editor.type("z ")
    editor.terminal.wait_for("this.z = z;")
    editor.keys("<Tab>")
    wait_until(lambda: "    this.z = z;" in editor.lines(), "Tab takes the rest")
    editor.keys("<Esc>")
    no_errors(editor)


def test_next_edits_are_drawn_and_taken_in_insert_mode(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES)
    editor.keys("gg/size, depth<CR>cw")
    editor.type("width")
    editor.terminal.wait_for("if sizewidth < 0:")
    assert editor.lua("vim.fn.mode()") == "i"
    editor.keys("<Tab>")
    wait_for_cursor(editor, 2, 7)
    editor.keys("<Tab>")
    wait_until(lambda: editor.lines() == RENAMED.splitlines(), "the edit is applied")
    assert editor.lua("vim.fn.mode()") == "i"
    editor.keys("<Esc>u")
    wait_until(lambda: editor.lines()[1] == "    if size < 0:", "it was a step of its own")
    assert editor.lines()[0] == "def area(width, depth):"


def test_with_a_completion_menu_the_preview_flips_and_tab_is_the_menus(open_in: Open) -> None:
    editor = open_in(shapes_py="import widths\nimport re\n\n\n" + SHAPES, before="set completeopt=menuone,noselect")
    editor.keys("gg/size, depth<CR>cw")
    editor.type("width")
    editor.terminal.wait_for("if sizewidth < 0:")
    editor.keys("<C-n>")
    wait_until(lambda: editor.lua("vim.fn.pumvisible()") == 1, "the menu is open")
    rows = editor.terminal.wait_for("    if width < 0:").split("\n")
    assert next(index for index, row in enumerate(rows) if "if width < 0:" in row) < 4, "above the cursor's line"
    editor.keys("<C-e>")
    wait_until(lambda: editor.lua("vim.fn.pumvisible()") == 0, "the menu is closed")
    editor.terminal.wait_gone("    if width < 0:")
    assert editor.suggestion(), "the menu's key was the menu's"
    no_errors(editor)


FLOAT = (
    "(function() local b = vim.api.nvim_create_buf(false, true); vim.bo[b].filetype = '{filetype}'; "
    "_G.menu = vim.api.nvim_open_win(b, false, {{ relative = 'cursor', row = 1, col = 0, width = 9, height = 4, "
    "noautocmd = true }}); {event}; return true end)()"
)


@pytest.mark.parametrize(
    ("filetype", "event"),
    [
        ("blink-cmp-menu", "vim.api.nvim_exec_autocmds('User', { pattern = 'BlinkCmpMenuOpen' })"),
        ("cmp_menu", "_G.on_menu()"),
    ],
)
def test_with_a_completion_plugins_menu_the_preview_flips_too(open_in: Open, filetype: str, event: str) -> None:
    stub = "package.loaded.cmp = { event = { on = function(_, name, f) _G.on_menu = _G.on_menu or f end } }"
    editor = open_in(shapes_py="import widths\nimport re\n\n\n" + SHAPES, before=f"lua {stub}")
    editor.keys("gg/size, depth<CR>cw")
    editor.type("width")
    editor.terminal.wait_for("if sizewidth < 0:")
    editor.lua(FLOAT.format(filetype=filetype, event=event))
    rows = editor.terminal.wait_for("    if width < 0:").split("\n")
    assert next(index for index, row in enumerate(rows) if "if width < 0:" in row) < 4, "above the cursor's line"
    before = editor.lines()
    editor.keys("<Tab>")
    wait_until(lambda: editor.lines() != before, "Tab is not ours while the menu is open")
    assert "if size < 0" in "".join(editor.lines())


# The key does what it did before.


def test_without_a_suggestion_tab_is_what_it_was(open_in: Open) -> None:
    editor = open_in(
        shapes_py=SHAPES,
        before="nnoremap <expr> <Tab> ':let g:was = 1' . \"\\<lt>CR>\"",
    )
    editor.keys("<Tab>")
    wait_until(lambda: editor.lua("vim.g.was") == 1, "the earlier mapping ran")
    editor.keys("GA<Tab>x<Esc>")
    wait_until(lambda: editor.lines()[-1].endswith("x"), "typed")
    assert editor.lines()[-1].split(")")[1] == "    x"


def test_without_a_mapping_tab_goes_forward_in_the_jump_list(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES)
    editor.keys("G<C-o>")
    wait_for_cursor(editor, 1, 0)
    editor.keys("<Tab>")
    wait_until(lambda: editor.cursor()[0] == 8, "forward again")


def test_two_mappings_that_pass_tab_to_each_other_come_to_an_end(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES, before="imap <expr> <Tab> '<Plug>(other)'")
    # Another plugin maps Tab afterwards and falls back to ours, whose earlier mapping is its own.
    editor.keys(":imap <Plug>(other) <Plug>(nextedit-earlier-i-Tab)<CR>")
    editor.keys("GA")
    editor.keys("<Tab>")
    editor.keys("<C-c>")
    editor.keys("<Esc>")
    assert editor.lua("1") == 1


def test_in_a_macro_tab_is_what_was_recorded(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES)
    rename_parameter(editor)
    editor.keys(':let @q = "A\\<lt>Tab>x\\<lt>Esc>"<CR>@q')
    wait_until(lambda: editor.lines()[0].endswith("x"), "the macro ran")
    assert editor.lines()[1] == "    if size < 0:"


# Text of all kinds.


def test_files_with_crlf_and_wide_characters_stay_as_they_are(open_in: Open, tmp_path: Path) -> None:
    text = SHAPES.replace("Error(size)", 'Error("🎉漢", size)').replace("\n", "\r\n")
    renamed = RENAMED.replace("Error(width)", 'Error("🎉漢", width)')
    editor = open_in(shapes_py=text)
    rename_parameter(editor)
    assert "^M" not in editor.terminal.wait_for('("🎉漢", sizewidth)')
    walk(editor, renamed)
    editor.keys(":write<CR>")
    wanted = renamed.replace("\n", "\r\n").encode()
    wait_until(lambda: (tmp_path / "shapes.py").read_bytes() == wanted, "the file has its line ends")


def test_tabs_are_drawn_as_wide_as_they_are(open_in: Open) -> None:
    text = POINT.replace("  ", "\t")
    editor = open_in(point_js=text, before="set noexpandtab tabstop=4")
    editor.keys("/y)<CR>a, z<Esc>")
    rows = editor.terminal.wait_for("this.z = z;").split("\n")
    assert "^I" not in "".join(rows)
    assert "        this.z = z;" in [row.rstrip() for row in rows]


def test_ten_thousand_lines(open_in: Open) -> None:
    body = "".join(f"    step({index})\n" for index in range(10_000))
    text = f"def total(size):\n{body}    return size\n"
    editor = open_in(total_py=text)
    editor.keys("gg/size<CR>cwwidth<Esc>")
    editor.terminal.wait_for("↓ line 10002 size → width")
    editor.keys("<Tab>")
    wait_until(lambda: editor.cursor()[0] == 10_002, "the cursor is there")
    editor.keys("<Tab>")
    wait_until(lambda: editor.lines()[-1] == "    return width", "it is applied")


def test_a_line_before_the_first_and_one_behind_the_last(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES)
    # Both by the plugin's own means: the server has no reason to suggest them.
    editor.lua("(function() require('nextedit')._ask = function() end; return true end)()")
    for line, text in ((0, "import os\n"), (9, "# the end\n")):
        editor.lua(
            "(function() local n = require('nextedit'); local c = vim.lsp.get_clients()[1]; "
            f"local at = {{ line = {line}, character = 0 }}; "
            "n._show(require('nextedit.edit').from_lsp({ text = "
            + f"{text!r}, "
            + "range = { start = at, "
            "['end'] = at }, textDocument = { uri = vim.uri_from_bufnr(0) }, command = { title = '', "
            "command = 'nextedit.accept', arguments = { 'x' } } }, c)) return true end)()".replace("\\n", "\\\\n")
        )
        editor.terminal.wait_for(text.strip())
        assert text.strip() not in editor.lines()
        editor.keys(":NextEdit accept<CR>")
        wait_until(lambda text=text: text.strip() in editor.lines(), "it is there")
    assert editor.lines() == ["import os", *SHAPES.splitlines(), "# the end"]


# The server.


def test_a_killed_server_takes_its_suggestion_along_and_leaves_the_keys(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES)
    rename_parameter(editor)
    found = subprocess.run(["ps", "-ewwo", "pid,args"], capture_output=True, text=True, check=True).stdout
    pids = [int(row.split()[0]) for row in found.splitlines() if str(editor.log_file) in row and "serve" in row]
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    editor.terminal.wait_for("quit with exit code")
    editor.keys("<CR>")
    editor.terminal.wait_gone("sizewidth")
    editor.keys("G<C-o><Tab>")
    wait_until(lambda: editor.cursor()[0] == 8, "Tab is the jump list's again")
    editor.keys(":NextEdit status<CR>")
    editor.terminal.wait_for("the server does not run")
    editor.keys("<CR>:lua vim.lsp.enable('nextedit')<CR>")
    editor.wait_for_server()
    editor.keys("gg/depth<CR>cwheight<Esc>")
    wait_until(editor.suggestion, "the next server suggests again")


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


# Commands.


def test_the_commands(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES)
    editor.keys(":NextEdit pause<CR>")
    editor.terminal.wait_for("nextedit: paused")
    editor.keys("gg/size, depth<CR>cwwidth<Esc>")
    wait_until(lambda: "silent: paused" in editor.log_file.read_text(), "it was asked for")
    assert editor.suggestion() is None
    editor.keys(":NextEdit next<CR>")
    wait_for_cursor(editor, 2, 7)
    editor.keys(":NextEdit resume<CR>")
    editor.terminal.wait_for("nextedit: ")
    wait_until(editor.suggestion, "it is shown")
    editor.keys(":NextEdit explain<CR>")
    editor.terminal.wait_for("rename")
    editor.keys(":NextEdit accept<CR>")
    wait_until(lambda: editor.lines() == RENAMED.splitlines(), "it is applied")
    editor.keys(":NextEdit reject<CR>")
    editor.terminal.wait_for("no next edit to turn down")
    editor.keys(":NextEdit status<CR>")
    editor.terminal.wait_for("accepted 1")
    editor.keys("<CR>:NextEdit log<CR>")
    wait_until(lambda: editor.lua("vim.fn.bufname()").endswith(".nextedit.log"), "the log is open")
    assert editor.lua("vim.fn.getcompletion('NextEdit re', 'cmdline')") == ["reject", "resume"]


def test_health_help_and_status_line(open_in: Open) -> None:
    editor = open_in(shapes_py=SHAPES)
    editor.keys(":set laststatus=2 statusline=%f\\ %{%v:lua.require'nextedit'.statusline()%}<CR>")
    rename_parameter(editor)
    editor.terminal.wait_for("shapes.py » 2 size → width")
    editor.keys(":checkhealth nextedit<CR>")
    wait_until(lambda: editor.lua("vim.bo.filetype") == "checkhealth", "the report is open")
    report = wait_until(lambda: "Keys" in "\n".join(editor.lines()) and "\n".join(editor.lines()), "the report")
    assert "ERROR" not in report
    assert "WARNING" not in report
    assert "The server runs: nextedit" in report
    editor.keys(":helptags ALL<CR>:help nextedit-options<CR>")
    wait_until(lambda: editor.lua("vim.fn.expand('%:t')") == "nextedit.txt", "the help is open")
