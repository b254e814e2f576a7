"""Plays what each editor sends, as recorded from it, and checks all that the server says against the LSP 3.18 types."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import converters, types

from nextedit_lsp.predictor import predict
from nextedit_lsp.server import extensions
from nextedit_lsp.session.scripted import ScriptedPredictor
from tests.server.harness import Harness

RECORDINGS = Path(__file__).parent / "recordings"
EDITORS = ["neovim", "helix", "eglot", "lsp_mode", "vscode"]
ENCODINGS = {"neovim": "utf-8", "helix": "utf-8", "eglot": "utf-32", "lsp_mode": "utf-32", "vscode": "utf-16"}
URI = "file:///w/a.py"
WIDTHS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}

Message = dict[str, Any]


def recorded(editor: str) -> list[Message]:
    return [json.loads(line) for line in (RECORDINGS / f"{editor}.jsonl").read_text(encoding="utf-8").splitlines()]


def real_harness() -> Harness:
    """One whose server predicts for itself."""
    harness = Harness(predict)  # type: ignore[arg-type]
    harness.predictor = ScriptedPredictor()
    return harness


async def play(harness: Harness, messages: list[Message]) -> None:
    """Sends the messages; waits for an answer where the editor went on only after it."""
    waiting: list[Any] = []
    n_replies = 0
    for message in messages:
        method = message.get("method")
        if method is None:
            request = await server_request(harness, n_replies)
            n_replies += 1
            harness.send({**message, "id": request["id"]})
            continue
        if method != "$/cancelRequest":
            for message_id in waiting:
                await harness.answer(message_id)
            waiting = []
        harness.send(message)
        await asyncio.sleep(0)
        if "id" in message and method != "workspace/executeCommand":
            waiting.append(message["id"])
    for message in messages:
        if "id" in message and "method" in message:
            await harness.answer(message["id"])


async def server_request(harness: Harness, index: int) -> Message:
    for _ in range(5000):
        found = [message for message in harness.messages if "method" in message and "id" in message]
        if len(found) > index:
            return found[index]
        await asyncio.sleep(0.001)
    raise AssertionError(f"the server made {len(found)} requests, the editor answered {index + 1}")


@pytest.fixture(params=EDITORS)
async def played(request: pytest.FixtureRequest) -> Any:
    """An editor, its messages, and the server's."""
    editor, harness = request.param, real_harness()
    messages = recorded(editor)
    await play(harness, messages)
    yield editor, messages, harness.messages
    await harness.close()


def check_type(message: Message, message_type: type[Any]) -> None:
    """A message has the fields of its type, and no others."""
    converter = converters.get_converter()
    again = converter.unstructure(converter.structure(message, message_type))
    # A null result is left out by the library.
    assert {"result": None, **again} == {"result": None, **message}


def documents(messages: list[Message]) -> list[str]:
    """The text in all its states."""
    texts: list[str] = []
    encoding = WIDTHS[chosen(messages)]
    unit = {"utf-8": 1, "utf-16-le": 2, "utf-32-le": 4}[encoding]
    for message in messages:
        params = message.get("params") or {}
        if message.get("method") == "textDocument/didOpen":
            texts.append(params["textDocument"]["text"])
        if message.get("method") == "textDocument/didChange":
            text = texts[-1]
            for change in params["contentChanges"]:
                start, end = (offset(text, change["range"][side], encoding, unit) for side in ("start", "end"))
                text = text[:start] + change["text"] + text[end:]
            texts.append(text)
    return texts


def offset(text: str, position: Message, encoding: str, unit: int) -> int:
    lines = [*text.splitlines(keepends=True), ""]
    before = "".join(lines[: position["line"]])
    head = lines[position["line"]].encode(encoding)[: position["character"] * unit].decode(encoding)
    return len(before) + len(head)


def chosen(messages: list[Message]) -> str:
    offered = messages[0]["params"]["capabilities"]["general"]["positionEncodings"]
    return next(one for one in offered if one in WIDTHS)


def ranges_in(value: Any) -> list[Message]:
    if isinstance(value, dict):
        own = [value["range"]] if "range" in value else []
        return own + [found for one in value.values() for found in ranges_in(one)]
    if isinstance(value, list):
        return [found for one in value for found in ranges_in(one)]
    return []


def texts_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value[name] for name in ("newText", "text", "insertText") if isinstance(value.get(name), str)]
        return own + [found for one in value.values() for found in texts_in(one)]
    if isinstance(value, list):
        return [found for one in value for found in texts_in(one)]
    return []


