"""The VS Codes of the tests, one for each way of drawing, and their windows."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, sync_playwright

from tests.editors.terminal import program
from tests.editors.vscode.code_server import EXTENSION, ROOT, CodeServer
from tests.editors.vscode.window import Window

PACKAGES = ROOT / "client-vscode" / "dist"
# Chromium looks for servers of its maker's and for a system that none of these machines has.
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking")
# Where a user has the extension from, and whether they let it use the proposed API.
MODES: Mapping[str, tuple[str, str]] = {
    "stable": ("nextedit-*[0-9].vsix", ""),
    "proposed": ("nextedit-*-proposed.vsix", EXTENSION),
    "refused": ("nextedit-*-proposed.vsix", ""),
}
# Before a mode's name: the server is one whose next edits the test has written down.
SCRIPTED = "scripted-"
NEXTEDIT = [str(Path(sys.executable).parent / "nextedit")]
SCRIPT = [sys.executable, "-m", "tests.editors.vscode.scripted_server"]

Open = Callable[..., Window]


@pytest.fixture(scope="session")
def code(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], CodeServer]]:
    """A VS Code of a mode, started when it is first asked for."""
    started: dict[str, CodeServer] = {}

    def of(mode: str) -> CodeServer:
        if mode not in started:
            pattern, granted = MODES[mode.removeprefix(SCRIPTED)]
            server = SCRIPT if mode.startswith(SCRIPTED) else NEXTEDIT
            started[mode] = CodeServer(tmp_path_factory.mktemp(mode), [package(pattern)], server, granted=granted)
        return started[mode]

    yield of
    for one in started.values():
        one.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program("chromium", "CHROMIUM_EXE"), args=FLAGS)
        # Pictures are for people with finer screens than the tests need.
        scale = 2 if os.environ.get("NEXTEDIT_PICTURES") else 1
        yield started.new_context(viewport={"width": 1000, "height": 600}, device_scale_factor=scale)
        started.close()


@pytest.fixture
def open_in(tmp_path: Path, code: Callable[[str], CodeServer], browser: BrowserContext) -> Iterator[Open]:
    """Opens a window on files that are given by name; the first one has the focus."""
    windows: list[Window] = []

    def opened(
        files: Mapping[str, str],
        mode: str = "stable",
        settings: Mapping[str, Any] | None = None,
        beside: Mapping[str, str] | None = None,
    ) -> Window:
        folder = tmp_path / f"w{len(windows)}" / "work"
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8", newline="")
        for name, text in (beside or {}).items():
            (folder.parent / name).write_text(text, encoding="utf-8")
        windows.append(Window(code(mode), browser, folder, settings or {}))
        windows[-1].open(next(iter(files)))
        windows[-1].wait_for_server()
        return windows[-1]

    yield opened
    for window in windows:
        if window.page.is_closed():
            continue
        window.picture(f"{tmp_path.name}-end")
        window.close()


def package(pattern: str) -> Path:
    """The extension's package."""
    found = sorted(PACKAGES.glob(pattern))
    assert found, f"no {pattern} in {PACKAGES}: npm ci && npm run package"
    return found[-1]
