"""The protocol library's message handling, where it falls short.

In: message bodies.  Out: calls of handlers, and exactly one answer for every request.
Not here: what the handlers do; framing (``framing``).

Changed from pygls 2.1: a request that cannot be read, comes before ``initialize`` or after ``shutdown``
gets an error instead of silence; documents are not kept a second time; errors are logged without the
parameters, which hold source text; ``exit`` ends the server's loop and not the process under it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from cattrs import transform_error
from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInternalError,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
    JsonRpcRequestCancelled,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol, lsp_method

from nextedit_lsp.errors import NexteditError
from nextedit_lsp.server import extensions

if TYPE_CHECKING:
    from nextedit_lsp.server.language_server import NexteditServer

logger = logging.getLogger(__name__)


class NexteditProtocol(LanguageServerProtocol):
    """One connection."""

    _server: NexteditServer

    def receive(self, body: bytes) -> None:
        """Takes one message as it came; never raises."""
        try:
            data = json.loads(body)
        except (ValueError, RecursionError) as error:
            logger.warning("a message of %d bytes is no JSON: %s", len(body), type(error).__name__)
            self._refuse(None, JsonRpcParseError(f"Parse Error: the message is no JSON ({type(error).__name__})"))
            return
        try:
            self._take(data)
        except JsonRpcException as error:
            message_id = data.get("id") if isinstance(data, dict) else None
            is_id = isinstance(message_id, (int, str)) and not isinstance(message_id, bool)
            method = data.get("method") if isinstance(data, dict) else None
            logger.warning("refused %s: %s", method if isinstance(method, str) else "a message", error.message)
            if is_id or not isinstance(data, dict) or "id" in data:
                self._refuse(message_id if is_id else None, error)
        except Exception:  # "Can't happen" is reported and survived.
            logger.exception("a message could not be handled")

    def get_message_type(self, method: str) -> type[Any] | None:  # type: ignore[override]
        """The class of a message, those of the extensions among them."""
        return extensions.MESSAGES.get(method) or super().get_message_type(method)

    def report_to_log(self, error: BaseException, what: str) -> None:
        """Logs a failure with its place but without its parameters."""
        logger.error("%s failed: %s", what, type(error).__name__, exc_info=error)

    def _take(self, data: Any) -> None:
        if not isinstance(data, dict) or data.get("jsonrpc") != "2.0":
            raise JsonRpcInvalidRequest("Invalid Request: not a JSON-RPC 2.0 message")
        method = data.get("method")
        if method is None:
            self._take_response(data)
            return
        if not isinstance(method, str):
            raise JsonRpcInvalidRequest("Invalid Request: the method must be a string")
        if "id" not in data:
            self._take_notification(method, data)
            return
        message_id = data["id"]
        if isinstance(message_id, bool) or not isinstance(message_id, (int, str)):
            raise JsonRpcInvalidRequest("Invalid Request: the id must be a number or a string")
        self._check_phase(method)
        self._get_handler(method)
        message = self._structured(data, self.get_message_type(method))
        self.handle_message(message)

    def _take_response(self, data: dict[str, Any]) -> None:
        if data.get("id") not in self._request_futures or not ("result" in data or "error" in data):
            logger.debug("an answer to no request was dropped")
            return
        try:
            message = self.structure_message(data)
        except JsonRpcException as error:
            self._request_futures.pop(data["id"]).set_exception(error)
        else:
            self.handle_message(message)

    def _take_notification(self, method: str, data: dict[str, Any]) -> None:
        is_early = self._phase() == "new" and method != types.EXIT
        known = method in self.fm.builtin_features or method in self.fm.features or method == types.CANCEL_REQUEST
        if is_early or not known:
            logger.debug("ignored notification %s", method)
            return
        self.handle_message(self._structured(data, self.get_message_type(method)))

    def _structured(self, data: dict[str, Any], message_type: type[Any] | None) -> Any:
        try:
            return self._converter.structure(data, message_type) if message_type else self.structure_message(data)
        except Exception as error:
            # The converter wraps what is wrong in groups of exceptions and says where on request.
            reasons = "; ".join(transform_error(error, path="message"))
            raise JsonRpcInvalidParams(f"Invalid Params: {reasons[:500]}") from None

    def _phase(self) -> str:
        return "over" if self._shutdown else "new" if self._workspace is None else "running"

    def _check_phase(self, method: str) -> None:
        phase = self._phase()
        if phase == "over":
            raise JsonRpcInvalidRequest("Invalid Request: the server was shut down")
        if phase == "new" and method != types.INITIALIZE:
            raise JsonRpcServerNotInitialized("the server is not initialized: send initialize first")
        if phase == "running" and method == types.INITIALIZE:
            raise JsonRpcInvalidRequest("Invalid Request: the server is initialized already")

    def _refuse(self, message_id: int | str | None, error: JsonRpcException) -> None:
        # The library's class would leave out an id that is null, which JSON-RPC wants to be there.
        answer = {"code": error.code, "message": error.message}
        self._send_data({"jsonrpc": "2.0", "id": message_id, "error": answer})

    def _get_handler(self, feature_name: str) -> Any:
        try:
            return super()._get_handler(feature_name)
        except JsonRpcMethodNotFound:
            raise JsonRpcMethodNotFound(f"Method Not Found: {feature_name}") from None

    def _handle_cancel_notification(self, msg_id: int | str) -> None:
        future = self._request_futures.pop(msg_id, None)
        if future is not None:
            future.cancel()

    def _send_handler_result(self, future: Any, *, msg_id: int | str) -> None:
        self._request_futures.pop(msg_id, None)
        if future.cancelled():
            self._refuse(msg_id, JsonRpcRequestCancelled("Request Cancelled"))
            return
        error = future.exception()
        if error is None:
            self._send_response(msg_id, result=future.result())
        elif isinstance(error, JsonRpcException):
            self._refuse(msg_id, error)
        elif isinstance(error, NexteditError):
            self._refuse(msg_id, JsonRpcInvalidParams(str(error)))
        else:
            self.report_to_log(error, f"request {msg_id}")
            self._refuse(msg_id, JsonRpcInternalError(f"Internal Error: {type(error).__name__}, see the server's log"))

    def _check_handler_result(self, future: Any) -> None:
        if not future.cancelled() and (error := future.exception()) is not None:
            self.report_to_log(error, "a notification")

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """Says what the server can do, the extensions included."""
        result: types.InitializeResult = yield from super().lsp_initialize(params)
        result.capabilities.experimental = {"nextedit": {"inlineEdit": extensions.INLINE_EDIT, "status": True}}
        return result

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *_args: Any) -> None:  # type: ignore[override]
        """Ends what is under way."""
        current = self.msg_id
        self._shutdown = True
        for message_id, future in list(self._request_futures.items()):
            if message_id != current and not future.done():
                future.cancel()

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_args: Any) -> None:  # type: ignore[override]
        """Ends the server's loop."""
        self._server.finish(0 if self._shutdown else 1)

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Hands the document to the session."""
        self._server.sync.opened(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Hands the changes to the session."""
        self._server.sync.changed(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Hands the closing to the session."""
        self._server.sync.closed(params)

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    async def lsp_workspace__execute_command(  # type: ignore[override]
        self, params: types.ExecuteCommandParams
    ) -> Any:
        """Runs a command with its arguments as they came."""
        handler = self.fm.commands.get(params.command)
        if handler is None:
            known = ", ".join(self.fm.commands)
            raise JsonRpcInvalidParams(f"Invalid Params: there is no command {params.command!r}; there are {known}")
        return await handler(list(params.arguments or []))
