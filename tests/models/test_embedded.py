"""A model that comes with the program: found without a download, never deleted."""

from __future__ import annotations

from pathlib import Path

import pytest

from nextedit_lsp.cli import main
from nextedit_lsp.models import choice, embedded, registry, store

ENTRY = """
[[models]]
name = "own"
title = "Our own"
embedded = true
format = "native"
context = 2048
licence = "Apache-2.0"
base = "none: trained from scratch"
confirmed = true
suits = "anything"

[[models.files]]
name = "own.gguf"
quantisation = "Q8_0"
bytes = 4
memory = 1000
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a program that brings one model."""
    place = tmp_path / "program"
    (place / "own").mkdir(parents=True)
    (place / "own" / "own.gguf").write_bytes(b"GGUF")
    monkeypatch.setattr(embedded, "PLACES", (place,))
    monkeypatch.setattr(registry, "known", lambda: registry.parsed(ENTRY))
    return place


def test_it_is_found_by_its_name_and_can_be_used(place):
    choice.use("own")
    assert choice.resolve(None) == choice.Model(place / "own" / "own.gguf", "native", "own")
    assert choice.resolve("OWN") == choice.resolve(None)


def test_a_file_that_no_entry_names_is_none(place):
    (place / "other").mkdir()
    (place / "other" / "other.gguf").write_bytes(b"GGUF")
    assert store.find("other") is None


def test_an_installation_without_the_file_says_that_it_is_not_here(place):
    (place / "own" / "own.gguf").unlink()
    assert store.find("own") is None


def test_it_is_listed_as_here_and_needs_no_download(capsys):
    assert main.main(["models", "list"]) == 0
    assert "✔  own" in capsys.readouterr().out
    assert main.main(["models", "info", "own"]) == 0
    assert "it comes with nextedit" in capsys.readouterr().out
    assert main.main(["models", "pull", "own"]) != 0
    assert "needs no download" in capsys.readouterr().err


def test_it_can_not_be_removed(capsys, place):
    assert main.main(["models", "remove", "own"]) != 0
    assert "can't be removed" in capsys.readouterr().err
    assert (place / "own" / "own.gguf").is_file()


def test_one_of_the_users_own_under_that_name_goes_before(tmp_path):
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(b"GGUF!")
    store.keep(store.Stored("own", mine, "native", 5))
    found = store.find("own")
    assert found is not None and found.path == mine
    store.remove("own")
    assert store.find("own") is not None
