from pathlib import Path

import pytest

from nextedit_lsp.workspace import git
from nextedit_lsp.workspace.git import HeadMove, HeadState

from .repositories import commit_file, make_repository, run_git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "repository")


def head(folder: Path) -> HeadState:
    git_dir = git.find_git_dir(folder)
    assert git_dir is not None
    return git.head_state(git_dir)


def check_move(folder: Path, command: list[str], expected: HeadMove, *, check: bool = True) -> None:
    git_dir = git.find_git_dir(folder)
    assert git_dir is not None
    before = git.head_state(git_dir)
    run_git(folder, *command, check=check)
    assert git.head_move(before, git.head_state(git_dir), git_dir) is expected


def diverge(folder: Path) -> None:
    """Leave ``topic`` checked out, one commit beside ``main``."""
    run_git(folder, "checkout", "-q", "-b", "topic")
    commit_file(folder, "topic.txt", "topic\n")
    run_git(folder, "checkout", "-q", "main")
    commit_file(folder, "main.txt", "main\n")
    run_git(folder, "checkout", "-q", "topic")


def test_head_is_read_from_below_and_without_a_repository_there_is_none(repository: Path, tmp_path: Path):
    (repository / "deep" / "er").mkdir(parents=True)
    assert git.find_git_dir(repository / "deep" / "er") == repository / ".git"
    assert git.find_work_tree(repository / "a.txt") == repository
    assert git.find_git_dir(tmp_path) is None
    commit = run_git(repository, "rev-parse", "HEAD").strip()
    assert head(repository) == HeadState("refs/heads/main", commit, busy=False)


def test_a_fresh_repository_has_no_commit(tmp_path: Path):
    run_git(tmp_path, "init", "-q")
    assert head(tmp_path) == HeadState("refs/heads/main", None, busy=False)
    before = head(tmp_path)
    commit_file(tmp_path, "a.txt", "one\n")
    assert git.head_move(before, head(tmp_path), tmp_path / ".git") is HeadMove.COMMIT


def test_packed_and_detached_heads_are_read(repository: Path):
    commit = run_git(repository, "rev-parse", "HEAD").strip()
    run_git(repository, "pack-refs", "--all")
    assert not (repository / ".git" / "refs" / "heads" / "main").exists()
    assert head(repository) == HeadState("refs/heads/main", commit, busy=False)
    run_git(repository, "checkout", "-q", "--detach")
    assert head(repository) == HeadState(None, commit, busy=False)


def test_a_linked_work_tree_has_its_own_head(repository: Path, tmp_path: Path):
    linked = tmp_path / "linked"
    run_git(repository, "worktree", "add", "-q", "-b", "other", str(linked))
    commit = run_git(repository, "rev-parse", "HEAD").strip()
    git_dir = git.find_git_dir(linked)
    assert git_dir is not None
    assert git_dir.parent.name == "worktrees"
    assert git.common_dir(git_dir) == (repository / ".git").resolve()
    assert head(linked) == HeadState("refs/heads/other", commit, busy=False)
    before = head(repository)
    commit_file(linked, "b.txt", "two\n")
    assert head(linked).commit != commit
    assert head(repository) == before
    check_move(linked, ["reset", "-q", "--hard", "HEAD~1"], HeadMove.RESET)


def test_a_submodule_is_a_repository_of_its_own(repository: Path, tmp_path: Path):
    outer = make_repository(tmp_path / "outer")
    run_git(outer, "submodule", "--quiet", "add", str(repository), "inner")
    git_dir = git.find_git_dir(outer / "inner")
    assert git_dir == (outer / ".git" / "modules" / "inner").resolve()
    assert head(outer / "inner").commit == head(repository).commit


def test_own_commits_are_told_apart(repository: Path):
    (repository / "a.txt").write_text("two\n")
    check_move(repository, ["commit", "-q", "-a", "-m", "reset: moving to x"], HeadMove.COMMIT)
    check_move(repository, ["commit", "-q", "--amend", "-m", "better"], HeadMove.COMMIT)
    check_move(repository, ["commit", "-q", "--allow-empty", "-m", "again"], HeadMove.COMMIT)
    check_move(repository, ["status"], HeadMove.NONE)


