"""``python -m nextedit_lsp.evaluation``: see ``runner``."""

import sys

from nextedit_lsp.evaluation import runner

# Worker processes import this module under another name and must not start a run of their own.
if __name__ == "__main__":
    sys.exit(runner.main())
