"""The extension and its server: started, switched off, killed, gone with the window."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.editors.terminal import wait_until
from tests.editors.vscode.conftest import Open
from tests.editors.vscode.test_next_edits import RENAMED, SHAPES, both, rename_parameter, walk

pytestmark = [pytest.mark.e2e, pytest.mark.editors]


@both
def test_a_killed_server_is_started_again_and_suggests_again(open_in: Open, mode: str) -> None:
    window = open_in({"shapes.py": SHAPES}, mode)
    rename_parameter(window)
    killed, n_before = window.server(), len(window.answers())
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: window.server() not in (0, killed), "another one runs")
    window.wait_for_answer(n_before)
    window.select("size", nth=3)
    window.type("length")
    window.wait_for_edit()
    walk(window, window.text().replace("area(size, 2)", "area(length, 2)"))


def test_the_server_ends_with_the_window(open_in: Open) -> None:
    window = open_in({"shapes.py": SHAPES})
    server = window.server()
    assert server
    window.close()
    wait_until(lambda: not Path(f"/proc/{server}").exists(), "the server is gone")


@pytest.mark.parametrize("settings", [{"nextedit.enabled": False}, {"nextedit.languages": {"python": False}}])
def test_it_is_switched_off_and_on_by_settings(open_in: Open, settings: dict[str, object]) -> None:
    window = open_in({"shapes.py": SHAPES}, settings=settings)
    rename_parameter(window, wait=False)
    window.configure({next(iter(settings)): None})
    window.wait_for_edit()
    window.configure(settings)
    wait_until(lambda: not window.has_edit(), "nothing is shown any more")
    window.configure({next(iter(settings)): None})
    window.wait_for_edit()
    walk(window, RENAMED)
