"""The server in this process, fed with messages: for what needs no real transport."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from nextedit_lsp.engine.scripted import ScriptedEngine
from nextedit_lsp.server.framing import Framing
from nextedit_lsp.server.language_server import NexteditServer
from nextedit_lsp.session.clock import SteadyClock
from nextedit_lsp.session.scripted import ScriptedPredictor

URI = "untitled:one"


class Harness:
    """A server and what it has written."""

    def __init__(self, predictor: ScriptedPredictor | None = None, engine: ScriptedEngine | None = None) -> None:
        self.predictor = predictor or ScriptedPredictor()
        self.server = NexteditServer(self.predictor, lambda *_: engine or ScriptedEngine(), SteadyClock())
        self.server.protocol.set_writer(self)
        self.messages: list[dict[str, Any]] = []
        self._framing = Framing()
        self._last_id = 0

    def write(self, data: bytes) -> None:
        self.messages += [json.loads(body) for body in self._framing.feed(data)]

    def send(self, message: Any) -> None:
        self.server.protocol.receive(message if isinstance(message, bytes) else json.dumps(message).encode())

    def notify(self, method: str, params: Any) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def start_request(self, method: str, params: Any = None, **extra: Any) -> int:
        self._last_id += 1
        message = {"jsonrpc": "2.0", "id": self._last_id, "method": method, **extra}
        self.send(message if params is None else {**message, "params": params})
        return self._last_id

    async def answer(self, message_id: int | None) -> dict[str, Any]:
        """The answer to a request; fails when there is none."""
        for _ in range(5000):
            found = [one for one in self.messages if "method" not in one and one.get("id", "absent") == message_id]
            if found:
                assert len(found) == 1, found
                return found[0]
            await asyncio.sleep(0.001)
        raise AssertionError(f"request {message_id} was never answered")

    async def request(self, method: str, params: Any = None) -> Any:
        answer = await self.answer(self.start_request(method, params))
        assert "error" not in answer, answer
        return answer["result"]

    async def error(self, method: str, params: Any = None, **extra: Any) -> dict[str, Any]:
        answer = await self.answer(self.start_request(method, params, **extra))
        assert "error" in answer, answer
        return answer["error"]

    async def requested(self, method: str) -> dict[str, Any]:
        """The server's own request of that method."""
        for _ in range(5000):
            found = [one for one in self.messages if one.get("method") == method and "id" in one]
            if found:
                return found[-1]
            await asyncio.sleep(0.001)
        raise AssertionError(f"{method} was never requested")

    def notified(self, method: str) -> list[Any]:
        return [one["params"] for one in self.messages if one.get("method") == method and "id" not in one]

    async def initialize(self, options: Any = None, capabilities: Any = None, **extra: Any) -> Any:
        params = {"processId": None, "rootUri": None, "capabilities": capabilities or {}, **extra}
        if options is not None:
            params["initializationOptions"] = options
        result = await self.request("initialize", params)
        self.notify("initialized", {})
        await asyncio.sleep(0)
        return result

    def open(self, text: str, uri: str = URI, version: int = 1, language_id: str = "plaintext") -> None:
        item = {"uri": uri, "languageId": language_id, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, version: int, *changes: Any, uri: str = URI) -> None:
        identifier = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": list(changes)})

    def text(self, uri: str = URI) -> str:
        return str(self.server.session.state.documents.followed[uri].text)

    async def close(self) -> None:
        self.predictor.gate.set()
        await self.server.close()
        self.server.shutdown()
        if hasattr(self.server, "session"):
            self.server.session._asking._worker.join(5)
            self.server.session._store_writer.join(5)


def at(line: int, character: int) -> dict[str, int]:
    return {"line": line, "character": character}


def partial_change(start: tuple[int, int], end: tuple[int, int], text: str) -> dict[str, Any]:
    return {"range": {"start": at(*start), "end": at(*end)}, "text": text}


def place(line: int = 0, character: int = 0, uri: str = URI) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": at(line, character)}
