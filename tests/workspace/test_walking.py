import os

import pytest

from nextedit_lsp.workspace import walking
from nextedit_lsp.workspace.ignore import IgnoreRules


def walked(root, others=()):
    found = walking.walk(str(root), IgnoreRules(root), others)
    return [os.path.relpath(one.path, root).replace(os.sep, "/") for one in found]


def write(root, *names, text="x = 1\n"):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_what_the_rules_admit_is_found(tmp_path):
    write(tmp_path, "a.py", "src/b.ts", "src/deep/c.go", "build/out.js", "src/skip.log", "node_modules/x/index.js")
    write(tmp_path, ".gitignore", text="build/\n*.log\n")
    write(tmp_path, "src/.nexteditignore", text="deep/\n")
    assert walked(tmp_path) == [".gitignore", "a.py", "src/.nexteditignore", "src/b.ts"]


def test_secrets_binaries_empty_and_huge_files_are_left_out(tmp_path):
    write(tmp_path, ".env", "id_rsa", "logo.png", "ok.py", ".ssh/config")
    write(tmp_path, "empty.py", text="")
    write(tmp_path, "huge.py", text="x" * (walking.MAX_INDEXED_BYTES + 1))
    assert walked(tmp_path) == ["ok.py"]


def test_links_are_not_followed(tmp_path):
    write(tmp_path, "real/a.py")
    (tmp_path / "real" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "linked.py").symlink_to(tmp_path / "real" / "a.py")
    assert walked(tmp_path) == ["real/a.py"]


def test_a_root_that_is_a_link_is_walked_under_its_own_name(tmp_path):
    write(tmp_path, "real/a.py")
    (tmp_path / "root").symlink_to(tmp_path / "real", target_is_directory=True)
    assert walked(tmp_path / "root") == ["a.py"]


def test_another_root_inside_is_left_to_itself(tmp_path):
    write(tmp_path, "a.py", "inner/b.py")
    assert walked(tmp_path, {str(tmp_path / "inner")}) == ["a.py"]


def test_directories_that_vanish_meanwhile_do_no_harm(tmp_path):
    write(tmp_path, "a/1.py", "b/2.py", "c/3.py")
    found = walking.walk(str(tmp_path), IgnoreRules(tmp_path))
    assert next(found).path.endswith("1.py")
    (tmp_path / "b" / "2.py").unlink()
    (tmp_path / "b").rmdir()
    assert [one.path[-4:] for one in found] == ["3.py"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_at(tmp_path):
    os.mkfifo(tmp_path / "pipe.py")
    write(tmp_path, "a.py")
    assert walked(tmp_path) == ["a.py"]


@pytest.mark.skipif(os.name == "nt", reason="such names cannot be made there")
def test_a_name_that_is_no_text_is_passed_by(tmp_path):
    with open(os.path.join(os.fsencode(tmp_path), b"\xff.py"), "wb") as file:  # noqa: PTH118, PTH123 - bytes
        file.write(b"x = 1\n")
    write(tmp_path, "a.py")
    assert walked(tmp_path) == ["a.py"]


def test_a_root_that_is_not_there_has_no_files(tmp_path):
    assert walked(tmp_path / "nowhere") == []
