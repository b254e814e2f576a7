"""One window of VS Code: keys in, what is on its screen and in its memory out."""

from __future__ import annotations

import json
import os
import re
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, FloatRect, Locator

from tests.editors.terminal import TIMEOUT_S, wait_until
from tests.editors.vscode.code_server import EXTENSION, START_S, CodeServer

# What a person reads in the active editor, line by line: text, what decorations put before and behind it (which is
# in no element), and a last line of what VS Code itself lays over the text.
READ = r"""() => {
  const plain = (text) => text.replace(/\u00a0/g, " ").replace(/[\u200b-\u200d\u2060]/g, "");
  const put = (element, which) => {
    const { content, display } = getComputedStyle(element, which);
    return content.startsWith('"') && display !== "none" ? JSON.parse(content.replace(/\\a /gi, "\\n")) : "";
  };
  const read = (node) => node.nodeType === Node.TEXT_NODE ? node.data
    : put(node, "::before") + [...node.childNodes].map(read).join("") + put(node, "::after");
  const editor = document.querySelector(".editor-group-container.active .editor-instance .monaco-editor");
  if (!editor) return [];
  const lines = [...editor.querySelectorAll(".lines-content > .view-lines > .view-line")];
  lines.sort((one, other) => parseFloat(one.style.top) - parseFloat(other.style.top));
  return lines.map((line) => plain(read(line)).trimEnd());
}"""

# Whether a next edit is drawn or pointed to: by decorations, as ghost text, or by VS Code's own view, whose sign at the
# lines' numbers has the number of a line then.
HAS_EDIT = r"""() => {
  const editor = document.querySelector(".editor-group-container.active .editor-instance .monaco-editor");
  if (!editor) return false;
  const isDrawn = (element) => getComputedStyle(element).textDecorationLine === "line-through"
    || ["::before", "::after"].some((which) => /^"./.test(getComputedStyle(element, which).content));
  return [...editor.querySelectorAll(".view-lines [class*='ced-']")].some(isDrawn)
    || editor.querySelector(".ghost-text-decoration, .ghost-text") !== null
    || [...editor.querySelectorAll(".inline-edits-view-gutter-indicator")]
      .some((sign) => sign.getClientRects().length > 0 && sign.textContent !== "");
}"""
# Esc on what was on the screen for less than this was meant for something else.
SEEN_S = 0.3
# The height of a line with the font and size of the tests.
LINE_PIXELS = 19


