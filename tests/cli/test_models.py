"""``nextedit models`` as a person uses it, against a hub on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from nextedit_lsp.cli import doctor, main, models_fetch
from nextedit_lsp.models import choice, download, machine, store
from nextedit_lsp.session.model import Target
from tests.engine.tiny_gguf import write_tiny_gguf
from tests.models import hub_stand_in
from tests.models.hub_stand_in import CONTENT, Hub

NAME = "sweep-0.5b"
REPOSITORY, FILE = "sweepai/sweep-next-edit-0.5B", "sweep-next-edit-0.5b.q8_0.gguf"
EXIT_FAILED, EXIT_INTERRUPTED = 1, 130


@pytest.fixture(autouse=True)
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setenv("NEXTEDIT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("NEXTEDIT_MODEL", raising=False)
    monkeypatch.setenv("COLUMNS", "160")
    with hub_stand_in.in_place_of_the_hub(monkeypatch) as hub:
        hub.files = {f"{REPOSITORY}/{FILE}": CONTENT}
        yield hub


def said(capsys: pytest.CaptureFixture[str], *arguments: str | Path, code: int = 0) -> str:
    """What the command said, on both channels."""
    assert main.main(["models", *map(str, arguments)]) == code
    captured = capsys.readouterr()
    return captured.out + captured.err


def row(capsys: pytest.CaptureFixture[str], name: str) -> str:
    """A model's line of the list."""
    (line,) = [line for line in said(capsys, "list").splitlines() if name in line.split()]
    return line


def tiny(path: Path) -> Path:
    write_tiny_gguf(path)
    return path


def test_all_known_models_are_listed(capsys, monkeypatch):
    monkeypatch.setattr(machine, "memory_bytes", lambda: 8_000_000_000)
    listed = said(capsys)
    assert listed == said(capsys, "list")
    assert "8.0 GB of memory" in listed
    assert row(capsys, NAME).split() == [NAME, "~530", "MB", "~1.2", "GB", "sweep", "Apache-2.0", "fits"]
    assert "too big" in row(capsys, "zeta-2.1")
    assert "instinct ?" in listed and "could not be confirmed" in listed


def test_a_model_is_downloaded_verified_and_used(capsys):
    told = said(capsys, "pull", NAME)
    assert "Apache-2.0" in told and "is here and whole" in told and f"nextedit models use {NAME}" in told
    assert f"✔  {NAME}" in row(capsys, NAME) and "here, fits" in row(capsys, NAME)
    assert "whole" in said(capsys, "verify", NAME)
    assert "is in use" in said(capsys, "use", NAME)
    assert f"▶  {NAME}" in row(capsys, NAME)
    used = choice.resolve(None)
    assert used is not None and used.format == "sweep" and used.path.read_bytes() == CONTENT


def test_a_download_may_be_used_at_once(capsys):
    said(capsys, "pull", NAME, "--use")
    assert choice.in_use() == NAME


def test_a_second_pull_downloads_nothing(capsys, hub):
    said(capsys, "pull", NAME)
    hub.asked.clear()
    assert "is here already and whole" in said(capsys, "pull", NAME.upper())
    assert hub.ranges() == []


def test_ctrl_c_says_how_to_go_on(capsys, hub, monkeypatch):
    writing = download.write

    def write_and_stop(file, piece):
        writing(file, piece)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(download, "write", write_and_stop)
        told = said(capsys, "pull", NAME, "--quantisation", "q8_0", code=EXIT_INTERRUPTED)
    assert f"To go on from there: nextedit models pull {NAME} --quantisation q8_0" in told
    hub.asked.clear()
    assert "going on at" in said(capsys, "pull", NAME)
    assert hub.ranges()[0].startswith("bytes=")


def test_a_name_of_a_file_that_was_wrong_is_put_right(capsys, hub):
    hub.files = {"continuedev/instinct-GGUF/other.gguf": CONTENT}
    told = said(capsys, "pull", "instinct", code=EXIT_FAILED)
    assert "could not be confirmed" in told and "It has: other.gguf" in told
    assert "is here and whole" in said(capsys, "pull", "instinct", "--file", "other.gguf")
    assert choice.resolve("instinct").format == "instinct"


