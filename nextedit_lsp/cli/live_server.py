"""The real server as a subprocess with a scripted editor at its other end, waited for with a progress display.

In: a folder.  Out: a connected ``FakeEditor``; a clear error when the server does not come up.
Not here: what is played to it (``replaying``).
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from rich.console import Console

from nextedit_lsp.errors import EditorError, NexteditError
from nextedit_lsp.server.fake_editor import FakeEditor

# Python, the grammars and the protocol library load in about a second; a busy machine takes longer.
START_TIMEOUT_S = 60.0
N_SHOWN_LOG_LINES = 12

# This very installation, whatever is on PATH.
SERVER = (sys.executable, "-m", "nextedit_lsp.cli.main", "serve", "--stdio")


class ServerFailed(NexteditError):  # noqa: N818 - it names what happened.
    """The server did not start or broke off."""


@contextlib.asynccontextmanager
async def connected(root: Path, console: Console) -> AsyncIterator[FakeEditor]:
    """An editor with a server of its own in ``root``."""
    with tempfile.TemporaryDirectory(prefix="nextedit-log-") as folder:
        log = Path(folder) / "server.log"
        command = [*SERVER, "--log-file", str(log)]
        try:
            async with contextlib.AsyncExitStack() as stack:
                with console.status("starting the server …"):
                    starting = stack.enter_async_context(FakeEditor.start(command, root))
                    editor = await asyncio.wait_for(starting, START_TIMEOUT_S)
                yield editor
        except asyncio.TimeoutError as error:
            message = f"the server did not answer within {START_TIMEOUT_S:.0f} s{_log_end(log)}"
            raise ServerFailed(message) from error
        except EditorError as error:
            raise ServerFailed(f"{error}{_log_end(log)}") from error


def _log_end(log: Path) -> str:
    """The last lines of the server's log, and where to look next."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    shown = "".join(f"\n  {line}" for line in lines[-N_SHOWN_LOG_LINES:])
    return f"{shown}\nnextedit doctor tells what is missing"
