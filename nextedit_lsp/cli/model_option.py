"""Which model a command is to use: ``--model`` or ``--server``, else ``$NEXTEDIT_MODEL``, else the one in use.

In: arguments.  Out: a target or None; a ``ModelError`` for a name that no model has.
Not here: whether the file is there and loads (``checks``, the server); what names mean (``models.choice``).
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from nextedit_lsp.formats.catalogue import FORMATS
from nextedit_lsp.session.model import Target, target_of
from nextedit_lsp.session.settings import Settings

VARIABLE = "NEXTEDIT_MODEL"


def add_argument(parser: argparse.ArgumentParser) -> None:
    """Adds ``--model``, ``--server`` and ``--model-format``."""
    parser.add_argument(
        "--model",
        metavar="NAME|FILE",
        help=f'a model of `nextedit models list`, a GGUF file, or "none" (default: ${VARIABLE}, else the one in use)',
    )
    parser.add_argument("--server", metavar="URL", help="an OpenAI-compatible completion server that runs the model")
    parser.add_argument("--server-model", metavar="NAME", help="the model's name there")
    parser.add_argument(
        "--model-format",
        metavar="FORMAT",
        choices=sorted(FORMATS),
        help="the format of its prompts, if it does not tell",
    )


def target(arguments: argparse.Namespace) -> Target | None:
    """The model that the user named, else the one in use."""
    named = arguments.model or os.environ.get(VARIABLE)
    return target_of(
        Settings(
            model=None if named is None else _whole_path(named),
            server=arguments.server,
            server_model=arguments.server_model,
            model_format=arguments.model_format,
        )
    )


def _whole_path(named: str) -> str:
    """A file that is there by its whole path: the server runs in another folder."""
    path = Path(named).expanduser()
    return str(path.resolve()) if path.is_file() else named
