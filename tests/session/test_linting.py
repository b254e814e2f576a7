"""Linters of the user's choice: real programs, a clock that the test turns."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest

from nextedit_lsp.editing import documents
from nextedit_lsp.editing.elsewhere import Severity
from nextedit_lsp.session import linting
from nextedit_lsp.session.scripted import ScriptedPredictor
from nextedit_lsp.session.settings import Linter, Settings
from nextedit_lsp.workspace import files

PATIENCE_S = 20.0
TEXT = "import os\nprint(osx)\n"

# Says where "osx" stands in what it reads.
SCRIPT = """\
import pathlib, sys
text = pathlib.Path(sys.argv[1]).read_text() if len(sys.argv) > 1 else sys.stdin.read()
for row, line in enumerate(text.splitlines(), 1):
    if "osx" in line:
        print(f"{sys.argv[1] if len(sys.argv) > 1 else '<stdin>'}:{row}:{line.index('osx') + 1}: error: no such name")
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "script" / "lint.py"
    path.parent.mkdir()
    path.write_text(SCRIPT)
    return str(path)


def linted(bench, tmp_path, *command, languages=(), text=TEXT):
    """A bench with a linter, and a file that was just opened in it."""
    settings = Settings(linters=(Linter(command, frozenset(languages)),))
    b = bench(ScriptedPredictor(), settings=settings, roots=(tmp_path / "root",))
    (tmp_path / "root").mkdir(exist_ok=True)
    b.session._linting.use(settings.linters)
    b.open(text, uri(tmp_path))
    return b


def uri(tmp_path):
    return files.uri_of(tmp_path / "root" / "a.py")


async def until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    return found


async def done(b):
    await b.clock.advance(linting.QUIET_S)
    await asyncio.wait(list(b.session._linting._tasks.values()))


def known(b, tmp_path):
    return [(one.start, one.end, one.severity) for one in b.session.state.diagnostics.of([uri(tmp_path)])]


@pytest.mark.parametrize("argument", [[], ["{copy}"]])
async def test_what_a_linter_finds_becomes_diagnostics(bench, tmp_path, script, argument):
    b = linted(bench, tmp_path, sys.executable, script, *argument)
    await done(b)
    assert known(b, tmp_path) == [(16, 19, Severity.ERROR)]
    b.replace("osx", "os", uri(tmp_path))
    await done(b)
    assert known(b, tmp_path) == []
    assert b.hearing.warnings == []


async def test_a_linter_sees_the_text_of_the_editor_and_not_of_the_disk(bench, tmp_path, script):
    b = linted(bench, tmp_path, sys.executable, script, text="fine\n")
    (tmp_path / "root" / "a.py").write_text("osx\n")
    await done(b)
    assert known(b, tmp_path) == []


async def test_a_linter_runs_once_the_user_pauses(bench, tmp_path, script):
    b = linted(bench, tmp_path, sys.executable, script, text="fine\n")
    await b.clock.advance(linting.QUIET_S / 2)
    b.change(0, 0, "osx ", uri(tmp_path))
    await b.clock.advance(linting.QUIET_S / 2)
    assert known(b, tmp_path) == []
    await done(b)
    assert known(b, tmp_path) == [(0, 3, Severity.ERROR)]


async def test_what_is_said_of_an_older_text_is_dropped(bench, tmp_path, script):
    b = linted(bench, tmp_path, sys.executable, "-c", "import sys, time; time.sleep(600)")
    await b.clock.advance(linting.QUIET_S)
    before = b.session._linting._tasks[uri(tmp_path)]
    b.change(0, 0, "x", uri(tmp_path))
    await asyncio.wait({before})
    assert before.cancelled()


async def test_a_linter_is_run_for_its_languages_alone(bench, tmp_path, script):
    b = linted(bench, tmp_path, sys.executable, script, languages=["go"])
    await done(b)
    assert known(b, tmp_path) == []
    b.session._linting.use((Linter((sys.executable, script), frozenset({"python"})),))
    b.change(0, 0, "#\n", uri(tmp_path))
    await done(b)
    assert known(b, tmp_path) == [(18, 21, Severity.ERROR)]


async def test_a_linter_that_does_not_end_is_ended_with_its_children(bench, tmp_path, monkeypatch):
    monkeypatch.setattr(linting, "TIMEOUT_S", 0.5)
    mark = tmp_path / "pid"
    child = f"import os, pathlib, time; pathlib.Path({str(mark)!r}).write_text(str(os.getpid())); time.sleep(600)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    b = linted(bench, tmp_path, sys.executable, "-c", parent)
    await done(b)
    assert "it took too long" in b.hearing.warnings[0]
    if mark.exists() and Path("/proc").exists():
        pid = int(mark.read_text())
        gone = lambda: not (s := Path(f"/proc/{pid}/status")).exists() or "State:\tZ" in s.read_text()  # noqa: E731
        await until(gone)


async def test_a_linter_that_talks_without_end_is_cut_short(bench, tmp_path, monkeypatch):
    monkeypatch.setattr(linting, "MAX_OUTPUT_BYTES", 10_000)
    b = linted(bench, tmp_path, sys.executable, "-c", "while True: print('a.py:1:1: error: again')")
    await done(b)
    assert len(known(b, tmp_path)) > 0


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("no-such-linter-anywhere", "it is not on the PATH"),
        ("./node_modules/.bin/eslint", "its path must be absolute"),
        (os.path.join(os.sep, "no", "such", "linter"), "No such file"),  # noqa: PTH118
        (os.path.join(os.sep, "tools", "eslint.cmd"), "batch files"),  # noqa: PTH118
    ],
)
async def test_what_cannot_be_run_is_told(bench, tmp_path, command, said):
    b = linted(bench, tmp_path, command)
    await done(b)
    assert said in b.hearing.warnings[0]
    assert known(b, tmp_path) == []


def test_a_program_of_the_workspace_is_not_taken_for_the_users(tmp_path, monkeypatch):
    program = tmp_path / "root" / "lint"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    with pytest.raises(ValueError, match="lies in the workspace"):
        linting.trusted_program("lint", (tmp_path / "root",))
    assert linting.trusted_program("lint", ()) == str(program)
    assert linting.trusted_program(str(program), (tmp_path / "root",)) == str(program)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a.py:2:7: F821 Undefined name `osx`", ("osx", Severity.WARNING)),
        ("/w/a.py:2:7: error: Name not defined", ("osx", Severity.ERROR)),
        ("a.py:2: note: see above", ("print(osx)", Severity.INFORMATION)),
        ("-:2:7: warning: unused", ("osx", Severity.WARNING)),
        (r"C:\w\a.py:2:7: error C2065: undeclared", ("osx", Severity.ERROR)),
        ("a.py:2:7-9: error: a range", ("osx", Severity.ERROR)),
        ("a.py:99:1: error: behind the end", ("", Severity.ERROR)),
        ("b.py:2:7: error: another file", None),
        ("Found 2 errors.", None),
        ("a.py: 2 problems", None),
    ],
)
def test_a_line_is_read(line, expected):
    document = documents.opened("file:///w/a.py", "a.py", "python", 1, TEXT)
    found = linting.parsed(line, document, Path("/w/a.py"))
    assert [(document.text.slice(one.start, one.end), one.severity) for one in found] == (
        [expected] if expected else []
    )
