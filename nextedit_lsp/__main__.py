"""``python -m nextedit_lsp``: the command line; without arguments, the server.

In: the arguments of ``nextedit``.  Out: its exit code.
Not here: the commands themselves (``cli``).
"""

from __future__ import annotations

import sys

from nextedit_lsp.cli.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["serve"]))
