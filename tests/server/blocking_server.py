"""A server whose predictions do not end: run as a script, with the folder for its marks as the argument."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from nextedit_lsp.predictor import Prediction
from nextedit_lsp.server import run

marks = Path(sys.argv[1])


def predict(*_arguments: object) -> Prediction:
    (marks / "started").touch()
    while not (marks / "release").exists():
        time.sleep(0.01)
    (marks / "ended").touch()
    return Prediction()


sys.exit(run.run(predict=predict, log_file=marks / "log"))
