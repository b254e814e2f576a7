"""The entry point ``nextedit``: which command, and what an error looks like.

In: ``sys.argv``.  Out: an exit code: 0 done, 1 failed or something is missing, 2 wrong arguments.
Not here: the commands; each is imported only when it runs, so that ``serve`` starts fast.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from nextedit_lsp import __version__
from nextedit_lsp.errors import NexteditError

# Name, what the list of commands says of it.  Each is a module here with ``run(parser, argv)``.
COMMANDS = {
    "serve": "run the language server: what an editor starts",
    "demo": "replay a recorded session against the real server and show what it suggests",
    "replay": "the same with a recording of your own",
    "predict": "what comes after this change?",
    "models": "list, download and choose models",
    "evaluate": "measure how often suggestions are right",
    "doctor": "what is installed and does it work?",
}

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = arguments[0] if arguments else ""
    if not arguments:
        _parser().print_help(sys.stderr)
        return EXIT_USAGE
    if name not in COMMANDS:
        _parser().parse_args(arguments)
        return EXIT_USAGE  # Not reached: --help and --version leave, and so does any error.
    command = importlib.import_module(f"nextedit_lsp.cli.{name}")
    parser = argparse.ArgumentParser(prog=f"nextedit {name}", description=(command.__doc__ or "").split("\n")[0])
    try:
        return int(command.run(parser, arguments[1:]))
    except NexteditError as error:
        print(f"nextedit {name}: {error}", file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader (``head``) has gone; what Python would still flush goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED


def _parser() -> argparse.ArgumentParser:
    """The list of commands, for ``--help`` and for a command that is not known."""
    listed = "\n".join(f"  {name:10}{words}" for name, words in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="nextedit",
        description="Predicts your next edit, on your own machine.",
        epilog=f"commands:\n{listed}\n\nnextedit COMMAND --help tells more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="nextedit COMMAND …",
    )
    parser.add_argument("--version", action="version", version=f"nextedit {__version__}")
    parser.add_argument("command", choices=list(COMMANDS), metavar="COMMAND", help="one of those below")
    return parser


if __name__ == "__main__":
    sys.exit(main())
