"""The real server with a model, as an editor meets it: in a worker, killed in between; on a server elsewhere."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from nextedit_lsp.server.fake_editor import FakeEditor
from tests.engine.openai_stand_in import Answer, OpenAiStandIn, pieces
from tests.engine.tiny_gguf import write_tiny_gguf

pytestmark = pytest.mark.e2e

SERVER = (sys.executable, "-I", "-m", "nextedit_lsp", "serve", "--stdio")
TIMEOUT_S = 60.0

CODE = "def area(size):\n    return size * 3\n"
# What nobody's edit before foretells.
EDITED = "def area(size):\n    return size * 4\n"
WRITTEN = "def area(size):\n    return size * 4.0\n"


@asynccontextmanager
async def editing(root: Path, **options: object) -> AsyncIterator[FakeEditor]:
    """An editor in which 3 has become 4, with a server that is set so."""
    init_options = {"feedback": False, "settleMs": 0, **options}
    async with FakeEditor.start([*SERVER], root, init_options=init_options) as editor:
        await editor.open("a.py", CODE)
        yield editor


async def model_of(editor: FakeEditor) -> dict[str, Any]:
    return dict((await editor.execute("nextedit.status", {"quiet": True}))["model"])


async def until(editor: FakeEditor, is_met: Callable[[dict[str, Any]], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not is_met(found := await model_of(editor)):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.02)


async def edit(editor: FakeEditor) -> None:
    start = CODE.index("3")
    await editor.replace("a.py", start, start + 1, "4")


async def explained(editor: FakeEditor, root: Path) -> str:
    document = {"uri": (root / "a.py").as_uri()}
    return str((await editor.execute("nextedit.explain", {"textDocument": document, "quiet": True}))["text"])


def worker_of(server: int) -> int:
    """The process in which a server's model runs."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text(encoding="ascii").split()
    (worker,) = [int(child) for child in children if b"engine.worker" in Path(f"/proc/{child}/cmdline").read_bytes()]
    return worker


def server_pid() -> int:
    """The server that this process has started."""
    found = [
        int(task) for path in Path("/proc/self/task").iterdir() for task in (path / "children").read_text().split()
    ]
    (server,) = [pid for pid in found if b"nextedit_lsp" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return server


async def test_a_model_in_a_worker_is_asked_and_says_what_it_cost(tmp_path):
    write_tiny_gguf(tmp_path / "tiny.gguf")
    async with editing(tmp_path, model=str(tmp_path / "tiny.gguf"), modelFormat="sweep-zed") as editor:
        await until(editor, lambda model: model["state"] == "ready")
        await edit(editor)
        await editor.next_edits("a.py", CODE.index("3") + 1)
        assert "Model: prompt " in await explained(editor, tmp_path)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the worker by Linux's /proc")
async def test_a_model_that_is_killed_is_told_of_once_and_comes_back(tmp_path):
    write_tiny_gguf(tmp_path / "tiny.gguf")
    async with editing(tmp_path, model=str(tmp_path / "tiny.gguf"), modelFormat="sweep-zed") as editor:
        await until(editor, lambda model: model["state"] == "ready")
        first = worker_of(server_pid())
        os.kill(first, signal.SIGKILL)
        await until(editor, lambda model: model["problem"] is not None)
        await edit(editor)
        assert await editor.next_edits("a.py", CODE.index("3") + 1) == []
        await until(editor, lambda model: model["state"] == "ready")
        assert worker_of(server_pid()) != first
        told = [params["message"] for method, params in editor.notifications if method == "window/showMessage"]
        assert len(told) == 1 and "was killed" in told[0]


async def test_what_a_server_elsewhere_writes_is_suggested(tmp_path):
    async with OpenAiStandIn() as server:
        server.answers = [Answer(pieces(*WRITTEN.splitlines(keepends=True)))]
        async with editing(tmp_path, server=server.url, modelFormat="sweep-zed") as editor:
            await until(editor, lambda model: model["state"] == "ready")
            await edit(editor)
            (suggested,) = await editor.next_edits("a.py", CODE.index("3") + 1)
            await editor.apply(suggested)
            assert editor.text("a.py") == WRITTEN
        prompt = server.completions[0].body["prompt"]
        assert "size * 4" in prompt and "size * 3" in prompt


async def test_alternatives_of_the_model_are_code_actions(tmp_path):
    async with OpenAiStandIn() as server:
        server.answers = [Answer(pieces(WRITTEN))]
        async with editing(tmp_path, server=server.url, modelFormat="sweep-zed") as editor:
            await until(editor, lambda model: model["state"] == "ready")
            await edit(editor)
            await editor.next_edits("a.py", CODE.index("3") + 1)
            actions = await editor.code_actions("a.py", CODE.index("3") + 1)
            assert [action["title"] for action in actions] == ["Next edit: change `4` to `4.0` on line 2"]
            assert json.dumps(actions[0]["edit"]).count(".0") == 1


async def test_a_server_that_is_not_there_costs_the_model_only(tmp_path):
    async with OpenAiStandIn() as server:
        url = server.url
    async with editing(tmp_path, server=url, modelFormat="sweep-zed") as editor:
        await until(editor, lambda model: model["problem"] is not None)
        await edit(editor)
        assert await editor.next_edits("a.py", CODE.index("3") + 1) == []
        told = [params["message"] for method, params in editor.notifications if method == "window/showMessage"]
        assert len(told) == 1 and url.split("/v1")[0].removeprefix("http://") in told[0]
