"""Measure how often suggestions are right, on episodes of real commits.

In: arguments, handed on as they are.  Out: the runner's exit code.
Not here: the measuring (``evaluation``).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def run(_parser: argparse.ArgumentParser, argv: Sequence[str]) -> int:
    """Runs the evaluation."""
    from nextedit_lsp.evaluation import runner

    return int(runner.main(argv))
