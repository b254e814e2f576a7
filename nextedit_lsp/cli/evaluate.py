"""Measure how often suggestions are right, on episodes of real commits.

In: arguments; those that name a model are read here, the rest handed on as they are.  Out: the runner's exit code.
Not here: the measuring (``evaluation``).  Without ``--model`` or ``--server`` no model is asked, whichever is in use.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from nextedit_lsp.cli import model_option


def run(_parser: argparse.ArgumentParser, argv: Sequence[str]) -> int:
    """Runs the evaluation."""
    from nextedit_lsp.evaluation import runner

    parser = argparse.ArgumentParser(add_help=False)
    model_option.add_argument(parser)
    arguments, rest = parser.parse_known_args(argv)
    named = arguments.model or arguments.server
    return int(runner.main(rest, model_option.target(arguments) if named else None))
