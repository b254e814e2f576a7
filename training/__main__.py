"""The command line: ``python -m training STAGE``.

In: arguments.  Out: a tokenizer, shards of examples, checkpoints, a GGUF file.
Not here: the stages (``commands_data``, ``commands_run``, ``commands_file``).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from training import commands_data, commands_file, commands_run


def main(argv: Sequence[str] | None = None) -> int:
    """Run one stage."""
    parser = argparse.ArgumentParser(prog="python -m training", description="From git history to a GGUF file.")
    stages = parser.add_subparsers(required=True)
    for commands in (commands_data, commands_run, commands_file):
        commands.add(stages)
    arguments = parser.parse_args(argv)
    result: int = arguments.run(arguments)
    return result


if __name__ == "__main__":
    sys.exit(main())
