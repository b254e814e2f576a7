from pathlib import Path

import pytest

from nextedit_lsp.engine.gguf_header import HEADER, MAGIC, file_problem

from .tiny_gguf import write_tiny_gguf


def test_a_model_has_no_problem(tmp_path: Path):
    write_tiny_gguf(tmp_path / "tiny.gguf")
    assert file_problem(tmp_path / "tiny.gguf") is None


def test_what_is_no_file_is_named(tmp_path: Path):
    assert "There is no file" in str(file_problem(tmp_path / "none.gguf"))
    assert "is not a file" in str(file_problem(tmp_path))
    assert "There is no file" in str(file_problem(Path("bad\0name")))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "it is empty"),
        (b"hello, world", "does not begin with 'GGUF'"),
        (b"GGU", "does not begin with 'GGUF'"),
        (b"GGUF\3\0", "ends within its first bytes"),
        (HEADER.pack(MAGIC, 3, 0, 5), "holds no weights"),
        (HEADER.pack(MAGIC, 77, 1, 5), "version 77 is unknown"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        (b"<!DOCTYPE html>", "web page"),
        (b"PK\x03\x04...", "PyTorch archive"),
        (b"tjgg\1\0\0\0", "older than GGUF"),
    ],
)
def test_a_file_that_is_no_model_is_described(tmp_path: Path, content: bytes, expected: str):
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    problem = file_problem(path)
    assert problem is not None
    assert expected in problem
    assert str(path) in problem
