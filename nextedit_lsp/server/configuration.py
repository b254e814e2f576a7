"""Options from the client → the session's settings.

In: ``initializationOptions`` and ``workspace/didChangeConfiguration``.  Out: settings; one message for what is wrong.
Not here: what an option means (``session.settings``).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
from lsprotocol import types

from nextedit_lsp.session.settings import Resolution, Settings, resolved

if TYPE_CHECKING:
    from nextedit_lsp.server.language_server import NexteditServer

logger = logging.getLogger(__name__)

SECTION = "nextedit"


def initial(options: Any) -> Resolution:
    """The settings of ``initializationOptions``: the options themselves, or an object with them under ``nextedit``."""
    value = plain(options)
    if isinstance(value, Mapping) and SECTION in value:
        value = value[SECTION]
    return resolved(value, Settings())


async def did_change(server: NexteditServer, params: types.DidChangeConfigurationParams) -> None:
    """``workspace/didChangeConfiguration``; a client that sends no settings with it is asked for them."""
    value = plain(params.settings)
    if isinstance(value, Mapping):
        value = value.get(SECTION)
    if value is None:
        value = await _asked(server)
    if value is None:
        return
    resolution = resolved(value, server.initial_settings)
    report(server, resolution)
    server.session.configure(resolution.settings)


def report(server: NexteditServer, resolution: Resolution) -> None:
    """Names what is wrong to the user, once, and what is unknown to the log."""
    if resolution.problems:
        server.client.on_warning("nextedit: " + "; ".join(resolution.problems) + ". All other settings are in use.")
    if resolution.unknown:
        logger.info("unknown settings: %s", ", ".join(resolution.unknown))


def plain(value: Any) -> Any:
    """A JSON value as dicts and lists, whatever the protocol library made of it."""
    if attrs.has(type(value)):
        return attrs.asdict(value)
    if hasattr(value, "_asdict"):
        return {name: plain(item) for name, item in value._asdict().items()}
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


async def _asked(server: NexteditServer) -> Any:
    workspace = server.client_capabilities.workspace
    if workspace is None or not workspace.configuration:
        return None
    params = types.ConfigurationParams(items=[types.ConfigurationItem(section=SECTION)])
    answer = await server.workspace_configuration_async(params)
    return plain(answer[0]) if answer else None
