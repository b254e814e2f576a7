"""Each method once, against the real server in a subprocess, with pytest-lsp's client."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]

CODE = "def area(size):\n    return size * size\n"
RENAMED = "def area(width):\n    return size * size\n"

CAPABILITIES = types.ClientCapabilities(
    general=types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind.Utf16]),
    window=types.WindowClientCapabilities(show_document=types.ShowDocumentClientCapabilities(support=True)),
    workspace=types.WorkspaceClientCapabilities(
        apply_edit=True, workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True)
    ),
)


@pytest_lsp.fixture(
    scope="module",
    loop_scope="module",
    config=ClientServerConfig(server_command=[sys.executable, "-m", "nextedit_lsp", "--log-level", "debug"]),
)
async def client(lsp_client: LanguageClient) -> AsyncIterator[None]:
    lsp_client.applied = []

    @lsp_client.feature(types.WORKSPACE_APPLY_EDIT)
    def apply_edit(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        lsp_client.applied.append(params)
        return types.ApplyWorkspaceEditResult(applied=True)

    await lsp_client.initialize_session(
        types.InitializeParams(
            capabilities=CAPABILITIES,
            initialization_options={"settleMs": 0, "statusNotification": True, "feedback": False},
        )
    )
    yield
    await lsp_client.shutdown_session()


class Session:
    """One document of a test, renamed ``size`` → ``width`` in its first line."""

    def __init__(self, client: LanguageClient, name: str) -> None:
        self.client, self.uri, self.version = client, f"untitled:/{name}.py", 1
        item = types.TextDocumentItem(self.uri, "python", 1, CODE)
        client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        self.change((0, 9), (0, 13), "width")

    def change(self, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        self.version += 1
        change = types.TextDocumentContentChangePartial(span(start, end), text)
        identifier = types.VersionedTextDocumentIdentifier(version=self.version, uri=self.uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))

    def close(self) -> None:
        identifier = types.TextDocumentIdentifier(self.uri)
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(identifier))

    def place(self, line: int = 0, character: int = 14) -> dict[str, Any]:
        return {"textDocument": {"uri": self.uri}, "position": {"line": line, "character": character}}

    async def next_edits(self) -> list[Any]:
        method = "textDocument/copilotInlineEdit"
        answer = await self.client.protocol.send_request_async(method, self.place())
        return list(plain(answer)["edits"])

    async def execute(self, command: str, *arguments: Any) -> Any:
        params = types.ExecuteCommandParams(command, arguments=list(arguments))
        return plain(await self.client.workspace_execute_command_async(params))


@pytest.fixture
def session(client: LanguageClient, request: pytest.FixtureRequest):
    session = Session(client, request.node.name)
    yield session
    session.close()


def plain(value: Any) -> Any:
    """A result as dicts and lists, whatever pygls' client made of it."""
    if hasattr(value, "_asdict"):
        return {name: plain(item) for name, item in value._asdict().items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return {name: plain(item) for name, item in value.items()} if isinstance(value, dict) else value


def span(start: tuple[int, int], end: tuple[int, int]) -> types.Range:
    return types.Range(types.Position(*start), types.Position(*end))


async def test_copilot_inline_edit(session: Session):
    (edit,) = await session.next_edits()
    assert edit["textDocument"] == {"uri": session.uri, "version": session.version}
    assert edit["range"]["start"] == {"line": 1, "character": 11}
    assert edit["text"].startswith("width")
    command = edit["command"]
    assert command["command"] == "nextedit.accept"
    session.client.protocol.notify("textDocument/didShowInlineEdit", {"item": {"command": command}})
    assert (await session.execute(command["command"], *command["arguments"]))["state"] == "accepted"


async def test_inline_completion(session: Session):
    # The user types over the use of the parameter: the rest of its new name is the completion.
    await session.next_edits()
    session.change((1, 11), (1, 15), "w")
    params = types.InlineCompletionParams(
        types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic),
        types.TextDocumentIdentifier(session.uri),
        types.Position(1, 12),
    )
    result = await session.client.text_document_inline_completion_async(params)
    (item,) = result
    assert item.insert_text == "idth"
    assert item.range == span((1, 12), (1, 12))


async def test_code_action(session: Session):
    params = types.CodeActionParams(
        types.TextDocumentIdentifier(session.uri), span((0, 0), (0, 0)), types.CodeActionContext(diagnostics=[])
    )
    actions = await session.client.text_document_code_action_async(params)
    assert actions
    # lsprotocol takes an action that has a command for a command; test_suggesting has the whole shape.
    assert actions[0].title.startswith("Next edit: ")


async def test_next_jumps_and_applies(session: Session):
    answer = await session.execute("nextedit.next", session.place())
    assert answer["state"] == "jumped"
    (shown,) = [one for one in session.client.shown_documents if str(one.uri) == session.uri]
    assert shown.selection.start.line == 1
    assert (await session.execute("nextedit.next"))["state"] == "applied"
    (change,) = session.client.applied[-1].edit.document_changes
    assert change.text_document == types.OptionalVersionedTextDocumentIdentifier(session.uri, session.version)


async def test_reject_explain_pause_resume_status(session: Session):
    await session.next_edits()
    assert "chance" in (await session.execute("nextedit.explain", {**session.place(), "quiet": True}))["text"]
    assert (await session.execute("nextedit.reject"))["state"] == "rejected"
    assert (await session.execute("nextedit.pause", 5))["kind"] == "Inactive"
    assert await session.next_edits() == []
    assert (await session.execute("nextedit.resume"))["kind"] == "Normal"
    assert (await session.execute("nextedit.status", {"quiet": True}))["documents"] == 1


async def test_accept_all_of_an_unknown_suggestion_is_an_error(session: Session):
    with pytest.raises(Exception, match="no suggestion 'nope' is known"):
        await session.execute("nextedit.acceptAll", "nope")


async def test_configuration(session: Session):
    notify = session.client.workspace_did_change_configuration
    notify(types.DidChangeConfigurationParams({"nextedit": {"enabled": False}}))
    assert await session.next_edits() == []
    notify(types.DidChangeConfigurationParams({"nextedit": {"enabled": True, "minChance": 7}}))
    assert await session.next_edits()
    assert any("minChance must be a number" in message.message for message in session.client.messages)


async def test_an_unknown_method_is_an_error(client: LanguageClient):
    with pytest.raises(Exception, match="Method Not Found"):
        await client.protocol.send_request_async("no/such", {})


async def test_a_document_that_is_not_open_is_an_error(client: LanguageClient):
    params = {"textDocument": {"uri": "untitled:/nobody.py"}, "position": {"line": 0, "character": 0}}
    with pytest.raises(Exception, match="is not open"):
        await client.protocol.send_request_async("textDocument/copilotInlineEdit", params)
