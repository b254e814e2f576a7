"""What the setting ``model`` means."""

from __future__ import annotations

import pytest

from nextedit_lsp.models import choice, homes, store
from nextedit_lsp.models.choice import Model
from tests.models.test_store import kept


def check_refused(named: str | None, *words: str) -> None:
    with pytest.raises(choice.ModelError) as caught:
        choice.resolve(named)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("named", [None, "", "  "])
def test_nothing_means_the_model_in_use(named):
    assert choice.resolve(named) is None
    stored = kept()
    choice.use("tiny")
    assert choice.resolve(named) == Model(stored.path, "sweep", "tiny")
    choice.use(None)
    assert choice.resolve(named) is None


def test_a_name_means_its_file_and_format():
    stored = kept()
    assert choice.resolve("Tiny") == Model(stored.path, "sweep", "tiny")


def test_a_path_means_a_file_of_which_the_format_is_to_be_found_out(tmp_path):
    path = tmp_path / "mine.gguf"
    assert choice.resolve(path) == Model(path, None, "mine.gguf")
    assert choice.resolve("mine.gguf") == Model(path.relative_to(tmp_path), None, "mine.gguf")


def test_a_path_of_an_imported_file_has_its_format(tmp_path):
    stored = kept(folder=tmp_path)
    assert choice.resolve(str(stored.path)) == Model(stored.path, "sweep", "tiny")


def test_a_path_in_the_home_is_made_whole(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    resolved = choice.resolve("~/mine.gguf")
    assert resolved is not None and resolved.path == tmp_path / "mine.gguf"


def test_a_known_model_that_is_not_here_is_to_be_pulled():
    check_refused("sweep-0.5b", "not on this machine", "nextedit models pull sweep-0.5b")


def test_a_name_that_is_nearly_right_is_put_right():
    check_refused("sweep-05b", "Did you mean sweep-0.5b", "nextedit models list")
    check_refused("xyzzy", "no model is called 'xyzzy'", "by its path")


def test_a_model_in_use_that_vanished_says_so():
    stored = kept()
    choice.use("tiny")
    stored.path.unlink()
    check_refused(None, "tiny can't be used", "is gone")
    store.remove("tiny")
    check_refused(None, "no model is called 'tiny'")


def test_a_broken_configuration_chooses_nothing_and_is_put_right():
    homes.choice_file().parent.mkdir(parents=True)
    for broken in ("{", "[]", '{"model": 3}'):
        homes.choice_file().write_text(broken)
        assert choice.in_use() is None
    choice.use("tiny")
    assert choice.in_use() == "tiny"


def test_other_settings_of_the_file_stay():
    homes.choice_file().parent.mkdir(parents=True)
    homes.choice_file().write_text('{"other": 1}')
    choice.use("tiny")
    assert '"other": 1' in homes.choice_file().read_text()


def test_without_a_home_the_systems_folders_are_used(monkeypatch, tmp_path):
    monkeypatch.delenv("NEXTEDIT_HOME")
    monkeypatch.setattr(homes.platformdirs, "user_data_path", lambda *_, **__: tmp_path / "data")
    monkeypatch.setattr(homes.platformdirs, "user_config_path", lambda *_, **__: tmp_path / "config")
    assert homes.models_folder() == tmp_path / "data" / "models"
    assert homes.choice_file() == tmp_path / "config" / "config.json"
