from collections.abc import Sequence

import pytest

from nextedit_lsp.engine.drafting import Draft
from nextedit_lsp.engine.interface import Partial
from nextedit_lsp.engine.stream import Ends, Stream, Token
from nextedit_lsp.formats.prompt import Finish, Segment

from .fake_decoder import ADDED, CURSOR, END, FakeDecoder

WORDS = FakeDecoder()
LINES = "item\ntotal\nprice\nuser\nname\n"


def new_stream(draft: str = "", stops: Sequence[str] = (), max_tokens: int = 99, rejoin_lines: int = 0) -> Stream:
    ends = Ends(frozenset({END}), tuple(stop.encode() for stop in stops), max_tokens, rejoin_lines)
    return Stream(0, 10, (7,), ends, WORDS, Draft.of(draft, [END], WORDS))


def written(stream: Stream, text: str, *more: int) -> Stream:
    """The stream after a text, as far as it goes, and more tokens."""
    for token in [*WORDS.tokens_of(text), *more]:
        if not stream.add(Token(token, -0.5)):
            break
    return stream


def byte_by_byte(stream: Stream, text: str) -> Stream:
    for byte in text.encode():
        if not stream.add(Token(5 + byte, -0.5)):
            break
    return stream


@pytest.mark.parametrize("stop", ["te", "item\n", "m\nto", "l", "é", "\n\n", "mn"])
def test_a_stop_ends_the_answer_wherever_tokens_begin_and_end(stop: str):
    text = "item\ntotal é\n\nname"
    for stream in (written(new_stream(stops=[stop]), text), byte_by_byte(new_stream(stops=[stop]), text)):
        found = stream.completion()
        if stop in text:
            assert (found.text, found.finish) == (text.partition(stop)[0], Finish.END)
        else:
            assert (found.text, stream.finish) == (text, None)


def test_the_first_stop_of_two_in_one_token_counts():
    assert written(new_stream(stops=["al", "ot"]), "total").completion().text == "t"
    assert written(new_stream(stops=["ot", "al"]), "total").completion().text == "t"


def test_an_end_is_no_text_and_counts_as_a_token():
    found = written(new_stream(), "item", END).completion()
    assert (found.text, found.finish, found.n_tokens) == ("item", Finish.END, 2)
    assert (found.logprob, found.min_logprob) == (-1.0, -0.5)


def test_a_character_cut_by_the_limit_is_left_out():
    for text in ("é€😀", "a😀", "�"):
        for n_tokens in range(1, len(text.encode()) + 1):
            found = byte_by_byte(new_stream(max_tokens=n_tokens), text).completion()
            assert (found.finish, found.n_tokens) == (Finish.LENGTH, n_tokens)
            assert found.text == text.encode()[:n_tokens].decode("utf-8", "ignore")


def test_control_tokens_are_told_from_text_that_looks_like_them():
    stream = written(new_stream(), "item <|cursor|>", CURSOR)
    found = written(stream, "name", ADDED, CURSOR).completion()
    assert found.pieces == (
        Segment("item <|cursor|>"),
        Segment("<|cursor|>", is_control=True),
        Segment("name"),
        Segment("<|added|>", is_control=True),
        Segment("<|cursor|>", is_control=True),
    )


def test_taking_all_back_leaves_it_as_it_began():
    stream = written(new_stream(LINES), "name\nprice\nuser\nname\n", END)
    stream.cut(0)
    fresh = new_stream(LINES)
    assert (stream.text, stream.finish, stream.draft, stream.partial()) == (
        fresh.text,
        fresh.finish,
        fresh.draft,
        fresh.partial(),
    )
    assert (stream.n_past, stream.pending) == (9, (7,))


@pytest.mark.parametrize("n_tokens", range(9))
@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("user\ntotal\nprice\nuser", {}),
        ("user\ntotal\nname", {"stops": ("name",)}),
        ("user\ntotal\nname\n", {"max_tokens": 6}),
        ("user\ntotal\nprice\nuser\n", {"rejoin_lines": 1}),
    ],
    ids=["end", "stop", "length", "rejoined"],
)
def test_taking_back_is_as_if_no_more_had_been_written(text: str, limits: dict[str, int], n_tokens: int):
    stream = written(new_stream(LINES, **limits), text, END)  # type: ignore[arg-type]
    assert stream.finish is not None
    n_tokens = min(n_tokens, len(stream.written) - 1)
    kept = stream.written[:n_tokens]
    stream.cut(n_tokens)
    fresh = new_stream(LINES, **limits)  # type: ignore[arg-type]
    for token in kept:
        assert fresh.add(token)
    assert (stream.written, stream.text, stream.finish) == (kept, fresh.text, None)
    assert (stream.draft, stream.partial()) == (fresh.draft, fresh.partial())
    stream.add(Token(END, -0.5))
    assert stream.finish is Finish.END


def test_bans_behind_what_was_taken_back_are_lifted():
    stream = written(new_stream(), "item total name")
    stream.banned = {1: {5}, 3: {6}, 4: {7}}
    stream.cut(3)
    assert stream.banned == {1: {5}, 3: {6}}


def test_a_fork_goes_on_from_the_same_beginning():
    stream = written(new_stream(LINES), "item\nname")
    stream.first = {"x": 0.25}
    fork = stream.forked(3, 2, Token(WORDS.tokens_of("price")[0], -2.0))
    assert (fork.sequence, bytes(fork.text), fork.n_past) == (3, b"item\nprice", 12)
    assert dict(fork.completion().watched) == {"x": 0.25}
    assert fork.completion().logprob == -3.0
    assert bytes(stream.text) == b"item\nname"


def test_it_is_settled_a_whole_line_behind_the_change_or_at_the_end():
    stream = new_stream(LINES)
    settled = [written(stream, token).is_settled for token in ("count", "\n", "total", "\n", "price", "\n")]
    assert settled == [False, False, False, True, True, True]
    assert stream.partial() == Partial("count\ntotal\nprice\n", "user\nname\n")
    assert not written(new_stream(LINES), LINES).is_settled
    assert written(new_stream(LINES), "item\n", END).is_settled
    assert written(new_stream(LINES), "item\n", END).partial() == Partial("item\n")


def test_a_change_amid_a_change_unsettles_it():
    stream = written(new_stream(LINES), "count\ntotal\nprice\n")
    assert not written(stream, "count").is_settled
    assert stream.partial() == Partial("count\ntotal\nprice\ncount")


def test_the_time_being_up_is_why_an_unfinished_answer_ends():
    found = written(new_stream(LINES), "item\n").completion()
    assert (found.finish, found.text) == (Finish.TIME, "item\n")


def test_a_character_that_begins_in_the_text_and_ends_in_the_rest_is_whole():
    draft = "user\nname\ncount\n'ü'\n"
    stream = written(new_stream(draft), "item\nname\ncount\n'")
    stream.add(Token(5 + "ü".encode()[0], -0.5))
    assert stream.partial() == Partial("item\nname\ncount\n'", "ü'\n")
    assert "\ufffd" not in stream.completion().text
