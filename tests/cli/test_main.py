"""The entry point: which command runs, exit codes, and no tracebacks for what a person gets wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nextedit_lsp import __version__
from nextedit_lsp.cli import main, replay

EXIT_USAGE = 2


def test_version(capsys):
    with pytest.raises(SystemExit) as exited:
        main.main(["--version"])
    assert exited.value.code == 0
    assert capsys.readouterr().out == f"nextedit {__version__}\n"


def test_without_a_command_all_are_listed(capsys):
    assert main.main([]) == EXIT_USAGE
    listed = capsys.readouterr().err
    assert all(command in listed for command in main.COMMANDS)


def test_an_unknown_command_is_refused(capsys):
    with pytest.raises(SystemExit) as exited:
        main.main(["predcit"])
    assert exited.value.code == EXIT_USAGE
    assert "predcit" in capsys.readouterr().err


@pytest.mark.parametrize("command", [name for name in main.COMMANDS if name != "evaluate"])
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as exited:
        main.main([command, "--help"])
    assert exited.value.code == 0
    assert f"nextedit {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "words"),
    [("", "not JSON"), ('{"log": [{"kind": "changed", "id": 1}]}', "entry 0 (changed)")],
)
def test_a_file_that_is_no_recording_is_refused(tmp_path, capsys, content, words):
    file = tmp_path / "session.json"
    file.write_text(content)
    assert main.main(["replay", str(file)]) == 1
    captured = capsys.readouterr()
    assert words in captured.err and str(file) in captured.err


def test_a_recording_that_is_not_there_is_refused(tmp_path, capsys):
    assert main.main(["replay", str(tmp_path / "none.json")]) == 1
    assert "can't be read" in capsys.readouterr().err


def test_an_interrupt_is_no_traceback(monkeypatch):
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(replay, "run", interrupted)
    assert main.main(["replay", "x"]) == main.EXIT_INTERRUPTED


@pytest.mark.parametrize("port", ["x", "-1", "70000"])
def test_a_wrong_port_is_refused(port, capsys):
    with pytest.raises(SystemExit) as exited:
        main.main(["serve", "--tcp", port])
    assert exited.value.code == EXIT_USAGE


def test_the_entry_point_imports_nothing_heavy():
    code = "import sys, nextedit_lsp.cli.main; print([m for m in ('rich', 'pygls', 'tree_sitter') if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert shown.stdout.strip() == "[]"
