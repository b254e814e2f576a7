"""A scripted editor: it opens files, types, asks for next edits and applies them, over a real server's stdio.

In: the server's command line and a script of calls.  Out: the texts as the editor holds them, and
what the server answered.  Offsets are in code points.
Not here: a user interface; judging the answers.

    async with FakeEditor.start(["nextedit", "serve"], root) as editor:
        await editor.open(path)
        await editor.replace(path, 10, 13, "size")
        for edit in await editor.next_edits(path, 14):
            await editor.apply(edit)
        print(editor.text(path))

It shares no code with the server's own reading of the protocol but the framing and the
positions, so that tests which drive it test the protocol.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nextedit_lsp.errors import EditorError
from nextedit_lsp.server import json_client
from nextedit_lsp.syntax import languages
from nextedit_lsp.text import positions
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.workspace import files

# What an editor with all the trimmings declares.
CAPABILITIES: dict[str, Any] = {
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
    "workspace": {
        "applyEdit": True,
        "executeCommand": {},
        "workspaceEdit": {"documentChanges": True},
        "configuration": True,
        "didChangeConfiguration": {"dynamicRegistration": True},
    },
    "textDocument": {
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": [""]}}},
        "inlineCompletion": {},
    },
}


@dataclass(slots=True)
class Buffer:
    """A file as the editor holds it."""

    uri: str
    version: int
    text: Text


@dataclass(frozen=True, slots=True)
class NextEdit:
    """A suggested edit: ``start:end`` of ``path``, at ``version``, becomes ``text``."""

    uri: str
    path: Path
    start: int
    end: int
    text: str
    version: int | None = None
    command: Mapping[str, Any] | None = None

    @property
    def id(self) -> str | None:
        """The suggestion's id, which its accept command carries."""
        arguments = (self.command or {}).get("arguments") or [None]
        return str(arguments[0]) if arguments[0] is not None else None


@dataclass(frozen=True, slots=True)
class Shown:
    """What the server asked the editor to show: a place in a document."""

    uri: str
    start: int
    end: int


