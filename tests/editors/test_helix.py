"""What a person sees in Helix, with the set-up of ``docs/editors/helix.md``."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.terminal import Terminal, program, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.editors]

HERE = Path(__file__).parent / "helix"
TEXT = """\
def total(size):
    first = size + 1

    print(first)

    return size
"""


def is_there(started: Terminal) -> bool:
    """Whether the server answers; until then the editor does not know the command."""
    started.type(":lsp-workspace-command nextedit.status")
    started.press("Enter")
    time.sleep(0.3)
    return "ready" in started.screen()


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    folder = tmp_path / ".config" / "helix"
    folder.mkdir(parents=True)
    (folder / "languages.toml").write_text((HERE / "languages.toml").read_text())
    (tmp_path / "a.py").write_text(TEXT)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / ".config")}
    started = Terminal([program("hx", "HELIX_EXE"), "a.py"], tmp_path, environment)
    started.wait_for("def total(size):")
    wait_until(lambda: is_there(started), "the server runs")
    started.type("/size")
    started.press("Enter")
    started.type("cwidth")
    started.press("Escape")
    started.wait_for("def total(width):")
    yield started
    started.close()


def test_the_code_action_is_shown_and_applied(terminal: Terminal) -> None:
    terminal.type(" a")
    screen = terminal.wait_for("Next edit: rename `size` to `width`")
    assert "Apply all 2: rename `size` to `width`" in screen
    terminal.press("Enter")
    assert "return size" in terminal.wait_for("first = width + 1")


def test_all_are_applied(terminal: Terminal) -> None:
    terminal.type(" a")
    terminal.wait_for("Apply all 2: rename `size` to `width`")
    terminal.press("Down", "Enter")
    assert "first = width + 1" in terminal.wait_for("return width")


def test_the_command_jumps_and_then_applies(terminal: Terminal) -> None:
    for expected in ("2:13", "first = width + 1"):
        terminal.type(":lsp-workspace-command nextedit.next")
        terminal.press("Enter")
        terminal.wait_for(expected)
