"""A terminal of its own with a program in it: keys in, what is on the screen out."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

FETCHED = Path(__file__).parents[2] / ".cache" / "editors" / "bin"
TIMEOUT_S = 20.0
HELP = "get it with: make editors (or .venv/bin/python tools/get_editors.py {name})"


def program(name: str, variable: str) -> str:
    """The path of a program: from the environment, from ``make editors``, or on the path."""
    fetched = FETCHED / name
    found = os.environ.get(variable) or (str(fetched) if fetched.exists() else shutil.which(name))
    assert found, f"{name} is not installed: {HELP.format(name=name)}, or set {variable}"
    return found


class Terminal:
    """A tmux server that runs one program."""

    def __init__(
        self, command: list[str], cwd: Path, environment: Mapping[str, str], *, rows: int = 24, columns: int = 90
    ) -> None:
        # The path of a socket may not be long, and those of pytest are.
        self.folder = Path(tempfile.mkdtemp(prefix="ne-"))
        self._tmux = [program("tmux", "TMUX_EXE"), "-u", "-S", str(self.folder / "tmux"), "-f", "/dev/null"]
        plain = {name: value for name, value in os.environ.items() if name not in ("TMUX", "COLORTERM")}
        self._environment = {**plain, "TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **environment}
        size = ["-x", str(columns), "-y", str(rows)]
        self._run("new-session", "-d", *size, "-c", str(cwd), *command)
        self._pid = int(self._run("display-message", "-p", "#{pane_pid}"))

    def press(self, *keys: str) -> None:
        """Presses keys by tmux's names: ``Tab``, ``Escape``, ``C-e``, or a character."""
        self._run("send-keys", *keys)

    def type(self, text: str) -> None:
        """Types a text."""
        self._run("send-keys", "-l", text)

    def screen(self, *, colours: bool = False) -> str:
        """What is on the screen; ``colours`` leaves the escape sequences in."""
        return self._run("capture-pane", "-p", *(["-e"] if colours else []))

    def rows(self) -> list[str]:
        """The screen, row by row, without blanks at the end."""
        return [row.rstrip() for row in self.screen().split("\n")]

    def wait_for(self, text: str) -> str:
        """Waits until a text is on the screen, and returns the screen."""
        try:
            wait_until(lambda: text in self.screen(), text)
        except AssertionError:
            raise AssertionError(f"never on the screen: {text!r}\n{self.screen()}") from None
        return self.screen()

    def wait_gone(self, text: str) -> str:
        """Waits until a text is no longer on the screen, and returns the screen."""
        try:
            wait_until(lambda: text not in self.screen(), text)
        except AssertionError:
            raise AssertionError(f"still on the screen: {text!r}\n{self.screen()}") from None
        return self.screen()

    def close(self) -> None:
        """Ends the program and the terminal."""
        subprocess.run([*self._tmux, "kill-server"], capture_output=True, check=False, env=self._environment)
        # Helix outlives its terminal.
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._tmux, *arguments], capture_output=True, text=True, timeout=TIMEOUT_S, env=self._environment
        )
        assert done.returncode == 0, f"tmux {arguments[0]}: {done.stderr}"
        return done.stdout


def wait_until(is_so: Callable[[], Any], what: str, timeout_s: float = TIMEOUT_S) -> Any:
    """Waits for a condition and returns its value; fails when it does not come about."""
    deadline = time.monotonic() + timeout_s
    while not (value := is_so()):
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)
    return value