def test_another_quantisation_takes_the_place_of_the_one_before(capsys, hub):
    hub.files = {
        "mradermacher/zeta-2.1-GGUF/zeta-2.1.Q4_K_M.gguf": CONTENT,
        "mradermacher/zeta-2.1-GGUF/zeta-2.1.Q8_0.gguf": CONTENT,
    }
    said(capsys, "pull", "zeta-2.1")
    said(capsys, "pull", "zeta-2.1", "--quantisation", "Q8_0")
    assert [path.name for path in store.folder_of("zeta-2.1").glob("*.gguf")] == ["zeta-2.1.Q8_0.gguf"]
    assert "known: Q4_K_M, Q8_0" in said(capsys, "pull", "zeta-2.1", "--quantisation", "Q2", code=EXIT_FAILED)


def test_what_is_not_for_commerce_says_so_before_the_download(capsys, hub):
    hub.refuses = (503, "")
    told = said(capsys, "pull", "qwen-coder-3b", code=EXIT_FAILED)
    assert "not for commercial use" in told and "Try again later" in told


def test_what_is_too_big_says_so(capsys, hub, monkeypatch):
    monkeypatch.setattr(machine, "memory_bytes", lambda: 1_000_000_000)
    assert "this machine has 1.0 GB" in said(capsys, "pull", NAME)


def test_a_model_that_is_not_listed_can_be_downloaded(capsys, hub, tmp_path):
    hub.files = {"someone/mine/m.gguf": tiny(tmp_path / "m.gguf").read_bytes()}
    words = ("pull", "mine", "--repository", "someone/mine", "--file", "m.gguf")
    assert "--format FORMAT" in said(capsys, *words, code=EXIT_FAILED)
    assert "info" in said(capsys, "list") and "?" in row(capsys, "mine")
    assert "--format FORMAT" in said(capsys, "use", "mine", code=EXIT_FAILED)
    assert "is here already" in said(capsys, *words, "--format", "native", "--use")
    assert choice.resolve(None).format == "native"


def test_a_name_that_nothing_has(capsys):
    assert "Did you mean sweep-0.5b" in said(capsys, "pull", "sweep-05b", code=EXIT_FAILED)
    assert "nextedit models pull" in said(capsys, "use", NAME, code=EXIT_FAILED)
    for command in ("info", "use", "verify", "remove"):
        assert "no model is called 'xyzzy'" in said(capsys, command, "xyzzy", code=EXIT_FAILED)


def test_a_path_is_not_used_but_imported(capsys):
    assert "nextedit models import ~/m.gguf --use" in said(capsys, "use", "~/m.gguf", code=EXIT_FAILED)


def test_a_file_of_ones_own_is_recognised_and_stays(capsys, tmp_path):
    path = tmp_path / "My Model.gguf"
    write_tiny_gguf(path, name="sweep-next-edit-0.5B")
    told = said(capsys, "import", path)
    assert "in the format sweep" in told and "it stays there" in told
    assert choice.resolve("my-model") == choice.Model(path, "sweep", "my-model")
    assert f"your file {path} stays" in said(capsys, "remove", "my-model")
    assert path.exists()


def test_a_file_that_does_not_tell_its_format_is_asked_about(capsys, tmp_path):
    path = tiny(tmp_path / "mine.gguf")
    told = said(capsys, "import", path, code=EXIT_FAILED)
    assert "doesn't tell the format" in told and "fim-qwen" in told
    assert f"nextedit models import {path} --name mine --format FORMAT" in told
    assert store.all_models() == ()
    assert "no format is called 'x'" in said(capsys, "import", path, "--format", "x", code=EXIT_FAILED)
    said(capsys, "import", path, "--format", "zeta2", "--use")
    assert choice.resolve(None) == choice.Model(path, "zeta2", "mine")


