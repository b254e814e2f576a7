"""Every request gets exactly one answer, whatever it looks like."""

from __future__ import annotations

import asyncio

import pytest

from nextedit_lsp.engine.scripted import ScriptedEngine
from nextedit_lsp.session.scripted import ScriptedPredictor
from tests.server.harness import URI, at, partial_change, place

INVALID_PARAMS, METHOD_NOT_FOUND, INVALID_REQUEST = -32602, -32601, -32600


async def test_a_request_before_initialize_is_refused(harness):
    error = await harness().error("textDocument/inlineCompletion", {})
    assert error["code"] == -32002


async def test_an_unknown_method_is_refused_with_and_without_params(harness):
    h = harness()
    await h.initialize()
    assert (await h.error("foo/bar"))["code"] == METHOD_NOT_FOUND
    assert (await h.error("foo/bar", {"a": 1}))["code"] == METHOD_NOT_FOUND


@pytest.mark.parametrize(
    ("method", "params", "named"),
    [
        ("textDocument/copilotInlineEdit", None, "params"),
        ("textDocument/copilotInlineEdit", {}, "text_document"),
        ("textDocument/copilotInlineEdit", {"textDocument": {"uri": URI}}, "position"),
        (
            "textDocument/copilotInlineEdit",
            {"textDocument": {"uri": URI}, "position": at(0, 0) | {"line": "x"}},
            "line",
        ),
        ("textDocument/inlineCompletion", {"textDocument": {"uri": URI}, "position": at(0, 0)}, "context"),
        ("textDocument/inlineCompletion", None, "params"),
        ("textDocument/codeAction", {"textDocument": {"uri": URI}}, "range"),
        ("workspace/executeCommand", {}, "command"),
        ("workspace/executeCommand", {"command": "no.such"}, "no.such"),
        ("workspace/executeCommand", {"command": "nextedit.accept"}, "ids"),
        ("workspace/executeCommand", {"command": "nextedit.accept", "arguments": [{"a": 1}]}, "ids"),
        ("workspace/executeCommand", {"command": "nextedit.reject", "arguments": ["nope"]}, "nope"),
        ("workspace/executeCommand", {"command": "nextedit.pause", "arguments": ["x"]}, "minutes"),
        ("workspace/executeCommand", {"command": "nextedit.next", "arguments": [{"position": 3}]}, "position"),
        ("workspace/executeCommand", {"command": "nextedit.next", "arguments": [{"textDocument": 3}]}, None),
    ],
)
async def test_bad_params_are_refused_by_name(harness, method, params, named):
    h = harness()
    await h.initialize()
    h.open("text")
    error = await h.error(method, params)
    assert error["code"] == INVALID_PARAMS
    assert named is None or named in error["message"]


@pytest.mark.parametrize("method", ["textDocument/copilotInlineEdit", "textDocument/codeAction"])
async def test_a_document_that_is_not_open_is_refused(harness, method):
    h = harness()
    await h.initialize()
    place_only = place(uri="file:///nowhere.py")
    error = await h.error(
        method, {**place_only, "range": {"start": at(0, 0), "end": at(0, 0)}, "context": {"diagnostics": []}}
    )
    assert error["code"] == INVALID_PARAMS
    assert "file:///nowhere.py is not open" in error["message"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"3", b'{"id": 1}', b'{"jsonrpc": "1.0", "id": 7, "method": "shutdown"}', b"\xff\xfe"]
)
async def test_what_is_no_message_is_answered_and_survived(harness, body):
    h = harness()
    await h.initialize()
    n_before = len(h.messages)
    h.send(body)
    (answer,) = h.messages[n_before:]
    assert answer["error"]["code"] in (-32700, INVALID_REQUEST)
    assert "id" in answer
    assert await h.request("workspace/executeCommand", {"command": "nextedit.status"})


@pytest.mark.parametrize("message_id", [None, [1], {"a": 1}, True, 1.5])
async def test_an_id_of_a_wrong_kind_is_refused(harness, message_id):
    h = harness()
    await h.initialize()
    h.send({"jsonrpc": "2.0", "id": message_id, "method": "shutdown"})
    assert (await h.answer(None))["error"]["code"] == INVALID_REQUEST


