"""The real process: encodings, garbage, TCP, cancelling and the end, with the scripted editor."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sys
from pathlib import Path

import pytest

from nextedit_lsp.errors import EditorError, TransportError
from nextedit_lsp.server import run
from nextedit_lsp.server.fake_editor import FakeEditor
from nextedit_lsp.server.framing import Framing, framed
from nextedit_lsp.server.json_client import ServerError, started

pytestmark = pytest.mark.e2e

SERVER = [sys.executable, "-m", "nextedit_lsp", "--log-level", "warning"]
BLOCKING = [sys.executable, str(Path(__file__).parent / "blocking_server.py")]
OPTIONS = {"settleMs": 0, "feedback": False}

CODE = '# 😀 é\ndef area(size):\n    s = "😀"; return size * 2  # 日本\n'


@pytest.mark.parametrize(("encoding", "ending"), [("utf-8", "\n"), ("utf-16", "\r\n"), ("utf-32", "\r")])
async def test_a_rename_is_continued_in_every_encoding(tmp_path, encoding, ending):
    code = CODE.replace("\n", ending)
    (tmp_path / "a.py").write_bytes(code.encode())
    async with FakeEditor.start(SERVER, tmp_path, encoding=encoding, init_options=OPTIONS) as editor:
        assert editor.capabilities["positionEncoding"] == encoding
        await editor.open("a.py")
        offset = code.index("size")
        await editor.replace("a.py", offset, offset + 4, "width")
        (edit,) = await editor.next_edits("a.py", offset + 5)
        await editor.apply(edit)
        assert editor.text("a.py") == code.replace("size", "width")


async def test_edits_of_another_file_are_suggested_and_shown(tmp_path):
    (tmp_path / "a.py").write_text("def area(size):\n    return size\n")
    (tmp_path / "b.py").write_text("from a import area\n\nprint(area(size=3))\n")
    async with FakeEditor.start(SERVER, tmp_path, init_options=OPTIONS) as editor:
        await editor.open("b.py")
        await editor.open("a.py")
        await editor.replace("a.py", 9, 13, "width")
        answer = await editor.execute("nextedit.next")
        assert answer["state"] == "jumped"
        assert editor.shown[0].uri == answer["uri"]
        assert (await editor.execute("nextedit.next"))["state"] == "applied"
        assert editor.text("a.py") == "def area(width):\n    return width\n"


async def test_every_request_is_answered_while_a_prediction_blocks(tmp_path):
    async with FakeEditor.start([*BLOCKING, str(tmp_path)], tmp_path, init_options={"debounceMs": 0}) as editor:
        (tmp_path / "a.py").write_text("old")
        await editor.open("a.py")
        uri = next(iter(editor.buffers))
        place = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
        first = await editor.client.start_request("textDocument/copilotInlineEdit", place, request_id="first")
        await _until(lambda: (tmp_path / "started").exists())
        second = await editor.client.start_request("textDocument/copilotInlineEdit", place, request_id="second")
        assert await first == {"edits": []}
        await editor.notify("$/cancelRequest", {"id": "second"})
        with pytest.raises(ServerError, match="-32800"):
            await second
        assert (await editor.execute("nextedit.status"))["kind"] == "Normal"
        assert not (tmp_path / "ended").exists()
    # The process is gone although its prediction never ended.
    assert not (tmp_path / "ended").exists()
    assert editor.client.process.returncode == 0


async def test_garbage_on_stdin_is_survived(tmp_path):
    async with started(SERVER, tmp_path) as client:
        await client.send_bytes(b"hello\r\nContent-Length: 5\r\n\r\n{bad}Content-Length: 9\r\n\r\n[1, 2, 3]")
        await client.request("initialize", {"capabilities": {}})
        await client.request("shutdown", None)
        await client.notify("exit", None)
    codes = [message["error"]["code"] for name, message in client.notifications if name == "$unexpected"]
    assert codes == [-32700, -32600]


async def test_a_server_whose_client_is_gone_ends(tmp_path):
    async with started(SERVER, tmp_path) as client:
        await client.request("initialize", {"capabilities": {}})
    assert client.process.returncode is not None
    with pytest.raises(EditorError, match="exited"):
        await client.request("shutdown", None)


async def test_the_log_goes_to_the_file_and_holds_no_source_text(tmp_path):
    log = tmp_path / "log.txt"
    (tmp_path / "a.py").write_text("secret_word = 1\nprint(secret_word)\n")
    command = [sys.executable, "-m", "nextedit_lsp", "--log-level", "debug", "--log-file", str(log)]
    async with FakeEditor.start(command, tmp_path, init_options=OPTIONS) as editor:
        await editor.open("a.py")
        await editor.replace("a.py", 0, 11, "other_word")
        await editor.next_edits("a.py", 10)
        with pytest.raises(ServerError):
            await editor.request("textDocument/copilotInlineEdit", {"textDocument": "secret_word"})
    content = log.read_text()
    assert "inline_edit" in content
    assert "secret_word" not in content
    assert "other_word" not in content


async def test_outcomes_are_kept_in_the_users_state_directory(tmp_path):
    (tmp_path / "a.py").write_text("def area(size):\n    return size\n")
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
    async with FakeEditor.start(SERVER, tmp_path, init_options={"settleMs": 0}, env=env) as editor:
        await editor.open("a.py")
        await editor.replace("a.py", 9, 13, "width")
        (edit,) = await editor.next_edits("a.py", 14)
        await editor.apply(edit)
    (line,) = (tmp_path / "state" / "nextedit" / "feedback.jsonl").read_text().splitlines()
    assert json.loads(line)["outcome"] == "accepted"


async def test_tcp_serves_one_client_on_loopback(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(*SERVER, "--tcp", str(port), stderr=asyncio.subprocess.DEVNULL)
    try:
        reader, writer = await _connected(port)
        for message in (
            {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}},
            {"jsonrpc": "2.0", "id": 2, "method": "shutdown"},
            {"jsonrpc": "2.0", "method": "exit"},
        ):
            writer.write(framed(json.dumps(message).encode()))
        framing, answers = Framing(), []
        while data := await asyncio.wait_for(reader.read(65536), 10):
            answers += [json.loads(body) for body in framing.feed(data)]
        writer.close()
        await writer.wait_closed()
        assert [answer["id"] for answer in answers] == [1, 2]
        await asyncio.wait_for(process.wait(), 10)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "::", "example.org", ""])
def test_only_loopback_is_listened_on(host):
    with pytest.raises(TransportError, match="only loopback"):
        run.checked_host(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.0.1"])
def test_loopback_is_listened_on(host):
    assert run.checked_host(host) == host


async def test_a_client_is_told_of_its_servers_death(tmp_path):
    async with started([sys.executable, "-c", "import sys; sys.exit(3)"], tmp_path) as client:
        with pytest.raises(EditorError):
            await client.request("initialize", {})


async def _connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for _ in range(500):
        with contextlib.suppress(ConnectionRefusedError):
            return await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(0.02)
    raise AssertionError("the server never listened")


async def _until(condition) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never happened")
