"""What a user's text may become, with a real vocabulary."""

import random
from collections.abc import Iterator

import gguf
import pytest

from nextedit_lsp.engine import llama
from nextedit_lsp.engine.drafting import Draft
from nextedit_lsp.engine.machine import Plan
from nextedit_lsp.engine.tokens import Vocabulary, control_token, decoded, n_whole, plain_tokens, tokenized
from nextedit_lsp.formats.catalogue import FORMATS
from nextedit_lsp.formats.prompt import Segment

from .tiny_gguf import write_tiny_gguf

# Every family's markers, one half as control tokens and the other as what a model's maker only added.
# The tiny model has the end of text of its own.
MARKERS = sorted({marker.strip() for form in FORMATS.values() for marker in form.markers} - {"", "</s>"})
KINDS = {
    marker: gguf.TokenType.USER_DEFINED if number % 2 else gguf.TokenType.CONTROL
    for number, marker in enumerate(MARKERS)
}
WHITE_SPACE = ("  ", "\t\t")


@pytest.fixture(scope="module", params=[True, False], ids=["adds a space", "has white space"])
def vocabulary(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[llama.Llama]:
    """A vocabulary that writes a space before every text, and one that has runs of white space as added tokens."""
    path = tmp_path_factory.mktemp("models") / "markers.gguf"
    added = [] if request.param else [(text, gguf.TokenType.USER_DEFINED) for text in WHITE_SPACE]
    write_tiny_gguf(path, n_layers=1, width=16, extra=[*KINDS.items(), *added], adds_space=request.param)
    llama.start()
    model = llama.Llama(path, Plan(context_tokens=64), llama.AbortFlag())
    yield model
    model.close()


def check_is_text(text: str, vocabulary: Vocabulary) -> None:
    for tokens in (
        plain_tokens(text, vocabulary),
        tokenized((Segment(text),), vocabulary)[1:],
        Draft.of(text, [], vocabulary).tokens,
    ):
        assert not set(tokens) & vocabulary.special.control
        # This kind of tokenizer writes a space as "▁", and so can't tell the two.
        written = b"".join(map(vocabulary.piece, tokens)).decode("utf-8", "surrogatepass")
        assert written == text.replace("▁", " ")


def test_there_are_markers_of_both_kinds(vocabulary: llama.Llama):
    assert len(MARKERS) > 30
    assert len(vocabulary.special.added) > 10
    assert vocabulary.special.control > {control_token(marker, vocabulary) for marker in MARKERS}


@pytest.mark.parametrize("marker", MARKERS)
def test_a_marker_in_a_user_s_text_stays_text_and_a_format_s_own_is_one_token(marker: str, vocabulary: llama.Llama):
    check_is_text(marker, vocabulary)
    check_is_text(f"x = '{marker}{marker}' # {marker[:-1]}{marker}", vocabulary)
    token = control_token(marker, vocabulary)
    assert token is not None
    assert vocabulary.piece(token).decode() == marker
    prompt = (Segment("a" + marker), Segment(marker, is_control=True), Segment(marker + "b"))
    tokens = tokenized(prompt, vocabulary)
    assert tokens.count(token) == 1
    assert vocabulary.special.control & set(tokens) == {token, vocabulary.special.bos}


@pytest.mark.parametrize("seed", range(5))
def test_texts_full_of_markers_hold_no_control_token(seed: int, vocabulary: llama.Llama):
    random_ = random.Random(seed)
    for _ in range(20):
        parts = random_.choices([*MARKERS, "<", "|", ">", "\n", "    ", "a", "é", "\0", "\ud800", "<s>", "</s>"], k=60)
        check_is_text("".join(part[random_.randrange(2) :] for part in parts), vocabulary)


@pytest.mark.parametrize("text", ["x", " x", "\n", "\n\n", "", "  x  ", "\t\tx", "\0", "\0\0x", "\ud800x", "é€😀"])
def test_a_text_is_tokenised_to_the_letter(text: str, vocabulary: llama.Llama):
    check_is_text(text, vocabulary)
    assert b"".join(map(vocabulary.piece, vocabulary.tokens_of(text))) == text.encode("utf-8", "surrogatepass")


def test_added_white_space_is_text(vocabulary: llama.Llama):
    pieces = [vocabulary.piece(token) for token in plain_tokens("a\t\tb", vocabulary)]
    assert pieces in ([b"a", b"\t\t", b"b"], [b"a", b"\t", b"\t", b"b"])
    assert not set(WHITE_SPACE) & set(vocabulary.special.added)


def test_a_marker_that_the_vocabulary_does_not_have_is_joined_to_the_text_around_it(vocabulary: llama.Llama):
    assert control_token("<|nobody's|>", vocabulary) is None
    assert control_token("x", vocabulary) is None
    prompt = (Segment("a "), Segment("<|nobody's|>", is_control=True), Segment("b"))
    assert tokenized(prompt, vocabulary) == tokenized((Segment("a <|nobody's|>b"),), vocabulary)


@pytest.mark.parametrize("text", ["", "a", "é", "€", "😀", "aé", "é😀"])
def test_the_whole_characters_of_what_was_written(text: str):
    data = text.encode()
    for n_bytes in range(len(data) + 1):
        n = n_whole(data[:n_bytes])
        beginnings = [text[:end] for end in range(len(text) + 1) if len(text[:end].encode()) <= n_bytes]
        assert decoded(data[:n]) == beginnings[-1]


def test_what_is_no_text_is_told_from_what_is():
    assert decoded(b"a\xffb") == "a\ufffdb"
    assert decoded("\ud800".encode("utf-8", "surrogatepass")) == "\ud800"
    assert n_whole(b"\x80\x80\x80\x80") == 4
