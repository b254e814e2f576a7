"""Episodes mined from a git repository: which commits are a few small edits of source files.

In: a repository.  Out: Episodes, newest first, and counts of what was left out and why.
Not here: calling git (``git_history``), the form of an episode (``episodes``).

A commit makes an episode if it modifies 1 to 4 source files in 2 to 16 hunks, each of at most 14 lines before and 24
after, and every one of these files can be used.  Lock files, generated, vendored and snapshot files do not count; nor
does anything that the ignore rules or the names of secret files keep away from the language server as well.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from pathlib import Path, PurePosixPath

from nextedit_lsp.evaluation.episodes import Episode, EpisodeFile, Hunk
from nextedit_lsp.evaluation.git_history import Commit, Modified, Repository, Texts, commits
from nextedit_lsp.syntax import languages
from nextedit_lsp.workspace import files, ignore

MAX_FILES = 4
MIN_HUNKS, MAX_HUNKS = 2, 16
MAX_OLD_LINES, MAX_NEW_LINES = 14, 24
MAX_BYTES = 24_000

# Languages that have no grammar here and are edited like any other.
_OTHER_LANGUAGES = {
    ".kt": "kotlin",
    ".kts": "kotlin",
    ".swift": "swift",
    ".scala": "scala",
    ".lua": "lua",
    ".dart": "dart",
    ".ex": "elixir",
    ".exs": "elixir",
    ".hs": "haskell",
    ".sql": "sql",
    ".vue": "vue",
    ".svelte": "svelte",
    ".md": "markdown",
    ".rst": "restructuredtext",
}

# Written by tools, or other people's: nobody edits these line by line.
_FOREIGN_FOLDERS_TEXT = """
    vendor vendored third_party thirdparty third-party node_modules bower_components external deps dist
    generated __generated__ gen __snapshots__ snapshots migrations testdata fixtures
"""
_FOREIGN_FOLDERS = frozenset(_FOREIGN_FOLDERS_TEXT.split())
_FOREIGN_NAMES = re.compile(
    r"(?:package-lock\.json|npm-shrinkwrap\.json|composer\.lock|.*[.-]lock(?:\.\w+)?|go\.sum|pnpm-lock\.yaml"
    r"|.*\.min\.\w+|.*\.(?:pb|g|gen|generated|designer|snap)\.\w+|.*_pb2(?:_grpc)?\.pyi?|.*\.snap)",
    re.IGNORECASE,
)
_GENERATED = re.compile(r"@generated|\bDO NOT EDIT\b|(?:auto-?|automatically )generated", re.IGNORECASE)
# Whoever marks a file as generated does so at its top.
_HEAD_CHARS = 600


def mined(repository: Repository, since: str | None, max_commits: int, left_out: Counter[str]) -> Iterator[Episode]:
    """The episodes among the newest commits; ``left_out`` counts the reasons for the others, as it goes."""
    is_kept_away = _keeper(repository)
    texts = Texts(repository, MAX_BYTES)
    try:
        for commit in commits(repository, since, max_commits):
            found = _episode(repository, commit, texts, is_kept_away)
            if isinstance(found, str):
                left_out[found] += 1
            else:
                yield found
    finally:
        texts.close()


def hunks_between(before: str, after: str) -> tuple[Hunk, ...]:
    """The line hunks that turn ``before`` into ``after``."""
    old, new = before.split("\n"), after.split("\n")
    opcodes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return tuple(Hunk(i1, i2 - i1, tuple(new[j1:j2])) for tag, i1, i2, j1, j2 in opcodes if tag != "equal")


def language_of(path: str) -> str | None:
    """The language of a source file by its name; None for other files."""
    language = languages.language_for(None, path)
    return language.name if language else _OTHER_LANGUAGES.get(PurePosixPath(path).suffix.lower())


def is_foreign(path: str) -> bool:
    """Whether a file is, by its name, written by a tool or other people's."""
    *folders, name = PurePosixPath(path).parts
    return not _FOREIGN_FOLDERS.isdisjoint(folder.lower() for folder in folders) or bool(_FOREIGN_NAMES.fullmatch(name))


def _episode(
    repository: Repository, commit: Commit, texts: Texts, is_kept_away: Callable[[str], bool]
) -> Episode | str:
    """The episode of a commit, or why it makes none."""
    sources = [file for file in commit.files if language_of(file.path) and not is_foreign(file.path)]
    if not sources:
        return "modify no source file"
    if len(sources) > MAX_FILES:
        return f"modify more than {MAX_FILES} source files"
    if any(is_kept_away(file.path) for file in sources):
        return "touch files that are ignored or may hold secrets"
    found: list[EpisodeFile] = []
    for source in sources:
        file = _file(source, texts)
        if isinstance(file, str):
            return file
        found.append(file)
    episode = Episode(f"{repository.name}@{commit.id[:12]}", repository.name, commit.id, commit.date, tuple(found))
    if not MIN_HUNKS <= episode.n_hunks <= MAX_HUNKS:
        return f"have fewer than {MIN_HUNKS} or more than {MAX_HUNKS} hunks"
    return episode


def _file(source: Modified, texts: Texts) -> EpisodeFile | str:
    contents = [_text(texts.read(name)) for name in (source.before, source.after)]
    before, after = contents
    if before is None or after is None:
        return f"touch files over {MAX_BYTES // 1000} kB or in another encoding than UTF-8"
    if _GENERATED.search(before[:_HEAD_CHARS]):
        return "touch generated files"
    hunks = hunks_between(before, after)
    if any(hunk.n_old > MAX_OLD_LINES or len(hunk.new) > MAX_NEW_LINES for hunk in hunks):
        return f"have hunks of more than {MAX_OLD_LINES} lines before or {MAX_NEW_LINES} after"
    return EpisodeFile(source.path, language_of(source.path) or "", before, hunks)


def _text(content: bytes | None) -> str | None:
    """The text of a file with ``\\n`` at its line ends; None where it has none that can be compared line by line."""
    if content is None or b"\0" in content:
        return None
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None
    return None if "\r" in text else text


def _keeper(repository: Repository) -> Callable[[str], bool]:
    """Whether a path is kept away from the language server too: ignored as the work tree is now, or secret."""
    rules = None if repository.is_bare else ignore.IgnoreRules(repository.root)

    def is_kept_away(path: str) -> bool:
        is_ignored = rules is not None and rules.ignored(repository.root / path, is_dir=False) is not None
        return is_ignored or files.secret_pattern(Path(path)) is not None

    return is_kept_away
