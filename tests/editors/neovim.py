"""A real Neovim, driven through its own remote interface: keys in, what is on its screen out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "nvim"
TIMEOUT_S = 20.0


def executable() -> str | None:
    """Neovim, from ``$NVIM_EXE`` or the path; None when there is none that is new enough."""
    found = os.environ.get("NVIM_EXE") or shutil.which("nvim")
    if found is None:
        return None
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout.split("\n")[0]
    numbers = version.removeprefix("NVIM v").split("-")[0].split(".")
    return found if tuple(int(number) for number in numbers[:2]) >= (0, 12) else None


class Neovim:
    """One Neovim on ``files`` of ``root``, with the set-up of ``nvim/init.lua``."""

    def __init__(self, found: str, root: Path, *files: str) -> None:
        self._found, self._socket, self.log_file = found, str(root / ".nvim.sock"), root / ".nextedit.log"
        subprocess.run(["git", "init", "-q"], cwd=root, check=True)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("NVIM", "VIM"))},
            "NEXTEDIT": str(Path(sys.executable).parent / "nextedit"),
            "NEXTEDIT_LOG": str(self.log_file),
            **{f"XDG_{kind}_HOME": str(root / ".xdg") for kind in ("CONFIG", "STATE", "DATA", "CACHE")},
        }
        self._process = subprocess.Popen(
            [found, "--clean", "--headless", "-u", str(HERE / "init.lua"), "--listen", self._socket, *files],
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait_for_server(self) -> None:
        """Waits until Neovim and the server are there."""
        wait_until(Path(self._socket).exists, "Neovim listens")
        wait_until(lambda: self.lua("(vim.lsp.get_clients({ bufnr = 0 })[1] or {}).initialized"), "the server runs")

    def keys(self, keys: str) -> None:
        """Presses keys, in Neovim's notation."""
        self._remote("--remote-send", keys)

    def type(self, text: str) -> None:
        """Types a text key by key, as a person does."""
        for character in text:
            self.keys("<lt>" if character == "<" else character)

    def lua(self, expression: str) -> Any:
        """The value of a Lua expression."""
        quoted = f"vim.json.encode({{ value = {expression} }})".replace("'", "''")
        answer = json.loads(self._remote("--remote-expr", f"luaeval('{quoted}')"))
        # An empty table is written as a list.
        return answer["value"] if isinstance(answer, dict) else None

    def lines(self) -> list[str]:
        """The lines of the buffer."""
        found: list[str] = self.lua("vim.api.nvim_buf_get_lines(0, 0, -1, false)")
        return found

    def ghost_text(self) -> str:
        """The inline completion on the screen."""
        space = "vim.api.nvim_get_namespaces()['nvim.lsp.inline_completion']"
        marks = self.lua(f"vim.api.nvim_buf_get_extmarks(0, {space} or -1, 0, -1, {{ details = true }})")
        return "".join(chunk[0] for mark in marks for chunk in mark[3].get("virt_text", []))

    def suggestion(self) -> dict[str, Any] | None:
        """The next edit on the screen."""
        found: dict[str, Any] | None = self.lua("(require('next_edit').shown or {}).edit")
        return found

    def command(self, name: str) -> dict[str, Any]:
        """The result of one of the server's commands, asked for at the cursor."""
        result: dict[str, Any] = self.lua(f"require('probe').command('{name}')")
        return result

    def code_actions(self, pattern: str, *, apply: bool = False) -> list[str]:
        """The titles of the code actions at the cursor that match; ``apply`` has the only one applied."""
        self.lua(f"require('probe').code_actions('{pattern}', {str(apply).lower()})")
        titles: list[str] = wait_until(lambda: self.lua("require('probe').titles"), f"a code action {pattern}")
        return titles

    def close(self) -> None:
        """Quits; the editor is gone afterwards."""
        try:
            self.keys("<C-\\><C-n>:qa!<CR>")
            self._process.wait(TIMEOUT_S)
        finally:
            self._process.kill()
            self._process.wait()

    def _remote(self, flag: str, argument: str) -> str:
        command = [self._found, "--server", self._socket, flag, argument]
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=True)
        return done.stdout or done.stderr


def wait_until(is_so: Callable[[], Any], what: str) -> Any:
    """Waits for a condition and returns its value; fails when it does not come about."""
    deadline = time.monotonic() + TIMEOUT_S
    while not (value := is_so()):
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)
    return value
