"""Records what each editor sends while a rename is walked through: ``python -m tests.editors.record_all``.

Out: ``tests/server/recordings/EDITOR.jsonl``.  To be run anew when an editor's version changes, and looked at.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.editors import test_emacs
from tests.editors.neovim import HERE, PLUGIN
from tests.editors.terminal import Terminal, program, wait_until

RECORDINGS = Path(__file__).parents[1] / "server" / "recordings"
TEXT = "def total(size):\n    first = size + 1\n\n    print('🎉', first, size)\n\n    return size\n"
ELPA = [argument for folder in sorted(test_emacs.ELPA.iterdir()) for argument in ("-L", str(folder))]
EMACS = ["-nw", "-q", "--eval", test_emacs.QUIET]


def neovim(terminal: Terminal) -> None:
    """With the plugin: next edits, then a code action."""
    terminal.type("/size")
    terminal.press("Enter")
    terminal.type("cwwidth")
    terminal.press("Escape")
    terminal.wait_for("sizewidth")
    terminal.press("Tab", "Tab")
    terminal.wait_for("first = width + 1")
    time.sleep(1)
    terminal.press("u")
    time.sleep(1)
    terminal.type("gra")
    time.sleep(1)
    terminal.press("Escape")
    time.sleep(0.5)
    terminal.type(":qa!\n")


def helix(terminal: Terminal) -> None:
    """A code action, then the command that jumps and applies."""
    terminal.type("/size")
    terminal.press("Enter")
    terminal.type("cwidth")
    terminal.press("Escape")
    terminal.type(" a")
    terminal.wait_for("Next edit: ")
    terminal.press("Enter")
    terminal.wait_for("first = width + 1")
    for expected in ("4:", "first, width"):
        terminal.type(":lsp-workspace-command nextedit.next")
        terminal.press("Enter")
        terminal.wait_for(expected)
    terminal.type(":q!\n")


def eglot(terminal: Terminal) -> None:
    """A code action, then the command that jumps and applies."""
    terminal.press("M-f", "M-f", "C-f", "M-d")
    terminal.type("width")
    terminal.press("C-c", "a")
    terminal.wait_for("Pick an action")
    terminal.type("Next")
    terminal.press("Tab", "Enter")
    terminal.wait_for("first = width + 1")
    for expected in ("L4 ", "first, width"):
        terminal.press("C-c", "n")
        terminal.wait_for(expected)
    terminal.press("C-x", "C-c")
    terminal.type("nyes\n")


def lsp_mode(terminal: Terminal) -> None:
    """A code action, then text at the cursor asked for."""
    terminal.press("M-f", "M-f", "C-f", "M-d")
    terminal.type("width")
    terminal.press("C-c", "a")
    terminal.wait_for("Select code action")
    terminal.type("Next")
    terminal.press("Tab", "Enter")
    terminal.wait_for("first = width + 1")
    terminal.press("M->")
    terminal.press("C-c", "i")
    time.sleep(1)
    terminal.press("C-x", "C-c")
    terminal.type("nyes\n")


EDITORS: dict[str, tuple[list[str], Callable[[Terminal], None]]] = {
    "neovim": (["nvim", "--clean", "-u", str(HERE / "init.lua"), "a.py"], neovim),
    "helix": (["hx", "a.py"], helix),
    "eglot": (["emacs", *EMACS, "-l", str(test_emacs.HERE / "eglot.el"), "a.py"], eglot),
    "lsp_mode": (
        ["emacs", *EMACS, *ELPA, "-l", "lsp-mode-autoloads", "-l", str(test_emacs.HERE / "lsp-mode.el"), "a.py"],
        lsp_mode,
    ),
}


def main(names: list[str]) -> int:
    """Records the editors named, or all."""
    for name in names or EDITORS:
        record(name)
    return 0


def record(name: str) -> None:
    """Records one editor."""
    command, play = EDITORS[name]
    out = RECORDINGS / f"{name}.jsonl"
    out.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="ne-") as folder:
        root, shim = Path(folder), Path(folder) / ".bin" / "nextedit"
        (root / "a.py").write_text(TEXT)
        subprocess.run(["git", "init", "-q"], cwd=root, check=True)
        shim.parent.mkdir()
        shim.write_text(f'#!/bin/sh\ncd {PLUGIN} && exec {sys.executable} -m tests.editors.record "$@"\n')
        shim.chmod(0o755)
        config = root / ".config" / "helix"
        config.mkdir(parents=True)
        (config / "languages.toml").write_text((HERE.parent / "helix" / "languages.toml").read_text())
        environment = {
            "PATH": f"{shim.parent}:{os.environ['PATH']}",
            "HOME": folder,
            "XDG_CONFIG_HOME": str(root / ".config"),
            "NEXTEDIT": str(shim),
            "NEXTEDIT_LOG": str(root / ".log"),
            "NEXTEDIT_PLUGIN": str(PLUGIN),
            "NEXTEDIT_RECORD": str(out),
            "NEXTEDIT_ROOT": folder,
        }
        terminal = Terminal([program(command[0], "NONE"), *command[1:]], root, environment)
        try:
            wait_until(lambda: out.exists() and "didOpen" in out.read_text(), "the document is open")
            time.sleep(1)
            play(terminal)
            time.sleep(1.5)
        finally:
            terminal.close()
    out.write_text(re.sub(r'"processId": \d+', '"processId": null', out.read_text()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
