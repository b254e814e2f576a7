"""A run on disk: written while it goes, so that it can go on where it was stopped, and read again to be compared.

In: a header that says what is run, then Outcomes.  Out: JSON lines, and the same back.
Not here: running (``evaluating``).

The first line is the header, each other line one episode.  A run goes on only where the header is the same, the
fingerprint of the code among it.  A line that was cut short when the run was stopped is dropped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

import nextedit_lsp
from nextedit_lsp.errors import NexteditError
from nextedit_lsp.evaluation.evaluating import Outcome
from nextedit_lsp.evaluation.metrics import from_fields
from nextedit_lsp.evaluation.saving import Saving, Session

FORMAT = 1

# What of the package is code, or data that the code goes by.
_CODE_SUFFIXES = (".py", ".json")


class RunFileError(NexteditError):
    """A file that is no run, or one of another run; the message says which and what to do."""


class RunFile:
    """The run in ``path``: what it has, and more appended."""

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        """Opens or begins the file.  Raises RunFileError where it holds something else."""
        self.path = path
        self.outcomes: list[Outcome] = []
        if path.exists() and path.stat().st_size:
            found, self.outcomes, n_bytes = _read(path)
            _check_same(path, found, dict(header))
            with path.open("r+b") as file:
                file.truncate(n_bytes)
        self._file: TextIO = path.open("a", encoding="utf-8", newline="\n")
        if not self._file.tell():
            self._write({"format": FORMAT, **header})

    def append(self, outcome: Outcome) -> None:
        """Adds an episode; it is on disk when this returns."""
        self.outcomes.append(outcome)
        self._write(asdict(outcome))

    def close(self) -> None:
        """Ends writing."""
        self._file.close()

    def _write(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()


def load(path: Path) -> tuple[dict[str, Any], list[Outcome]]:
    """The header and the outcomes of a run.  Raises RunFileError."""
    try:
        header, outcomes, _ = _read(path)
    except OSError as error:
        raise RunFileError(f"{path} can't be read: {error.strerror or error}") from error
    return header, outcomes


def code_fingerprint() -> str:
    """A short name for the code as it is: runs of other code are other runs."""
    root = Path(nextedit_lsp.__file__).parent
    digest = hashlib.blake2s(digest_size=8)
    for path in sorted(root.rglob("*")):
        if path.suffix in _CODE_SUFFIXES and path.is_file():
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _read(path: Path) -> tuple[dict[str, Any], list[Outcome], int]:
    """The header, the outcomes, and the bytes up to the end of the last whole line."""
    header: dict[str, Any] | None = None
    outcomes: list[Outcome] = []
    n_bytes = 0
    for number, line in enumerate(_whole_lines(path), start=1):
        try:
            fields = json.loads(line)
            if header is None:
                if fields.pop("format") != FORMAT:
                    raise RunFileError(f"{path} was written by another version: name another file with --out")
                header = fields
            else:
                outcomes.append(_outcome(fields))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise RunFileError(f"{path}:{number} is no line of a run: name another file") from error
        n_bytes += len(line)
    if header is None:
        raise RunFileError(f"{path} holds no run: name another file")
    return header, outcomes, n_bytes


def _whole_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):
                yield line


def _outcome(fields: Mapping[str, Any]) -> Outcome:
    saved = fields["saving"]
    if saved is not None:
        sessions = {name: Session(**saved[name]) for name in ("strict", "lenient")}
        saved = Saving(**{**saved, **sessions})
    return Outcome(
        fields["episode"], tuple(map(from_fields, fields["rows"])), saved, fields["error"], fields["profile"]
    )


def _check_same(path: Path, found: Mapping[str, Any], header: Mapping[str, Any]) -> None:
    # As JSON has it: a tuple comes back as a list.
    wanted = json.loads(json.dumps(header))
    differing = sorted(key for key in {*found, *wanted} if found.get(key) != wanted.get(key))
    if differing:
        raise RunFileError(
            f"{path} holds a run with other settings ({', '.join(differing)}):"
            " delete it, or name another file with --out"
        )
