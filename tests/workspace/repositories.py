"""Tiny git repositories made with the real ``git``, away from the machine's own configuration."""

import os
import subprocess
from pathlib import Path

IDENTITY = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_EDITOR": "true",
}


def run_git(folder: Path, *args: str, check: bool = True) -> str:
    """Run a git command and return what it printed."""
    command = ["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *args]
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | IDENTITY
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"{command}: {done.stderr}")
    return done.stdout


def commit_file(folder: Path, name: str, content: str, *args: str) -> str:
    """Write a file, commit it, and return the commit."""
    (folder / name).write_text(content)
    run_git(folder, "add", "-A")
    run_git(folder, "commit", "-q", "-m", f"change {name}", *args)
    return run_git(folder, "rev-parse", "HEAD").strip()


def make_repository(folder: Path) -> Path:
    """A repository with one commit on ``main``."""
    folder.mkdir(parents=True, exist_ok=True)
    run_git(folder, "init", "-q")
    commit_file(folder, "a.txt", "one\n")
    return folder
