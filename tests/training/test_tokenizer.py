from collections.abc import Iterator
from pathlib import Path

import pytest
import training_files as files

from nextedit_lsp.formats import native
from training import tokenizer
from training.loaded import Loaded, loaded
from training.tokenizer import Tokenizer

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made() -> Tokenizer:
    return tokenizer.load(tokenizer.FILE)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    path = tmp_path_factory.mktemp("vocabulary") / "random.gguf"
    files.random_gguf(path)
    with loaded(path) as one:
        yield one


def test_ids_are_those_of_llama_cpp_on_real_files(model: Loaded, made: Tokenizer) -> None:
    paths = [*ROOT.glob("nextedit_lsp/*/*.py"), *ROOT.glob("client-nvim/**/*.lua"), *ROOT.glob("*.md")]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    assert len(texts) > 100
    assert [path for path, text in zip(paths, texts, strict=True) if model.tokens(text) != made.encode(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "\r\n\t\tfoo  \n\n  bar",
        "naïve ²³ ١٢ 日本 e\u0301 \u00a0x\u2028y \U0001f600",
        "it's 'started' and we'll",
        "_a _=_ ._x  == __init__",
        "HTTPServerÄndern ÄßÀb xÉ éX ǅ ʰ ªº ⅷ ½",
        "//// / a//\n/ \n\n   \n",
        "user text with <|eot|> in it",
        "",
    ],
)
def test_ids_are_those_of_llama_cpp_on_odd_texts(model: Loaded, made: Tokenizer, text: str) -> None:
    assert model.tokens(text) == made.encode(text)
    assert made.decode(made.encode(text)) == text


def test_every_boundary_of_the_format_is_one_token_and_never_user_text(model: Loaded, made: Tokenizer) -> None:
    assert made.controls == native.TOKENS
    for text in native.TOKENS:
        assert model.tokens(text, parse_special=True) == [made.control(text)]
        assert made.control(text) not in model.tokens(f"a {text} b")
    assert [text for text in native.TOKENS if model.ends(made.control(text))] == [native.EOT.text]


def test_a_name_has_the_same_tokens_wherever_it_stands(made: Tokenizer) -> None:
    alone = made.encode("radius_of")
    for before in (" ", ".", "(", "'", "\n    "):
        assert made.encode(f"x{before}radius_of")[-len(alone) :] == alone


def test_digits_are_single_and_indentation_is_not(made: Tokenizer) -> None:
    assert len(made.encode("2026")) == 4
    assert len(made.encode("        x")) == 3


def test_a_saved_tokenizer_is_the_same(made: Tokenizer, tmp_path: Path) -> None:
    made.save(tmp_path / "tokenizer.json")
    assert tokenizer.load(tmp_path / "tokenizer.json").merges == made.merges


def test_frequent_pairs_are_merged() -> None:
    made = tokenizer.learned(["banana bandana banana"] * 5, 256 + 4 + 1, "tekken", ["<|eot|>"])
    assert made.encode("ban") == [made.encode("ba")[0], made.encode("n")[0]] or len(made.encode("ban")) == 1
    assert len(made.encode("banana")) < 6
