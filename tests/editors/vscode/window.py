"""One window of VS Code: keys in, what is on its screen and in its memory out."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Locator

from tests.editors.terminal import TIMEOUT_S, wait_until
from tests.editors.vscode.code_server import START_S, CodeServer


class Window:
    """A window on ``folder``, which the tests' probe lets them look into."""

    def __init__(self, code: CodeServer, browser: BrowserContext, folder: Path) -> None:
        self.folder = folder
        self._port = folder.parent / "probe.port"
        self._port.unlink(missing_ok=True)
        self.page = browser.new_page()
        self.page.set_default_timeout(TIMEOUT_S * 1000)
        self.page.goto(code.url(folder))
        wait_until(self._port.exists, "the probe answers", START_S)

    # Keys and what is on the screen.

    def press(self, *keys: str) -> None:
        """Presses keys by the browser's names: ``Tab``, ``Control+Z``."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Types a text key by key, as a person does."""
        self.page.keyboard.type(text, delay=20)

    def find(self, selector: str) -> Locator:
        """What of the page a selector of CSS finds."""
        return self.page.locator(selector)

    # What is in memory.

    def js(self, body: str, **names: Any) -> Any:
        """What JavaScript returns in the extension host, with ``vscode`` and the given values by name."""
        given = "".join(f"const {name} = {json.dumps(value)};" for name, value in names.items())
        request = urllib.request.Request(f"http://127.0.0.1:{self._port.read_text()}/", (given + body).encode())
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
            answer = json.load(response)
        assert "error" not in answer, answer["error"]
        return answer["value"]

    def command(self, name: str, *arguments: Any) -> Any:
        """Runs one of VS Code's commands."""
        return self.js(
            "return await vscode.commands.executeCommand(name, ...args)", name=name, args=list(arguments)
        )

    def open(self, name: str) -> None:
        """Opens a file of the folder and puts the focus into it."""
        path = str(self.folder / name)
        self.js("await vscode.window.showTextDocument(vscode.Uri.file(path), { preview: false })", path=path)
        self.find(".editor-instance .monaco-editor.focused").first.wait_for()

    def text(self, name: str = "") -> str:
        """The text of the active editor's document, or of an open file."""
        path = str(self.folder / name) if name else ""
        found: str = self.js(
            "const open = vscode.workspace.textDocuments.find((one) => one.uri.fsPath === path);"
            "return (path ? open : vscode.window.activeTextEditor.document).getText()", path=path)  # fmt: skip
        return found

    def select(self, text: str, *, nth: int = 0) -> None:
        """Selects the text where it occurs, counted from 0."""
        self.js(
            "const editor = vscode.window.activeTextEditor; let at = -1;"
            "for (let i = 0; i <= nth; i++) at = editor.document.getText().indexOf(text, at + 1);"
            "if (at < 0) throw new Error(`no ${text}`);"
            "const [from, to] = [at, at + text.length].map((one) => editor.document.positionAt(one));"
            "editor.selection = new vscode.Selection(from, to);"
            "editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport)",
            text=text, nth=nth)  # fmt: skip

    def cursor(self) -> tuple[int, int]:
        """Line and character of the active editor's cursor, from 0."""
        line, character = self.js(
            "const at = vscode.window.activeTextEditor.selection.active; return [at.line, at.character]"
        )
        return line, character

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Changes settings of the workspace."""
        for name, value in settings.items():
            self.js("await vscode.workspace.getConfiguration().update(name, value, false)", name=name, value=value)

    def picture(self, path: Path) -> None:
        """Writes what is on the screen as PNG."""
        self.page.screenshot(path=path)

    def close(self) -> None:
        """Closes the window; its extension host ends."""
        self.page.close()
