"""The registry: every entry is whole, and a wrong one is named."""

from __future__ import annotations

import pytest

from nextedit_lsp.formats import catalogue
from nextedit_lsp.models import registry

ENTRY = """
[[models]]
name = "tiny"
title = "Tiny"
repository = "someone/tiny-GGUF"
format = "sweep"
context = 512
licence = "MIT"
base = "someone/tiny"
confirmed = true
suits = "anything"

[[models.files]]
name = "tiny.q8_0.gguf"
quantisation = "Q8_0"
bytes = 1000
memory = 2000
"""


def check_refused(text: str, *words: str) -> None:
    with pytest.raises(registry.RegistryError) as caught:
        registry.parsed(text)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("model", registry.known(), ids=lambda model: model.name)
def test_every_format_exists_and_has_room(model):
    assert model.format in catalogue.FORMATS
    assert model.context >= catalogue.FORMATS[model.format].context


@pytest.mark.parametrize("model", registry.known(), ids=lambda model: model.name)
def test_every_entry_makes_sense(model):
    assert 2048 <= model.context <= 32_768
    for file in model.files:
        assert 100_000_000 < file.bytes < file.memory < 2 * file.bytes + 1_000_000_000
    quantisations = [file.quantisation for file in model.files]
    assert len(set(quantisations)) == len(quantisations)


@pytest.mark.parametrize("model", registry.known(), ids=lambda model: model.name)
def test_what_is_not_for_commerce_says_so(model):
    if "Coder-3B" in model.base:
        assert "commercial" in model.licence_note
    if model.licence == "not confirmed":
        assert "model card" in model.licence_note


def test_every_family_is_there():
    formats = {model.format for model in registry.known()}
    assert formats >= {"zeta1", "zeta2", "zeta21", "sweep", "instinct", "fim-qwen", "chat-chatml"}


def test_an_entry_is_read():
    (model,) = registry.parsed(ENTRY)
    assert (model.name, model.file.name, model.licence_note) == ("tiny", "tiny.q8_0.gguf", "")


def test_a_quantisation_is_found_in_either_case():
    (model,) = registry.parsed(ENTRY)
    assert model.quantised("q8_0") is model.file
    with pytest.raises(registry.RegistryError, match="known: Q8_0"):
        model.quantised("Q2_K")


def test_what_is_no_toml_is_refused():
    check_refused("[[models", "not TOML")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('title = "Tiny"', "", ("models[0] (tiny)", "title must be a text")),
        ("context = 512", "context = 0", ("context must be a number above 0",)),
        ("bytes = 1000", 'bytes = "many"', ("files[0]", "bytes must be a number")),
        ('name = "tiny"', 'name = "../tiny"', ("small letters",)),
        ('"someone/tiny-GGUF"', '"tiny"', ("OWNER/REPOSITORY",)),
        ("tiny.q8_0.gguf", "tiny.bin", ("not a GGUF file",)),
        ("[[models.files]]", "[[models.other]]", ("has no files",)),
    ],
)
def test_a_wrong_field_is_named(before, after, words):
    check_refused(ENTRY.replace(before, after, 1), *words)


def test_a_name_is_there_once():
    check_refused(ENTRY + ENTRY, "tiny twice")


def test_an_installation_without_the_list_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(registry, "PLACES", (tmp_path / "registry.toml",))
    registry.known.cache_clear()
    with pytest.raises(registry.RegistryError, match="install nextedit-lsp again"):
        registry.known()