async def test_a_second_initialize_is_refused(harness):
    h = harness()
    await h.initialize()
    assert (await h.error("initialize", {"capabilities": {}}))["code"] == INVALID_REQUEST


async def test_after_shutdown_requests_are_refused_and_exit_ends_the_server(harness):
    h = harness()
    await h.initialize()
    assert await h.request("shutdown") is None
    assert (await h.error("textDocument/copilotInlineEdit", place()))["code"] == INVALID_REQUEST
    h.send({"jsonrpc": "2.0", "method": "exit"})
    assert await h.server.finished() == 0


async def test_exit_without_shutdown_is_told_from_a_clean_end(harness):
    h = harness()
    h.send({"jsonrpc": "2.0", "method": "exit"})
    assert await h.server.finished() == 1


async def test_malformed_notifications_and_answers_are_survived(harness):
    h = harness()
    await h.initialize()
    h.notify("textDocument/didOpen", {"textDocument": {}})
    h.notify("textDocument/didChange", None)
    h.notify("textDocument/didShowInlineEdit", {"item": 3})
    h.notify("textDocument/didShowInlineEdit", {"item": {"command": {"arguments": [1]}}})
    h.notify("textDocument/didFocus", {})
    h.notify("nobody/knows", {})
    h.notify("$/cancelRequest", {"id": 99})
    h.send({"jsonrpc": "2.0", "id": 12345, "result": None})
    h.send({"jsonrpc": "2.0", "id": "x", "error": 3})
    assert await h.request("workspace/executeCommand", {"command": "nextedit.status"})
    assert not h.notified("window/showMessage")[:-1]


async def test_changes_of_a_stranger_are_logged_once_and_ask_nothing(harness, caplog):
    h = harness()
    await h.initialize()
    n_before = len(h.messages)
    for version in range(3):
        h.change(version, {"text": "x"}, uri="file:///stranger.py")
    assert len([r for r in caplog.records if "never opened" in r.getMessage()]) == 1
    assert len(h.messages) == n_before


async def test_a_change_that_cannot_be_taken_drops_the_document(harness, monkeypatch):
    h = harness()
    await h.initialize()
    h.open("text")
    monkeypatch.setattr("nextedit_lsp.server.conversion.received", lambda *_: 1 / 0)
    h.change(2, partial_change((0, 0), (0, 0), "x"))
    monkeypatch.undo()
    assert (await h.request("textDocument/copilotInlineEdit", place())) == {"edits": []}
    assert URI in h.server.session.state.documents.left_alone
    h.open("new text", version=3)
    assert h.text() == "new text"


async def test_a_failing_handler_is_an_error_and_the_server_lives(harness, monkeypatch, caplog):
    h = harness()
    await h.initialize()
    h.open("text")
    monkeypatch.setattr(h.server.session, "next_edits", lambda ask: 1 / 0)
    error = await h.error("textDocument/copilotInlineEdit", place())
    assert (error["code"], "ZeroDivisionError" in error["message"]) == (-32603, True)
    assert "ZeroDivisionError" in caplog.text


async def test_a_cancelled_request_is_answered_while_its_prediction_runs(harness):
    predictor = ScriptedPredictor(("old", "new"))
    h = harness(predictor)
    await h.initialize({"debounceMs": 0})
    h.open("old")
    predictor.gate.clear()
    message_id = h.start_request("textDocument/copilotInlineEdit", place())
    await asyncio.to_thread(predictor.started.wait, 5)
    h.notify("$/cancelRequest", {"id": message_id})
    assert (await h.answer(message_id))["error"]["code"] == -32800
    assert predictor.n_ended == 0