class FakeEditor:
    """An editor with one server.  Made by ``start``."""

    def __init__(self, client: json_client.JsonClient, root: Path, encoding: positions.Encoding) -> None:
        self.client = client
        self.root = root
        self.encoding = encoding
        self.buffers: dict[str, Buffer] = {}
        self.shown: list[Shown] = []
        self.capabilities: dict[str, Any] = {}
        client.handlers.update(
            {
                "workspace/applyEdit": self._on_apply_edit,
                "window/showDocument": self._on_show_document,
            }
        )

    @classmethod
    @contextlib.asynccontextmanager
    async def start(
        cls,
        command: Sequence[str],
        root: Path,
        *,
        encoding: str = "utf-16",
        init_options: Mapping[str, Any] | None = None,
        capabilities: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> AsyncIterator[FakeEditor]:
        """An editor with its server running in ``root``, initialised; shut down and gone at the end."""
        async with json_client.started(command, root, env) as client:
            editor = cls(client, root, positions.Encoding(encoding))
            await editor._initialize(dict(CAPABILITIES if capabilities is None else capabilities), init_options)
            yield editor
            with contextlib.suppress(EditorError):
                await client.request("shutdown", None)
                await client.notify("exit", None)

    @property
    def notifications(self) -> list[tuple[str, Any]]:
        """All that the server announced so far: method and params."""
        return self.client.notifications

    async def request(self, method: str, params: Any) -> Any:
        """The server's result.  Raises ``ServerError`` when it answers with an error."""
        return await self.client.request(method, params)

    async def notify(self, method: str, params: Any) -> None:
        """Sends a notification."""
        await self.client.notify(method, params)

    async def open(self, path: Path | str, text: str | None = None, language_id: str | None = None) -> None:
        """Opens a file; its text comes from the disk unless given."""
        path = self._absolute(path)
        content = path.read_bytes().decode("utf-8") if text is None else text
        language = languages.language_for(language_id, str(path))
        uri = files.uri_of(path)
        item = {
            "uri": uri,
            "languageId": language_id or (language.name if language else "plaintext"),
            "version": 1,
            "text": content,
        }
        self.buffers[uri] = Buffer(uri, 1, Text.of(content))
        await self.notify("textDocument/didOpen", {"textDocument": item})

    async def close(self, path: Path | str) -> None:
        """Closes a file."""
        buffer = self.buffers.pop(self._buffer(path).uri)
        await self.notify("textDocument/didClose", {"textDocument": {"uri": buffer.uri}})

    async def save(self, path: Path | str) -> None:
        """Writes a file to the disk and says so."""
        buffer = self._buffer(path)
        self._absolute(path).write_bytes(str(buffer.text).encode("utf-8"))
        await self.notify("textDocument/didSave", {"textDocument": {"uri": buffer.uri}})

    async def replace(self, path: Path | str, start: int, end: int, text: str) -> None:
        """Replaces ``start:end`` by ``text``, as one change."""
        await self._change(self._buffer(path), [(start, end, text)])

    async def type(self, path: Path | str, offset: int, text: str) -> int:
        """Types ``text`` at ``offset``, one character a change.  Returns the offset behind it."""
        for character in text:
            await self.replace(path, offset, offset, character)
            offset += 1
        return offset

    async def next_edits(self, path: Path | str, offset: int) -> list[NextEdit]:
        """The next edits that the server suggests with the cursor at ``offset``; files that they are for get opened."""
        buffer = self._buffer(path)
        params = {
            "textDocument": {"uri": buffer.uri, "version": buffer.version},
            "position": self._position(buffer.text, offset),
            "context": {"triggerKind": 2},
        }
        answer = await self.request("textDocument/copilotInlineEdit", params)
        return [await self._next_edit(item) for item in answer["edits"]]

    async def inline_completions(self, path: Path | str, offset: int, *, is_invoked: bool = False) -> list[NextEdit]:
        """The completions that the server suggests at ``offset``."""
        buffer = self._buffer(path)
        params = {
            "textDocument": {"uri": buffer.uri},
            "position": self._position(buffer.text, offset),
            "context": {"triggerKind": 1 if is_invoked else 2},
        }
        answer = await self.request("textDocument/inlineCompletion", params)
        items = answer["items"] if isinstance(answer, dict) else answer or []
        return [self._completion(buffer, item) for item in items]

    async def code_actions(self, path: Path | str, offset: int, only: Sequence[str] | None = None) -> list[Any]:
        """The code actions at ``offset``, as the server sent them."""
        buffer = self._buffer(path)
        position = self._position(buffer.text, offset)
        context: dict[str, Any] = {"diagnostics": [], **({"only": list(only)} if only is not None else {})}
        params = {
            "textDocument": {"uri": buffer.uri},
            "range": {"start": position, "end": position},
            "context": context,
        }
        actions = await self.request("textDocument/codeAction", params)
        return list(actions or [])

    async def did_show(self, edit: NextEdit) -> None:
        """Tells the server that ``edit`` is on the screen."""
        await self.notify("textDocument/didShowInlineEdit", {"item": {"command": dict(edit.command or {})}})

    async def apply(self, edit: NextEdit) -> None:
        """Accepts ``edit``: applies it and runs its command."""
        buffer = self._buffer(edit.path)
        await self._change(buffer, [(edit.start, edit.end, _with_line_ends(edit.text, buffer.text))])
        if edit.command:
            await self.execute(str(edit.command["command"]), *(edit.command.get("arguments") or []))

    async def apply_workspace_edit(self, edit: Mapping[str, Any]) -> bool:
        """Applies a ``WorkspaceEdit``; False when a version is not the editor's."""
        per_document = [(uri, None, edits) for uri, edits in (edit.get("changes") or {}).items()]
        per_document += [
            (change["textDocument"]["uri"], change["textDocument"].get("version"), change["edits"])
            for change in edit.get("documentChanges") or []
        ]
        for uri, version, _ in per_document:
            if not await self._opened(uri, version) or version not in (None, self.buffers[uri].version):
                return False
        for uri, _, edits in per_document:
            buffer = self.buffers[uri]
            spans = [
                (*self._span(buffer.text, item["range"]), _with_line_ends(item["newText"], buffer.text))
                for item in edits
            ]
            await self._change(buffer, sorted(spans, reverse=True))
        return True

    async def execute(self, command: str, *arguments: Any) -> Any:
        """Runs one of the server's commands."""
        return await self.request("workspace/executeCommand", {"command": command, "arguments": list(arguments)})

    def text(self, path: Path | str) -> str:
        """The text of an open file, as the editor holds it."""
        return str(self._buffer(path).text)

    async def _initialize(self, capabilities: dict[str, Any], init_options: Mapping[str, Any] | None) -> None:
        capabilities["general"] = {"positionEncodings": [self.encoding.value]}
        root_uri = files.uri_of(self.root)
        answer = await self.request(
            "initialize",
            {
                "processId": None,
                "clientInfo": {"name": "nextedit-fake-editor"},
                "rootUri": root_uri,
                "workspaceFolders": [{"uri": root_uri, "name": self.root.name}],
                "capabilities": capabilities,
                "initializationOptions": dict(init_options or {}),
            },
        )
        self.capabilities = answer["capabilities"]
        self.encoding = positions.Encoding(self.capabilities.get("positionEncoding", "utf-16"))
        await self.notify("initialized", {})

    async def _change(self, buffer: Buffer, edits: list[tuple[int, int, str]]) -> None:
        """Applies ``edits``, each in offsets of the text after the ones before it, and announces them as one."""
        changes = []
        for start, end, text in edits:
            changes.append({"range": self._range(buffer.text, start, end), "text": text})
            buffer.text = buffer.text.replaced(start, end, text)
        buffer.version += 1
        identifier = {"uri": buffer.uri, "version": buffer.version}
        await self.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": changes})

    async def _on_apply_edit(self, params: Any) -> dict[str, Any]:
        return {"applied": await self.apply_workspace_edit(params["edit"])}

    async def _on_show_document(self, params: Any) -> dict[str, Any]:
        uri = params["uri"]
        await self._opened(uri, None)
        self.shown.append(Shown(uri, *self._span(self.buffers[uri].text, params["selection"])))
        return {"success": True}

    async def _opened(self, uri: str, version: int | None) -> bool:
        """Whether a document is open; a file that was not is opened, unless a version was spoken of."""
        path = files.path_of(uri)
        if uri not in self.buffers and version is None and path is not None and path.is_file():
            await self.open(path)
        return uri in self.buffers

    async def _next_edit(self, item: Mapping[str, Any]) -> NextEdit:
        identifier = item["textDocument"]
        if not await self._opened(identifier["uri"], identifier.get("version")):
            raise EditorError(f"the server suggests an edit of {identifier['uri']}, which is not open")
        buffer = self.buffers[identifier["uri"]]
        start, end = self._span(buffer.text, item["range"])
        path = files.path_of(buffer.uri) or Path(buffer.uri)
        version, command = identifier.get("version"), item.get("command")
        return NextEdit(buffer.uri, path, start, end, item["text"], version, command)

    def _completion(self, buffer: Buffer, item: Mapping[str, Any]) -> NextEdit:
        start, end = self._span(buffer.text, item["range"])
        path = files.path_of(buffer.uri) or Path(buffer.uri)
        return NextEdit(buffer.uri, path, start, end, item["insertText"], buffer.version, item.get("command"))

    def _absolute(self, path: Path | str) -> Path:
        return self.root / path

    def _buffer(self, path: Path | str) -> Buffer:
        uri = files.uri_of(self._absolute(path))
        if uri not in self.buffers:
            raise EditorError(f"{path} is not open in the editor: call open() first")
        return self.buffers[uri]

    def _position(self, text: Text, offset: int) -> dict[str, int]:
        line, character = positions.position_at(text, offset, self.encoding)
        return {"line": line, "character": character}

    def _range(self, text: Text, start: int, end: int) -> dict[str, Any]:
        return {"start": self._position(text, start), "end": self._position(text, end)}

    def _span(self, text: Text, spanned: Mapping[str, Any]) -> tuple[int, int]:
        start, end = (
            positions.offset_at(text, place["line"], place["character"], self.encoding)
            for place in (spanned["start"], spanned["end"])
        )
        return start, end


def _with_line_ends(text: str, buffer: Text) -> str:
    """``text`` with the line ends of the file, as editors insert it."""
    line_end = buffer.slice(buffer.line_end(0), buffer.line_start(1)) if buffer.n_lines > 1 else "\n"
    return text.replace("\r\n", "\n").replace("\n", line_end)
