"""Git repositories for tests."""

import os
import subprocess
from collections import Counter
from pathlib import Path

from nextedit_lsp.evaluation import git_history, mining
from nextedit_lsp.evaluation.episodes import Episode


class Repo:
    """A git repository that a test fills; its commits are a day apart."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.n_commits = 0
        root.mkdir(exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> None:
        date = f"2020-01-{self.n_commits + 1:02d}T12:00:00Z"
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_COMMITTER_DATE": date}
        identity = ("-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "protocol.file.allow=always")
        subprocess.run(["git", *identity, *arguments], cwd=self.root, env=environment, check=True, capture_output=True)

    def commit(self, files: dict[str, str | bytes]) -> None:
        """Commits these contents."""
        for path, content in files.items():
            file = self.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--message=change")
        self.n_commits += 1

    def mined(self, since: str | None = None, max_commits: int = 100) -> tuple[list[Episode], Counter[str]]:
        left_out: Counter[str] = Counter()
        return list(mining.mined(git_history.opened(self.root), since, max_commits, left_out)), left_out
