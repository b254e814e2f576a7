"""Which formats a model file is for."""

import pytest

from nextedit_lsp.formats import native
from nextedit_lsp.formats.catalogue import FORMATS, recognised
from nextedit_lsp.formats.format import Traits

QWEN = (
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
    "<|file_sep|>",
    "<|repo_name|>",
    "<|im_start|>",
    "<|im_end|>",
)
SEED = ("<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>")


def check_recognised(name: str, file: str, tokens: tuple[str, ...], formats: list[str], *, chats: bool = False) -> None:
    traits = Traits(name, "", file, chats, set(tokens).__contains__)
    assert [one.name for one in recognised(traits)] == formats


@pytest.mark.parametrize(
    ("name", "file", "tokens", "formats"),
    [
        ("Zeta", "zeta-Q4_K_M.gguf", QWEN, ["zeta1"]),
        ("Zeta 2", "model.gguf", SEED, ["zeta2"]),
        ("", "zed-industries_zeta-2-Q4_K_M.gguf", SEED, ["zeta2"]),
        ("", "zeta-2.1.Q8_0.gguf", SEED, ["zeta21"]),
        ("Zeta 2.1", "", SEED, ["zeta21"]),
        ("", "sweep-next-edit-0.5b.q8_0.gguf", QWEN, ["sweep"]),
        ("Sweep Next Edit 1.5B", "", QWEN, ["sweep"]),
        ("Instinct", "", QWEN, ["instinct"]),
        ("", "tiny.gguf", native.TOKENS, ["native"]),
        ("", "unknown.gguf", (), []),
        (
            "StarCoder2",
            "",
            ("<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<file_sep>", "<repo_name>"),
            ["fim-starcoder2"],
        ),
        ("StarCoder", "", ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"), ["fim-starcoder"]),
        ("", "", ("▁<PRE>", "▁<SUF>", "▁<MID>"), ["fim-codellama"]),
        ("", "", ("[PREFIX]", "[SUFFIX]"), ["fim-codestral"]),
    ],
)
def test_one_format(name, file, tokens, formats):
    check_recognised(name, file, tokens, formats)


def test_a_model_for_more_than_one_use():
    check_recognised("Qwen2.5 Coder 1.5B", "", QWEN, ["fim-qwen", "chat-chatml"], chats=True)
    check_recognised("Qwen2.5 Coder 1.5B Instruct", "", QWEN, ["chat-chatml", "fim-qwen"], chats=True)


def test_chat_models():
    check_recognised("Llama 3.2", "", ("<|start_header_id|>", "<|end_header_id|>"), ["chat-llama3"], chats=True)
    check_recognised("Gemma", "", ("<start_of_turn>",), ["chat-plain"], chats=True)
    check_recognised("Gemma", "", ("<start_of_turn>",), [])


def test_every_format_is_there_under_its_name():
    assert {name: one.name for name, one in FORMATS.items()} == {name: name for name in FORMATS}
    assert {"sweep-zed", "zeta21-lines"} < set(FORMATS)
