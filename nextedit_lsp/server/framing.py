"""Message framing of the Language Server Protocol, without any I/O.

In: bytes as they arrive, in pieces of any size.  Out: the bodies of whole messages, and notes on
what was skipped; and the other way round, a body with its header.
Not here: JSON, streams.

    header lines ──▶ Content-Length known, empty line ──▶ that many bytes ──▶ a body, and again

Bytes that are no header are skipped up to the next line that begins with ``Content-``, so that
a stray print or a wrong length costs some messages and not the connection.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# More than any editor sends at once; a length beyond it is taken for garbage.
MAX_BODY_BYTES = 256 * 1024 * 1024
# A header line is short; without a line end after this many bytes it is garbage.
MAX_HEADER_BYTES = 4096

_LENGTH = re.compile(rb"content-length\s*:\s*(\d{1,12})\s*", re.IGNORECASE)
_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9-]*\s*:")


def framed(body: bytes) -> bytes:
    """``body`` behind its header."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


@dataclass(slots=True)
class Framing:
    """The state between two pieces of input."""

    buffer: bytearray = field(default_factory=bytearray)
    length: int | None = None
    is_body: bool = False
    n_skipped: int = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies of the messages that are whole now."""
        self.buffer += data
        bodies = []
        while (body := self._step()) is not None:
            if body:
                bodies.append(bytes(body))
        return bodies

    def _step(self) -> bytes | bytearray | None:
        """One header line (empty) or one body; None when more input is needed."""
        if self.is_body:
            return self._body()
        end = self.buffer.find(b"\n")
        if end < 0:
            self._drop_garbage()
            return None
        line = bytes(self.buffer[:end]).rstrip(b"\r")
        del self.buffer[: end + 1]
        self._take_line(line)
        return b""

    def _take_line(self, line: bytes) -> None:
        if not line:
            self.is_body = self.length is not None
        elif match := _LENGTH.search(line):
            length = int(match.group(1))
            self.length = length if length <= MAX_BODY_BYTES else None
            self.n_skipped += match.start()
        elif not _NAME.match(line):
            self.n_skipped += len(line)

    def _body(self) -> bytearray | None:
        assert self.length is not None
        if len(self.buffer) < self.length:
            return None
        body = self.buffer[: self.length]
        del self.buffer[: self.length]
        self.length, self.is_body = None, False
        return body

    def _drop_garbage(self) -> None:
        if len(self.buffer) > MAX_HEADER_BYTES:
            n_dropped = len(self.buffer) - MAX_HEADER_BYTES
            self.n_skipped += n_dropped
            del self.buffer[:n_dropped]