async def test_a_superseded_request_is_answered_with_nothing_while_its_prediction_runs(harness):
    predictor = ScriptedPredictor(("old", "new"))
    h = harness(predictor)
    await h.initialize({"debounceMs": 0})
    h.open("old")
    predictor.gate.clear()
    first = h.start_request("textDocument/copilotInlineEdit", place())
    await asyncio.to_thread(predictor.started.wait, 5)
    second = h.start_request("textDocument/copilotInlineEdit", place())
    assert (await h.answer(first))["result"] == {"edits": []}
    assert predictor.n_ended == 0
    predictor.gate.set()
    assert len((await h.answer(second))["result"]["edits"]) == 1


async def test_shutdown_does_not_wait_for_a_prediction(harness):
    predictor = ScriptedPredictor(("old", "new"))
    h = harness(predictor)
    await h.initialize({"debounceMs": 0})
    h.open("old")
    predictor.gate.clear()
    running = h.start_request("textDocument/copilotInlineEdit", place())
    await asyncio.to_thread(predictor.started.wait, 5)
    await h.request("shutdown")
    assert (await h.answer(running))["error"]["code"] == -32800
    await h.server.close()
    assert predictor.n_ended == 0


async def test_wrong_settings_are_named_once_and_the_rest_is_kept(harness):
    h = harness()
    await h.initialize({"maxEdits": "many", "debounceMs": 5, "editorInfo": {"name": "x"}})
    (message,) = h.notified("window/showMessage")
    assert "nextedit.maxEdits must be a whole number from 1 to 32, not 'many'" in message["message"]
    assert h.server.session.settings.debounce_ms == 5


async def test_settings_change_later(harness):
    h = harness()
    await h.initialize({"maxEdits": 3})
    h.notify("workspace/didChangeConfiguration", {"settings": {"nextedit": {"enabled": False}}})
    h.notify("workspace/didChangeConfiguration", {"settings": {"other": {}}})
    await asyncio.sleep(0.01)
    assert h.server.session.settings.enabled is False
    assert h.server.session.settings.max_edits == 3


async def test_settings_are_asked_for_where_the_client_sends_none(harness):
    h = harness()
    await h.initialize(capabilities={"workspace": {"configuration": True}})
    h.notify("workspace/didChangeConfiguration", {"settings": None})
    asked = await h.requested("workspace/configuration")
    h.send({"jsonrpc": "2.0", "id": asked["id"], "result": [{"maxEdits": 7}]})
    await asyncio.sleep(0.01)
    assert h.server.session.settings.max_edits == 7


async def test_status_is_announced_to_a_client_that_opted_in(harness):
    h = harness()
    await h.initialize({"statusNotification": True})
    await h.request("workspace/executeCommand", {"command": "nextedit.pause", "arguments": [5, {"quiet": True}]})
    assert h.notified("nextedit/status") == [
        {"busy": False, "kind": "Normal", "message": "ready"},
        {"busy": False, "kind": "Inactive", "message": "paused"},
    ]
    assert not h.notified("window/showMessage")


async def test_a_model_loads_with_progress(harness):
    h = harness()
    await h.initialize({"model": "/m.gguf", "modelFormat": "native"}, {"window": {"workDoneProgress": True}})
    created = await h.requested("window/workDoneProgress/create")
    h.send({"jsonrpc": "2.0", "id": created["id"], "result": None})
    await asyncio.sleep(0.01)
    kinds = [params["value"]["kind"] for params in h.notified("$/progress")]
    assert (kinds[0], kinds[-1]) == ("begin", "end")
    status = await h.request("workspace/executeCommand", {"command": "nextedit.status"})
    assert status["model"] == {"name": "Scripted", "state": "ready", "problem": None}


async def test_a_model_that_fails_is_told_once_and_named_in_the_status(harness):
    h = harness(ScriptedPredictor(("old", "new")), ScriptedEngine(failure="no such file: check the path"))
    await h.initialize({"model": "/m.gguf", "statusNotification": True})
    h.open("old")
    assert (await h.request("textDocument/copilotInlineEdit", place()))["edits"]
    (message,) = h.notified("window/showMessage")
    assert "no such file: check the path" in message["message"]
    assert h.notified("nextedit/status")[-1]["kind"] == "Warning"
