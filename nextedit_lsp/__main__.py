"""``python -m nextedit_lsp``: the server, as ``nextedit serve``.

In: the arguments of ``nextedit serve``.  Out: its exit code.
Not here: anything else of the command line (``cli``).
"""

from __future__ import annotations

import sys

from nextedit_lsp.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["serve", *sys.argv[1:]]))
