"""Files written whole or not at all, summed up, and held by one process at a time.

In: paths.  Out: text on disk, checksums, locks.
Not here: what the files mean.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

# Big enough that reading a model is bound by the disk, small enough that Ctrl-C is heard at once.
PIECE_BYTES = 1 << 20

# Hears how many bytes are done, of how many.
Progress = Callable[[int, int], None]


def write_whole(path: Path, text: str) -> None:
    """Writes a small file so that a reader, or a crash, finds the old text or the new one; raises ``OSError``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with new.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            new.unlink()
        raise


def sha256_of(path: Path, on_progress: Progress) -> str:
    """The checksum of a file of any size; raises ``OSError``."""
    digest = hashlib.sha256()
    n_done, n_bytes = 0, path.stat().st_size
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
            n_done += len(piece)
            on_progress(n_done, n_bytes)
    return digest.hexdigest()


@contextlib.contextmanager
def held(path: Path) -> Iterator[bool]:
    """Holds ``path`` against other processes; false when another one has it.  A process that dies lets go."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        yield _lock(file)


def _lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
