"""A hub on this machine: answers what ``huggingface_hub`` and the download ask, and misbehaves when told to."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nextedit_lsp.models import download

COMMIT = "c0ffee" * 6 + "c0ff"
REPOSITORY = "someone/tiny-GGUF"
FILE = "tiny.q8_0.gguf"
CONTENT = b"GGUF" + bytes(range(256)) * 400


@dataclass
class Hub:
    """What the stand-in has, how it misbehaves, and what it was asked."""

    files: dict[str, bytes] = field(default_factory=lambda: {f"{REPOSITORY}/{FILE}": CONTENT})
    told_sha256: str | None = None
    """What it says the checksum is; None for the truth."""
    breaks_after: list[int] = field(default_factory=list)
    """For each answer in turn, after how many bytes the connection is closed."""
    knows_ranges: bool = True
    refuses: tuple[int, str] | None = None
    """A status and an ``X-Error-Code`` for every request."""
    sends_on_to: str = ""
    """Another host that has the bytes."""
    url: str = ""
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def ranges(self) -> list[str]:
        """The ranges of the downloads, in order; empty for all of a file."""
        return [
            headers.get("range", "") for method, path, headers in self.asked if method == "GET" and "/api/" not in path
        ]


@contextmanager
def serving() -> Iterator[Hub]:
    """A hub that serves until the end of the block."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def in_place_of_the_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that is asked in place of the real one."""
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setattr(download, "PAUSE_S", 0.0)
    with serving() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.respond(has_body=False)

        def do_GET(self) -> None:
            self.respond(has_body=True)

        def respond(self, *, has_body: bool) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            hub.asked.append((self.command, self.path, headers))
            if hub.refuses is not None:
                self.refuse(*hub.refuses)
            elif self.path.startswith("/api/models/"):
                self.list_files(self.path.removeprefix("/api/models/"))
            else:
                self.serve_file(headers, has_body=has_body)

        def serve_file(self, headers: dict[str, str], *, has_body: bool) -> None:
            repository, _, rest = self.path[1:].partition("/resolve/")
            _, _, name = rest.partition("/")
            content = hub.files.get(f"{repository}/{name}")
            if content is None:
                is_there = any(path.startswith(f"{repository}/") for path in hub.files)
                self.refuse(*((404, "EntryNotFound") if is_there else (401, "RepoNotFound")))
                return
            start = int(headers["range"].removeprefix("bytes=").rstrip("-")) if self.is_ranged(headers) else 0
            self.send_response(302 if hub.sends_on_to else 206 if start else 200)
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("X-Linked-Size", str(len(content)))
            self.send_header("X-Linked-Etag", f'"{hub.told_sha256 or hashlib.sha256(content).hexdigest()}"')
            if hub.sends_on_to:
                self.send_header("Location", hub.sends_on_to + self.path)
                content = b""
            elif start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            if has_body:
                self.send_body(content[start:])

        def is_ranged(self, headers: dict[str, str]) -> bool:
            return "range" in headers and hub.knows_ranges and not hub.sends_on_to

        def send_body(self, body: bytes) -> None:
            n_sent = hub.breaks_after.pop(0) if hub.breaks_after else len(body)
            self.close_connection = True
            with suppress(ConnectionError):  # Who asked may have had enough.
                self.wfile.write(body[:n_sent])

        def list_files(self, repository: str) -> None:
            names = [path.removeprefix(f"{repository}/") for path in hub.files if path.startswith(f"{repository}/")]
            body = json.dumps({"id": repository, "siblings": [{"rfilename": name} for name in names]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def refuse(self, status: int, code: str) -> None:
            self.send_response(status)
            self.send_header("X-Error-Code", code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Handler