async def test_every_request_has_one_answer_of_its_type(played: Any) -> None:
    _, sent, received = played
    for message in sent:
        if "id" not in message or "method" not in message:
            continue
        answers = [one for one in received if "method" not in one and one.get("id") == message["id"]]
        assert len(answers) == 1, message["method"]
        answer = answers[0]
        if "error" in answer:
            assert answer["error"]["code"] == types.LSPErrorCodes.RequestCancelled
        elif message["method"] == extensions.INLINE_EDIT:
            assert set(answer["result"]) == {"edits"}
            for edit in answer["result"]["edits"]:
                assert set(edit) == {"text", "textDocument", "range", "command"}
                check_type(edit["range"], types.Range)
                check_type(edit["command"], types.Command)
        elif message["method"] == types.TEXT_DOCUMENT_CODE_ACTION:
            # The library takes an action with a command for a command.
            for action in answer["result"]:
                check_type(action, types.CodeAction)
        else:
            check_type(answer, types.METHOD_TO_TYPES[message["method"]][1])


async def test_what_the_server_says_by_itself_is_of_its_type(played: Any) -> None:
    _, _, received = played
    for message in received:
        if message.get("method") == extensions.STATUS:
            assert set(message["params"]) == {"busy", "kind", "message"}
        elif "method" in message:
            check_type(message, types.METHOD_TO_TYPES[message["method"]][0])


async def test_the_encoding_is_the_first_that_the_editor_offers(played: Any) -> None:
    editor, _, received = played
    answer = next(one for one in received if "result" in one and "capabilities" in (one["result"] or {}))
    assert answer["result"]["capabilities"]["positionEncoding"] == ENCODINGS[editor]


async def test_ranges_lie_in_the_text_and_line_ends_are_clean(played: Any) -> None:
    _, sent, received = played
    encoding = WIDTHS[chosen(sent)]
    unit = {"utf-8": 1, "utf-16-le": 2, "utf-32-le": 4}[encoding]
    states = documents(sent)
    n_ranges = 0
    for message in received:
        for found in ranges_in(message.get("result") or message.get("params")):
            n_ranges += 1
            assert any(
                found[side]["line"] <= len(text.splitlines())
                and found[side]["character"] * unit
                <= len([*text.splitlines(), ""][found[side]["line"]].encode(encoding))
                for text in states
                for side in ("start", "end")
            )
        assert not any("\r" in text for text in texts_in(message.get("result") or message.get("params")))
    assert n_ranges, "the recording led to an edit"


async def test_edits_name_the_version_that_the_editor_has(played: Any) -> None:
    _, sent, received = played
    documents_of = [(one.get("params") or {}).get("textDocument") or {} for one in sent]
    versions = {document["version"] for document in documents_of if "version" in document}
    for message in received:
        result = message.get("result")
        for edit in result.get("edits", []) if isinstance(result, dict) else []:
            assert edit["textDocument"]["version"] in versions


async def test_inline_completions_are_on_one_line(played: Any) -> None:
    _, sent, received = played
    ids = {message["id"] for message in sent if message.get("method") == "textDocument/inlineCompletion"}
    for message in received:
        if "method" not in message and message.get("id") in ids and "result" in message:
            for item in message["result"]:
                assert item["range"]["start"]["line"] == item["range"]["end"]["line"]
                assert set(item) == {"insertText", "range", "command"}


async def test_the_last_state_is_what_the_editor_has(played: Any) -> None:
    editor, sent, _ = played
    assert "width" in documents(sent)[-1], f"{editor}: the rename is in the recording"


@pytest.mark.parametrize("missing", ["general", "workspace", "window", "textDocument"])
@pytest.mark.parametrize("editor", EDITORS)
async def test_a_client_that_does_not_say_what_it_can_is_answered_too(editor: str, missing: str) -> None:
    harness = real_harness()
    messages = [message for message in recorded(editor) if "method" in message]
    messages[0]["params"]["capabilities"].pop(missing, None)
    asked = [one for one in messages if one["method"] not in ("workspace/executeCommand", "shutdown", "exit")]
    await play(harness, asked)
    for message in asked:
        if "id" in message:
            answer = await harness.answer(message["id"])
            assert "result" in answer or answer["error"]["code"] == types.LSPErrorCodes.RequestCancelled
    await harness.close()
