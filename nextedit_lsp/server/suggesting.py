"""The requests that ask for suggestions, and the notifications of what became of them.

In: protocol params.  Out: protocol results.
Not here: policy and time (``session``).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from nextedit_lsp.errors import DocumentNotOpen
from nextedit_lsp.presenting.suggestion import Suggestion
from nextedit_lsp.server import conversion, extensions
from nextedit_lsp.session.asking import Ask

if TYPE_CHECKING:
    from nextedit_lsp.server.language_server import NexteditServer

# How long an explicitly opened action menu waits for a prediction; an automatic one never waits.
MENU_TIMEOUT_S = 0.2
# With a model it waits longer, for what is worth it; what comes later is known when the menu is opened again.
MODEL_MENU_TIMEOUT_S = 1.0
# The trigger of a request that the user asked for, as in ``InlineCompletionTriggerKind``.
INVOKED = 1
# How many different changes the menu offers.
MAX_ACTIONS = 3


async def inline_edit(server: NexteditServer, params: extensions.InlineEditParams) -> extensions.InlineEditResult:
    """``textDocument/copilotInlineEdit``: the next edit, in any document, open or not."""
    is_invoked = params.context is not None and params.context.trigger_kind == INVOKED
    ask = _ask(server, params.text_document.uri, params.position, "inline_edit", is_explicit=is_invoked)
    suggestions = await server.session.next_edits(ask)
    edits = [
        conversion.inline_edit(suggestion, document, server.encoding)
        for suggestion, document in server.session.state.with_documents(suggestions)
    ]
    return extensions.InlineEditResult(edits)


async def inline_completion(
    server: NexteditServer, params: types.InlineCompletionParams
) -> list[types.InlineCompletionItem]:
    """``textDocument/inlineCompletion``: the next edit, where it is text at the cursor."""
    uri, context = params.text_document.uri, params.context
    is_invoked = context.trigger_kind == types.InlineCompletionTriggerKind.Invoked
    ask = _ask(server, uri, params.position, "inline_completion", is_explicit=is_invoked)
    document = server.session.state.documents.get(uri)
    info = context.selected_completion_info
    selected = conversion.selected_of(document.text, info, server.encoding) if document else None
    completions = await server.session.completions(ask, selected)
    texts = server.session.state.documents.followed
    return [conversion.inline_completion(one, texts[uri].text, server.encoding) for one in completions]


async def code_actions(server: NexteditServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    """``textDocument/codeAction``: the known next edits, and all of one kind together."""
    if not _is_wanted(params.context.only):
        return []
    uri = params.text_document.uri
    ask = _ask(server, uri, params.range.start, "code_action", is_explicit=True)
    _take_diagnostics(server, params)
    known = server.session.known(uri)
    if not known and params.context.trigger_kind != types.CodeActionTriggerKind.Automatic:
        known = await _soon(server, ask)
    elif not known:
        server.session.ask_ahead(uri, ask.cursor)
    return _actions(server, known)


def did_show(server: NexteditServer, params: extensions.DidShowParams) -> None:
    """``didShowInlineEdit`` and ``didShowCompletion``."""
    suggestion_id = _id_of(params.item)
    if suggestion_id is not None:
        server.session.shown(suggestion_id)


def did_partially_accept(server: NexteditServer, params: extensions.DidPartiallyAcceptParams) -> None:
    """``didPartiallyAcceptCompletion``: it was shown; its text arrives as a change, which re-bases the rest."""
    suggestion_id = _id_of(params.item)
    if suggestion_id is not None:
        server.session.shown(suggestion_id)


def _ask(server: NexteditServer, uri: str, position: types.Position, lane: str, *, is_explicit: bool = False) -> Ask:
    session = server.session
    document = session.state.documents.get(uri)
    if document is None and not session.state.documents.is_open(uri):
        raise DocumentNotOpen(uri)
    cursor = conversion.offset_at(document.text, position, server.encoding) if document else 0
    return Ask(uri, cursor, lane, is_explicit, str(server.protocol.msg_id))


def _take_diagnostics(server: NexteditServer, params: types.CodeActionParams) -> None:
    """The diagnostics that come with the request: those of its range, all of them."""
    document = server.session.state.documents.get(params.text_document.uri)
    if document is not None:
        start, end = (
            conversion.offset_at(document.text, at, server.encoding) for at in (params.range.start, params.range.end)
        )
        found = conversion.diagnostics(params.context.diagnostics, document, server.encoding)
        server.session.diagnosed_range(document.uri, start, end, found)


async def _soon(server: NexteditServer, ask: Ask) -> tuple[Suggestion, ...]:
    """The suggestions, if they come while a person waits for a menu."""
    asking = asyncio.ensure_future(server.session.predicted(ask))
    server.background.add(asking)
    asking.add_done_callback(server.background.discard)
    timeout_s = MODEL_MENU_TIMEOUT_S if server.session.has_model else MENU_TIMEOUT_S
    try:
        done, _ = await asyncio.wait({asking}, timeout=timeout_s)
    except asyncio.CancelledError:
        asking.cancel()
        raise
    return asking.result().suggestions if done else ()


def _actions(server: NexteditServer, known: tuple[Suggestion, ...]) -> list[types.CodeAction]:
    by_pattern: dict[str, list[Suggestion]] = {}
    for suggestion in known:
        by_pattern.setdefault(suggestion.pattern, []).append(suggestion)
    actions = []
    for alike in list(by_pattern.values())[:MAX_ACTIONS]:
        actions.append(_action(server, f"Next edit: {alike[0].title}", alike[:1]))
        if len(alike) > 1:
            actions.append(_action(server, f"Apply all {len(alike)}: {alike[0].title}", alike))
    return actions


def _action(server: NexteditServer, title: str, suggestions: list[Suggestion]) -> types.CodeAction:
    server.session.state.offers.hand_out(suggestions)
    return types.CodeAction(
        title=title,
        kind=extensions.CODE_ACTION_KIND,
        edit=server.client.workspace_edit(suggestions),
        command=conversion.accept_command(suggestions),
    )


def _is_wanted(only: object) -> bool:
    """Whether a client that asks for these kinds of action wants ours; a kind stands for all below it."""
    if only is None:
        return True
    if not isinstance(only, (list, tuple)):
        raise JsonRpcInvalidParams("Invalid Params: context.only must be a list")
    return any(_value(kind) == "" or f"{extensions.CODE_ACTION_KIND}.".startswith(f"{_value(kind)}.") for kind in only)


def _value(kind: object) -> str:
    return str(getattr(kind, "value", kind))


def _id_of(item: extensions.ShownItem) -> str | None:
    arguments = (item.command.arguments if item.command else None) or []
    return arguments[0] if arguments and isinstance(arguments[0], str) else None
