"""The client's end of JSON-RPC over a subprocess's stdio, for the scripted editor and the tests.

In: a command line; requests and notifications as plain JSON values.  Out: results, and what the
server announced or asked for.
Not here: what the messages mean.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nextedit_lsp.errors import EditorError
from nextedit_lsp.server.framing import Framing, framed

# A server that has not gone this long after ``exit`` is killed.
EXIT_TIMEOUT_S = 5.0

METHOD_NOT_FOUND = -32601

Handler = Callable[[Any], Awaitable[Any]]


class ServerError(EditorError):
    """The server answered a request with an error."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(f"{error.get('code')}: {error.get('message')}")
        self.code = error.get("code")
        self.message = str(error.get("message"))


class JsonClient:
    """One connection; ``handlers`` answer what the server asks for, by method."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.handlers: dict[str, Handler] = {}
        self.notifications: list[tuple[str, Any]] = []
        self.requests: list[tuple[str, Any]] = []
        self._arrived = asyncio.Condition()
        self._pending: dict[int | str, asyncio.Future[Any]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._last_id = 0
        self._is_closed = False

    async def request(self, method: str, params: Any, *, request_id: int | str | None = None) -> Any:
        """The result of a request.  Raises ``ServerError`` for an error, ``EditorError`` when the server is gone."""
        return await (await self.start_request(method, params, request_id=request_id))

    async def start_request(
        self, method: str, params: Any, *, request_id: int | str | None = None
    ) -> asyncio.Future[Any]:
        """Sends a request; the future gets its result."""
        if self._is_closed:
            raise EditorError("the server has exited: see its log")
        if request_id is None:
            self._last_id += 1
            request_id = self._last_id
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending[request_id] = future
        message = {"jsonrpc": "2.0", "id": request_id, "method": method}
        await self.send(message if params is None else {**message, "params": params})
        return future

    async def notify(self, method: str, params: Any) -> None:
        """Sends a notification."""
        message = {"jsonrpc": "2.0", "method": method}
        await self.send(message if params is None else {**message, "params": params})

    async def send(self, message: Any) -> None:
        """Sends a message as it is."""
        await self.send_bytes(framed(json.dumps(message).encode()))

    async def send_bytes(self, data: bytes) -> None:
        """Sends bytes as they are, also ones that are no message."""
        if self.process.stdin is None:
            raise EditorError("the server has no stdin")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.process.stdin.write(data)
            await self.process.stdin.drain()

    async def notified(self, method: str, n_times: int = 1) -> Any:
        """The params of the ``n_times``-th notification of that method, waiting for it."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: self._is_closed or len(self._of(method)) >= n_times)
        found = self._of(method)
        if len(found) < n_times:
            raise EditorError(f"the server exited before it announced {method}: see its log")
        return found[n_times - 1]

    async def read_all(self) -> None:
        """Reads what the server sends until it closes its end."""
        framing = Framing()
        stdout = self.process.stdout
        while stdout is not None and (data := await stdout.read(65536)):
            for body in framing.feed(data):
                await self._take(json.loads(body))
        self._is_closed = True
        for future in self._pending.values():
            if not future.done():
                future.set_exception(EditorError("the server exited before it answered: see its log"))
                future.exception()
        async with self._arrived:
            self._arrived.notify_all()

    async def _take(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            self._take_answer(message)
        elif "id" in message:
            task = asyncio.create_task(self._answer(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            async with self._arrived:
                self.notifications.append((message["method"], message.get("params")))
                self._arrived.notify_all()

    def _take_answer(self, message: dict[str, Any]) -> None:
        future = self._pending.pop(message.get("id", ""), None)
        if future is None or future.done():
            self.notifications.append(("$unexpected", message))
        elif "error" in message:
            future.set_exception(ServerError(message["error"]))
        else:
            future.set_result(message["result"])

    async def _answer(self, message: dict[str, Any]) -> None:
        self.requests.append((message["method"], message.get("params")))
        handler: Handler = self.handlers.get(message["method"], _answer_null)
        try:
            answer: dict[str, Any] = {"result": await handler(message.get("params"))}
        except Exception as error:  # A script's mistake is the server's business, as an editor's would be.
            answer = {"error": {"code": -32603, "message": str(error)}}
        await self.send({"jsonrpc": "2.0", "id": message["id"], **answer})

    def _of(self, method: str) -> list[Any]:
        return [params for name, params in self.notifications if name == method]


@contextlib.asynccontextmanager
async def started(command: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None) -> AsyncIterator[JsonClient]:
    """A client with its server's process; the process is gone at the end.  The server's stderr is inherited."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, env=env, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    client = JsonClient(process)
    reading = asyncio.create_task(client.read_all())
    try:
        yield client
    finally:
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), EXIT_TIMEOUT_S)
        except asyncio.TimeoutError:
            process.kill()
            await process.wait()
        await reading


async def _answer_null(_params: Any) -> None:
    return None
