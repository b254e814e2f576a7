"""The engine for a target: a worker process for a file, a client for an address.

In: a target.  Out: an engine, not yet loaded; or one that is loaded, with its format, for a command that has nothing
else to do meanwhile.
Not here: engines.  Their libraries are only imported where a model is configured.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable

from nextedit_lsp.engine.interface import Engine
from nextedit_lsp.errors import ModelError
from nextedit_lsp.formats.catalogue import FORMATS
from nextedit_lsp.session.model import Target, format_of
from nextedit_lsp.session.writer import Writer


def new_engine(target: Target, on_change: Callable[[], None] = lambda: None) -> Engine:
    """An engine that runs the target's model; ``on_change`` hears when its state changes by itself."""
    if target.server is not None:
        from nextedit_lsp.engine.remote import RemoteEngine

        return RemoteEngine(
            target.server, model=target.server_model, key_file=target.server_key_file, on_change=on_change
        )
    from nextedit_lsp.engine.process import WorkerEngine

    assert target.path is not None, "a target is a file or an address"
    return WorkerEngine(target.path, wishes=target.wishes, idle_s=target.idle_s, on_change=on_change)


@contextlib.asynccontextmanager
async def loaded(target: Target, on_progress: Callable[[float], None] = lambda _: None) -> AsyncIterator[Writer]:
    """The target's model, ready to be asked, and given back at the end.  Raises ``ModelError``."""
    engine = new_engine(target)
    try:
        await engine.load(on_progress)
        if engine.info is None:
            raise ModelError(f"the model {target.name} could not be loaded: {engine.reason}")
        yield Writer(engine, FORMATS[format_of(target, engine.info)])
    finally:
        await engine.close()
