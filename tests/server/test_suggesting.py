"""The wire shapes of what is suggested."""

from __future__ import annotations

import pytest

from nextedit_lsp.server import suggesting
from nextedit_lsp.session.scripted import ScriptedPredictor
from tests.server.harness import URI, Harness, at, partial_change, place

OTHER = "untitled:two"


def spanned(start: tuple[int, int], end: tuple[int, int]) -> dict:
    return {"start": at(*start), "end": at(*end)}


async def completions(h: Harness, line: int, character: int, **context) -> list:
    context = {"triggerKind": 2, **context}
    return await h.request("textDocument/inlineCompletion", {**place(line, character), "context": context})


async def actions(h: Harness, line: int = 0, character: int = 0, **context) -> list:
    params = {"textDocument": {"uri": URI}, "range": spanned((line, character), (line, character))}
    return await h.request("textDocument/codeAction", {**params, "context": {"diagnostics": [], **context}})


async def command(h: Harness, name: str, *arguments) -> dict:
    return await h.request("workspace/executeCommand", {"command": f"nextedit.{name}", "arguments": list(arguments)})


async def test_the_server_says_what_it_can_do(harness):
    h = harness()
    result = await h.initialize(capabilities={"general": {"positionEncodings": ["utf-8", "utf-16"]}})
    capabilities = result["capabilities"]
    assert capabilities["positionEncoding"] == "utf-8"
    assert capabilities["textDocumentSync"]["change"] == 2
    assert capabilities["inlineCompletionProvider"] == {}
    assert capabilities["codeActionProvider"] == {"codeActionKinds": ["refactor.rewrite.nextedit"]}
    assert set(capabilities["executeCommandProvider"]["commands"]) == {
        f"nextedit.{name}" for name in ["next", "accept", "acceptAll", "reject", "explain", "pause", "resume", "status"]
    }
    assert capabilities["experimental"]["nextedit"]["inlineEdit"] == "textDocument/copilotInlineEdit"


async def test_a_next_edit_has_copilots_shape(harness):
    h = harness(ScriptedPredictor(("old", "new")))
    await h.initialize()
    h.open("😀 old\n", version=0)
    result = await h.request("textDocument/copilotInlineEdit", place())
    (edit,) = result["edits"]
    suggestion_id = edit["command"]["arguments"][0]
    assert edit == {
        "text": "new",
        "textDocument": {"uri": URI, "version": 0},
        "range": spanned((0, 3), (0, 6)),
        "command": {"title": "Accept next edit", "command": "nextedit.accept", "arguments": [suggestion_id]},
    }


async def test_a_next_edit_may_lie_in_another_document(harness):
    h = harness(ScriptedPredictor(("old", "new")))
    await h.initialize()
    h.open("here\n")
    h.open("old\n", uri=OTHER, version=7)
    (edit,) = (await h.request("textDocument/copilotInlineEdit", place()))["edits"]
    assert edit["textDocument"] == {"uri": OTHER, "version": 7}


async def test_copilots_own_parameters_are_understood(harness):
    h = harness(ScriptedPredictor(("old", "new")))
    await h.initialize()
    h.open("old\n")
    params = {"textDocument": {"uri": URI, "version": 1}, "position": at(0, 0), "context": {"triggerKind": 2}}
    params["formattingOptions"] = {"tabSize": 4}
    assert (await h.request("textDocument/copilotInlineEdit", params))["edits"]


async def test_text_is_sent_with_newlines_only(harness):
    h = harness(ScriptedPredictor(("one", "one\r\ntwo")))
    await h.initialize()
    h.open("one\r\n")
    (edit,) = (await h.request("textDocument/copilotInlineEdit", place()))["edits"]
    assert edit["text"] == "\ntwo"
    (item,) = await completions(h, 0, 3)
    assert item["insertText"] == "\ntwo"


async def test_an_insertion_behind_the_cursor_is_a_completion(harness):
    h = harness(ScriptedPredictor(("f(a)", "f(a, b)")))
    await h.initialize()
    h.open("f(a)\n")
    (item,) = await completions(h, 0, 2)
    assert item["insertText"] == ", b"
    assert item["range"] == spanned((0, 3), (0, 3))
    assert item["command"]["command"] == "nextedit.accept"
    assert set(item) == {"insertText", "range", "command"}


@pytest.mark.parametrize(
    ("text", "old", "new", "line", "character"),
    [
        ("f(a)\n", "f(a)", "f(a, b)", 0, 4),
        ("f(a)\nx\n", "f(a)", "f(a, b)", 1, 0),
        ("old\n", "old", "new", 0, 0),
        ("old\n", "old", "o", 0, 0),
    ],
    ids=["before the cursor", "on another line", "a replacement", "a deletion"],
)
async def test_other_edits_are_no_completions(harness, text, old, new, line, character):
    h = harness(ScriptedPredictor((old, new)))
    await h.initialize()
    h.open(text)
    assert await completions(h, line, character) == []


