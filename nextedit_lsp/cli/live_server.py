"""The real server as a subprocess with a scripted editor at its other end, waited for with a progress display.

In: a folder, and a model or none.  Out: a connected ``FakeEditor``; a clear error when the server does not come up.
Not here: what is played to it (``replaying``).
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from rich.console import Console
from rich.status import Status

from nextedit_lsp.errors import EditorError, NexteditError
from nextedit_lsp.server.fake_editor import FakeEditor
from nextedit_lsp.session.model import NO_MODEL, Target

# Python, the grammars and the protocol library load in about a second; a busy machine takes longer.
START_TIMEOUT_S = 60.0
POLL_INTERVAL_S = 0.2
N_SHOWN_LOG_LINES = 12

# This very installation, whatever is on PATH, and none of the modules in the folder it is started in.
SERVER = (sys.executable, "-I", "-m", "nextedit_lsp", "serve", "--stdio")


class ServerFailed(NexteditError):  # noqa: N818 - it names what happened.
    """The server did not start or broke off."""


@contextlib.asynccontextmanager
async def connected(root: Path, console: Console, model: Target | None = None) -> AsyncIterator[FakeEditor]:
    """An editor with a server of its own in ``root``, which has loaded ``model`` if there is one."""
    with tempfile.TemporaryDirectory(prefix="nextedit-log-") as folder:
        log = Path(folder) / "server.log"
        # What it suggests here is nobody's habit: nothing of it is to be learned from.
        options = {"feedback": False, **_model_options(model)}
        try:
            async with contextlib.AsyncExitStack() as stack:
                with console.status("starting the server …") as status:
                    starting = FakeEditor.start([*SERVER, "--log-file", str(log)], root, init_options=options)
                    editor = await asyncio.wait_for(stack.enter_async_context(starting), START_TIMEOUT_S)
                    problem = await _loaded(editor, model, status) if model else None
                if problem:
                    console.print(f"going on without the model: {problem}", style="yellow", markup=False)
                yield editor
        except asyncio.TimeoutError as error:
            message = f"the server did not answer within {START_TIMEOUT_S:.0f} s{_log_end(log)}"
            raise ServerFailed(message) from error
        except EditorError as error:
            raise ServerFailed(f"{error}{_log_end(log)}") from error


def _model_options(model: Target | None) -> dict[str, object]:
    if model is None:
        return {"model": NO_MODEL}
    return {
        "model": str(model.path) if model.path else None,
        "modelFormat": model.format,
        "server": model.server,
        "serverModel": model.server_model,
    }


async def _loaded(editor: FakeEditor, model: Target, status: Status) -> str | None:
    """Waits until the server has loaded the model; why it could not, or None."""
    started_at = time.monotonic()
    while True:
        answer = (await editor.execute("nextedit.status", {"quiet": True}))["model"]
        if answer["state"] not in ("absent", "loading"):
            return None if answer["state"] == "ready" else str(answer["problem"])
        elapsed_s = time.monotonic() - started_at
        if answer["state"] == "absent" and elapsed_s > START_TIMEOUT_S:
            return "the server did not begin to load it"
        status.update(f"loading {model.name}: {_percentage(editor)}{elapsed_s:.0f} s …")
        await asyncio.sleep(POLL_INTERVAL_S)


def _percentage(editor: FakeEditor) -> str:
    """How far the server said that it is."""
    for method, params in reversed(editor.notifications):
        value = params.get("value", {}) if method == "$/progress" else {}
        if "percentage" in value:
            return f"{value['percentage']} %, "
    return ""


def _log_end(log: Path) -> str:
    """The last lines of the server's log, and where to look next."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    shown = "".join(f"\n  {line}" for line in lines[-N_SHOWN_LOG_LINES:])
    return f"{shown}\nnextedit doctor tells what is missing"
