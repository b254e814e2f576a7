"""Which model a command is to use: ``--model NAME|FILE``, else ``$NEXTEDIT_MODEL``, else the one in use.

In: arguments.  Out: a model or None; a ``ModelError`` for a name that no model has.
Not here: whether the file is there and loads (``checks``, the server); what names mean (``models.choice``).
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from nextedit_lsp.models import choice

VARIABLE = "NEXTEDIT_MODEL"


def add_argument(parser: argparse.ArgumentParser) -> None:
    """Adds ``--model``."""
    parser.add_argument(
        "--model",
        metavar="NAME|FILE",
        help=f"a model of `nextedit models list`, or a GGUF file (default: ${VARIABLE}, else the model in use)",
    )


def configured_model(arguments: argparse.Namespace) -> choice.Model | None:
    """The model that the user named, else the one in use."""
    return choice.resolve(arguments.model or os.environ.get(VARIABLE))


def configured(arguments: argparse.Namespace) -> Path | None:
    """The file of the model that the user named, else of the one in use."""
    model = configured_model(arguments)
    return None if model is None else model.path
