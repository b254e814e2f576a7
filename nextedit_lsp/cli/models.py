"""Which model a command is to use: ``--model FILE``, else the environment's ``NEXTEDIT_MODEL``, else none.

In: arguments.  Out: a path or None.
Not here: whether the file is there and loads (``checks``, the server).
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

VARIABLE = "NEXTEDIT_MODEL"


def add_argument(parser: argparse.ArgumentParser) -> None:
    """Adds ``--model``."""
    parser.add_argument("--model", type=Path, metavar="FILE", help=f"a GGUF file to load (default: ${VARIABLE})")


def configured(arguments: argparse.Namespace) -> Path | None:
    """The model that the user named."""
    named = arguments.model or os.environ.get(VARIABLE)
    return Path(named).expanduser() if named else None