def test_of_several_formats_the_likeliest_is_taken_and_the_others_told(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(models_fetch, "described", lambda _: None)
    monkeypatch.setattr(models_fetch.recognition, "fitting", lambda _: ("fim-qwen", "chat-chatml"))
    told = said(capsys, "import", tiny(tmp_path / "mine.gguf"))
    assert "in the format fim-qwen" in told and "if that is wrong" in told and "--format chat-chatml" in told


def test_a_known_file_has_its_known_name(capsys, tmp_path):
    said(capsys, "import", tiny(tmp_path / FILE), "--format", "sweep")
    assert f"✔  {NAME}" in row(capsys, NAME)


def test_a_file_may_be_copied(capsys, tmp_path):
    path = tiny(tmp_path / "mine.gguf")
    said(capsys, "import", path, "--copy", "--format", "sweep", "--name", "Own")
    path.unlink()
    assert store.find("own").path.parent == store.folder_of("own")
    said(capsys, "remove", "own")
    assert store.all_models() == ()


def test_what_is_no_model_is_not_imported(capsys, tmp_path):
    (tmp_path / "page.gguf").write_text("<html>")
    assert "web page" in said(capsys, "import", tmp_path / "page.gguf", code=EXIT_FAILED)
    assert "no file" in said(capsys, "import", tmp_path / "none.gguf", code=EXIT_FAILED)
    broken = tiny(tmp_path / "broken.gguf")
    broken.write_bytes(broken.read_bytes()[:64])
    assert "can't be looked into" in said(capsys, "import", broken, code=EXIT_FAILED)


def test_an_import_does_not_replace_a_download(capsys, tmp_path):
    said(capsys, "pull", NAME)
    path = tiny(tmp_path / "mine.gguf")
    told = said(capsys, "import", path, "--name", NAME, "--format", "sweep", code=EXIT_FAILED)
    assert "is here already" in told and "--name" in told


def test_a_file_that_changed_is_told(capsys):
    said(capsys, "pull", NAME)
    path = store.find(NAME).path
    path.write_bytes(b"GGUF" + bytes(len(CONTENT) - 4))
    assert "has changed" in said(capsys, "verify", code=EXIT_FAILED)
    path.unlink()
    assert "is gone" in said(capsys, "verify", code=EXIT_FAILED)
    assert "broken" in row(capsys, NAME)
    assert "is gone" in said(capsys, "info", NAME)
    assert "can't be used" in said(capsys, "use", NAME, code=EXIT_FAILED)


def test_a_file_without_a_checksum_gets_one(capsys, tmp_path):
    said(capsys, "import", tiny(tmp_path / "mine.gguf"), "--format", "sweep")
    assert "none yet" in said(capsys, "info", "mine")
    assert "had no checksum" in said(capsys, "verify", "mine")
    assert "whole" in said(capsys, "verify", "mine")
    assert "there are no models" not in said(capsys, "verify")


def test_removing_the_model_in_use_leaves_none(capsys):
    said(capsys, "pull", NAME, "--use")
    assert "it was in use" in said(capsys, "remove", NAME)
    assert choice.resolve(None) is None
    assert "is not on this machine" in said(capsys, "remove", NAME, code=EXIT_FAILED)
    assert "there are no models" in said(capsys, "verify")


def test_none_may_be_used(capsys):
    said(capsys, "pull", NAME, "--use")
    said(capsys, "use", "--none")
    assert choice.in_use() is None


def test_info_tells_all(capsys):
    told = said(capsys, "info", "zeta-2.1")
    for word in (
        "Apache-2.0",
        "Seed-Coder",
        "Q8_0",
        "8,192 tokens",
        "a GPU with 8 GB",
        "nextedit models pull zeta-2.1",
    ):
        assert word in told
    assert "--repository" in said(capsys, "info", "sweep-3b")


def test_json_for_machines(capsys):
    said(capsys, "pull", NAME, "--use")
    values = {value["name"]: value for value in json.loads(said(capsys, "list", "--json"))}
    assert values[NAME]["here"] and values[NAME]["in_use"] and values[NAME]["bytes"] == len(CONTENT)
    assert not values["zeta-2"]["here"] and "path" not in values["zeta-2"]
    assert json.loads(said(capsys, "info", NAME, "--json")) == values[NAME]


def test_a_sub_command_is_needed_and_known(capsys):
    for arguments in (["models", "pul"], ["models", "use"], ["models", "pull"]):
        with pytest.raises(SystemExit) as exited:
            main.main(arguments)
        assert exited.value.code == main.EXIT_USAGE
    capsys.readouterr()


def test_the_other_commands_take_names(capsys, monkeypatch):
    said(capsys, "pull", NAME, "--use")
    asked: list[Target | None] = []
    monkeypatch.setattr(doctor.checks, "all_findings", lambda model, _: asked.append(model) or iter(()))
    assert main.main(["doctor", "--model", NAME]) == 0
    assert main.main(["doctor"]) == 0
    assert [target and (target.path, target.format) for target in asked] == [(store.find(NAME).path, "sweep")] * 2
    capsys.readouterr()
    assert main.main(["doctor", "--model", "xyzzy", "--json"]) == EXIT_FAILED
    (found,) = json.loads(capsys.readouterr().out)
    assert found["status"] == "fail" and "no model is called 'xyzzy'" in found["remedy"]
