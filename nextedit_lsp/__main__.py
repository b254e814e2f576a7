"""``python -m nextedit_lsp``: the command line; without a command, the server.

In: the arguments of ``nextedit``, or of ``nextedit serve``.  Out: its exit code.
Not here: the commands themselves (``cli``).
"""

from __future__ import annotations

import sys

from nextedit_lsp.cli.main import main

if __name__ == "__main__":
    arguments = sys.argv[1:]
    has_command = arguments and not arguments[0].startswith("-")
    sys.exit(main(arguments if has_command else ["serve", *arguments]))
