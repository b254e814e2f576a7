"""Run the language server, over stdio (what editors start) or TCP on this machine.

In: arguments.  Out: the server's exit code.
Not here: the server (``server``).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

LOG_LEVELS = ("debug", "info", "warning", "error")
LOOPBACK = "127.0.0.1"


def run(parser: argparse.ArgumentParser, argv: Sequence[str]) -> int:
    """Serves until the editor says exit or goes away."""
    transport = parser.add_mutually_exclusive_group()
    transport.add_argument("--stdio", action="store_true", help="talk over standard input and output (the default)")
    transport.add_argument("--tcp", type=_port, metavar="PORT", help=f"listen on {LOOPBACK}:PORT instead")
    parser.add_argument("--log-level", choices=LOG_LEVELS, default="info", help="how much is logged (default: info)")
    parser.add_argument("--log-file", type=Path, metavar="FILE", help="log there (default: standard error)")
    arguments = parser.parse_args(argv)

    from nextedit_lsp.server import run as server_run

    return server_run.run(
        transport="tcp" if arguments.tcp is not None else "stdio",
        host=LOOPBACK,
        port=arguments.tcp or 0,
        log_level=arguments.log_level,
        log_file=arguments.log_file,
    )


def _port(value: str) -> int:
    """A TCP port; 0 lets the system choose."""
    if not value.isdigit() or int(value) > 65535:
        raise argparse.ArgumentTypeError(f"{value!r} is not a port: a number from 0 to 65535")
    return int(value)
