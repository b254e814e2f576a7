"""The commits of a git repository, newest first, with the texts of the files that they modify.

In: a folder, and bounds.  Out: Commits, one at a time; a GitError that says what to do where there is none.
Not here: which commits make episodes (``mining``).

Only plumbing that reads is run: no hook, filter, pager or signature check, and nothing is fetched.  Files that were
added, deleted, renamed or are links or submodules are left out: only a text that was there before can be edited.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from nextedit_lsp.errors import NexteditError

_REGULAR_MODES = ("100644", "100755")
_COMMIT_MARK = b"\x01"
_READ_BYTES = 64 * 1024
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class GitError(NexteditError):
    """No history can be read; the message names the remedy."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository; ``root`` is its work tree, or its own folder where it is bare."""

    name: str
    root: Path
    is_bare: bool
    is_shallow: bool


@dataclass(frozen=True, slots=True)
class Modified:
    """A regular file that a commit modifies, by the names of its two texts."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit with one parent, or the first one of all, and the files that it modifies."""

    id: str
    date: str
    files: tuple[Modified, ...]


def opened(path: Path) -> Repository:
    """The repository that ``path`` lies in.  Raises GitError."""
    if shutil.which("git") is None:
        raise GitError("git is not installed, or not on the PATH: --git reads a repository with it")
    if not path.is_dir():
        raise GitError(f"{path} is no folder")
    is_bare, is_shallow, git_dir = _asked(
        path, "rev-parse", "--is-bare-repository", "--is-shallow-repository", "--absolute-git-dir"
    ).split("\n")[:3]
    if not _has_commit(path):
        raise GitError(f"{path} has no commit yet")
    if is_bare == "true":
        root = Path(git_dir)
        return Repository(root.name.removesuffix(".git") or root.name, root, True, is_shallow == "true")
    root = Path(_asked(path, "rev-parse", "--show-toplevel"))
    return Repository(root.name, root, False, is_shallow == "true")


def commits(repository: Repository, since: str | None, max_commits: int) -> Iterator[Commit]:
    """The commits that HEAD can reach and that modify something, newest first, at most so many; no merges.

    Raises GitError.
    """
    arguments = ["log", "--no-merges", "--no-renames", "--diff-filter=M", "--raw", "-z", "--no-abbrev", "--no-color"]
    arguments += ["--no-show-signature", "--no-ext-diff", "--no-textconv", "--ignore-submodules"]
    arguments += ["--format=%x01%H %cI", f"--max-count={max_commits}"]
    if since:
        # A date alone means to git that day at this time of day.
        arguments.append(f"--since={since} 00:00" if _DATE.fullmatch(since) else f"--since={since}")
    with tempfile.TemporaryFile() as errors, _started(repository.root, arguments, errors) as process:
        assert process.stdout is not None, "a pipe was asked for"
        yield from _commits(_split(process.stdout))
        if process.wait() != 0:
            errors.seek(0)
            raise GitError(f"git can't read the history of {repository.root}: {_words(errors.read())}")


class Texts:
    """The contents of files by their names, read one at a time; ``None`` for one that is too large or not there."""

    def __init__(self, repository: Repository, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._stack = contextlib.ExitStack()
        # Two processes: a large file is known by its size and never read.
        self._sizes, self._contents = (
            self._stack.enter_context(_started(repository.root, ["cat-file", option], has_input=True))
            for option in ("--batch-check", "--batch")
        )

    def read(self, name: str) -> bytes | None:
        """The content of a file."""
        header = _put(self._sizes, name)
        if len(header) != 3 or header[1] != b"blob" or int(header[2]) > self._max_bytes:
            return None
        _, _, size = _put(self._contents, name)
        output = self._contents.stdout
        assert output is not None, "a pipe was asked for"
        content = output.read(int(size))
        output.read(1)
        return content

    def close(self) -> None:
        """Ends the processes."""
        self._stack.close()


def _commits(fields: Iterator[bytes]) -> Iterator[Commit]:
    """The commits of ``git log --raw -z``: a marked header, then for each file its modes and names, and its path."""
    header, files = b"", list[Modified]()
    for field in fields:
        if field.startswith(_COMMIT_MARK):
            if header:
                yield _commit(header, files)
            header, files = field, []
            continue
        # ``:100644 100644 <before> <after> M``
        words = field.lstrip(b"\n:").decode("ascii", "replace").split(" ")
        path = next(fields, b"")
        if len(words) == 5 and words[0] in _REGULAR_MODES and words[1] in _REGULAR_MODES:
            with contextlib.suppress(UnicodeDecodeError):
                files.append(Modified(path.decode("utf-8"), words[2], words[3]))
    if header:
        yield _commit(header, files)


def _commit(header: bytes, files: Sequence[Modified]) -> Commit:
    name, _, date = header[1:].decode("ascii", "replace").strip().partition(" ")
    return Commit(name, date, tuple(files))


def _split(stream: IO[bytes]) -> Iterator[bytes]:
    """What stands between the null bytes, without an empty rest."""
    rest = b""
    while chunk := stream.read(_READ_BYTES):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
    if rest.strip():
        yield rest


def _put(process: subprocess.Popen[bytes], name: str) -> list[bytes]:
    """The words of the line with which ``git cat-file`` answers a name."""
    assert process.stdin is not None and process.stdout is not None, "pipes were asked for"
    try:
        process.stdin.write(name.encode("ascii") + b"\n")
        process.stdin.flush()
        return process.stdout.readline().split()
    except OSError as error:
        raise GitError(f"git stopped while it read files: {error}") from error


def _asked(path: Path, *arguments: str) -> str:
    result = subprocess.run(
        _command(path, arguments), capture_output=True, env=_environment(), stdin=subprocess.DEVNULL, check=False
    )
    if result.returncode != 0:
        raise GitError(f"{path} is no git repository that can be read: {_words(result.stderr)}")
    return result.stdout.decode("utf-8", "surrogateescape").strip("\n")


def _has_commit(path: Path) -> bool:
    try:
        _asked(path, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    except GitError:
        return False
    return True


@contextlib.contextmanager
def _started(
    root: Path, arguments: Sequence[str], errors: IO[bytes] | None = None, *, has_input: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """A git process that is ended when it is needed no longer."""
    process = subprocess.Popen(
        _command(root, arguments),
        stdin=subprocess.PIPE if has_input else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors or subprocess.DEVNULL,
        env=_environment(),
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()


def _command(path: Path, arguments: Sequence[str]) -> list[str]:
    return ["git", "--no-pager", "-C", str(path), "-c", "core.fsmonitor=false", *arguments]


def _environment() -> dict[str, str]:
    """Messages in English, no questions, and nothing fetched: a missing object is one that is not there."""
    return {
        **os.environ,
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
    }


def _words(output: bytes) -> str:
    """The first line of what git says."""
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ") if lines else ""
