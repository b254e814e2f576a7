"""Measure how often suggestions are right, on commits or recorded sessions.

In: arguments.  Out: the runner's exit code.
Not here: the measuring (``evaluation``).  Without ``--model`` or ``--server`` no model is asked, whichever is in use.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from nextedit_lsp.cli import model_option


def run(_parser: argparse.ArgumentParser, argv: Sequence[str]) -> int:
    """Runs the evaluation."""
    from nextedit_lsp.evaluation import arguments as arguments_
    from nextedit_lsp.evaluation import runner

    parser = arguments_.parser()
    model_option.add_argument(parser)
    arguments = parser.parse_args(argv)
    named = arguments.model or arguments.server
    return runner.run(arguments, model_option.target(arguments) if named else None)
