import subprocess
from collections import Counter
from pathlib import Path

import pytest

from nextedit_lsp.evaluation import git_history, mining
from nextedit_lsp.evaluation.episodes import Hunk
from nextedit_lsp.evaluation.git_history import GitError
from tests.evaluation.repositories import Repo

BEFORE = "".join(f"line {i}\n" for i in range(20))
AFTER = BEFORE.replace("line 3\n", "LINE 3\n").replace("line 9\n", "LINE 9\nand more\n")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "harbor")


def check_left_out(repo: Repo, path: str, why: str, before: str | bytes = BEFORE, after: str | bytes = AFTER) -> None:
    repo.commit({path: before})
    repo.commit({path: after})
    found, left_out = repo.mined()
    assert not found
    assert [reason for reason in left_out if why in reason], left_out


def test_commit_becomes_an_episode(repo: Repo) -> None:
    repo.commit({"src/my tides.py": BEFORE, "README.md": "x\n"})
    repo.commit({"src/my tides.py": AFTER, "notes.txt": "new\n"})
    [episode], _ = repo.mined()
    [file] = episode.files
    assert (episode.repo, file.path, file.language_id, file.before) == ("harbor", "src/my tides.py", "python", BEFORE)
    assert file.hunks == (Hunk(3, 1, ("LINE 3",)), Hunk(9, 1, ("LINE 9", "and more")))


def test_newest_come_first_and_bounds_hold(repo: Repo) -> None:
    for text in (BEFORE, AFTER, BEFORE, AFTER):
        repo.commit({"a.py": text})
    assert len(repo.mined()[0]) == 3
    [newest] = repo.mined(max_commits=1)[0]
    assert newest.files[0].hunks[0].new == ("LINE 3",)
    [episode] = repo.mined(since="2020-01-04")[0]
    assert (episode.id, episode.date[:10]) == (newest.id, "2020-01-04")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("notes.unknown", "no source file"),
        ("package-lock.json", "no source file"),
        ("poetry.lock.toml", "no source file"),
        ("vendor/a.py", "no source file"),
        ("web/app.min.js", "no source file"),
        ("api/user.pb.go", "no source file"),
        ("tests/__snapshots__/a.ts", "no source file"),
        ("secrets.yaml", "ignored or may hold secrets"),
        (".ssh/a.py", "ignored or may hold secrets"),
    ],
)
def test_files_that_nobody_edits_or_that_are_kept_away(repo: Repo, path: str, why: str) -> None:
    check_left_out(repo, path, why)


def test_ignored_files_are_kept_away(repo: Repo) -> None:
    (repo.root / ".nexteditignore").write_text("private/\n")
    check_left_out(repo, "private/a.py", "ignored or may hold secrets")


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("# " + "é".encode("latin-1").decode("latin-1") + "\n" + BEFORE, AFTER.encode("utf-16"), "another encoding"),
        (BEFORE.encode() + b"caf\xe9\n", AFTER.encode() + b"caf\xe9\n", "another encoding"),
        (BEFORE.encode() + b"\0", AFTER.encode() + b"\0", "another encoding"),
        (BEFORE + "x" * 24_000, AFTER + "x" * 24_000, "over 24 kB"),
        ("# @generated\n" + BEFORE, "# @generated\n" + AFTER, "generated files"),
        (BEFORE, BEFORE.replace("line 3\n", "LINE 3\n"), "fewer than 2"),
        (BEFORE, AFTER + "new\n" * 25, "more than 14 lines before or 24 after"),
    ],
)
def test_texts_that_make_no_episode(repo: Repo, before: str | bytes, after: str | bytes, why: str) -> None:
    check_left_out(repo, "a.py", why, before, after)


def test_line_ends_and_byte_order_mark_do_not_matter(repo: Repo) -> None:
    repo.commit({"a.py": b"\xef\xbb\xbf" + BEFORE.replace("\n", "\r\n").encode()})
    repo.commit({"a.py": AFTER.replace("\n", "\r\n")})
    [episode], _ = repo.mined()
    assert (episode.files[0].before, episode.n_hunks) == (BEFORE, 2)


def test_many_files_are_no_small_commit(repo: Repo) -> None:
    repo.commit({f"{i}.py": BEFORE for i in range(5)})
    repo.commit({f"{i}.py": AFTER for i in range(5)})
    assert repo.mined()[1] == {"modify more than 4 source files": 1}


def test_renames_merges_links_and_submodules_are_passed_over(repo: Repo, tmp_path: Path) -> None:
    other = Repo(tmp_path / "other")
    other.commit({"b.py": BEFORE})
    repo.commit({"a.py": BEFORE, "c.py": BEFORE})
    repo.git("submodule", "--quiet", "add", str(other.root), "sub.py")
    (repo.root / "link.py").symlink_to("a.py")
    repo.commit({})
    other.commit({"b.py": AFTER})
    repo.git("submodule", "--quiet", "update", "--remote")
    (repo.root / "link.py").unlink()
    (repo.root / "link.py").symlink_to("c.py")
    repo.git("mv", "a.py", "moved.py")
    repo.commit({"moved.py": AFTER, "c.py": AFTER})
    repo.git("checkout", "--quiet", "-b", "side", "HEAD~1")
    repo.commit({"d.py": BEFORE})
    repo.git("merge", "--quiet", "--no-edit", "main")
    [episode], _ = repo.mined()
    assert [file.path for file in episode.files] == ["c.py"]


def test_shallow_and_bare_repositories(repo: Repo, tmp_path: Path) -> None:
    for text in (BEFORE, AFTER, BEFORE):
        repo.commit({"a.py": text})
    repo.git("clone", "--quiet", "--depth=2", repo.root.as_uri(), str(tmp_path / "shallow"))
    shallow = git_history.opened(tmp_path / "shallow")
    assert shallow.is_shallow
    assert len(list(mining.mined(shallow, None, 100, Counter()))) == 1
    repo.git("clone", "--quiet", "--bare", str(repo.root), str(tmp_path / "bare.git"))
    bare = git_history.opened(tmp_path / "bare.git")
    assert (bare.name, bare.is_bare) == ("bare", True)
    assert len(list(mining.mined(bare, None, 100, Counter()))) == 2


def test_missing_objects_are_passed_over(repo: Repo) -> None:
    repo.commit({"a.py": BEFORE})
    repo.commit({"a.py": AFTER})
    blob = subprocess.run(
        ["git", "rev-parse", "HEAD:a.py"], cwd=repo.root, check=True, capture_output=True, text=True
    ).stdout.strip()
    (repo.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    found, left_out = repo.mined()
    assert (found, left_out.total()) == ([], 1)


def test_what_is_no_repository_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = Repo(tmp_path / "empty")
    with pytest.raises(GitError, match="has no commit yet"):
        git_history.opened(empty.root)
    (tmp_path / "plain").mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(GitError, match="no git repository"):
        git_history.opened(tmp_path / "plain")
    with pytest.raises(GitError, match="is no folder"):
        git_history.opened(tmp_path / "nowhere")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="git is not installed"):
        git_history.opened(empty.root)


def test_stopping_early_ends_git(repo: Repo) -> None:
    for text in (BEFORE, AFTER, BEFORE, AFTER):
        repo.commit({"a.py": text})
    episodes = mining.mined(git_history.opened(repo.root), None, 100, Counter())
    assert next(episodes).repo == "harbor"
    episodes.close()  # type: ignore[attr-defined]