async def test_with_the_completion_list_open_an_item_extends_the_selected_entry(harness):
    h = harness(ScriptedPredictor(("pri", "print(x)")))
    await h.initialize()
    h.open("pri\n")
    selected = {"range": spanned((0, 0), (0, 3)), "text": "print"}
    (item,) = await completions(h, 0, 3, selectedCompletionInfo=selected)
    assert (item["insertText"], item["range"]) == ("print(x)", spanned((0, 0), (0, 3)))
    other = {"range": spanned((0, 0), (0, 3)), "text": "private"}
    assert await completions(h, 0, 3, selectedCompletionInfo=other) == []


async def test_an_invoked_completion_is_given_while_paused(harness):
    h = harness(ScriptedPredictor(("a", "ab")))
    await h.initialize()
    h.open("a\n")
    await command(h, "pause")
    assert await completions(h, 0, 1) == []
    assert await completions(h, 0, 1, triggerKind=1)


async def test_a_next_edit_that_the_user_asked_for_is_given_while_paused(harness):
    h = harness(ScriptedPredictor(("old", "new")))
    await h.initialize()
    h.open("old\n")
    await command(h, "pause")
    for kind, n_edits in ((2, 0), (1, 1)):
        result = await h.request("textDocument/copilotInlineEdit", {**place(), "context": {"triggerKind": kind}})
        assert len(result["edits"]) == n_edits


async def test_code_actions_offer_one_and_all(harness):
    h = harness(ScriptedPredictor(("old", "new")))
    await h.initialize(capabilities={"workspace": {"workspaceEdit": {"documentChanges": True}}})
    h.open("old\nold\n", version=4)
    one, every = await actions(h)
    assert (one["title"], every["title"]) == (
        "Next edit: change `old` to `new` on line 1",
        "Apply all 2: change `old` to `new` on line 1",
    )
    assert one["kind"] == every["kind"] == "refactor.rewrite.nextedit"
    (change,) = every["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": URI, "version": 4}
    assert [edit["newText"] for edit in change["edits"]] == ["new", "new"]
    assert len(every["command"]["arguments"]) == 2


async def test_code_actions_without_versions_where_the_client_knows_none(harness):
    h = harness(ScriptedPredictor(("old", "new")))
    await h.initialize()
    h.open("old\n")
    (one,) = await actions(h)
    assert one["edit"] == {"changes": {URI: [{"range": spanned((0, 0), (0, 3)), "newText": "new"}]}}


@pytest.mark.parametrize(
    ("only", "is_offered"),
    [
        ([""], True),
        (["refactor"], True),
        (["refactor.rewrite"], True),
        (["refactor.rewrite.nextedit"], True),
        (["refactor.rew"], False),
        (["source.organizeImports"], False),
        (["quickfix", "refactor"], True),
        ([], False),
    ],
)
async def test_code_actions_honour_the_kinds_asked_for(harness, only, is_offered):
    h = harness(ScriptedPredictor(("old", "new")))
    await h.initialize()
    h.open("old\n")
    assert bool(await actions(h, only=only)) is is_offered


async def test_an_automatic_code_action_never_waits(harness):
    predictor = ScriptedPredictor(("old", "new"))
    h = harness(predictor)
    await h.initialize()
    h.open("old\n")
    predictor.gate.clear()
    assert await actions(h, triggerKind=2) == []
    predictor.gate.set()
    await h.request("textDocument/copilotInlineEdit", place())
    assert await actions(h, triggerKind=2)
    assert len(predictor.snapshots) == 1


async def test_what_comes_too_late_for_a_menu_is_there_when_it_is_opened_again(harness, monkeypatch):
    monkeypatch.setattr(suggesting, "MENU_TIMEOUT_S", 0.01)
    predictor = ScriptedPredictor(("old", "new"))
    h = harness(predictor)
    await h.initialize()
    h.open("old\n")
    predictor.gate.clear()
    assert await actions(h, triggerKind=1) == []
    predictor.gate.set()
    (late,) = h.server.background
    await late
    assert await actions(h, triggerKind=1)
    assert len(predictor.snapshots) == 1


async def test_next_jumps_and_then_applies(harness):
    capabilities = {"window": {"showDocument": {"support": True}}, "workspace": {"applyEdit": True}}
    h = harness(ScriptedPredictor(("old", "new")))
    await h.initialize(capabilities=capabilities)
    h.open("here\n\nold\n")
    first = h.start_request("workspace/executeCommand", {"command": "nextedit.next", "arguments": [place()]})
    shown = await h.requested("window/showDocument")
    assert shown["params"] == {"uri": URI, "takeFocus": True, "selection": spanned((2, 0), (2, 3))}
    h.send({"jsonrpc": "2.0", "id": shown["id"], "result": {"success": True}})
    jumped = (await h.answer(first))["result"]
    assert (jumped["state"], jumped["line"]) == ("jumped", 2)

    second = h.start_request("workspace/executeCommand", {"command": "nextedit.next"})
    applied = await h.requested("workspace/applyEdit")
    assert applied["params"]["edit"] == {"changes": {URI: [{"range": spanned((2, 0), (2, 3)), "newText": "new"}]}}
    h.change(2, partial_change((2, 0), (2, 3), "new"))
    h.send({"jsonrpc": "2.0", "id": applied["id"], "result": {"applied": True}})
    assert (await h.answer(second))["result"]["state"] == "applied"
    assert (await command(h, "status"))["counts"] == {"shown": 1, "accepted": 1}


