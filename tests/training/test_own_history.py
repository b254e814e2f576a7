"""An adapter from a repository, from git to the file."""

import subprocess
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="PyTorch is no dependency of the language server: pip install '.[training]'")

import training_files as files

from training import export, model, own_history, tokenizer
from training.loaded import loaded
from training.shape import Shape


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(("git", *identity, *arguments), cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet")
    text = files.AREA
    names = ["area", *(f"surface_{letter}{other}" for letter in "abcdef" for other in "xyzuv")]
    for old, new in zip(["area", *names], names, strict=False):
        text = text.replace(old, new)
        (folder / "shape.py").write_text(text)
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "--allow-empty", "--message", new)
    return folder


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    made = tokenizer.load(tokenizer.FILE)
    untrained = model.Llama(Shape(len(made), **files.TINY))
    path = tmp_path / "tiny.gguf"
    export.write(model.weights_of(untrained), untrained.shape, made, path, export.Card("tiny", "untrained"))
    return path


def test_an_adapter_is_made_and_judged_by_what_came_last(repository: Path, gguf: Path, tmp_path: Path) -> None:
    out = tmp_path / "own.gguf"
    outcome = own_history.adapted(gguf, repository, tokenizer.FILE, out, tokens=10_000, seconds=30)
    assert outcome.n_trained > 3 * outcome.n_judged > 0
    assert outcome.after["answer_loss"] < outcome.before["answer_loss"]
    with loaded(gguf, out) as there:
        assert there.logits([300, 301]).shape[0] == 2


def test_a_repository_without_a_history_is_refused(gguf: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "a.py").write_text("x = 1\n")
    git(tmp_path, "add", "a.py")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    with pytest.raises(own_history.TooLittleHistory, match="small commits"):
        own_history.adapted(gguf, tmp_path, tokenizer.FILE, tmp_path / "own.gguf", tokens=1, seconds=1)
