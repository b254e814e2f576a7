"""The pages on editors show what the tests run, and what the plugin has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "editors"
HERE = Path(__file__).parent


@pytest.mark.parametrize(
    ("page", "language", "file"),
    [
        ("emacs.md", "elisp", "emacs/eglot.el"),
        ("emacs.md", "elisp", "emacs/lsp-mode.el"),
        ("helix.md", "toml", "helix/languages.toml"),
    ],
)
def test_the_page_has_the_set_up_that_is_tested(page: str, language: str, file: str) -> None:
    set_up = (HERE / file).read_text(encoding="utf-8")
    assert f"```{language}\n{set_up}```" in (PAGES / page).read_text(encoding="utf-8")


def test_neovims_set_up_is_the_one_that_is_tested() -> None:
    page = (PAGES / "neovim.md").read_text(encoding="utf-8")
    tested = (HERE / "nvim" / "init.lua").read_text(encoding="utf-8")
    for line in ('vim.lsp.enable("nextedit")', 'require("nextedit").setup(', 'vim.lsp.config("nextedit", { cmd = { '):
        assert line in page
        assert line in tested


def test_the_pages_are_all_linked() -> None:
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\((\w+\.md)\)", index)) == {path.name for path in PAGES.glob("*.md")} - {"README.md"}


def test_the_help_names_every_option_command_and_group() -> None:
    plugin = ROOT / "client-nvim"
    manual = (plugin / "doc" / "nextedit.txt").read_text(encoding="utf-8")
    config = (plugin / "lua/nextedit/config.lua").read_text(encoding="utf-8")
    commands = (plugin / "lua/nextedit/commands.lua").read_text(encoding="utf-8")
    draw = (plugin / "lua/nextedit/draw.lua").read_text(encoding="utf-8")
    options = re.findall(r"^  (\w+) = ", config.split("local DEFAULTS = {")[1].split("\n}")[0], re.MULTILINE)
    names = re.findall(r"^  (\w+) = function", commands.split("local ACTIONS = {")[1].split("\n}")[0], re.MULTILINE)
    assert len(options) == 10
    assert sorted(names) == ["accept", "explain", "log", "next", "pause", "reject", "resume", "status"]
    assert all(f"{option} = " in manual for option in options)
    assert all(f":NextEdit {name}" in manual for name in names)
    assert all(f"*hl-{group}*" in manual for group in set(re.findall(r"NextEdit(?:Add|Delete|Hint|Sign|Ghost)", draw)))


def test_every_public_function_of_the_plugin_is_annotated() -> None:
    for path in (ROOT / "client-nvim" / "lua").rglob("*.lua"):
        lines = path.read_text(encoding="utf-8").split("\n")
        for index, line in enumerate(lines):
            found = re.match(r"function [MA]\w*[.:](\w+)\((.*)\)", line)
            if not found or found[1].startswith("_"):
                continue
            before = []
            while index and lines[index - 1].startswith("---"):
                index -= 1
                before.append(lines[index])
            for name in filter(None, re.split(r",\s*", found[2])):
                assert any(f"@param {name}" in one for one in before), f"{path.name}: {found[1]}({name})"
            body = "\n".join(lines[lines.index(line) :]).split("\nend")[0]
            if re.search(r"\breturn [^\n]", body.split("function(")[0]):
                assert any("@return" in one for one in before), f"{path.name}: {found[1]} returns something"
            assert before, f"{path.name}: {found[1]} says nothing of itself"
