"""Stands between an editor and the server, and writes down what the editor sends.

In: ``NEXTEDIT_RECORD``, the file to write, and ``NEXTEDIT_ROOT``, the folder that becomes ``/w`` in it.
Out: one message of the client a line, as ``tests/server/test_conformance.py`` plays them.
Put a script named ``nextedit`` that runs this on the editor's path; ``record_all.py`` does so for each editor.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

from nextedit_lsp.server.framing import Framing


def main() -> int:
    """Runs the server and records until the editor hangs up; the server's exit code."""
    root, out = os.environ["NEXTEDIT_ROOT"], Path(os.environ["NEXTEDIT_RECORD"])
    command = [sys.executable, "-m", "nextedit_lsp", *sys.argv[1:]]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdin is not None and server.stdout is not None
    threading.Thread(target=copy, args=(server.stdout.fileno(),), daemon=True).start()
    framing = Framing()
    with out.open("w", encoding="utf-8") as lines:
        while data := os.read(0, 1 << 16):
            server.stdin.write(data)
            server.stdin.flush()
            for body in framing.feed(data):
                text = json.dumps(json.loads(body), ensure_ascii=False).replace(root, "/w")
                lines.write(text + "\n")
                lines.flush()
    server.stdin.close()
    return server.wait()


def copy(source: int) -> None:
    """Hands the server's bytes to the editor."""
    while data := os.read(source, 1 << 16):
        os.write(1, data)


if __name__ == "__main__":
    sys.exit(main())
