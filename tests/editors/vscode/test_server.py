"""The extension and its server: started, switched off, killed, gone with the window."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.editors.terminal import wait_until
from tests.editors.vscode.code_server import CodeServer
from tests.editors.vscode.conftest import MODES, NEXTEDIT, Open, package
from tests.editors.vscode.test_next_edits import SHAPES, both, rename_parameter, walk
from tests.editors.vscode.window import Window

pytestmark = [pytest.mark.e2e, pytest.mark.editors]

# What a marketplace's user downloads.
MAX_BYTES = 1_000_000


@both
def test_a_killed_server_is_started_again_and_suggests_again(open_in: Open, mode: str) -> None:
    window = open_in({"shapes.py": SHAPES}, mode)
    rename_parameter(window)
    killed, n_before = window.server(), len(window.answers("ahead"))
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: window.server() not in (0, killed), "another one runs")
    wait_until(lambda: len(window.answers("ahead")) > n_before, "it knows the file")
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
    assert "disabled" in window.wait_for_answer()
    assert not window.has_edit()
    window.configure({next(iter(settings)): None})
    window.select("depth")
    window.type("height")
    window.wait_for_edit()
    window.configure(settings)
    wait_until(lambda: not window.has_edit(), "nothing is shown any more")


def test_the_packages_are_small() -> None:
    packages = [package(pattern) for pattern, _ in MODES.values()]
    assert all(one.stat().st_size < MAX_BYTES for one in packages)


def test_a_folder_that_is_not_trusted_names_no_program(
    tmp_path: Path, browser: BrowserContext, request: pytest.FixtureRequest
) -> None:
    ran = tmp_path / "ran"
    command = tmp_path / "evil"
    command.write_text(f"#!/bin/sh\ntouch '{ran}'\n")
    command.chmod(0o755)
    code = CodeServer(tmp_path / "code", [package(MODES["stable"][0])], NEXTEDIT, is_trust_asked=True)
    request.addfinalizer(code.close)
    folder = tmp_path / "w" / "work"
    folder.mkdir(parents=True)
    (folder / "shapes.py").write_text(SHAPES)
    window = Window(code, browser, folder, {"nextedit.serverPath": str(command)})
    request.addfinalizer(window.close)
    assert not window.js("return vscode.workspace.isTrusted")
    window.wait_for_server()
    window.picture("not-trusted")
    assert not ran.exists()
