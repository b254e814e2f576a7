"""The commands of ``workspace/executeCommand``.

In: a list of arguments as the client sent it.  Out: a JSON value.
Not here: policy and time (``session``).

``nextedit.accept`` only reports: the client has applied the edit.  ``nextedit.next`` and
``nextedit.acceptAll`` have the client apply it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from nextedit_lsp.errors import DocumentNotOpen, UnknownSuggestion
from nextedit_lsp.predictor import Prediction
from nextedit_lsp.presenting.suggestion import Suggestion
from nextedit_lsp.server import conversion, extensions
from nextedit_lsp.session.asking import Ask
from nextedit_lsp.vetting.silence import Silence

if TYPE_CHECKING:
    from nextedit_lsp.server.language_server import NexteditServer

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Jump:
    """A suggestion that the user was led to: a second ``nextedit.next`` applies it, unless something was edited since.

    ``is_blind``: the editor could not go there.
    """

    suggestion_id: str
    n_changes: int
    is_blind: bool


async def next_edit(server: NexteditServer, arguments: list[Any]) -> Answer:
    """``nextedit.next [{textDocument, position}]``: jumps to the next edit; called again there, applies it."""
    uri, cursor = _place(server, arguments)
    led_to = _led_to(server, uri, cursor)
    if led_to is not None:
        server.jump = None
        return await _apply(server, [led_to])
    ask = Ask(uri, cursor, "next", is_explicit=True, label=str(server.protocol.msg_id))
    prediction = await server.session.predicted(ask)
    if not prediction.suggestions:
        return _silent(server, prediction)
    best = prediction.suggestions[0]
    server.session.state.offers.hand_out([best])
    server.session.shown(best.id)
    n_changes = server.session.state.n_changes
    has_jumped = await server.client.jump(best)
    server.jump = Jump(best.id, n_changes, is_blind=not has_jumped)
    if has_jumped:
        server.session.went_to(best)
    else:
        server.client.show_message(f"Next edit: {best.title}. Run nextedit.next again to apply it.")
    return {"state": "jumped", **_described(best)}


async def accept(server: NexteditServer, arguments: list[Any]) -> Answer:
    """``nextedit.accept id…``: the client has applied these suggestions.

    One that is no longer known is no error: the user's edit is in place, and a popup would be a riddle.
    """
    n_known = 0
    for suggestion_id in _ids(arguments, at_least=1):
        with contextlib.suppress(UnknownSuggestion):
            server.session.accepted(suggestion_id)
            n_known += 1
    return {"state": "accepted" if n_known else "unknown"}


async def accept_all(server: NexteditServer, arguments: list[Any]) -> Answer:
    """``nextedit.acceptAll [id]``: applies all suggestions that repeat the same change."""
    ids = _ids(arguments)
    newest = server.session.state.offers.newest()
    if not ids and newest is None:
        return {"state": "silent", "reason": Silence.NO_CANDIDATE.value}
    chosen = ids[0] if ids else newest.suggestion.id if newest else ""
    alike = server.session.alike(server.session.standing(chosen))
    server.session.state.offers.hand_out(alike)
    return await _apply(server, alike)


async def reject(server: NexteditServer, arguments: list[Any]) -> Answer:
    """``nextedit.reject [id]``: the user does not want this suggestion, by default the newest."""
    ids = _ids(arguments)
    server.jump = None
    done = [server.session.rejected(suggestion_id) for suggestion_id in ids] or [server.session.rejected(None)]
    return {"state": "rejected" if any(done) else "silent"}


async def explain(server: NexteditServer, arguments: list[Any]) -> Answer:
    """``nextedit.explain [{textDocument}]``: why this suggestion, or why none."""
    uri, _ = _place(server, arguments)
    return _told(server, arguments, {"text": server.session.explanation(uri)}, "text")


async def pause(server: NexteditServer, arguments: list[Any]) -> Answer:
    """``nextedit.pause [minutes]``: nothing by itself for that long, or until ``nextedit.resume``."""
    minutes = arguments[0] if arguments and not isinstance(arguments[0], Mapping) else None
    is_number = isinstance(minutes, (int, float)) and not isinstance(minutes, bool) and minutes > 0
    if minutes is not None and not is_number:
        raise JsonRpcInvalidParams("Invalid Params: nextedit.pause takes a number of minutes above 0, or nothing")
    server.session.pause(minutes)
    return _status(server, arguments)


async def resume(server: NexteditServer, arguments: list[Any]) -> Answer:
    """``nextedit.resume``: ends the pause."""
    server.session.resume()
    return _status(server, arguments)


async def get_status(server: NexteditServer, arguments: list[Any]) -> Answer:
    """``nextedit.status``: how the server is."""
    return _status(server, arguments)


HANDLERS: Mapping[str, Callable[[NexteditServer, list[Any]], Awaitable[Answer]]] = {
    extensions.NEXT: next_edit,
    extensions.ACCEPT: accept,
    extensions.ACCEPT_ALL: accept_all,
    extensions.REJECT: reject,
    extensions.EXPLAIN: explain,
    extensions.PAUSE: pause,
    extensions.RESUME: resume,
    extensions.GET_STATUS: get_status,
}


async def _apply(server: NexteditServer, suggestions: list[Suggestion]) -> Answer:
    best = suggestions[0]
    if not await server.client.apply(suggestions, f"Next edit: {best.title}"):
        server.client.show_message("nextedit: the editor did not apply the edit.", types.MessageType.Warning)
        return {"state": "refused", **_described(best)}
    for suggestion in suggestions:
        server.session.accepted(suggestion.id)
    return {"state": "applied", "count": len(suggestions), **_described(best)}


def _led_to(server: NexteditServer, uri: str, cursor: int) -> Suggestion | None:
    """The suggestion that the user was led to, if nothing was edited since and the cursor is still there."""
    jump = server.jump
    if jump is None or jump.n_changes != server.session.state.n_changes:
        return None
    try:
        suggestion = server.session.standing(jump.suggestion_id)
    except UnknownSuggestion:
        return None
    document = server.session.state.documents.get(uri)
    is_there = uri == suggestion.uri and document is not None and document.text.line_at(cursor) == suggestion.line
    return suggestion if is_there or jump.is_blind else None


def _place(server: NexteditServer, arguments: list[Any]) -> tuple[str, int]:
    """The document and the cursor: those given, else the last ones known."""
    state = server.session.state
    given = arguments[0] if arguments and isinstance(arguments[0], Mapping) else {}
    uri = _given_uri(given) or state.focused
    if uri is None:
        raise JsonRpcInvalidParams("Invalid Params: no document is known: pass {textDocument: {uri}, position}")
    if not state.documents.is_open(uri):
        raise DocumentNotOpen(uri)
    document, position = state.documents.get(uri), given.get("position")
    if document is None or position is None:
        return uri, state.cursors.get(uri, 0)
    return uri, conversion.offset_at(document.text, _position_of(position), server.encoding)


def _given_uri(given: Mapping[str, Any]) -> str | None:
    identifier = given.get("textDocument")
    if identifier is None:
        return None
    uri = identifier.get("uri") if isinstance(identifier, Mapping) else None
    if not isinstance(uri, str):
        raise JsonRpcInvalidParams("Invalid Params: textDocument must be {uri}")
    return uri


def _position_of(value: Any) -> types.Position:
    line, character = (value.get("line"), value.get("character")) if isinstance(value, Mapping) else (None, None)
    if not isinstance(line, int) or not isinstance(character, int) or min(line, character) < 0:
        raise JsonRpcInvalidParams("Invalid Params: the position must be {line, character}")
    return types.Position(line, character)


def _ids(arguments: list[Any], at_least: int = 0) -> list[str]:
    if len(arguments) < at_least or not all(isinstance(argument, str) for argument in arguments):
        raise JsonRpcInvalidParams("Invalid Params: the arguments must be ids of suggestions")
    return arguments


def _described(suggestion: Suggestion) -> Answer:
    return {"id": suggestion.id, "title": suggestion.title, "uri": suggestion.uri, "line": suggestion.line}


def _silent(server: NexteditServer, prediction: Prediction) -> Answer:
    reason = (prediction.silence or Silence.NO_CANDIDATE).value
    server.client.show_message(f"No next edit: {reason}.")
    return {"state": "silent", "reason": reason}


def _told(server: NexteditServer, arguments: list[Any], answer: Answer, key: str) -> Answer:
    """Shows an answer as well, for clients that drop the results of commands; not with ``{"quiet": true}``."""
    options = arguments[-1] if arguments and isinstance(arguments[-1], Mapping) else {}
    if not options.get("quiet"):
        server.client.show_message(f"nextedit: {answer[key]}")
    return answer


def _status(server: NexteditServer, arguments: list[Any]) -> Answer:
    status = server.session.status()
    answer = {
        "kind": status.kind.value,
        "busy": status.is_busy,
        "message": status.message,
        "model": {"name": status.model, "state": status.model_state, "problem": status.model_problem},
        "pausedSeconds": status.paused_s,
        "documents": status.documents,
        "index": {"state": status.index.phase, "files": status.index.n_files, "problem": status.index.problem},
        "leftAlone": dict(status.left_alone),
        "counts": dict(status.counts),
    }
    return _told(server, arguments, answer, "message")
