"""The engine for a target: a worker process for a file, a client for an address.

In: a target.  Out: an engine, not yet loaded.
Not here: engines.  Their libraries are only imported where a model is configured.
"""

from __future__ import annotations

from collections.abc import Callable

from nextedit_lsp.engine.interface import Engine
from nextedit_lsp.session.model import Target


def new_engine(target: Target, on_change: Callable[[], None] = lambda: None) -> Engine:
    """An engine that runs the target's model; ``on_change`` hears when its state changes by itself."""
    if target.server is not None:
        from nextedit_lsp.engine.remote import RemoteEngine

        return RemoteEngine(target.server, model=target.server_model, key_file=target.server_key_file)
    from nextedit_lsp.engine.process import WorkerEngine

    assert target.path is not None, "a target is a file or an address"
    return WorkerEngine(target.path, wishes=target.wishes, idle_s=target.idle_s, on_change=on_change)
