"""Which files change together, from the git log.

In: a work tree; git, if it is installed.  Out: for a file, the files that commits changed beside it.
Not here: why HEAD moved (``git``), keeping the log between starts (``index_store``).

Git is run so that nothing of the repository's own settings is executed, nothing is fetched and nothing is written.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

MAX_COMMITS = 2_000
# A commit of more files is a move, a reformatting or an import: it says nothing of any two of them.
MAX_FILES = 24
# A file that was changed in fewer commits has no company yet that could be told from chance.
MIN_COMMITS = 2
MAX_COMPANIONS = 16
# On a slow disk the log of a large repository takes that long, once a move of HEAD.
TIMEOUT_S = 60.0
MAX_LOG_BYTES = 20_000_000

_COMMAND = (
    "git -c log.showSignature=false -c core.fsmonitor=false -c core.quotePath=false -c core.pager=cat log"
    " --max-count {n} --no-merges --no-renames --no-show-signature --no-ext-diff --no-textconv --no-color"
    " --ignore-submodules=all --diff-filter=AM --relative --name-only -z --format=%x01"
)
_ENVIRONMENT = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_PAGER": "cat"}


@dataclass(frozen=True, slots=True)
class CoChanges:
    """The files of each commit, newest first; paths are relative to the root, with ``/``."""

    commits: tuple[tuple[str, ...], ...] = ()

    def companions(self, path: str) -> dict[str, float]:
        """In which share of the commits that changed ``path`` others were changed too, most often first."""
        together = [commit for commit in self.commits if path in commit]
        if len(together) < MIN_COMMITS:
            return {}
        counts = Counter(other for commit in together for other in commit if other != path)
        return {other: n / len(together) for other, n in counts.most_common(MAX_COMPANIONS) if n >= MIN_COMMITS}


def read_log(root: Path) -> str:
    """The log below ``root`` as git tells it; empty where there is none."""
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, *_COMMAND.format(n=MAX_COMMITS).split()[1:]]
    try:
        done = subprocess.run(
            command,
            cwd=root,
            env={**os.environ, **_ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    if done.returncode != 0 or len(done.stdout) > MAX_LOG_BYTES:
        return ""
    return done.stdout.decode("utf-8", errors="replace")


def parsed(log: str) -> CoChanges:
    """What a log says, each different path kept as one string."""
    known: dict[str, str] = {}
    commits: list[tuple[str, ...]] = []
    for entry in log.split("\x01"):
        paths = [path.strip("\n") for path in entry.split("\0")]
        names = tuple(known.setdefault(path, path) for path in paths if path)
        if 1 <= len(names) <= MAX_FILES:
            commits.append(names)
    return CoChanges(tuple(commits))
