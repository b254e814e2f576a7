"""Which files of a workspace are ignored, and which rule says so.

In: paths.  Out: the rule that ignores a path, as text for a log line, or ``None``.
Not here: files that hold secrets or are too large (``files``).

The rules are git's: a ``.gitignore`` at every level, ``.git/info/exclude``, and besides ``.ignore`` and
``.nexteditignore``, which win over them.  The last matching pattern of the deepest file that has one decides, and what
lies in an ignored directory can't be taken back in.  A directory's files are read when it is first asked about, and
again when they change.
"""

from __future__ import annotations

import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path

from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from nextedit_lsp.workspace import git

# Ignored with or without a rule: what tools keep for themselves, and other people's code.
_ALWAYS_IGNORED = """
    .git .hg .svn .jj node_modules .venv __pycache__ .tox .nox .mypy_cache .pytest_cache .ruff_cache
"""
ALWAYS_IGNORED = frozenset(_ALWAYS_IGNORED.split())

# In order of precedence, the strongest first.
RULE_FILES = (".nexteditignore", ".ignore", ".gitignore")

# A longer file is no ignore file that a person wrote; the rest of it isn't read.
MAX_RULE_BYTES = 256 * 1024

# pathspec's group for the slash after which a pattern for a directory stops matching.
_DIRECTORY_MARK = "ps_d"


@dataclass(frozen=True, slots=True)
class _Rule:
    regex: re.Pattern[str]
    ignores: bool
    origin: str


@dataclass(frozen=True, slots=True)
class _RuleFile:
    stamp: tuple[int, int, int]
    rules: tuple[_Rule, ...]
    """The last rule of the file first."""


class IgnoreRules:
    """The ignore rules of one root.  Safe to use from several threads."""

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.abspath(root))  # noqa: PTH100 - lexical: links are not followed
        self._top = git.find_work_tree(self.root) or self.root
        git_dir = git.find_git_dir(self.root)
        self._exclude = None if git_dir is None else git.common_dir(git_dir) / "info" / "exclude"
        self._lock = threading.Lock()
        self._files: dict[str, _RuleFile] = {}
        self._verdicts: dict[str, str | None] = {}

    def ignored(self, path: Path, *, is_dir: bool | None = None) -> str | None:
        """The rule that ignores ``path``, such as ``.gitignore:3: *.log``; ``None`` when it isn't ignored.

        Whether the path is a directory is looked up on disk unless given.
        """
        absolute = os.path.abspath(path)  # noqa: PTH100 - lexical, as above
        root = str(self.root)
        prefix = root if root.endswith(os.sep) else root + os.sep
        if not absolute.startswith(prefix):
            return None
        names = absolute.removeprefix(prefix).split(os.sep)  # noqa: PTH206 - no Path is made on this hot way
        if is_dir is None:
            is_dir = os.path.isdir(absolute)  # noqa: PTH112
        with self._lock:
            return self._verdict(root, names, is_dir=is_dir)

    def _verdict(self, root: str, names: list[str], *, is_dir: bool) -> str | None:
        levels = self._levels_above(root)
        directory = root
        for index, name in enumerate(names):
            levels.append(self._level(directory))
            child = os.path.join(directory, name)  # noqa: PTH118
            is_last = index == len(names) - 1
            if is_last and not is_dir:
                return self._match(levels, child, name, is_dir=False)
            if child not in self._verdicts:
                self._verdicts[child] = self._match(levels, child, name, is_dir=True)
            verdict = self._verdicts[child]
            if verdict is not None or is_last:
                return verdict
            directory = child
        return None

    def _levels_above(self, root: str) -> list[tuple[str, list[_RuleFile]]]:
        """The rules that hold above the root, the farthest first."""
        levels: list[tuple[str, list[_RuleFile]]] = []
        top = str(self._top)
        exclude = None if self._exclude is None else self._file(str(self._exclude), ".git/info/exclude")
        if exclude is not None:
            levels.append((top, [exclude]))
        if top != root:
            between = Path(root).relative_to(self._top).parts[:-1]
            levels.append(self._level(top))
            levels.extend(self._level(str(self._top.joinpath(*between[: n + 1]))) for n in range(len(between)))
        return levels

    def _level(self, directory: str) -> tuple[str, list[_RuleFile]]:
        label = directory.removeprefix(str(self._top)).lstrip(os.sep)
        join = os.path.join
        found = [self._file(join(directory, name), join(label, name)) for name in RULE_FILES]
        return directory, [file for file in found if file is not None]

    def _file(self, path: str, label: str) -> _RuleFile | None:
        """One rule file as it is now; a change of any of them voids what was concluded from them."""
        try:
            status = os.stat(path)  # noqa: PTH116
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        except (OSError, ValueError):
            if self._files.pop(path, None) is not None:
                self._verdicts.clear()
            return None
        known = self._files.get(path)
        if known is None or known.stamp != stamp:
            known = _RuleFile(stamp, _read_rules(Path(path), label))
            self._files[path] = known
            self._verdicts.clear()
        return known

    def _match(self, levels: list[tuple[str, list[_RuleFile]]], path: str, name: str, *, is_dir: bool) -> str | None:
        if name in ALWAYS_IGNORED:
            return f"built in: {name}"
        for directory, files in reversed(levels):
            relative = path.removeprefix(directory).lstrip(os.sep).replace(os.sep, "/")
            for file in files:
                for rule in file.rules:
                    if _matches(rule.regex, relative, is_dir=is_dir):
                        return rule.origin if rule.ignores else None
        return None


def _matches(regex: re.Pattern[str], relative: str, *, is_dir: bool) -> bool:
    """Whether a pattern matches this path itself, and not merely a directory above it."""
    # pathspec searches, as not all of its expressions are anchored: ``*/`` becomes a bare marked slash.
    match = regex.search(relative)
    if match is not None and not match.groupdict().get(_DIRECTORY_MARK):
        return True
    if not is_dir or _DIRECTORY_MARK not in regex.groupindex:
        return False
    end = len(relative) + 1
    return any(match.end(_DIRECTORY_MARK) == end for match in regex.finditer(relative + "/"))


def _read_rules(path: Path, label: str) -> tuple[_Rule, ...]:
    try:
        if not path.is_file():
            return ()
        with path.open("rb") as file:
            lines = file.read(MAX_RULE_BYTES).decode("utf-8-sig", errors="replace").splitlines()
    except OSError:
        return ()
    rules = [_rule_of(line, f"{label}:{number}: {line.strip()}") for number, line in enumerate(lines, start=1)]
    return tuple(rule for rule in reversed(rules) if rule is not None)


def _rule_of(line: str, origin: str) -> _Rule | None:
    try:
        pattern = GitIgnoreSpecPattern(line)
    except (ValueError, re.error):
        # A line that git leaves out of account as well.
        return None
    if pattern.include is None or pattern.regex is None:
        return None
    return _Rule(re.compile(pattern.regex.pattern), pattern.include, origin)
