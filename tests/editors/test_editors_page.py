"""The page on editors shows what the tests run."""

from __future__ import annotations

from pathlib import Path

from tests.editors import neovim

PAGE = Path(__file__).parents[2] / "docs" / "editors.md"


def test_the_page_has_the_snippet_that_is_tested() -> None:
    snippet = (neovim.HERE / "next_edit.lua").read_text(encoding="utf-8")
    assert f"```lua\n{snippet}```" in PAGE.read_text(encoding="utf-8")
