"""Where models and the user's choice are kept.

In: the environment.  Out: paths, which need not exist.
Not here: what is in them (``store``, ``choice``).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs

APPLICATION = "nextedit"

# One folder for all of it: for a big disk, for tests, for several users of one collection.
VARIABLE = "NEXTEDIT_HOME"


def models_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder with one folder a model."""
    home = environment.get(VARIABLE)
    base = Path(home).expanduser() if home else platformdirs.user_data_path(APPLICATION, appauthor=False)
    return base / "models"


def choice_file(environment: Mapping[str, str] = os.environ) -> Path:
    """The file with the user's choice."""
    home = environment.get(VARIABLE)
    base = Path(home).expanduser() if home else platformdirs.user_config_path(APPLICATION, appauthor=False)
    return base / "config.json"
