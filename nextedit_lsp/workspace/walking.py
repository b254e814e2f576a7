"""The files of a root that may be indexed, one after the other.

In: a root and its ignore rules.  Out: paths with what the disk says of them.
Not here: reading files (``files``), and what is remembered of them (``index_store``).

No link is followed, so there are no loops; a directory that can't be read, or goes while it is looked at, has nothing
in it.  The walk is a generator that holds one directory's entries at a time, so it can stop anywhere.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from nextedit_lsp.workspace import files
from nextedit_lsp.workspace.ignore import IgnoreRules

# A larger file is data or generated: no person edits it by the names in it, and reading it holds everything else up.
MAX_INDEXED_BYTES = 400_000
# Known by their ends not to be texts, so that they need not be opened.
_BINARY_EXTENSIONS = """
    .7z .a .avi .bin .bmp .bz2 .class .dll .dylib .eot .exe .flac .gguf .gif .gz .ico .jar .jpeg .jpg .lib .mkv .mov
    .mp3 .mp4 .npy .npz .o .obj .ogg .otf .parquet .pdf .png .pt .pyc .pyd .pyo .rar .so .sqlite .sqlite3 .tar .tgz .tif
    .tiff .ttf .wasm .wav .webm .webp .whl .woff .woff2 .xz .zip .zst
"""
BINARY_EXTENSIONS = frozenset(_BINARY_EXTENSIONS.split())


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one state of a file from another without reading it."""

    mtime_ns: int
    size: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """A file that the walk came by."""

    path: str
    stamp: Stamp


def walk(root: str, rules: IgnoreRules, others: Collection[str] = ()) -> Iterator[Sighting]:
    """Every file below ``root`` that may be indexed, out of the roots in ``others``, which are walked by themselves."""
    pending = [root]
    while pending:
        directory = pending.pop()
        try:
            with os.scandir(directory) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except (OSError, ValueError):
            continue
        below = []
        for entry in found:
            if is_nameable(entry.path) and _is_directory(entry):
                if entry.path not in others and rules.ignored(Path(entry.path), is_dir=True) is None:
                    below.append(entry.path)
            elif (stamp := admitted(entry.path, rules)) is not None:
                yield Sighting(entry.path, stamp)
        # The first directory is gone into first.
        pending += reversed(below)


def admitted(path: str, rules: IgnoreRules) -> Stamp | None:
    """What the disk says of a file that may be indexed; None when it is none of those."""
    extension = os.path.splitext(path)[1].lower()  # noqa: PTH122 - no Path is made for what is out at once
    if extension in BINARY_EXTENSIONS or not is_nameable(path):
        return None
    stamp = stamp_of(path)
    if stamp is None or not 0 < stamp.size <= MAX_INDEXED_BYTES:
        return None
    as_path = Path(path)
    if files.secret_pattern(as_path) is not None or rules.ignored(as_path, is_dir=False) is not None:
        return None
    return stamp


def stamp_of(path: str) -> Stamp | None:
    """The stamp of a regular file, links not followed; None for anything else."""
    try:
        status = os.lstat(path)
    except (OSError, ValueError):
        return None
    return Stamp(status.st_mtime_ns, status.st_size) if files.is_regular(status) else None


def is_nameable(path: str) -> bool:
    """Whether a name on disk is text, so that it can be kept and stand in a URI."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False
