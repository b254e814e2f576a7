"""A real VS Code: code-server with extensions installed, and the browser that shows it.

In: ``.vsix`` files and settings.  Out: the address at which a folder opens as a window.
Not here: what is done and seen in a window (``window``).
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.editors.terminal import FETCHED, wait_until

ROOT = Path(__file__).parents[3]
PROBE = Path(__file__).parent / "probe"
EXTENSION = "nextedit-lsp.nextedit"
START_S = 60.0
# What would move, cover or ask for something on the screen, and what a headless browser is mistaken for.
PLAIN: Mapping[str, Any] = {
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "chat.disableAIFeatures": True,
    "editor.accessibilitySupport": "off",
    "editor.cursorBlinking": "solid",
    "editor.fontFamily": "DejaVu Sans Mono",
    "editor.minimap.enabled": False,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "files.hotExit": "off",
    "git.enabled": False,
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "window.restoreWindows": "none",
}


class CodeServer:
    """One code-server; every folder opened in it is a window with an extension host of its own."""

    def __init__(
        self,
        root: Path,
        extensions: Sequence[Path],
        server: Sequence[str],
        *,
        granted: str = "",
        is_trust_asked: bool = False,
    ) -> None:
        """``server`` is the command that is asked to serve.

        ``granted`` names the extension that may use the proposed API, as ``code --enable-proposed-api`` does.
        """
        self._program = FETCHED / "code-server"
        assert self._program.exists(), "code-server is not there: make editors (or tools/get_code_server.py)"
        data, self._extensions = root / "data", root / "extensions"
        self._servers = root / "servers"
        self._servers.mkdir(parents=True)
        # Only the machine's settings may name programs.
        machine = {"nextedit.serverPath": str(self._write_server(root, server))}
        for name, settings in (("User", PLAIN), ("Machine", machine)):
            (data / name).mkdir(parents=True)
            (data / name / "settings.json").write_text(json.dumps(settings))
        (root / "config.yaml").touch()
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("VSCODE", "CODE_SERVER"))}
        self._environment = {**plain, "HOME": str(root), "NEXTEDIT_HOME": str(root / "nextedit")}
        self._environment["PYTHONPATH"] = str(ROOT)
        self._arguments = ["--config", str(root / "config.yaml"), "--user-data-dir", str(data)]
        self._arguments += ["--extensions-dir", str(self._extensions)]
        shutil.copytree(PROBE, self._extensions / "nextedit-tests.probe-1.0.0")
        for extension in extensions:
            self.install(extension)
        self.log_file = root / "code-server.log"
        flags = ["--bind-addr", "127.0.0.1:0", "--auth", "none", "--disable-telemetry", "--disable-update-check"]
        flags += [] if is_trust_asked else ["--disable-workspace-trust"]
        flags += ["--enable-proposed-api", granted] if granted else []
        with self.log_file.open("w") as log:
            self._process = subprocess.Popen(
                [str(self._program), *self._arguments, *flags],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=self._environment,
            )  # fmt: skip
        self.address: str = wait_until(self._listens, "code-server listens", START_S)

    def install(self, extension: Path) -> None:
        """Installs a ``.vsix``."""
        command = [str(self._program), *self._arguments, "--install-extension", str(extension)]
        done = subprocess.run(command, capture_output=True, text=True, env=self._environment, timeout=START_S)
        assert done.returncode == 0, f"{extension.name}: {done.stdout}{done.stderr}"

    def log_of_server(self, host: int) -> str:
        """What the server that an extension host started has logged."""
        log = self._servers / f"{host}.log"
        return log.read_text(encoding="utf-8") if log.exists() else ""

    def url(self, folder: Path) -> str:
        """Where ``folder`` opens."""
        return f"{self.address}?folder={quote(str(folder))}"

    def close(self) -> None:
        """Ends it, and with it all extension hosts."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _write_server(self, root: Path, server: Sequence[str]) -> Path:
        """A command that is the server, and has it log where ``log_of_server`` looks."""
        command, run = root / "nextedit-of-the-tests", shlex.join(server)
        log = shlex.quote(str(self._servers))
        command.write_text(
            f'#!/bin/sh\n[ "$1" = serve ] || exec {run} "$@"\nexec {run} "$@" --log-file {log}/$PPID.log\n'
        )
        command.chmod(0o755)
        return command

    def _listens(self) -> str | None:
        log = self.log_file.read_text()
        assert self._process.poll() is None, log
        found = re.search(r"listening on (http://\S+)", log)
        return found and found[1]
