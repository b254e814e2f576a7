"""Which format a file is taken for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from nextedit_lsp.models import recognition


@dataclass(frozen=True)
class Described:
    """A file as an engine describes it."""

    path: Path = Path("model.gguf")
    name: str = ""
    architecture: str = "qwen2"
    has_chat_template: bool = False
    control_tokens: frozenset[str] = frozenset()


FIM_OF_QWEN = frozenset({"<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|file_sep|>", "<|repo_name|>"})
CHAT_OF_QWEN = frozenset({"<|im_start|>", "<|im_end|>"})


def test_a_file_that_tells_its_family_has_one_format():
    named = Described(Path("sweep-next-edit-0.5b.q8_0.gguf"), "sweep-next-edit-0.5B", control_tokens=FIM_OF_QWEN)
    assert recognition.fitting(named) == ("sweep",)


def test_a_file_that_can_do_more_has_the_likeliest_first():
    tokens = FIM_OF_QWEN | CHAT_OF_QWEN
    base = Described(Path("q.gguf"), "Qwen2.5 Coder 1.5B", has_chat_template=True, control_tokens=tokens)
    chat = Described(Path("q.gguf"), "Qwen2.5 Coder 1.5B Instruct", has_chat_template=True, control_tokens=tokens)
    assert recognition.fitting(base)[0] == "fim-qwen"
    assert recognition.fitting(chat)[0] == "chat-chatml"


def test_a_file_that_says_nothing_has_none():
    assert recognition.fitting(Described(architecture="llama", name="Tiny")) == ()


def test_a_format_that_is_named_must_be_known():
    assert recognition.required("SWEEP") == "sweep"
    with pytest.raises(recognition.FormatError, match=r"no format is called 'swep'.*sweep"):
        recognition.required("swep")
