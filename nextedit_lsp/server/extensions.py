"""The methods beyond the Language Server Protocol, as the wire has them.

In: nothing.  Out: message classes, which the protocol converts to and from JSON in camelCase.
Not here: what is done with them.  ``docs/lsp-extensions.md`` describes them and carries this file's hash.

The next-edit method and its notifications are those of Copilot's language server, so that front
ends made for it work unmodified.
"""

from __future__ import annotations

from typing import Any

import attrs
from lsprotocol import types

INLINE_EDIT = "textDocument/copilotInlineEdit"
DID_FOCUS = "textDocument/didFocus"
DID_SHOW_INLINE_EDIT = "textDocument/didShowInlineEdit"
DID_SHOW_COMPLETION = "textDocument/didShowCompletion"
DID_PARTIALLY_ACCEPT = "textDocument/didPartiallyAcceptCompletion"
DID_CHANGE_DIAGNOSTICS = "nextedit/didChangeDiagnostics"
STATUS = "nextedit/status"

CODE_ACTION_KIND = "refactor.rewrite.nextedit"

NEXT = "nextedit.next"
ACCEPT = "nextedit.accept"
ACCEPT_ALL = "nextedit.acceptAll"
REJECT = "nextedit.reject"
EXPLAIN = "nextedit.explain"
PAUSE = "nextedit.pause"
RESUME = "nextedit.resume"
GET_STATUS = "nextedit.status"

COMMANDS = (NEXT, ACCEPT, ACCEPT_ALL, REJECT, EXPLAIN, PAUSE, RESUME, GET_STATUS)


@attrs.define
class InlineEditContext:
    """How the request came about: 1 the user asked, 2 by itself."""

    trigger_kind: int | None = None


@attrs.define
class InlineEditParams:
    """Asks for the next edit, with the cursor at a position."""

    text_document: types.OptionalVersionedTextDocumentIdentifier
    position: types.Position
    context: InlineEditContext | None = None


@attrs.define
class InlineEditRequest:
    """``textDocument/copilotInlineEdit``."""

    id: int | str
    method: str
    jsonrpc: str
    params: InlineEditParams


@attrs.define
class InlineEdit:
    """``range`` of a document becomes ``text``, whose lines end in ``\\n``; a file that is not open has no version."""

    text: str
    text_document: types.OptionalVersionedTextDocumentIdentifier
    range: types.Range
    command: types.Command


@attrs.define
class InlineEditResult:
    """The next edits, best first; one unless the client asked for more."""

    edits: list[InlineEdit]


@attrs.define
class DidFocusParams:
    """The document that the user looks at now; without one, none."""

    text_document: types.TextDocumentIdentifier | None = None


@attrs.define
class DidFocusNotification:
    """``textDocument/didFocus``."""

    method: str
    jsonrpc: str
    params: DidFocusParams | None = None


@attrs.define
class ShownCommand:
    """The command of an item, whose first argument is the suggestion's id."""

    arguments: list[Any] | None = None


@attrs.define
class ShownItem:
    """An item as the server sent it; all but its command is ignored."""

    command: ShownCommand | None = None


@attrs.define
class DidShowParams:
    """An item is on the screen."""

    item: ShownItem


@attrs.define
class DidShowInlineEditNotification:
    """``textDocument/didShowInlineEdit``."""

    method: str
    jsonrpc: str
    params: DidShowParams


@attrs.define
class DidShowCompletionNotification:
    """``textDocument/didShowCompletion``."""

    method: str
    jsonrpc: str
    params: DidShowParams


@attrs.define
class DidPartiallyAcceptParams:
    """The user took the first ``accepted_length`` UTF-16 units of an item's text."""

    item: ShownItem
    accepted_length: int | None = None


@attrs.define
class DidPartiallyAcceptNotification:
    """``textDocument/didPartiallyAcceptCompletion``."""

    method: str
    jsonrpc: str
    params: DidPartiallyAcceptParams


@attrs.define
class DidChangeDiagnosticsParams:
    """All that is known to be wrong with a document, at a version if one is given."""

    text_document: types.OptionalVersionedTextDocumentIdentifier
    diagnostics: list[types.Diagnostic]


@attrs.define
class DidChangeDiagnosticsNotification:
    """``nextedit/didChangeDiagnostics``."""

    method: str
    jsonrpc: str
    params: DidChangeDiagnosticsParams


@attrs.define
class StatusParams:
    """How the server is: ``kind`` is Normal, Inactive or Warning; ``message`` is for a status bar."""

    busy: bool
    kind: str
    message: str


@attrs.define
class StatusNotification:
    """``nextedit/status``, from the server."""

    method: str
    jsonrpc: str
    params: StatusParams


MESSAGES: dict[str, type[Any]] = {
    INLINE_EDIT: InlineEditRequest,
    DID_FOCUS: DidFocusNotification,
    DID_SHOW_INLINE_EDIT: DidShowInlineEditNotification,
    DID_SHOW_COMPLETION: DidShowCompletionNotification,
    DID_PARTIALLY_ACCEPT: DidPartiallyAcceptNotification,
    DID_CHANGE_DIAGNOSTICS: DidChangeDiagnosticsNotification,
    STATUS: StatusNotification,
}