class Window:
    """A window on ``folder``, which the tests' probe lets them look into."""

    def __init__(self, code: CodeServer, browser: BrowserContext, folder: Path, settings: Mapping[str, Any]) -> None:
        """``settings`` are those of the workspace."""
        self.code, self.folder = code, folder
        if settings:
            (folder / ".vscode").mkdir(exist_ok=True)
            (folder / ".vscode" / "settings.json").write_text(json.dumps(settings))
        self._port = folder.parent / "probe.port"
        self._port.unlink(missing_ok=True)
        self.page = browser.new_page()
        self.page.set_default_timeout(TIMEOUT_S * 1000)
        self.page.goto(code.url(folder))
        wait_until(self._port.exists, "the probe answers", START_S)

    # The server.

    def server(self) -> int:
        """The process id of its server; 0 when none runs."""
        host = self.js("return process.pid")
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent, command = stat.read_text().rsplit(")", 1)[1].split()[1], (stat.parent / "cmdline").read_bytes()
            except OSError:
                continue
            if int(parent) == host and b"serve" in command.split(b"\0"):
                return int(stat.parent.name)
        return 0

    def answers(self, method: str = "inline_edit") -> list[str]:
        """What the server's log says of each suggestion that it was asked for."""
        log = self.code.log_of_server(self.js("return process.pid"))
        return re.findall(rf"request \w+ {method}: (.*)", log)

    def wait_for_server(self) -> None:
        """Waits until the extension says that its server is there, and so knows the open files."""
        state = "const one = vscode.extensions.getExtension(id); return one.isActive ? one.exports.state() : 'starting'"
        wait_until(lambda: "starting" not in self.js(state, id=EXTENSION), "the server is there", START_S)

    def wait_for_answer(self, n_before: int = 0) -> str:
        """Waits until more than ``n_before`` requests for next edits are answered; the newest answer."""
        wait_until(lambda: len(self.answers()) > n_before, "the server answers")
        return self.answers()[-1]

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

    def rows(self) -> list[str]:
        """The lines of the active editor as they are seen, with what is drawn into them."""
        rows: list[str] = self.page.evaluate(READ)
        return rows

    def wait_for(self, text: str) -> list[str]:
        """Waits until a text is seen in the editor; its rows."""
        try:
            wait_until(lambda: any(text in row for row in self.rows()), text)
        except AssertionError:
            raise AssertionError("\n".join([f"never on the screen: {text!r}", *self.rows()])) from None
        return self.rows()

    def wait_gone(self, text: str) -> list[str]:
        """Waits until a text is no longer seen in the editor; its rows."""
        try:
            wait_until(lambda: not any(text in row for row in self.rows()), text)
        except AssertionError:
            raise AssertionError("\n".join([f"still on the screen: {text!r}", *self.rows()])) from None
        return self.rows()

    def has_edit(self) -> bool:
        """Whether a next edit is seen: drawn or pointed to, by the extension or by VS Code."""
        shown: bool = self.page.evaluate(HAS_EDIT)
        return shown

    def wait_for_edit(self) -> None:
        """Waits until a next edit is seen."""
        try:
            wait_until(self.has_edit, "a next edit is seen")
        except AssertionError:
            raise AssertionError("\n".join(["no next edit", *self.rows(), *self.answers()])) from None

    def ghost_text(self) -> str:
        """The text at the cursor that VS Code draws."""
        parts = self.find(".monaco-editor.focused .ghost-text-decoration, .monaco-editor.focused .ghost-text")
        return "".join(parts.all_text_contents()).replace("\u00a0", " ")

    def dismiss(self) -> None:
        """Turns down what is seen, as a person does who has looked at it."""
        since = time.monotonic()
        wait_until(lambda: time.monotonic() - since > SEEN_S, "it was looked at")
        self.press("Escape")
        wait_until(lambda: not self.has_edit() and not self.ghost_text(), "it is gone")

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
        return self.js("return await vscode.commands.executeCommand(name, ...args)", name=name, args=list(arguments))

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

    def select(self, text: str, *, nth: int = 0, cursor: str = "", offset: int = 0) -> None:
        """Selects the text where it occurs, counted from 0; or puts the cursor ``before`` or ``after`` it."""
        self.js(
            "const editor = vscode.window.activeTextEditor; let at = -1;"
            "for (let i = 0; i <= nth; i++) at = editor.document.getText().indexOf(text, at + 1);"
            "if (at < 0) throw new Error(`no ${text}`);"
            "const [from, to] = [at, at + text.length].map((one) => editor.document.positionAt(one + offset));"
            "const [anchor, active] = cursor ? [to, to].fill(cursor === 'after' ? to : from) : [from, to];"
            "const there = new vscode.Selection(anchor, active);"
            "const told = there.isEqual(editor.selection) || new Promise((resolve) => {"
            "  const once = vscode.window.onDidChangeTextEditorSelection(() => { once.dispose(); resolve(); }); });"
            "editor.selection = there;"
            "editor.revealRange(there, vscode.TextEditorRevealType.InCenterIfOutsideViewport);"
            # The window takes what it is told in turn: when it has done this, it has done what the extension told it
            # when it heard of the selection.
            "await told; await vscode.commands.executeCommand('setContext', 'probe.selected', true)",
            text=text, nth=nth, cursor=cursor, offset=offset)  # fmt: skip

    def cursor(self) -> tuple[int, int]:
        """Line and character of the active editor's cursor, from 0."""
        line, character = self.js(
            "const at = vscode.window.activeTextEditor.selection.active; return [at.line, at.character]"
        )
        return line, character

    def state(self) -> tuple[str, str, tuple[int, int]]:
        """The active editor's file, text and cursor."""
        return self.file(), self.text(), self.cursor()

    def selected(self) -> str:
        """What is selected in the active editor."""
        found: str = self.js(
            "const editor = vscode.window.activeTextEditor; return editor.document.getText(editor.selection)"
        )
        return found

    def file(self) -> str:
        """The active editor's file, within the folder."""
        found: str = self.js("return vscode.workspace.asRelativePath(vscode.window.activeTextEditor.document.uri)")
        return found

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Changes settings of the workspace; None takes one away."""
        for name, value in settings.items():
            update = "await vscode.workspace.getConfiguration().update(name, value ?? undefined, false)"
            self.js(update, name=name, value=value)

    def picture(self, name: str, *, n_lines: int = 0) -> None:
        """Writes the window as PNG, or the first lines of the editor, into ``NEXTEDIT_PICTURES`` if that is set."""
        if folder := os.environ.get("NEXTEDIT_PICTURES"):
            editor = self.find(".editor-group-container.active .editor-instance").bounding_box() if n_lines else None
            clip = editor and FloatRect(**{**editor, "height": n_lines * LINE_PIXELS + 4})
            self.page.screenshot(path=Path(folder) / f"{name}.png", clip=clip)

    def close(self) -> None:
        """Closes the window; its extension host ends."""
        self.page.close()
