from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nextedit_lsp.server.framing import Framing, framed

BODIES = st.lists(st.binary(min_size=1, max_size=40), max_size=6)


@given(bodies=BODIES, cuts=st.lists(st.integers(1, 30), max_size=20))
def test_messages_arrive_whole_however_they_are_cut(bodies, cuts):
    data = b"".join(framed(body) for body in bodies)
    framing, received = Framing(), []
    for cut in cuts:
        received += framing.feed(data[:cut])
        data = data[cut:]
    assert received + framing.feed(data) == bodies
    assert framing.n_skipped == 0


@given(garbage=st.binary(max_size=200).filter(lambda data: b"content-length" not in data.lower()))
def test_a_message_behind_garbage_is_found(garbage):
    framing = Framing()
    assert framing.feed(garbage + b"\n" + framed(b"{}"))[-1:] == [b"{}"]


def test_a_length_that_is_too_long_costs_one_message_more():
    framing = Framing()
    bodies = framing.feed(b"Content-Length: 30\r\n\r\n{}" + framed(b"lost" * 10) + framed(b"kept"))
    assert bodies[-1] == b"kept"


def test_a_length_that_is_too_short_costs_its_own_message():
    framing = Framing()
    bodies = framing.feed(b'Content-Length: 3\r\n\r\n{"a": "long"}' + framed(b"kept"))
    assert bodies[-1] == b"kept"
    assert framing.n_skipped


def test_other_headers_and_their_case_do_not_matter():
    framing = Framing()
    header = b"content-type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:2\r\n\r\n"
    assert framing.feed(header + b"{}") == [b"{}"]
    assert framing.n_skipped == 0


def test_a_length_beyond_all_reason_is_garbage():
    framing = Framing()
    assert framing.feed(b"Content-Length: 999999999999\r\n\r\n" + framed(b"{}")) == [b"{}"]


def test_endless_garbage_takes_no_memory():
    framing = Framing()
    for _ in range(100):
        framing.feed(b"x" * 10_000)
    assert len(framing.buffer) < 10_000
