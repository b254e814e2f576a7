"""The language server: which request goes to which handler.

In: a predictor, a maker of engines, a clock.  Out: a server to feed with message bodies.
Not here: transports (``run``), the handlers themselves.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder
from pygls.lsp.server import LanguageServer

import nextedit_lsp
from nextedit_lsp.feedback import store
from nextedit_lsp.predictor import Prediction
from nextedit_lsp.server import client, commands, configuration, extensions, suggesting
from nextedit_lsp.server.protocol import NexteditProtocol
from nextedit_lsp.server.sync import Sync
from nextedit_lsp.session.asking import Predict
from nextedit_lsp.session.clock import Clock
from nextedit_lsp.session.model import MakeEngine
from nextedit_lsp.session.session import Session
from nextedit_lsp.session.settings import Resolution, Settings
from nextedit_lsp.session.surroundings import Surroundings
from nextedit_lsp.text.positions import Encoding
from nextedit_lsp.workspace import files

logger = logging.getLogger(__name__)

# How long the end of the session may take; a prediction that still runs is not waited for.
CLOSE_TIMEOUT_S = 0.5


class NexteditServer(LanguageServer):
    """One connection.  ``session`` is there from ``initialize`` on."""

    protocol: NexteditProtocol
    session: Session

    def __init__(self, predict: Predict, make_engine: MakeEngine, clock: Clock) -> None:
        super().__init__("nextedit-lsp", nextedit_lsp.__version__, protocol_cls=NexteditProtocol)
        self.encoding = Encoding.UTF16
        self.initial_settings = Settings()
        self.jump: commands.Jump | None = None
        self.sync = Sync(self)
        self.client = client.Client(self)
        self.exit_code = 1
        # Questions that nobody waits for any more, whose answers are kept all the same.
        self.background: set[asyncio.Future[Prediction]] = set()
        self._finished = asyncio.Event()
        self._predict, self._make_engine, self._clock = predict, make_engine, clock
        self._problems = Resolution(Settings())
        self._register()

    def finish(self, exit_code: int) -> None:
        """Lets ``finished`` return; the first word counts, as a client that said ``exit`` goes away next."""
        if not self._finished.is_set():
            self.exit_code = exit_code
            self._finished.set()

    async def finished(self) -> int:
        """The exit code, once the client has said ``exit`` or is gone."""
        await self._finished.wait()
        return self.exit_code

    async def close(self) -> None:
        """Ends the session, within ``CLOSE_TIMEOUT_S``."""
        self.client.close()
        if hasattr(self, "session"):
            try:
                await asyncio.wait_for(self.session.close(), CLOSE_TIMEOUT_S)
            except asyncio.TimeoutError:
                logger.warning("the session did not end in time")

    def report_server_error(self, error: Exception, source: Any) -> None:
        """To the log, and not to the user's screen: what they can mend is told where it arises."""
        self.protocol.report_to_log(error, getattr(source, "__name__", "the server"))

    def _register(self) -> None:
        inline_options = types.InlineCompletionOptions()
        action_options = types.CodeActionOptions(code_action_kinds=[extensions.CODE_ACTION_KIND])
        self._on(types.INITIALIZE, self._on_initialize)
        self._on(types.INITIALIZED, self._on_initialized)
        self._on(types.WORKSPACE_DID_CHANGE_CONFIGURATION, partial(configuration.did_change, self))
        self._on(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, self.sync.folders_changed)
        self._on(types.TEXT_DOCUMENT_INLINE_COMPLETION, partial(suggesting.inline_completion, self), inline_options)
        self._on(types.TEXT_DOCUMENT_CODE_ACTION, partial(suggesting.code_actions, self), action_options)
        self._on(extensions.INLINE_EDIT, partial(suggesting.inline_edit, self))
        self._on(extensions.DID_SHOW_INLINE_EDIT, partial(suggesting.did_show, self))
        self._on(extensions.DID_SHOW_COMPLETION, partial(suggesting.did_show, self))
        self._on(extensions.DID_PARTIALLY_ACCEPT, partial(suggesting.did_partially_accept, self))
        self._on(extensions.DID_FOCUS, self.sync.focused)
        self._on(extensions.DID_CHANGE_DIAGNOSTICS, self.sync.diagnosed)
        for name, handler in commands.HANDLERS.items():
            self.command(name)(partial(handler, self))

    def _on(self, method: str, handler: Callable[..., Awaitable[Any] | Any], options: Any = None) -> None:
        # The library marks what it registers, and a bound method cannot be marked.
        self.feature(method, options)(handler if isinstance(handler, partial) else partial(handler))

    def _on_initialize(self, params: types.InitializeParams) -> None:
        self.encoding = Encoding(ServerCapabilitiesBuilder.choose_position_encoding(params.capabilities))
        self._problems = configuration.initial(params.initialization_options)
        self.initial_settings = self._problems.settings
        self.session = Session(
            predict=self._predict,
            clock=self._clock,
            listener=self.client,
            surroundings=Surroundings(_roots(params)),
            make_engine=self._make_engine,
            feedback_directory=store.state_directory(),
            settings=self.initial_settings,
        )

    def _on_initialized(self, _params: types.InitializedParams) -> None:
        configuration.report(self, self._problems)
        self.session.start()


def _roots(params: types.InitializeParams) -> tuple[Path, ...]:
    uris = [folder.uri for folder in params.workspace_folders or []]
    uris = uris or ([params.root_uri] if params.root_uri else [])
    paths = [files.path_of(uri) for uri in uris]
    if not uris and params.root_path:
        paths = [Path(params.root_path)]
    return tuple(dict.fromkeys(path for path in paths if path is not None))
