import os
import sqlite3

import pytest

from nextedit_lsp.workspace import index_store
from nextedit_lsp.workspace.terms import Terms
from nextedit_lsp.workspace.walking import Stamp

STAMP = Stamp(1, 2)


def terms(*words, defines=(), shingles=()):
    return Terms(frozenset(words), frozenset(defines), frozenset(shingles))


@pytest.fixture
def store(tmp_path):
    made = index_store.opened(tmp_path / "i.sqlite")
    yield made
    made.close()


def test_files_are_found_by_their_words(store):
    store.put("a.py", STAMP, terms("size", "area"))
    store.put("b/c.py", STAMP, terms("size", "Size", "größe"))
    assert sorted(store.files_with_word("size")) == ["a.py", "b/c.py"]
    assert store.files_with_word("Size") == ["b/c.py"]
    assert store.files_with_word("größe") == ["b/c.py"]
    assert store.files_with_word("siz") == []
    assert len(store.files_with_word("size", limit=1)) == 1


def test_definitions_and_shingles_are_told_from_words(store):
    store.put("a.py", STAMP, terms("area", "cafe0001", defines=["area"]))
    store.put("b.py", STAMP, terms("area", shingles=["cafe0001"]))
    assert store.files_that_define("area") == ["a.py"]
    assert store.files_with_shingle("cafe0001") == ["b.py"]
    assert store.files_with_word("cafe0001") == ["a.py"]


def test_a_file_that_changed_is_found_by_its_new_words_alone(store):
    store.put("a.py", STAMP, terms("old"))
    store.put("a.py", Stamp(3, 4), terms("new"))
    assert (store.files_with_word("old"), store.files_with_word("new")) == ([], ["a.py"])
    assert store.stamp("a.py")[1] == Stamp(3, 4)
    assert store.n_files == 1


def test_what_is_removed_is_found_no_longer(store):
    for path in ("a/1.py", "a/b/2.py", "a0.py", "ab/3.py"):
        store.put(path, STAMP, terms("x1"))
    store.remove("a")
    assert sorted(store.files_with_word("x1")) == ["a0.py", "ab/3.py"]
    store.keep_only({store.stamp("a0.py")[0]})
    assert store.files_with_word("x1") == ["a0.py"]


def test_what_was_committed_lasts(tmp_path):
    file = tmp_path / "i.sqlite"
    store = index_store.opened(file)
    store.put("a.py", STAMP, terms("kept"))
    store.write_note("head", "cafe")
    store.commit()
    store.put("b.py", STAMP, terms("lost"))
    store.close()
    again = index_store.opened(file)
    assert not again.is_new
    assert (again.files_with_word("kept"), again.files_with_word("lost"), again.note("head")) == (["a.py"], [], "cafe")
    again.close()


@pytest.mark.parametrize("damage", [b"no database at all", b""])
def test_a_damaged_file_is_made_anew(tmp_path, damage):
    file = tmp_path / "i.sqlite"
    file.write_bytes(damage * 1000)
    store = index_store.opened(file)
    store.put("a.py", STAMP, terms("x1"))
    store.commit()
    assert store.files_with_word("x1") == ["a.py"]
    store.close()


def test_another_layout_is_made_anew(tmp_path):
    file = tmp_path / "i.sqlite"
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 99")
    connection.execute("CREATE TABLE files (other TEXT)")
    connection.close()
    store = index_store.opened(file)
    assert store.is_new
    assert store.files_with_word("x1") == []
    store.close()


def test_numbers_that_lead_nowhere_are_noticed(store, monkeypatch):
    monkeypatch.setattr(index_store, "MIN_STALE", 3)
    for number in range(5):
        assert not store.is_stale
        store.put("a.py", Stamp(number, 1), terms("x1"))
    assert store.is_stale
    store.clear()
    assert not store.is_stale
    assert store.files_with_word("x1") == []


def test_two_servers_share_an_index(tmp_path):
    one, other = index_store.opened(tmp_path / "i.sqlite"), index_store.opened(tmp_path / "i.sqlite")
    one.put("a.py", STAMP, terms("x1"))
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        other.put("b.py", STAMP, terms("x1"))
    one.commit()
    other.put("b.py", STAMP, terms("x1"))
    other.commit()
    assert sorted(one.files_with_word("x1")) == ["a.py", "b.py"]
    one.close()
    other.close()


def test_unused_indexes_are_taken_away(tmp_path):
    for name, age_s in (("old", index_store.MAX_UNUSED_S + 1), ("new", 5.0)):
        index_store.opened(tmp_path / f"{name}.sqlite").close()
        os.utime(tmp_path / f"{name}.sqlite", (1_000_000 - age_s,) * 2)
    index_store.discard_unused(tmp_path, now=1_000_000)
    assert [path.name for path in tmp_path.iterdir()] == ["new.sqlite"]
