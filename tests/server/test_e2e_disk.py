"""The real process beside git and other programs: what they change is nobody's intention."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nextedit_lsp.server.fake_editor import FakeEditor

pytestmark = pytest.mark.e2e

SERVER = [sys.executable, "-m", "nextedit_lsp", "--log-level", "warning"]
OPTIONS = {"settleMs": 0, "feedback": False}
TIMEOUT_S = 15.0

CODE = "def area(size):\n    return size * 2\n"
OTHER = "def volume(length):\n    return length * 3\n\n\ndef weight(length):\n    return length\n"


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def repository(root: Path) -> None:
    git(root, "init")
    (root / "a.py").write_text(OTHER)
    git(root, "add", ".")
    git(root, "commit", "-m", "one")
    git(root, "checkout", "-b", "topic")
    (root / "a.py").write_text(CODE)
    git(root, "commit", "-am", "two")


async def explanation(editor: FakeEditor, path: Path) -> str:
    answer = await editor.execute("nextedit.explain", {"textDocument": {"uri": path.as_uri()}, "quiet": True})
    return str(answer["text"])


async def reload(editor: FakeEditor, path: Path) -> None:
    """What an editor does when the file of an unchanged buffer changes on disk."""
    await editor.replace(path, 0, len(editor.text(path)), path.read_text())


async def test_a_checkout_folds_the_history(tmp_path):
    repository(tmp_path)
    path = tmp_path / "a.py"
    async with FakeEditor.start(SERVER, tmp_path, init_options=OPTIONS) as editor:
        await editor.open("a.py")
        offset = CODE.index("size")
        await editor.replace("a.py", offset, offset + 4, "width")
        assert await editor.next_edits("a.py", offset + 5)
        await editor.replace("a.py", offset, offset + 5, "side")
        await editor.save("a.py")
        path.write_text(editor.text("a.py"))
        # The watcher may still be on its way when the first checkout is made: go back and forth until it is seen.
        branch, deadline = "main", time.monotonic() + TIMEOUT_S
        while "nothing has been edited" not in await explanation(editor, path):
            assert time.monotonic() < deadline, await explanation(editor, path)
            git(tmp_path, "checkout", "--force", branch)
            branch = "topic" if branch == "main" else "main"
            await reload(editor, path)
            await asyncio.sleep(0.3)
            assert await editor.next_edits("a.py", 3) == []


async def test_what_another_program_writes_is_not_repeated(tmp_path):
    path = tmp_path / "a.py"
    path.write_text(CODE + CODE.replace("area", "other"))
    async with FakeEditor.start(SERVER, tmp_path, init_options=OPTIONS) as editor:
        await editor.open("a.py")
        path.write_text(path.read_text().replace("area(size)", "area(width)"))
        start = editor.text("a.py").index("size")
        await editor.replace("a.py", start, start + 4, "width")
        assert await editor.next_edits("a.py", start + 5) == []
