"""The server with other plugins for Neovim: stand-ins that speak with it as those do (``nvim/peers.lua``)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.neovim import HERE, Neovim
from tests.editors.terminal import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.editors]

TEXT = 'def total(size):\n    print("🎉 漢", size)\n\n    first = size + 1\n\n    return size\n'


@pytest.mark.parametrize("peer", ["sidekick", "copilot_lsp"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_rename_is_walked_through(tmp_path: Path, peer: str, line_end: str) -> None:
    (tmp_path / "a.py").write_text(TEXT.replace("\n", line_end), newline="")
    editor = Neovim(tmp_path, "a.py", options={"peer": peer}, init=HERE / "init_peer.lua")
    try:
        editor.wait_for_server()
        assert editor.lua("vim.lsp.get_clients()[1].offset_encoding") == "utf-16"
        editor.keys("gg/size<CR>cw")
        editor.type("width")
        editor.keys("<Esc>")

        def is_walked() -> bool:
            if editor.lua("require('peers').shown"):
                editor.keys("<Tab>")
            return editor.lines() == TEXT.replace("size", "width").splitlines()

        wait_until(is_walked, "all is renamed")
        assert "accept" in str(editor.command("status")["counts"])
        assert editor.command("status")["counts"]["accepted"] >= 1
        assert "Error" not in editor.messages()
    finally:
        editor.close()
