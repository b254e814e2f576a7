"""Document notifications → the session.

In: what the editor opens, changes, closes and looks at.  Out: calls of the session.
Not here: keeping the texts (``session.documents``).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from lsprotocol import types

from nextedit_lsp.server import conversion, extensions
from nextedit_lsp.session.diagnostics import EDITOR
from nextedit_lsp.workspace import files

if TYPE_CHECKING:
    from nextedit_lsp.server.language_server import NexteditServer

logger = logging.getLogger(__name__)


class Sync:
    """The document notifications of one connection."""

    def __init__(self, server: NexteditServer) -> None:
        self._server = server

    def opened(self, params: types.DidOpenTextDocumentParams) -> None:
        """``textDocument/didOpen``, also for a document that is open already."""
        item = params.text_document
        self._server.session.open(item.uri, str(item.language_id), item.version, item.text)

    def changed(self, params: types.DidChangeTextDocumentParams) -> None:
        """``textDocument/didChange``; versions may jump."""
        identifier, session = params.text_document, self._server.session
        document = session.changing(identifier.uri)
        if document is None:
            return
        try:
            received = conversion.received(document.text, params.content_changes, self._server.encoding)
            session.change(identifier.uri, identifier.version, received)
        except Exception:  # Half a change taken would make every later one go wrong.
            logger.exception("a change of %s could not be taken", identifier.uri)
            session.lose(identifier.uri, "a change could not be taken: open the file again")

    def closed(self, params: types.DidCloseTextDocumentParams) -> None:
        """``textDocument/didClose``."""
        self._server.session.close_document(params.text_document.uri)

    def folders_changed(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        """``workspace/didChangeWorkspaceFolders``."""
        added, removed = (
            [path for folder in folders if (path := files.path_of(folder.uri)) is not None]
            for folders in (params.event.added, params.event.removed)
        )
        self._server.session.change_roots(added, removed)

    def diagnosed(self, params: extensions.DidChangeDiagnosticsParams) -> None:
        """``nextedit/didChangeDiagnostics``; what is said of another version will be said anew."""
        identifier, session = params.text_document, self._server.session
        document = session.state.documents.get(identifier.uri)
        if document is not None and identifier.version in (None, document.version):
            found = conversion.diagnostics(params.diagnostics, document, self._server.encoding)
            session.diagnosed(document.uri, EDITOR, found)

    def focused(self, params: extensions.DidFocusParams | None) -> None:
        """``textDocument/didFocus``."""
        identifier = params.text_document if params is not None else None
        self._server.session.focus(identifier.uri if identifier is not None else None)
