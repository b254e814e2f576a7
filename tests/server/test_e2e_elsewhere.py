"""The real process in a workspace: suggestions for files that no editor has open."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import asynccontextmanager

import pytest

from nextedit_lsp.server.fake_editor import FakeEditor

pytestmark = pytest.mark.e2e

SERVER = [sys.executable, "-m", "nextedit_lsp", "--log-level", "warning"]
OPTIONS = {"settleMs": 0, "feedback": False}
PATIENCE_S = 20.0

SHAPES = "def rectangle_area(width, height):\n    return width * height\n"
REPORT = "from shapes import rectangle_area\n\n\ndef report(width):\n    return rectangle_area(width, 2)\n"
OTHER = "def unrelated():\n    return 1\n"


@pytest.fixture
def folder(tmp_path):
    for name, text in (("shapes.py", SHAPES), ("report.py", REPORT), ("other.py", OTHER), (".env", SHAPES)):
        (tmp_path / name).write_text(text)
    return tmp_path


@asynccontextmanager
async def renamed(folder, **options):
    """An editor in which ``rectangle_area`` was just renamed where it is defined, with the workspace indexed."""
    async with FakeEditor.start(SERVER, folder, init_options={**OPTIONS, **options}) as editor:
        await editor.open("shapes.py")
        start = SHAPES.index("rectangle_area")
        await editor.replace("shapes.py", start, start + len("rectangle_area"), "area")
        await until_indexed(editor)
        yield editor


async def until_indexed(editor):
    deadline = time.monotonic() + PATIENCE_S
    while (await status(editor))["index"]["state"] != "ready":
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def status(editor):
    return await editor.execute("nextedit.status", {"quiet": True})


async def asked(editor):
    params = {
        "textDocument": {"uri": (editor.root / "shapes.py").as_uri()},
        "position": {"line": 0, "character": 8},
        "context": {"triggerKind": 2},
    }
    return (await editor.request("textDocument/copilotInlineEdit", params))["edits"]


async def found(editor):
    """The edits suggested; on a busy machine the first answer may come before the index has looked."""
    deadline = time.monotonic() + PATIENCE_S
    while not (edits := await asked(editor)):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    return edits


async def test_an_edit_is_suggested_in_a_file_that_is_not_open_and_applied_there(folder):
    async with renamed(folder) as editor:
        (edit,) = await found(editor)
        assert edit["textDocument"] == {"uri": (folder / "report.py").as_uri(), "version": None}
        (edit,) = await editor.next_edits("shapes.py", 8)
        assert edit.path == folder / "report.py"
        await editor.apply(edit)
        assert editor.text("report.py").count("rectangle_area") == 1
        assert (await status(editor))["counts"] == {"accepted": 1}
        # The other use in that file is next, now that it is open.
        (edit,) = await editor.next_edits("report.py", 3)
        await editor.apply(edit)
        assert editor.text("report.py") == REPORT.replace("rectangle_area", "area")


async def test_the_command_jumps_to_the_file_and_applies_the_edit(folder):
    async with renamed(folder) as editor:
        await found(editor)
        place = {"textDocument": {"uri": (folder / "shapes.py").as_uri()}, "position": {"line": 0, "character": 8}}
        jumped = await editor.execute("nextedit.next", place)
        assert (jumped["state"], jumped["uri"]) == ("jumped", (folder / "report.py").as_uri())
        assert editor.shown[-1].uri == jumped["uri"]
        there = {"textDocument": {"uri": jumped["uri"]}, "position": {"line": jumped["line"], "character": 0}}
        assert (await editor.execute("nextedit.next", there))["state"] == "applied"
        assert editor.text("report.py").count("rectangle_area") == 1


async def test_a_code_action_edits_the_file(folder):
    async with renamed(folder) as editor:
        while not (actions := await editor.code_actions("shapes.py", 8)):
            await asyncio.sleep(0.02)
        (change,) = actions[0]["edit"]["documentChanges"]
        assert change["textDocument"] == {"uri": (folder / "report.py").as_uri(), "version": None}
        every = next(action for action in actions if "Apply all" in action["title"])
        assert await editor.apply_workspace_edit(every["edit"])
        assert editor.text("report.py") == REPORT.replace("rectangle_area", "area")


async def test_a_file_that_changed_on_disk_meanwhile_is_not_edited(folder):
    async with renamed(folder) as editor:
        assert await found(editor)
        (folder / "report.py").write_text("# Nothing is left here.\n")
        assert await asked(editor) == []


async def test_without_the_index_closed_files_are_left_alone(folder):
    async with FakeEditor.start(SERVER, folder, init_options={**OPTIONS, "index": False}) as editor:
        await editor.open("shapes.py")
        start = SHAPES.index("rectangle_area")
        await editor.replace("shapes.py", start, start + len("rectangle_area"), "area")
        assert await asked(editor) == []
        assert (await status(editor))["index"] == {"state": "off", "files": 0, "problem": None}


async def test_a_file_that_another_program_makes_is_found(folder):
    (folder / "report.py").unlink()
    async with renamed(folder) as editor:
        assert await asked(editor) == []
        deadline = time.monotonic() + PATIENCE_S
        while not (edits := await asked(editor)):
            # The watch begins in the background: what is written before it goes unseen.
            (folder / "late.py").write_text(REPORT)
            assert time.monotonic() < deadline
            await asyncio.sleep(0.2)
        assert edits[0]["textDocument"]["uri"] == (folder / "late.py").as_uri()
