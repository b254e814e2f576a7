"""The index of one root on disk: which files there are, and in which of them a term stands.

In: files with their terms.  Out: files by term.
Not here: finding files (``walking``), making terms (``terms``), deciding what is relevant (``index_root``).

SQLite's full-text index (FTS5) keeps the postings: it writes them in runs that it merges by itself, so that the work
grows with the number of files and no more.  It gets terms and not the text, keeps only in which files each stands, and
gives none of the text back.  A file that changes gets a new number; its old one is left in the postings, where it leads
nowhere.  When those are many the index is made anew.

Words, definitions and shingles share one list of terms, told apart by their first character.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

from nextedit_lsp.workspace.terms import Terms
from nextedit_lsp.workspace.walking import Stamp

# Another layout has another number; a file with another number is made anew.
LAYOUT = 1
# Another server of the same user may be writing; whoever finds it locked tries again later, and holds nobody up.
BUSY_TIMEOUT_S = 0.2
CACHE_KIB = 4_000
PAGE_BYTES = 4_096
# About a million files; what is beyond is an index that went wrong.
MAX_DISK_BYTES = 2_000_000_000
# Numbers that lead nowhere: so many, and more than the files that there are, are worth making all anew.
MIN_STALE = 5_000
# A name that stands in more files than this is counted no further.
MAX_COUNTED = 500
# An index that nobody has opened for so long is taken away.
MAX_UNUSED_S = 60 * 24 * 3600.0

# The tokenizer makes letters of ASCII small, and takes every other character for a letter: capitals are kept apart from
# small ones by being written as characters that no text uses.
_CAPITALS = {code: 0xE000 + code for code in range(ord("A"), ord("Z") + 1)}
_DEFINITION, _SHINGLE = "\ue001", "\ue002"

_TABLES = """
    CREATE TABLE files (id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT UNIQUE, mtime_ns INTEGER, size INTEGER);
    CREATE TABLE notes (name TEXT PRIMARY KEY, value BLOB);
    CREATE VIRTUAL TABLE postings
        USING fts5(terms, content='', detail='none', columnsize=0, tokenize="ascii tokenchars '_'");
