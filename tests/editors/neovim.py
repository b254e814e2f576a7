"""A real Neovim on a real screen: keys in, what is on its screen and in its memory out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.editors.terminal import TIMEOUT_S, Terminal, program, wait_until

HERE = Path(__file__).parent / "nvim"
PLUGIN = Path(__file__).parents[2]
OLDEST = (0, 12)


def executable() -> str:
    """Neovim; fails when there is none that is new enough."""
    found = program("nvim", "NVIM_EXE")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout.split("\n")[0]
    numbers = version.removeprefix("NVIM v").split("-")[0].split(".")
    assert tuple(int(number) for number in numbers[:2]) >= OLDEST, f"{found} is {version}; 0.12 or later is needed"
    return found


class Neovim:
    """One Neovim on ``files`` of ``root``, with the set-up of ``nvim/init.lua``."""

    def __init__(
        self,
        root: Path,
        *files: str,
        options: dict[str, Any] | None = None,
        before: str = "",
        init: Path = HERE / "init.lua",
        rows: int = 24,
    ) -> None:
        self._found, self.log_file = executable(), root / ".nextedit.log"
        subprocess.run(["git", "init", "-q"], cwd=root, check=True)
        environment = {
            "NEXTEDIT": str(Path(sys.executable).parent / "nextedit"),
            "NEXTEDIT_LOG": str(self.log_file),
            "NEXTEDIT_PLUGIN": str(PLUGIN),
            "NEXTEDIT_OPTIONS": json.dumps(options or {}),
            **({"NEXTEDIT_BEFORE": before} if before else {}),
            **{f"XDG_{kind}_HOME": str(root / ".xdg") for kind in ("CONFIG", "STATE", "DATA", "CACHE")},
        }
        # The path of a socket may not be long, and those of pytest are.
        self._folder = tempfile.TemporaryDirectory(prefix="ne-")
        self._socket = str(Path(self._folder.name) / "nvim")
        command = [self._found, "--clean", "-u", str(init), "--listen", self._socket, *files]
        self.terminal = Terminal(command, root, environment, rows=rows)

    def wait_for_server(self) -> None:
        """Waits until Neovim and the server are there."""
        wait_until(self._listens, "Neovim listens")
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

    def cursor(self) -> tuple[int, int]:
        """Line from 1 and byte from 0."""
        line, column = self.lua("vim.api.nvim_win_get_cursor(0)")
        return line, column

    def ghost_text(self) -> str:
        """The inline completion on the screen."""
        space = "vim.api.nvim_get_namespaces()['nvim.lsp.inline_completion']"
        marks = self.lua(f"vim.api.nvim_buf_get_extmarks(0, {space} or -1, 0, -1, {{ details = true }})")
        return "".join(chunk[0] for mark in marks for chunk in mark[3].get("virt_text", []))

    def suggestion(self) -> dict[str, Any] | None:
        """The next edit on the screen."""
        found: dict[str, Any] | None = self.lua("require('nextedit').pending()")
        return found

    def messages(self) -> str:
        """All that was said, errors among it."""
        found: str = self.lua("vim.fn.execute('messages')")
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
            wait_until(lambda: not Path(self._socket).exists(), "Neovim quits", 10)
        except (AssertionError, subprocess.SubprocessError):
            pass
        finally:
            self.terminal.close()
            self._folder.cleanup()

    def _listens(self) -> bool:
        try:
            return Path(self._socket).exists() and self.lua("1") == 1
        except AssertionError:
            return False

    def _remote(self, flag: str, argument: str) -> str:
        command = [self._found, "--server", self._socket, flag, argument]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("NVIM", "VIM"))}
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, env=environment)
        assert done.returncode == 0, f"{argument}: {done.stderr}"
        return done.stdout or done.stderr
