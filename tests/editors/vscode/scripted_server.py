"""A server whose next edits a test has written down, for what nothing that was edited leads to.

In: ``edits.json`` beside the folder that the editor opens: name of a file → ``[range, text]``.
Out: the answer to ``textDocument/copilotInlineEdit`` there, from the first change of the file on until the edit is
accepted or turned down; also to ``textDocument/inlineCompletion`` where it is an insertion on the cursor's line, at
the cursor or behind it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from nextedit_lsp.server.framing import Framing, framed

CAPABILITIES = {"textDocumentSync": 2, "inlineCompletionProvider": {}, "experimental": {"nextedit": {}}}


class Script:
    """The edits, and those that are over."""

    def __init__(self) -> None:
        self.edits: dict[str, Any] = {}
        self.changed: set[str] = set()
        self.over: set[str] = set()

    def answer(self, method: str, params: Any) -> Any:
        """The result of a request."""
        if method == "initialize":
            folder = Path(unquote(urlparse(params["workspaceFolders"][0]["uri"]).path))
            self.edits = json.loads((folder.parent / "edits.json").read_text(encoding="utf-8"))
            return {"capabilities": CAPABILITIES, "serverInfo": {"name": "nextedit"}}
        if method == "textDocument/copilotInlineEdit":
            return {"edits": self.edits_of(params["textDocument"])}
        if method == "textDocument/inlineCompletion":
            return [item(edit) for edit in self.edits_of(params["textDocument"]) if is_ghost(edit, params["position"])]
        if method == "workspace/executeCommand" and params["command"] in ("nextedit.accept", "nextedit.reject"):
            self.over.update(params["arguments"])
        return None

    def hear(self, method: str, params: Any) -> None:
        """Takes a notification in."""
        if method == "textDocument/didChange":
            self.changed.add(name_of(params["textDocument"]))

    def edits_of(self, document: dict[str, Any]) -> list[dict[str, Any]]:
        """The edit of a document, which is known by its name."""
        name = name_of(document)
        if name not in self.edits or name in self.over or name not in self.changed:
            return []
        (line, character, to_line, to_character), text = self.edits[name]
        place = {
            "start": {"line": line, "character": character},
            "end": {"line": to_line, "character": to_character},
        }
        report = {"title": "Accept next edit", "command": "nextedit.accept", "arguments": [name]}
        return [{"text": text, "textDocument": document, "range": place, "command": report}]


def name_of(document: dict[str, Any]) -> str:
    """The name of a document's file."""
    return unquote(document["uri"]).rsplit("/", 1)[1]


def is_ghost(edit: dict[str, Any], cursor: dict[str, int]) -> bool:
    """Whether an editor can draw the edit as text at the cursor."""
    start, end = edit["range"]["start"], edit["range"]["end"]
    return bool(start == end and start["line"] == cursor["line"] and start["character"] >= cursor["character"])


def item(edit: dict[str, Any]) -> dict[str, Any]:
    """The edit as an inline completion."""
    return {"insertText": edit["text"], "range": edit["range"], "command": edit["command"]}


def main() -> None:
    """Serves over standard input and output until told to exit."""
    framing, script = Framing(), Script()
    while data := os.read(0, 1 << 16):
        for message in map(json.loads, framing.feed(data)):
            if message.get("method") == "exit":
                return
            if "method" in message and "id" in message:
                result = script.answer(message["method"], message.get("params"))
                os.write(1, framed(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode()))
            elif "method" in message:
                script.hear(message["method"], message.get("params"))


if __name__ == "__main__":
    main()
