"""The doctor: each check tells what it found and what to do, and none raises."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nextedit_lsp.cli import checks, main
from nextedit_lsp.cli.checks import Finding, Status
from nextedit_lsp.session.model import Target
from nextedit_lsp.workspace import index, index_store
from nextedit_lsp.workspace.terms import Terms
from nextedit_lsp.workspace.walking import Stamp
from tests.engine.tiny_gguf import write_tiny_gguf


def check_finding(check: Callable[[], Iterator[Finding]], status: Status, *words: str) -> None:
    """The last finding of ``check`` has the status and the words; what does not work has a remedy."""
    *_, found = check()
    assert found.status is status, found
    for word in words:
        assert word in f"{found.detail} {found.remedy}"
    assert found.status is Status.OK or found.remedy


def check_model(path: Path, status: Status, *words: str) -> None:
    check_finding(lambda: checks.model_loads(Target(path=path), print), status, *words)


def test_what_is_installed_works():
    for check in (checks.python, checks.packages, checks.grammars):
        assert {finding.status for finding in check()} == {Status.OK}


def test_a_package_that_is_missing_fails_with_the_remedy(monkeypatch):
    monkeypatch.setattr(checks, "PACKAGES", {"no-such-package": "no_such_module"})
    check_finding(checks.packages, Status.FAIL, "no_such_module", "pip install")


def test_without_git_there_is_a_warning(monkeypatch):
    monkeypatch.setattr(checks.shutil, "which", lambda _: None)
    check_finding(checks.git, Status.WARN, "install git")


def test_few_inotify_watches_are_a_warning(tmp_path, monkeypatch):
    limit = tmp_path / "max_user_watches"
    limit.write_text("100\n")
    monkeypatch.setattr(checks, "INOTIFY_WATCHES", limit)
    check_finding(checks.watching, Status.WARN, "100", "sysctl")


def test_a_broken_llama_cpp_fails_with_the_remedy(monkeypatch):
    failed = subprocess.CompletedProcess([], 1, "", "Traceback\nImportError: no such library")
    monkeypatch.setattr(checks.subprocess, "run", lambda *_, **__: failed)
    check_finding(checks.llama, Status.FAIL, "ImportError: no such library", "compiler")


def test_no_model_is_fine():
    check_finding(lambda: checks.model_loads(None, print), Status.OK, "nextedit models list")


def test_a_model_that_is_no_gguf_file_fails(tmp_path):
    (tmp_path / "model.gguf").write_text("no")
    check_model(tmp_path / "model.gguf", Status.FAIL, "not a usable GGUF file")
    check_model(tmp_path / "none.gguf", Status.FAIL, "There is no file")


def test_a_model_is_loaded_and_measured(tmp_path):
    write_tiny_gguf(tmp_path / "tiny.gguf", name="Tiny")
    heard: list[str] = []
    target = Target(path=tmp_path / "tiny.gguf", format="sweep")
    found = {finding.what: finding for finding in checks.model_loads(target, heard.append)}
    assert {finding.status for finding in found.values()} == {Status.OK}
    assert "Tiny" in found["model"].detail
    assert "sweep" in found["prompts"].detail
    assert "threads" in found["run with"].detail
    assert "tokens/s" in found["speed"].detail
    assert any("measuring" in words for words in heard)


def test_a_model_that_does_not_tell_its_prompts_is_a_finding(tmp_path):
    write_tiny_gguf(tmp_path / "tiny.gguf", name="Tiny")
    check_model(tmp_path / "tiny.gguf", Status.FAIL, "modelFormat", "native")


def test_the_index_of_the_folder_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("NEXTEDIT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    check_finding(checks.index, Status.OK, "none of this folder; 0 folders")
    store = index_store.opened(index.index_file(tmp_path, index.index_folder()))
    store.put("a.py", Stamp(1, 1), Terms())
    store.commit()
    check_finding(checks.index, Status.OK, "1 files of this folder; 1 folders")
    store.close()


def test_an_index_that_cannot_be_kept_is_a_warning(monkeypatch):
    def opened(file: Path | None) -> None:
        raise sqlite3.OperationalError("no such module: fts5")

    monkeypatch.setattr(index_store, "opened", opened)
    check_finding(checks.index, Status.WARN, "fts5", "only open files are looked at")


def test_a_check_that_breaks_is_a_finding(monkeypatch):
    def broken() -> Iterator[Finding]:
        raise RuntimeError("odd machine")
        yield

    for name in ("python", "packages", "grammars", "git", "watching", "index", "llama", "server"):
        monkeypatch.setattr(checks, name, broken)
    findings = list(checks.all_findings(None))
    assert [finding.status for finding in findings] == [Status.FAIL] * 8 + [Status.OK]
    assert "odd machine" in findings[0].detail


@pytest.mark.parametrize(("status", "exit_code"), [(Status.OK, 0), (Status.WARN, 0), (Status.FAIL, 1)])
def test_the_exit_code_says_whether_something_needed_is_broken(monkeypatch, capsys, status, exit_code):
    monkeypatch.setattr(checks, "all_findings", lambda *_: iter([Finding(status, "thing", "is so", "do that")]))
    assert main.main(["doctor"]) == exit_code
    shown = capsys.readouterr().out
    assert "thing" in shown and "do that" in shown


def test_json_for_machines(monkeypatch, capsys):
    monkeypatch.setattr(checks, "all_findings", lambda *_: iter([Finding(Status.WARN, "thing", "is so", "do that")]))
    assert main.main(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"status": "warn", "what": "thing", "detail": "is so", "remedy": "do that"}
    ]


@pytest.mark.e2e
def test_the_server_answers():
    check_finding(checks.server, Status.OK, "starts, answers and leaves")


@pytest.mark.e2e
def test_a_server_that_does_not_start_fails(monkeypatch):
    from nextedit_lsp.cli import live_server

    monkeypatch.setattr(live_server, "SERVER", (str(Path("/bin/false")),))
    check_finding(checks.server, Status.FAIL, "nextedit serve")
