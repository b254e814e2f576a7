import pytest

from nextedit_lsp.workspace import co_changes
from nextedit_lsp.workspace.co_changes import CoChanges
from tests.workspace.repositories import commit_file, make_repository, run_git


def commit(folder, *names, text):
    for name in names:
        (folder / name).write_text(text)
    run_git(folder, "add", "-A")
    run_git(folder, "commit", "-q", "-m", "change")


def test_files_that_change_together_are_companions(tmp_path):
    repository = make_repository(tmp_path / "r")
    for number in range(4):
        commit(repository, "a.c", "a.h", text=str(number))
    commit(repository, "a.c", "ä b.md", text="once")
    found = co_changes.parsed(co_changes.read_log(repository))
    assert found.companions("a.c") == {"a.h": pytest.approx(4 / 5)}
    assert found.companions("a.h") == {"a.c": 1.0}
    assert found.companions("ä b.md") == {}


def test_paths_are_those_below_the_root(tmp_path):
    repository = make_repository(tmp_path / "r")
    (repository / "sub").mkdir()
    for number in range(2):
        commit(repository, "sub/one.py", "sub/two.py", "a.txt", text=str(number))
    found = co_changes.parsed(co_changes.read_log(repository / "sub"))
    assert found.companions("one.py") == {"two.py": 1.0}


def test_commits_of_many_files_say_nothing():
    many = tuple(f"f{n}" for n in range(co_changes.MAX_FILES + 1))
    log = "\x01".join("\0\n" + "\0".join(many) for _ in range(4))
    assert co_changes.parsed(log) == CoChanges()


def test_without_a_repository_there_is_no_log(tmp_path):
    assert co_changes.read_log(tmp_path) == ""
    assert co_changes.read_log(tmp_path / "nowhere") == ""


def test_nothing_of_the_repositorys_settings_is_run(tmp_path):
    repository = make_repository(tmp_path / "r")
    commit_file(repository, "a.txt", "two\n")
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    settings = {
        "core.fsmonitor": trap,
        "core.pager": trap,
        "diff.external": trap,
        "gpg.program": trap,
        "log.showSignature": "true",
    }
    for name, value in settings.items():
        run_git(repository, "config", name, str(value))
    assert "a.txt" in co_changes.read_log(repository)
    assert not (tmp_path / "sprung").exists()
