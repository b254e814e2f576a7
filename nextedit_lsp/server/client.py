"""What the server says to the client by itself, as far as the client can show it.

In: what the session tells its listener; suggestions to show or to apply.  Out: notifications and requests.
Not here: when (``session``, ``commands``).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from nextedit_lsp.presenting.suggestion import Suggestion
from nextedit_lsp.server import conversion, extensions
from nextedit_lsp.session.listening import Status

if TYPE_CHECKING:
    from nextedit_lsp.server.language_server import NexteditServer

logger = logging.getLogger(__name__)

PROGRESS_TITLE = "nextedit: loading the model"


class Client:
    """The client of one connection; the session's listener."""

    def __init__(self, server: NexteditServer) -> None:
        self._server = server
        self._warned: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._progress: str | None = None
        self._n_progresses = 0

    def on_status(self, status: Status) -> None:
        """Announces ``nextedit/status`` to a client that opted in."""
        if self._server.session.settings.status_notification:
            params = extensions.StatusParams(status.is_busy, status.kind.value, status.message)
            self._server.protocol.notify(extensions.STATUS, params)

    def on_warning(self, text: str) -> None:
        """Shows a warning, once."""
        logger.warning("%s", text)
        if text not in self._warned:
            self._warned.add(text)
            self.show_message(text, types.MessageType.Warning)

    def on_model_progress(self, share: float | None) -> None:
        """Moves the client's progress display for the model."""
        if not self._capabilities.work_done_progress:
            return
        if self._progress is None and share is not None:
            self._n_progresses += 1
            self._progress = f"nextedit-model-{self._n_progresses}"
            self._later(self._begin_progress(self._progress))
        elif self._progress in self._server.work_done_progress.tokens:
            self._move_progress(self._progress, share)
        if share is None:
            self._progress = None

    def show_message(self, text: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Shows a message to the user."""
        self._server.window_show_message(types.ShowMessageParams(kind, text))

    def workspace_edit(self, suggestions: Iterable[Suggestion]) -> types.WorkspaceEdit:
        """Suggestions as one edit that this client understands."""
        found = self._server.session.state.with_documents(suggestions)
        return conversion.workspace_edit(found, self._server.encoding, is_versioned=self._takes_versions)

    async def jump(self, suggestion: Suggestion) -> bool:
        """Shows the place of a suggestion; False when the client cannot."""
        show = self._capabilities.show_document
        if show is None or not show.support:
            return False
        document, edit = self._server.session.state.document(suggestion), suggestion.edit
        if document is None:
            return False
        text = document.text
        selection = conversion.range_of(text, edit.start, edit.end, self._server.encoding)
        params = types.ShowDocumentParams(suggestion.uri, take_focus=True, selection=selection)
        try:
            return bool((await self._server.window_show_document_async(params)).success)
        except JsonRpcException as error:
            logger.warning("the client did not show a document: %s", error.message)
            return False

    async def apply(self, suggestions: list[Suggestion], label: str) -> bool:
        """Has the client apply suggestions; False when it cannot or did not."""
        workspace = self._server.client_capabilities.workspace
        if workspace is None or not workspace.apply_edit:
            return False
        params = types.ApplyWorkspaceEditParams(self.workspace_edit(suggestions), label=label)
        try:
            return bool((await self._server.workspace_apply_edit_async(params)).applied)
        except JsonRpcException as error:
            logger.warning("the client did not apply an edit: %s", error.message)
            return False

    def close(self) -> None:
        """Ends what waits for the client."""
        for task in list(self._tasks):
            task.cancel()

    @property
    def _capabilities(self) -> types.WindowClientCapabilities:
        return self._server.client_capabilities.window or types.WindowClientCapabilities()

    @property
    def _takes_versions(self) -> bool:
        workspace = self._server.client_capabilities.workspace
        return bool(workspace and workspace.workspace_edit and workspace.workspace_edit.document_changes)

    async def _begin_progress(self, token: str) -> None:
        progress = self._server.work_done_progress
        try:
            await progress.create_async(token)
        except JsonRpcException as error:
            logger.info("the client shows no progress: %s", error.message)
            return
        progress.begin(token, types.WorkDoneProgressBegin(title=PROGRESS_TITLE, percentage=0))
        if self._progress != token:
            # It was over before the client had answered.
            self._move_progress(token, None)

    def _move_progress(self, token: str, share: float | None) -> None:
        progress = self._server.work_done_progress
        if share is None:
            progress.end(token, types.WorkDoneProgressEnd())
            progress.tokens.pop(token, None)
        else:
            progress.report(token, types.WorkDoneProgressReport(percentage=round(100 * share)))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