async def test_next_jumps_anew_after_an_edit(harness):
    h = harness(ScriptedPredictor(("old", "new")))
    await h.initialize(capabilities={"workspace": {"applyEdit": True}})
    h.open("here\nold\n")
    assert (await command(h, "next"))["state"] == "jumped"
    assert "Run nextedit.next again" in h.notified("window/showMessage")[-1]["message"]
    h.change(2, partial_change((0, 0), (0, 0), "x"))
    assert (await command(h, "next"))["state"] == "jumped"


async def test_next_says_why_there_is_nothing(harness):
    h = harness()
    await h.initialize()
    h.open("text")
    assert await command(h, "next") == {"state": "silent", "reason": "the last edits repeat nowhere"}


async def test_an_edit_that_the_client_cannot_apply_is_refused(harness):
    h = harness(ScriptedPredictor(("old", "new")))
    await h.initialize()
    h.open("old\n")
    await command(h, "next")
    assert (await command(h, "next"))["state"] == "refused"
    assert (await command(h, "status"))["counts"] == {"shown": 1}


async def test_accept_all_applies_every_suggestion_of_the_pattern(harness):
    h = harness(ScriptedPredictor(("old", "new")))
    await h.initialize(capabilities={"workspace": {"applyEdit": True}})
    h.open("old old\n")
    h.open("old\n", uri=OTHER)
    (edit,) = (await h.request("textDocument/copilotInlineEdit", place()))["edits"]
    params = {"command": "nextedit.acceptAll", "arguments": edit["command"]["arguments"]}
    message_id = h.start_request("workspace/executeCommand", params)
    applied = await h.requested("workspace/applyEdit")
    assert {uri: len(edits) for uri, edits in applied["params"]["edit"]["changes"].items()} == {URI: 2, OTHER: 1}
    h.send({"jsonrpc": "2.0", "id": applied["id"], "result": {"applied": True}})
    assert (await h.answer(message_id))["result"]["count"] == 3


async def test_what_became_of_an_item_is_counted(harness):
    h = harness(ScriptedPredictor(("old", "new")))
    await h.initialize()
    h.open("old\n")
    (edit,) = (await h.request("textDocument/copilotInlineEdit", place()))["edits"]
    h.notify("textDocument/didShowInlineEdit", {"item": {"command": edit["command"]}})
    assert await command(h, "reject") == {"state": "rejected"}
    assert await command(h, "reject") == {"state": "silent"}
    assert (await command(h, "status"))["counts"] == {"shown": 1, "rejected": 1}


async def test_a_partly_accepted_completion_goes_on(harness):
    h = harness(ScriptedPredictor(("a", "abcdef")))
    await h.initialize()
    h.open("a\n")
    (item,) = await completions(h, 0, 1)
    h.notify("textDocument/didShowCompletion", {"item": item})
    h.change(2, partial_change((0, 1), (0, 1), "bcd"))
    h.notify("textDocument/didPartiallyAcceptCompletion", {"item": item, "acceptedLength": 3})
    (rest,) = await completions(h, 0, 4)
    assert (rest["insertText"], rest["range"]) == ("ef", spanned((0, 4), (0, 4)))


async def test_explain_tells_the_reason(harness):
    h = harness(ScriptedPredictor(("old", "new")))
    await h.initialize()
    h.open("old\n")
    assert "nothing was asked" in (await command(h, "explain"))["text"]
    await h.request("textDocument/copilotInlineEdit", place())
    assert "the script says so (script, chance 90%)" in (await command(h, "explain", {"quiet": True}))["text"]


async def test_status_tells_how_it_is(harness):
    h = harness()
    await h.initialize()
    h.open("text")
    h.open("text", uri="output:log")
    status = await command(h, "status", {"quiet": True})
    assert status == {
        "kind": "Normal",
        "busy": False,
        "message": "ready",
        "model": {"name": "", "state": "absent", "problem": None},
        "pausedSeconds": 0,
        "documents": 1,
        "index": {"state": "off", "files": 0, "problem": None},
        "leftAlone": {"output:log": "the scheme 'output' is not one of files"},
        "counts": {},
    }


async def test_a_client_that_fails_to_apply_is_not_believed(harness):
    h = harness(ScriptedPredictor(("old", "new")))
    await h.initialize(capabilities={"workspace": {"applyEdit": True}})
    h.open("old\n")
    await command(h, "next")
    message_id = h.start_request("workspace/executeCommand", {"command": "nextedit.next"})
    applied = await h.requested("workspace/applyEdit")
    h.send({"jsonrpc": "2.0", "id": applied["id"], "error": {"code": -32601, "message": "never heard of it"}})
    assert (await h.answer(message_id))["result"]["state"] == "refused"


async def test_accepting_what_is_no_longer_known_is_no_error(harness):
    h = harness()
    await h.initialize()
    assert await command(h, "accept", "gone") == {"state": "unknown"}
