"""A local file with one JSON line for each thing that became of a suggestion.

In: outcomes as plain values.  Out: lines appended to ``feedback.jsonl``, and counts of this session.
Not here: source text or paths, which are never written; the network; threads.

    {"at": 1767225600, "outcome": "accepted", "id": "5f0c…", "language": "python", "source": "repeat",
     "form": "jump", "chance": 0.83, "n_old": 4, "n_new": 6}

A disk that is full or may not be written costs the lines and nothing else.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

FILE_NAME = "feedback.jsonl"
# Some ten thousand outcomes; then the file starts anew and the old one is kept beside it.
MAX_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one suggestion; ``n_old`` and ``n_new`` count characters."""

    outcome: str
    id: str
    language: str
    source: str
    form: str
    chance: float
    n_old: int
    n_new: int


class Store:
    """The file, opened anew for each line, so that several servers can share it."""

    def __init__(self, directory: Path | None) -> None:
        self.counts: Counter[str] = Counter()
        self._path = directory / FILE_NAME if directory is not None else None

    def count(self, entry: Entry) -> None:
        """Counts an outcome."""
        self.counts[entry.outcome] += 1

    def append(self, entry: Entry) -> None:
        """Writes an outcome; never raises for what the disk does."""
        if self._path is None:
            return
        line = json.dumps({"at": int(time.time()), **asdict(entry)}) + "\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._path.exists() and self._path.stat().st_size > MAX_BYTES:
                self._path.replace(self._path.with_suffix(".old.jsonl"))
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:
            logger.warning("feedback is no longer kept in %s: %s", self._path, error.strerror)
            self._path = None


def state_directory(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Where this user's state lives."""
    if platform == "win32" and environment.get("LOCALAPPDATA"):
        return Path(environment["LOCALAPPDATA"]) / "nextedit"
    # A relative value is to be ignored, says the XDG specification.
    configured = environment.get("XDG_STATE_HOME", "")
    base = Path(configured) if configured.startswith("/") else Path.home() / ".local" / "state"
    return base / "nextedit"
