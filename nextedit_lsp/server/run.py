"""Transports: stdio and TCP on loopback.

In: bytes of one client.  Out: bytes for it; the process's exit code.
Not here: messages (``protocol``).

Over stdio the real stdout is kept for the protocol alone: whatever else prints in this process, native
libraries too, ends up on stderr.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from nextedit_lsp import predictor
from nextedit_lsp.errors import TransportError
from nextedit_lsp.server.framing import Framing
from nextedit_lsp.server.language_server import NexteditServer
from nextedit_lsp.server.protocol import NexteditProtocol
from nextedit_lsp.session.asking import Predict
from nextedit_lsp.session.clock import SteadyClock
from nextedit_lsp.session.engines import new_engine

logger = logging.getLogger(__name__)

LOG_LEVELS = ("error", "warning", "info", "debug")

# A prediction's thread gives way to the event loop this soon, so that a cancelled request is answered at once.
SWITCH_INTERVAL_S = 0.001

READ_BYTES = 65536


def run(
    *,
    transport: Literal["stdio", "tcp"] = "stdio",
    host: str = "127.0.0.1",
    port: int = 0,
    log_level: str = "info",
    log_file: Path | None = None,
    predict: Predict = predictor.predict,
) -> int:
    """Serves one client until it is gone; returns the exit code."""
    configure_logging(log_level, log_file)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    with contextlib.suppress(KeyboardInterrupt):
        if transport == "tcp":
            return asyncio.run(_serve_tcp(checked_host(host), port, predict))
        return asyncio.run(_serve_stdio(predict))
    return 130


def checked_host(host: str) -> str:
    """``host`` if it is this machine alone.  Raises ``TransportError`` otherwise: the protocol knows no passwords."""
    try:
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise TransportError(f"refusing to listen on {host}: only loopback addresses such as 127.0.0.1 are allowed")
    return host


def configure_logging(level: str, file: Path | None) -> None:
    """Sends the log to stderr or to a file, never to stdout."""
    handler: logging.Handler = (
        logging.StreamHandler(sys.stderr)
        if file is None
        else logging.FileHandler(file, encoding="utf-8", errors="backslashreplace")
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    handler.addFilter(_without_parameters)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("nextedit_lsp").setLevel(level.upper())


class _StdoutWriter:
    """The protocol's end of stdout."""

    def __init__(self, descriptor: int) -> None:
        self._file = os.fdopen(descriptor, "wb", buffering=0)

    def write(self, data: bytes) -> None:
        """Writes all of ``data``; a client that is gone ends the reading side, too."""
        view = memoryview(data)
        with contextlib.suppress(BrokenPipeError):
            while view:
                view = view[self._file.write(view) or 0 :]

    def close(self) -> None:
        """Closes stdout."""
        self._file.close()


async def _serve_stdio(predict: Predict) -> int:
    descriptor = os.dup(1)
    os.dup2(2, 1)
    server = _new_server(predict)
    writer = _StdoutWriter(descriptor)
    server.protocol.set_writer(writer)
    loop = asyncio.get_running_loop()
    reading = threading.Thread(
        target=_read_stdin,
        args=(loop, _Receiver(server.protocol).feed, lambda: server.finish(1)),
        name="nextedit-stdin",
        daemon=True,
    )
    reading.start()
    try:
        return await server.finished()
    finally:
        await server.close()
        writer.close()


async def _serve_tcp(host: str, port: int, predict: Predict) -> int:
    """Serves the first client that connects."""
    connected: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
    connected = asyncio.get_running_loop().create_future()

    async def on_connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if connected.done():
            writer.close()
        else:
            connected.set_result((reader, writer))

    listener = await asyncio.start_server(on_connect, host, port)
    logger.warning("listening on %s:%d", *listener.sockets[0].getsockname()[:2])
    reader, writer = await connected
    listener.close()
    server = _new_server(predict)
    server.protocol.set_writer(writer)
    reading = asyncio.create_task(_read_stream(reader, server))
    try:
        return await server.finished()
    finally:
        reading.cancel()
        await server.close()
        with contextlib.suppress(ConnectionError):
            await writer.drain()
            writer.close()
            await writer.wait_closed()


class _Receiver:
    """Bytes of the client → messages of the protocol."""

    def __init__(self, protocol: NexteditProtocol) -> None:
        self._protocol = protocol
        self._framing = Framing()

    def feed(self, data: bytes) -> None:
        """Takes bytes as they arrive."""
        n_skipped = self._framing.n_skipped
        for body in self._framing.feed(data):
            self._protocol.receive(body)
        if self._framing.n_skipped != n_skipped:
            logger.warning("skipped %d bytes that are no message", self._framing.n_skipped - n_skipped)


def _read_stdin(loop: asyncio.AbstractEventLoop, feed: Callable[[bytes], None], on_end: Callable[[], None]) -> None:
    """Runs in a thread of its own, unbuffered: a buffered reader's lock would hold up the interpreter's end."""
    with contextlib.suppress(RuntimeError):  # The loop is closed.
        while data := os.read(0, READ_BYTES):
            loop.call_soon_threadsafe(feed, data)
        loop.call_soon_threadsafe(on_end)


async def _read_stream(reader: asyncio.StreamReader, server: NexteditServer) -> None:
    receiver = _Receiver(server.protocol)
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(READ_BYTES):
            receiver.feed(data)
    server.finish(1)


def _new_server(predict: Predict) -> NexteditServer:
    return NexteditServer(predict, new_engine, SteadyClock())


def _without_parameters(record: logging.LogRecord) -> bool:
    """Takes the parameters out of the protocol library's records: they hold source text."""
    if not record.name.startswith("nextedit_lsp"):
        record.args, record.exc_info, record.exc_text = None, None, None
    return True
