"""Plays a completion server on this machine: takes requests apart as they were sent, and answers as it is told to."""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Then(Enum):
    """What a server does when it has sent all that it was told to."""

    END = "end"
    """Ends the answer as it should."""
    BREAK = "break"
    """Breaks the connection off in the middle of the answer."""
    HANG = "hang"
    """Sends nothing more until the client goes away."""


@dataclass(frozen=True)
class Answer:
    """An answer in pieces, each sent as a chunk of its own, so that the client sees them cut like this."""

    pieces: Sequence[bytes] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/event-stream"})
    then: Then = Then.END


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


DONE = b"data: [DONE]\n\n"
JSON = {"Content-Type": "application/json"}


def message(value: object) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def piece(text: str, finish: str | None = None, **more: object) -> bytes:
    return message({"choices": [{"index": 0, "text": text, "finish_reason": finish}], **more})


def pieces(*texts: str, finish: str = "stop") -> list[bytes]:
    """The usual stream: a message a token, one that tells the end, and the last."""
    return [*[piece(text) for text in texts], piece("", finish), DONE]


def in_json(value: object, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer([json.dumps(value).encode()], status, {**JSON, **named})


def models(*names: str, owner: str = "someone", **more: object) -> Answer:
    return in_json({"object": "list", "data": [{"id": name, "owned_by": owner, **more} for name in names]})


class OpenAiStandIn:
    """To be entered; then ``url`` is where it listens, and ``received`` fills."""

    def __init__(self) -> None:
        self.models = models("some-model")
        self.answers: list[Answer] = []
        """For the completions, in order; the last one again and again."""
        self.tokens: dict[str, list[int]] = {}
        """For llama.cpp's way to make tokens of a text."""
        self.received: list[Received] = []
        self.asked = asyncio.Event()
        """An answer's pieces were sent."""
        self.left = asyncio.Event()
        """A client went away while the server hung."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "OpenAiStandIn":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def origin(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def url(self) -> str:
        return self.origin + "/v1"

    @property
    def completions(self) -> list[Received]:
        return [request for request in self.received if request.path == "/v1/completions"]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while (request := await _read_request(reader)) is not None:
                self.received.append(request)
                if not await self._send(self._answer_for(request), reader, writer):
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    def _answer_for(self, request: Received) -> Answer:
        if request.method == "GET" and request.path == "/v1/models":
            return self.models
        if request.method == "POST" and request.path == "/v1/completions" and self.answers:
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if request.path == "/tokenize":
            return in_json({"tokens": self.tokens[request.body["content"]]})
        return in_json({"error": {"message": "File Not Found", "type": "not_found_error", "code": 404}}, 404)

    async def _send(self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Send the answer; false when the connection is over with it."""
        head = [f"HTTP/1.1 {answer.status} Whatever", "Transfer-Encoding: chunked"]
        head += [f"{name}: {value}" for name, value in answer.headers.items()]
        writer.write("\r\n".join([*head, "", ""]).encode())
        for part in answer.pieces:
            writer.write(b"%x\r\n%b\r\n" % (len(part), part))
            await writer.drain()
        self.asked.set()
        if answer.then is Then.HANG:
            # All that a client may do now is to go away.
            with contextlib.suppress(ConnectionError):
                await reader.read()
            self.left.set()
        if answer.then is not Then.END:
            return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


async def _read_request(reader: asyncio.StreamReader) -> Received | None:
    line = (await reader.readline()).decode()
    if not line:
        return None
    method, path, _ = line.split()
    headers = {}
    while header := (await reader.readline()).decode().strip():
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, path, headers, json.loads(body) if body else None)