def test_checkouts_are_told_apart(repository: Path):
    check_move(repository, ["checkout", "-q", "-b", "topic"], HeadMove.CHECKOUT)
    commit_file(repository, "b.txt", "two\n")
    check_move(repository, ["checkout", "-q", "main"], HeadMove.CHECKOUT)
    check_move(repository, ["switch", "-q", "-"], HeadMove.CHECKOUT)
    check_move(repository, ["checkout", "-q", "--detach", "HEAD~1"], HeadMove.CHECKOUT)


def test_resets_merges_and_pulls_are_told_apart(repository: Path, tmp_path: Path):
    diverge(repository)
    check_move(repository, ["merge", "-q", "main"], HeadMove.MERGE)
    check_move(repository, ["reset", "-q", "--hard", "HEAD~1"], HeadMove.RESET)
    clone = tmp_path / "clone"
    run_git(tmp_path, "clone", "-q", "-b", "main", str(repository), str(clone))
    run_git(repository, "checkout", "-q", "main")
    commit_file(repository, "c.txt", "three\n")
    check_move(clone, ["pull", "-q", "--ff-only"], HeadMove.MERGE)
    commit_file(repository, "d.txt", "four\n")
    commit_file(clone, "e.txt", "five\n")
    check_move(clone, ["pull", "-q", "--rebase"], HeadMove.REBASE)


def test_a_rebase_is_told_apart_also_when_it_stops(repository: Path):
    diverge(repository)
    check_move(repository, ["rebase", "-q", "main"], HeadMove.REBASE)
    run_git(repository, "checkout", "-q", "main")
    commit_file(repository, "topic.txt", "conflict\n")
    run_git(repository, "checkout", "-q", "topic")
    before = head(repository)
    check_move(repository, ["rebase", "main"], HeadMove.REBASE, check=False)
    assert head(repository).busy
    check_move(repository, ["rebase", "--abort"], HeadMove.REBASE)
    assert head(repository) == before


def test_a_conflicting_merge_and_cherry_pick_are_busy(repository: Path):
    run_git(repository, "checkout", "-q", "-b", "topic")
    commit_file(repository, "a.txt", "topic\n")
    run_git(repository, "checkout", "-q", "main")
    commit_file(repository, "a.txt", "main\n")
    for command in ("merge", "cherry-pick"):
        run_git(repository, command, "topic", check=False)
        assert head(repository).busy
        run_git(repository, command, "--abort")
        assert not head(repository).busy


def test_several_moves_at_one_glance_are_named_by_the_one_that_changed_texts(repository: Path):
    diverge(repository)
    before = head(repository)
    run_git(repository, "checkout", "-q", "main")
    commit_file(repository, "f.txt", "six\n")
    assert git.head_move(before, head(repository), repository / ".git") is HeadMove.CHECKOUT


def test_without_a_reflog_a_new_branch_is_a_checkout_and_the_rest_is_unknown(repository: Path):
    diverge(repository)
    run_git(repository, "config", "core.logAllRefUpdates", "false")
    (repository / ".git" / "logs" / "HEAD").unlink()
    check_move(repository, ["checkout", "-q", "main"], HeadMove.CHECKOUT)
    check_move(repository, ["reset", "-q", "--hard", "HEAD~1"], HeadMove.OTHER)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\0", b"ref: ../../etc/passwd", b"ref: refs/loop", b"ref:", b"abc"])
def test_a_damaged_repository_has_an_unknown_head(tmp_path: Path, content: bytes):
    git_dir = tmp_path / ".git"
    (git_dir / "refs").mkdir(parents=True)
    (git_dir / "HEAD").write_bytes(content)
    (git_dir / "refs" / "loop").write_text("ref: refs/loop")
    (git_dir / "logs").mkdir()
    (git_dir / "logs" / "HEAD").write_bytes(b"\xff\n\n garbage\tx\n")
    state = git.head_state(git_dir)
    assert state.commit is None
    assert git.head_move(state, HeadState(None, "0" * 40, busy=False), git_dir) in (HeadMove.OTHER, HeadMove.CHECKOUT)


@pytest.mark.parametrize("content", ["", "gitdir:", "gitdir: /nowhere", "something else", "gitdir: \0"])
def test_a_broken_git_file_is_no_repository(tmp_path: Path, content: str):
    (tmp_path / ".git").write_text(content)
    assert git.find_git_dir(tmp_path) is None
    assert git.head_state(tmp_path / "nowhere") == HeadState(None, None, busy=False)
