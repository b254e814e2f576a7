"""The models on this machine: a folder for each, with a record and, unless it lies elsewhere, the file.

In: records, files.  Out: ``Stored`` values; a problem of one model is part of its value and touches no other.
Not here: downloading (``download``), the user's choice (``choice``).

    <models folder>/sweep-0.5b/model.json   {"file": "….gguf", "format": "sweep", "bytes": 1, "sha256": "…", …}
    <models folder>/sweep-0.5b/….gguf       absent when ``file`` is an absolute path: a file of the user's own

There is no index over all models: each record is written whole or not at all, so two processes can't undo each other's
work, and a record that broke costs one model its checksum and nothing else.
"""

from __future__ import annotations

import errno
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nextedit_lsp.errors import ModelError
from nextedit_lsp.models import embedded, files, homes, registry

RECORD = "model.json"


class StoreError(ModelError):
    """What is kept on this machine can't be read or written."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A model on this machine.

    ``format`` is None where nobody knows it.  ``sha256`` is empty until it was computed or told by the hub; ``source``
    is OWNER/REPOSITORY/FILE@REVISION of a download, empty for a file of the user's own.  ``problem`` says why it can't
    be used, with the remedy; empty if it can.
    """

    name: str
    path: Path
    format: str | None
    bytes: int
    sha256: str = ""
    source: str = ""
    problem: str = ""

    @property
    def is_own_file(self) -> bool:
        """Whether the file is the user's, outside the models' folder: never to be deleted."""
        return self.path.parent != folder_of(self.name)


def folder_of(name: str) -> Path:
    """The folder of a model; raises ``StoreError`` for what can't be a name."""
    if not registry.NAME.fullmatch(name):
        raise StoreError(f"{name!r} can't be a model's name: use small letters, digits, '.', '_' and '-'")
    return homes.models_folder() / name


def all_models() -> tuple[Stored, ...]:
    """Every model on this machine, by name."""
    try:
        folders = sorted(path for path in homes.models_folder().iterdir() if path.is_dir())
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise StoreError(f"the folder of the models can't be read: {error}. Set {homes.VARIABLE} to another") from error
    found = (find(folder.name) for folder in folders if registry.NAME.fullmatch(folder.name))
    return tuple(model for model in found if model is not None)


def find(name: str) -> Stored | None:
    """The model of that name, also one that comes with the program.

    None when it isn't here, or only a download that broke off.
    """
    name = name.lower()
    if not registry.NAME.fullmatch(name):
        return None
    folder = folder_of(name)
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        stored = _read(name, folder, record)
    except FileNotFoundError:
        return _without_record(name, folder) or _embedded(name)
    except (OSError, ValueError, KeyError, TypeError):
        return _without_record(name, folder) or _broken(name, folder)
    return stored


def keep(stored: Stored) -> None:
    """Writes a model's record."""
    folder = folder_of(stored.name)
    record = {
        "file": str(stored.path) if stored.is_own_file else stored.path.name,
        "format": stored.format,
        "bytes": stored.bytes,
        "sha256": stored.sha256,
        "source": stored.source,
    }
    try:
        files.write_whole(folder / RECORD, json.dumps(record, indent=2) + "\n")
    except OSError as error:
        raise StoreError(disk_problem(folder, error)) from error


def remove(name: str) -> None:
    """Deletes a model's folder, also one that holds no more than part of a download; a file of the user's own stays."""
    folder = folder_of(name)
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise StoreError(
            f"{folder} can't be deleted: {error.strerror or error}. Close what uses it, and try again"
        ) from error


def copied(source: Path, name: str, on_progress: files.Progress) -> Path:
    """A copy of ``source`` in the model's folder, there once it is whole."""
    folder = folder_of(name)
    target, part = folder / source.name, folder / f"{source.name}.copy"
    n_done = 0
    try:
        n_bytes = source.stat().st_size
        folder.mkdir(parents=True, exist_ok=True)
        require_space(folder, n_bytes)
        with source.open("rb") as old, part.open("wb") as new:
            while piece := old.read(files.PIECE_BYTES):
                new.write(piece)
                n_done += len(piece)
                on_progress(n_done, n_bytes)
        part.replace(target)
    except OSError as error:
        raise StoreError(disk_problem(folder, error)) from error
    finally:
        part.unlink(missing_ok=True)
    return target


def require_space(folder: Path, n_bytes: int) -> None:
    """Raises ``OSError`` (no space) when ``n_bytes`` more don't fit beside what is there."""
    if shutil.disk_usage(folder).free < n_bytes:
        raise OSError(errno.ENOSPC, "not enough space", str(folder))


def disk_problem(folder: Path, error: OSError) -> str:
    """What the disk's refusal means and what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"there is no space left for it in {folder}. Free some (nextedit models remove NAME), or set"
            f" {homes.VARIABLE} to a folder on a bigger disk"
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{folder} may not be written. Change its permissions, or set {homes.VARIABLE} to another folder"
    return f"{folder} can't be written: {error.strerror or error}. Set {homes.VARIABLE} to another folder"


def name_for(file_name: str) -> str:
    """A name made of a file's name; empty when nothing is left of it."""
    stem = re.sub(r"\.gguf$", "", file_name.lower())
    return re.sub(r"[^a-z0-9._]+", "-", stem).strip("-._")


def _read(name: str, folder: Path, record: Any) -> Stored:
    path = folder / str(record["file"])
    form = record["format"]
    stored = Stored(
        name=name,
        path=path,
        format=None if form is None else str(form),
        bytes=int(record["bytes"]),
        sha256=str(record["sha256"]),
        source=str(record["source"]),
    )
    return _checked(stored)


def _checked(stored: Stored) -> Stored:
    """The model with the problem that a look at its file shows."""
    again = (
        f"nextedit models pull {stored.name}" if stored.source else f"nextedit models import FILE --name {stored.name}"
    )
    try:
        n_bytes = stored.path.stat().st_size
    except OSError:
        return _with_problem(stored, f"its file {stored.path} is gone. Bring it back, or: {again}")
    if n_bytes != stored.bytes:
        problem = f"its file {stored.path} has {n_bytes:,} bytes in place of {stored.bytes:,}. Get it again: {again}"
        return _with_problem(stored, problem)
    return stored


def _without_record(name: str, folder: Path) -> Stored | None:
    """What can be said of a folder whose record is missing or broken, by the file in it."""
    try:
        path, *others = sorted(folder.glob("*.gguf"))
        n_bytes = path.stat().st_size
    except (OSError, ValueError):
        return None
    if others:
        return None
    known = registry.find(name)
    return Stored(name, path, known.format if known else None, n_bytes)


def _embedded(name: str) -> Stored | None:
    known = registry.find(name)
    path = embedded.file_of(name) if known is not None and known.is_embedded else None
    return None if path is None or known is None else Stored(name, path, known.format, path.stat().st_size)


def _broken(name: str, folder: Path) -> Stored:
    problem = f"its record {folder / RECORD} makes no sense. Import or pull it again, or: nextedit models remove {name}"
    return Stored(name, folder / RECORD, None, 0, problem=problem)


def _with_problem(stored: Stored, problem: str) -> Stored:
    return Stored(stored.name, stored.path, stored.format, stored.bytes, stored.sha256, stored.source, problem)
