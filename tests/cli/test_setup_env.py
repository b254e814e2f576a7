"""The set-up script: what it shows of pip's words, and the remedy for each failure."""

from __future__ import annotations

import io
import re

import pytest

from tools import setup_env


def shown(*lines: str) -> tuple[str, str]:
    """What stands in the display after pip said ``lines``, and what was printed to stay."""
    progress = setup_env.Progress(n_steps=3, out=io.StringIO())
    for line in lines:
        progress.read(line)
    assert isinstance(progress.out, io.StringIO)
    return progress.detail, progress.out.getvalue()


def test_compiling_is_announced_and_counted():
    detail, printed = shown(
        "  Building wheel for llama_cpp_python (pyproject.toml): started\n",
        "  [34/193] /usr/bin/g++ -O3 -c ggml.cpp\n",
    )
    assert detail == "compiling llama-cpp-python: 34 of 193 files"
    assert "about 8 minutes" in printed


def test_downloads_are_shown_by_name():
    detail, printed = shown(
        "Collecting rich>=14", "  Downloading https://host/packages/rich-15.0.0-py3-none-any.whl (1 kB)"
    )
    assert (detail, printed) == ("downloading rich-15.0.0-py3-none-any.whl", "")


def test_without_a_terminal_there_is_a_line_now_and_then(monkeypatch):
    now = 0.0
    monkeypatch.setattr(setup_env.time, "monotonic", lambda: now)
    progress = setup_env.Progress(n_steps=3, out=io.StringIO(), started_at=0.0)
    progress.begin("pip")
    for now in range(50):  # noqa: B007 - the fake clock reads it.
        progress.tick()
    assert isinstance(progress.out, io.StringIO)
    assert progress.out.getvalue().splitlines() == ["[1/3] pip", "      00:20  pip", "      00:40  pip"]


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("CMake Error: CMAKE_CXX_COMPILER not set", "build-essential"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("NewConnectionError: Failed to establish a new connection", "network"),
        ("ERROR: No matching distribution found for rich (from versions: none)", "network"),
        ("ERROR: Package 'x' requires a different Python: 3.9.1 not in '>=3.10'", "PYTHON="),
        ("c++: fatal error: Killed signal terminated program cc1plus", "memory"),
    ],
)
def test_a_failure_has_its_remedy(said, remedy):
    words = next(words for pattern, words in setup_env.REMEDIES if re.search(pattern, said, re.IGNORECASE))
    assert remedy in words


def test_pip_talking_of_itself_is_left_out():
    lines = ["ERROR: no rich\n", "  note: This error originates from a subprocess, and\n", "\n", "  exit code: 1\n"]
    assert setup_env.telling(lines) == ["ERROR: no rich"]