"""


class Store:
    """The index of one root; paths are relative to it, with ``/``.  Raises ``sqlite3.Error`` where the disk fails."""

    def __init__(self, file: Path | None) -> None:
        """Opens or makes the index in ``file``; in memory without one."""
        self.is_new = True
        name = ":memory:" if file is None else str(file)
        self._connection = sqlite3.connect(name, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        try:
            self._set_up()
        except BaseException:
            self._connection.close()
            raise

    def stamp(self, path: str) -> tuple[int, Stamp] | None:
        """The number and the stamp of a file as it was when it was indexed."""
        row = self._connection.execute("SELECT id, mtime_ns, size FROM files WHERE path = ?", (path,)).fetchone()
        return None if row is None else (row[0], Stamp(row[1], row[2]))

    def put(self, path: str, stamp: Stamp, found: Terms) -> int:
        """Takes a file in, in the place of what was known of it; its number."""
        self._begin()
        self._connection.execute("DELETE FROM files WHERE path = ?", (path,))
        cursor = self._connection.execute(
            "INSERT INTO files (path, mtime_ns, size) VALUES (?, ?, ?)", (path, stamp.mtime_ns, stamp.size)
        )
        number = cursor.lastrowid or 0
        self._connection.execute("INSERT INTO postings (rowid, terms) VALUES (?, ?)", (number, _joined(found)))
        return number

    def remove(self, path: str) -> None:
        """Forgets a file, and all files below it where it was a directory."""
        self._begin()
        # "0" comes behind "/", and no character between them.
        self._connection.execute(
            "DELETE FROM files WHERE path = ? OR (path > ? AND path < ?)", (path, f"{path}/", f"{path}0")
        )

    def keep_only(self, numbers: Collection[int]) -> None:
        """Forgets all files but those of these numbers."""
        gone = [number for (number,) in self._connection.execute("SELECT id FROM files") if number not in numbers]
        if gone:
            self._begin()
            self._connection.executemany("DELETE FROM files WHERE id = ?", ((number,) for number in gone))

    def files_with_word(self, word: str, limit: int = MAX_COUNTED) -> list[str]:
        """The files in which a word stands, up to ``limit``."""
        return list(self._matching(word.translate(_CAPITALS), limit))

    def files_that_define(self, name: str, limit: int = MAX_COUNTED) -> list[str]:
        """The files that define a name, up to ``limit``."""
        return list(self._matching(_DEFINITION + name.translate(_CAPITALS), limit))

    def files_with_shingle(self, shingle: str, limit: int = MAX_COUNTED) -> list[str]:
        """The files in which a shingle stands, up to ``limit``."""
        return list(self._matching(_SHINGLE + shingle, limit))

    @property
    def n_files(self) -> int:
        """How many files are known."""
        return int(self._connection.execute("SELECT count(*) FROM files").fetchone()[0])

    @property
    def is_stale(self) -> bool:
        """Whether more of the postings lead nowhere than anywhere."""
        row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'files'").fetchone()
        n_files = self.n_files
        n_stale = (row[0] if row else 0) - n_files
        return n_stale > max(n_files, MIN_STALE)

    def note(self, name: str) -> str | None:
        """A text that was kept under a name."""
        row = self._connection.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return None if row is None else zlib.decompress(row[0]).decode("utf-8", "replace")

    def write_note(self, name: str, text: str) -> None:
        """Keeps a text under a name."""
        self._begin()
        value = zlib.compress(text.encode("utf-8", "replace"))
        self._connection.execute("INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)", (name, value))

    def commit(self) -> None:
        """Makes what was put in last."""
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")

    def clear(self) -> None:
        """Empties the index."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute("ROLLBACK")
        for table in ("postings", "files", "notes"):
            self._connection.execute(f"DROP TABLE IF EXISTS {table}")
        self._connection.executescript(_TABLES)
        self.is_new = True

    def close(self) -> None:
        """Closes the file, with what was not committed left out."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def _set_up(self) -> None:
        run = self._connection.execute
        run(f"PRAGMA page_size = {PAGE_BYTES}")
        run("PRAGMA journal_mode = WAL")
        # Nothing is lost that the next walk would not find.
        run("PRAGMA synchronous = OFF")
        run("PRAGMA temp_store = MEMORY")
        run(f"PRAGMA cache_size = -{CACHE_KIB}")
        run(f"PRAGMA max_page_count = {MAX_DISK_BYTES // PAGE_BYTES}")
        if run("PRAGMA user_version").fetchone()[0] == LAYOUT:
            self.is_new = False
            run("SELECT count(*) FROM files, notes").fetchone()
            run("SELECT rowid FROM postings WHERE postings MATCH 'x' LIMIT 1").fetchone()
            return
        # Another server may be at the same.
        run("BEGIN IMMEDIATE")
        if run("PRAGMA user_version").fetchone()[0] != LAYOUT:
            for table in ("postings", "files", "notes"):
                run(f"DROP TABLE IF EXISTS {table}")
            for statement in _TABLES.split(";"):
                run(statement)
            run(f"PRAGMA user_version = {LAYOUT}")
        run("COMMIT")

    def _begin(self) -> None:
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")

    def _matching(self, term: str, limit: int) -> Iterator[str]:
        rows = self._connection.execute(
            "SELECT files.path FROM postings JOIN files ON files.id = postings.rowid WHERE postings MATCH ? LIMIT ?",
            (f'"{term}"', limit),
        )
        return (path for (path,) in rows)


def opened(file: Path | None) -> Store:
    """The index in ``file``, made anew where what is there is none or damaged.  Raises ``sqlite3.Error``."""
    if file is None:
        return Store(None)
    # Words of the user's texts stand in it: it is nobody else's.
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise sqlite3.OperationalError(error.strerror) from error
    try:
        store = Store(file)
    except sqlite3.OperationalError:
        # It is locked, or the disk is full: what is there may be sound.
        raise
    except sqlite3.DatabaseError:
        discard(file)
        store = Store(file)
    # SQLite leaves the time alone while it only reads.
    with contextlib.suppress(OSError):
        os.utime(file)
    return store


def n_files_in(file: Path) -> int | None:
    """How many files an index holds, without touching it; None where it can't be read."""
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection,
    ):
        return int(connection.execute("SELECT count(*) FROM files").fetchone()[0])
    return None


def discard(file: Path) -> None:
    """Takes an index off the disk."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        with contextlib.suppress(OSError):
            file.with_name(file.name + suffix).unlink()


def discard_unused(folder: Path, now: float | None = None) -> None:
    """Takes off the disk what nobody has used for long."""
    now = time.time() if now is None else now
    with contextlib.suppress(OSError):
        for file in folder.glob("*.sqlite"):
            with contextlib.suppress(OSError):
                if now - file.stat().st_mtime > MAX_UNUSED_S:
                    discard(file)


def _joined(found: Terms) -> str:
    definitions = (_DEFINITION + name for name in found.definitions)
    shingles = (_SHINGLE + shingle for shingle in found.shingles)
    return " ".join((*(word.translate(_CAPITALS) for word in (*found.words, *definitions)), *shingles))
