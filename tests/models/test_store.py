"""The models on this machine: what is kept, and what broke."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nextedit_lsp.models import files, store
from nextedit_lsp.models.store import Stored

CONTENT = b"GGUF and more"


def kept(name: str = "tiny", folder: Path | None = None, **fields: str) -> Stored:
    """A model with its file, in the store or in a folder of the user's."""
    where = folder or store.folder_of(name)
    where.mkdir(parents=True, exist_ok=True)
    path = where / f"{name}.gguf"
    path.write_bytes(CONTENT)
    stored = Stored(name, path, "sweep", len(CONTENT), **fields)
    store.keep(stored)
    return stored


def quiet(n_done: int, n_bytes: int) -> None:
    pass


def test_without_a_folder_there_are_none(home):
    assert store.all_models() == ()
    assert store.find("tiny") is None
    assert not home.exists()


def test_what_is_kept_is_found():
    stored = kept(sha256="ab" * 32, source="someone/tiny/tiny.gguf@c0ffee")
    assert store.find("Tiny") == stored
    assert store.all_models() == (stored,)
    assert not stored.is_own_file


def test_a_file_of_the_users_own_stays_when_its_model_is_removed(tmp_path):
    stored = kept(folder=tmp_path / "mine")
    assert store.find("tiny") == stored
    assert stored.is_own_file
    store.remove("tiny")
    assert store.find("tiny") is None
    assert stored.path.exists()


def test_a_file_in_the_store_goes_when_its_model_is_removed():
    stored = kept()
    store.remove("tiny")
    assert not stored.path.parent.exists()
    store.remove("tiny")


def test_the_home_may_be_moved(home, tmp_path, monkeypatch):
    kept()
    home.rename(tmp_path / "moved")
    monkeypatch.setenv("NEXTEDIT_HOME", str(tmp_path / "moved"))
    found = store.find("tiny")
    assert found is not None and found.path.exists() and not found.problem


def test_a_file_that_vanished_is_a_problem_of_its_model_alone(tmp_path):
    kept("other")
    kept(folder=tmp_path).path.unlink()
    other, tiny = store.all_models()
    assert not other.problem
    assert "is gone" in tiny.problem and "nextedit models import" in tiny.problem


def test_a_file_that_shrank_is_a_problem():
    stored = kept(source="someone/tiny/tiny.gguf@c0ffee")
    stored.path.write_bytes(b"GGUF")
    (tiny,) = store.all_models()
    assert "4 bytes in place of 13" in tiny.problem and "nextedit models pull tiny" in tiny.problem


@pytest.mark.parametrize("record", ["", "{", "[]", '{"file": "a.gguf"}', '{"file": "a.gguf", "bytes": "many"}', "\0"])
def test_a_broken_record_costs_no_model(record):
    stored = kept("sweep-0.5b")
    (stored.path.parent / store.RECORD).write_text(record)
    found = store.find("sweep-0.5b")
    assert found == Stored("sweep-0.5b", stored.path, "sweep", len(CONTENT))


def test_a_broken_record_without_a_file_is_told(tmp_path):
    kept(folder=tmp_path)
    (store.folder_of("tiny") / store.RECORD).write_text("{")
    (tiny,) = store.all_models()
    assert "makes no sense" in tiny.problem and "nextedit models remove tiny" in tiny.problem


def test_a_download_that_broke_off_is_no_model():
    folder = store.folder_of("tiny")
    folder.mkdir(parents=True)
    (folder / "tiny.gguf.0123.part").write_bytes(b"GGUF")
    assert store.find("tiny") is None
    assert store.all_models() == ()


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".", "-x", "a b"])
def test_a_name_leads_nowhere_else(name):
    assert store.find(name) is None
    with pytest.raises(store.StoreError, match="can't be a model's name"):
        store.folder_of(name)


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "no space left"), (errno.EACCES, "may not be written"), (errno.EIO, "NEXTEDIT_HOME")],
)
def test_a_disk_that_refuses_leaves_the_record_of_before(monkeypatch, number, words):
    stored = kept()

    def refuse(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(files.os, "fsync", refuse)
    with pytest.raises(store.StoreError, match=words):
        store.keep(Stored("tiny", stored.path, "zeta1", 1))
    assert store.find("tiny") == stored
    assert sorted(path.name for path in stored.path.parent.iterdir()) == [store.RECORD, "tiny.gguf"]


def test_processes_at_the_same_time_all_keep_their_model(home):
    code = (
        "import sys; from pathlib import Path; from nextedit_lsp.models import store\n"
        "name = sys.argv[1]; folder = store.folder_of(name); folder.mkdir(parents=True)\n"
        "(folder / 'm.gguf').write_bytes(b'GGUF'); store.keep(store.Stored(name, folder / 'm.gguf', None, 4))"
    )
    names = ["a", "b", "c"]
    running = [subprocess.Popen([sys.executable, "-c", code, name]) for name in names]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert [model.name for model in store.all_models()] == names


def test_a_copy_is_whole_or_not_there(tmp_path, monkeypatch):
    source = tmp_path / "mine.gguf"
    source.write_bytes(CONTENT)
    seen: list[int] = []
    copy = store.copied(source, "mine", lambda done, _: seen.append(done))
    assert copy.read_bytes() == CONTENT and seen == [len(CONTENT)]

    class Usage:
        free = 3

    monkeypatch.setattr(store.shutil, "disk_usage", lambda _: Usage)
    with pytest.raises(store.StoreError, match="no space left"):
        store.copied(source, "other", quiet)
    assert list(store.folder_of("other").iterdir()) == []


@pytest.mark.parametrize(
    ("file_name", "name"),
    [("Qwen2.5-Coder (1).Q8_0.GGUF", "qwen2.5-coder-1-.q8_0"), ("zeta.gguf", "zeta"), ("日本.gguf", "")],
)
def test_a_name_is_made_of_a_files(file_name, name):
    assert store.name_for(file_name) == name
