"""Documents never drift: random edits through the protocol against a plain reference on strings."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lsprotocol import types

from nextedit_lsp.editing import documents
from nextedit_lsp.server import conversion
from nextedit_lsp.session.scripted import ScriptedPredictor
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.positions import Encoding
from tests.server.harness import URI, Harness, partial_change, place

# What editors and pygls disagree about: other line ends, form feeds, Unicode separators, pairs in UTF-16.
PIECES = ["a", "b", " ", "é", "😀", "日", "\n", "\r\n", "\r", "\f", "\v", "\x1c", "\x85", "\u2028", "def f():\n"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
POSITIONS = st.tuples(st.integers(0, 9), st.integers(0, 14))
EDITS = st.one_of(st.tuples(POSITIONS, POSITIONS, TEXTS), st.tuples(st.none(), st.none(), TEXTS))
MESSAGES = st.lists(st.lists(EDITS, max_size=4), max_size=5)

UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def reference_offset(text: str, line: int, character: int, encoding: str) -> int:
    """The offset of a position, worked out on a plain string, one character at a time."""
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]
    if line >= len(starts):
        return len(text)
    codec, size = UNITS[encoding]
    offset, used = starts[line], 0
    while offset < len(text) and text[offset] not in "\r\n":
        used += len(text[offset].encode(codec)) // size
        if used > character:
            break
        offset += 1
    return offset


def reference_applied(text: str, edit: tuple, encoding: str) -> str:
    start, end, new = edit
    if start is None:
        return new
    first, last = sorted(reference_offset(text, *place, encoding) for place in (start, end))
    return text[:first] + new + text[last:]


def on_the_wire(edit: tuple) -> dict:
    start, end, new = edit
    return {"text": new} if start is None else partial_change(start, end, new)


def as_types(edit: tuple) -> types.TextDocumentContentChangeEvent:
    start, end, new = edit
    if start is None:
        return types.TextDocumentContentChangeWholeDocument(new)
    return types.TextDocumentContentChangePartial(types.Range(types.Position(*start), types.Position(*end)), new)


@pytest.mark.parametrize("encoding", list(Encoding))
@settings(max_examples=300, deadline=None)
@given(text=TEXTS, messages=MESSAGES)
def test_random_edits_keep_the_document_equal_to_the_reference(encoding, text, messages):
    document = documents.opened(URI, "one.py", "python", 1, text)
    for version, message in enumerate(messages, start=2):
        received = conversion.received(document.text, [as_types(edit) for edit in message], encoding)
        document = document.edited(received.changes, version)
        for edit in message:
            text = reference_applied(text, edit, encoding.value)
        assert str(document.text) == text
        assert document.text.n_lines == len(re.findall(r"\r\n|\r|\n", text)) + 1
        assert received.n_received == len(message)


@pytest.mark.parametrize("encoding", list(Encoding))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS, messages=MESSAGES)
async def test_random_edits_through_the_protocol_never_drift(harness, encoding, text, messages):
    h = harness()
    await h.initialize(capabilities={"general": {"positionEncodings": [encoding.value]}})
    h.open(text)
    for version, message in enumerate(messages):
        # Versions jump, as Neovim's do.
        h.change(10 * version, *(on_the_wire(edit) for edit in message))
        for edit in message:
            text = reference_applied(text, edit, encoding.value)
        assert h.text() == text
    await h.close()


@given(text=TEXTS, offsets=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5), TEXTS), min_size=1, max_size=8))
@settings(max_examples=200, deadline=None)
def test_changes_from_the_end_to_the_start_come_to_one_set(text, offsets):
    wire, expected = [], text
    for offset, length, new in sorted(offsets, key=lambda item: -item[0]):
        start = min(offset, len(expected))
        end = min(start + length, len(expected))
        buffer = Text.of(expected)
        wire.append(
            types.TextDocumentContentChangePartial(conversion.range_of(buffer, start, end, Encoding.UTF16), new)
        )
        span = [
            reference_offset(expected, p.line, p.character, "utf-16")
            for p in (wire[-1].range.start, wire[-1].range.end)
        ]
        expected = expected[: span[0]] + new + expected[span[1] :]
    received = conversion.received(Text.of(text), wire, Encoding.UTF16)
    assert str(received.changes.apply(Text.of(text))) == expected


def test_many_scattered_changes_in_one_message_are_taken():
    text = "x\n" * 1000
    # From the start to the end, each one a line lower than it was: none of the shortcuts fits.
    changes = [as_types(((2 * line, 0), (2 * line, 0), "y\n")) for line in range(1000)]
    received = conversion.received(Text.of(text), changes, Encoding.UTF16)
    assert str(received.changes.apply(Text.of(text))) == "y\nx\n" * 1000


async def opened(harness, text: str, uri: str = URI) -> Harness:
    h = harness(ScriptedPredictor(("old", "new")))
    await h.initialize()
    h.open(text, uri)
    return h


async def test_opening_twice_takes_the_new_text(harness):
    h = await opened(harness, "old")
    h.change(2, partial_change((0, 0), (0, 0), "x"))
    h.open("other", version=9)
    assert h.text() == "other"
    assert h.server.session.state.history.events == ()


async def test_a_document_that_comes_back_unchanged_keeps_its_history(harness):
    h = await opened(harness, "old")
    h.change(2, partial_change((0, 0), (0, 0), "x"))
    h.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
    h.open("xold", version=1)
    assert len(h.server.session.state.history.events) == 1
    h.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
    h.open("changed meanwhile", version=1)
    assert h.server.session.state.history.events == ()


async def test_a_whole_text_that_changes_nothing_keeps_the_answer(harness):
    h = await opened(harness, "old")
    await h.request("textDocument/copilotInlineEdit", place())
    h.change(2, {"text": "old"})
    (edit,) = (await h.request("textDocument/copilotInlineEdit", place()))["edits"]
    assert edit["textDocument"]["version"] == 2
    assert len(h.predictor.snapshots) == 1


@pytest.mark.parametrize(
    ("uri", "text", "reason"),
    [
        ("output:extension", "text", "scheme"),
        ("git:/a.py", "text", "scheme"),
        ("file:///w/.env", "KEY=1", "secrets"),
        ("file:///w/a.bin", "a\0b", "binary"),
        ("file:///w/a.py", "x" * 1_000_001, "larger than 1 MB"),
        ("file:///w/a.py", "\n" * 50_001, "more than 50,000 lines"),
    ],
)
async def test_some_documents_are_left_alone_with_one_clear_line(harness, caplog, uri, text, reason):
    caplog.set_level("INFO", "nextedit_lsp")
    h = await opened(harness, text, uri)
    h.change(2, partial_change((0, 0), (0, 0), "x"), uri=uri)
    assert await h.request("textDocument/copilotInlineEdit", place(uri=uri)) == {"edits": []}
    lines = [record.getMessage() for record in caplog.records if "left alone" in record.getMessage()]
    assert len(lines) == 1
    assert uri in lines[0]
    assert reason in lines[0]
    assert h.predictor.snapshots == []


async def test_an_ignored_document_is_left_alone(harness, tmp_path):
    (tmp_path / ".gitignore").write_text("build/\n")
    h = harness()
    await h.initialize(workspaceFolders=[{"uri": tmp_path.as_uri(), "name": "w"}])
    uri = (tmp_path / "build" / "out.py").as_uri()
    h.open("x", uri=uri)
    assert h.server.session.state.documents.left_alone[uri] == "ignored by .gitignore:1: build/"


@pytest.mark.parametrize("grown", ["x" * 1_000_001, "\n" * 50_001, "\0"])
async def test_a_document_that_outgrows_the_limits_is_dropped_and_taken_again(harness, grown):
    h = await opened(harness, "old")
    h.change(2, partial_change((0, 0), (0, 0), grown))
    assert URI in h.server.session.state.documents.left_alone
    assert h.server.session.state.history.events == ()
    h.open("old", version=3)
    assert (await h.request("textDocument/copilotInlineEdit", place()))["edits"]


async def test_folders_may_join_and_leave(harness, tmp_path):
    (tmp_path / ".gitignore").write_text("*.log\n")
    h = harness()
    await h.initialize(workspaceFolders=[])
    uri = (tmp_path / "a.log").as_uri()
    h.open("x", uri=uri)
    assert h.text(uri) == "x"
    folder = {"uri": tmp_path.as_uri(), "name": "w"}
    h.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [folder], "removed": []}})
    assert uri in h.server.session.state.documents.left_alone
    h.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [folder]}})
    h.open("x", uri=uri)
    assert h.text(uri) == "x"
