"""A file of the hub on this machine, whole and verified; a download that broke off goes on where it was.

In: a source, a folder.  Out: the file and its checksum.
Not here: what the hub says of the file (``hub``), the record of it (``store``), the progress bar (``cli``).

    FILE.<start of the checksum>.part     what has come so far; another version of the file has another name
    FILE                                  only ever the whole and verified file

``huggingface_hub`` throws a part away when a download ends early, so the bytes are fetched here.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import httpx

from nextedit_lsp.models import files, hub, store

# A connection that breaks is taken up again so often without a byte in between, after so long.
MAX_ATTEMPTS = 5
PAUSE_S = 1.0

MAGIC = b"GGUF"


class Interrupted(hub.DownloadError):
    """The connection broke off; what has come is kept."""


class DiskProblem(hub.DownloadError):
    """The disk doesn't take the file."""


class Mismatch(hub.DownloadError):
    """What came is not what the hub said."""


class Busy(hub.DownloadError):
    """Another process downloads the same."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Who hears of it: ``on_bytes`` what has come, ``on_check`` what of it has been verified; each done, of all."""

    on_bytes: files.Progress
    on_check: files.Progress


@dataclass(frozen=True, slots=True)
class Fetched:
    """A verified file.  ``was_there`` if nothing had to be downloaded."""

    path: Path
    bytes: int
    sha256: str
    was_there: bool = False


def fetch(remote: hub.Remote, folder: Path, steps: Steps) -> Fetched:
    """Downloads a file into ``folder``, unless it is there and whole."""
    target = folder / Path(remote.source.file).name
    if _is_here(remote, target, steps.on_check):
        return Fetched(target, remote.bytes, remote.sha256, was_there=True)
    part = part_of(remote, folder)
    try:
        with files.held(folder / ".lock") as is_held:
            if not is_held:
                raise Busy(f"another nextedit is downloading to {folder}. Wait for it, or end it")
            _receive_all(remote, part, steps.on_bytes)
            sha256 = _verified(remote, part, steps.on_check)
            part.replace(target)
            _forget_other_parts(folder)
    except OSError as error:
        raise DiskProblem(
            f"{store.disk_problem(folder, error)}; then pull again, and it goes on where it was"
        ) from error
    return Fetched(target, remote.bytes, sha256)


def part_of(remote: hub.Remote, folder: Path) -> Path:
    """Where what has come of a file is kept."""
    return folder / f"{Path(remote.source.file).name}.{(remote.sha256 or remote.commit)[:12]}.part"


def bytes_here(remote: hub.Remote, folder: Path) -> int:
    """How much of a file has come already."""
    try:
        return part_of(remote, folder).stat().st_size
    except OSError:
        return 0


def _receive_all(remote: hub.Remote, part: Path, on_bytes: files.Progress) -> None:
    n_here = part.stat().st_size if part.exists() else 0
    store.require_space(part.parent, remote.bytes - n_here)
    n_failed = 0
    with hub.client() as client, part.open("ab") as file:
        if n_here > remote.bytes:
            _start_anew(file)
        while file.tell() < remote.bytes:
            before = file.tell()
            try:
                _receive(client, remote, file, on_bytes)
                broken = "the connection was closed"
            except httpx.HTTPError as error:
                broken = hub.unqualified(error)
            n_failed = 0 if file.tell() > before else n_failed + 1
            if file.tell() < remote.bytes:
                _pause_or_give_up(n_failed, broken, file.tell(), remote)


def _receive(client: httpx.Client, remote: hub.Remote, file: BinaryIO, on_bytes: files.Progress) -> None:
    """One request for what is missing, until the answer ends."""
    headers = hub.headers()
    if file.tell():
        headers["range"] = f"bytes={file.tell()}-"
    with client.stream("GET", hub.address(remote), headers=headers) as response:
        if response.status_code not in (200, 206):
            raise hub.refused(response.status_code)
        if file.tell() and not _goes_on_at(response, file.tell()):
            # A server or proxy that knows no ranges sends all of it again.
            _start_anew(file)
        on_bytes(file.tell(), remote.bytes)
        # In pieces as they come: what is gathered first would be lost when the connection breaks.
        for piece in response.iter_raw():
            if file.tell() + len(piece) > remote.bytes:
                _start_anew(file)
                raise Mismatch(_not_it(remote, "it is longer than the hub said"))
            write(file, piece)
            on_bytes(file.tell(), remote.bytes)


def write(file: BinaryIO, piece: bytes) -> None:
    """Puts bytes on the disk, so that what is counted as here is here."""
    file.write(piece)
    file.flush()


def _start_anew(file: BinaryIO) -> None:
    file.seek(0)
    file.truncate()


def _goes_on_at(response: httpx.Response, offset: int) -> bool:
    content_range = response.headers.get("content-range", "")
    return response.status_code == 206 and content_range.startswith(f"bytes {offset}-")


def _pause_or_give_up(n_failed: int, broken: str, n_here: int, remote: hub.Remote) -> None:
    if n_failed >= MAX_ATTEMPTS:
        raise Interrupted(
            f"the download broke off at {n_here:,} of {remote.bytes:,} bytes ({broken})."
            " What has come is kept: pull again, and it goes on from there"
        )
    time.sleep(PAUSE_S * n_failed)


def _verified(remote: hub.Remote, part: Path, on_check: files.Progress) -> str:
    """The checksum of what came; a file that is not what the hub said is deleted."""
    with part.open("rb") as file:
        is_gguf = file.read(len(MAGIC)) == MAGIC
    sha256 = files.sha256_of(part, on_check)
    if remote.sha256 and sha256 != remote.sha256:
        part.unlink()
        raise Mismatch(_not_it(remote, f"its SHA-256 is {sha256[:12]}… in place of {remote.sha256[:12]}…"))
    if not is_gguf:
        part.unlink()
        raise Mismatch(f"{remote.source} is not a GGUF file. Name another with --file")
    return sha256


def _not_it(remote: hub.Remote, how: str) -> str:
    return (
        f"what came is not {remote.source}: {how}. It was deleted; pull again. If it happens twice, a proxy or mirror"
        " changes files: check HTTPS_PROXY and HF_ENDPOINT"
    )


def _is_here(remote: hub.Remote, target: Path, on_check: files.Progress) -> bool:
    """Whether a file is there and whole; looked at anew, since files change without anyone telling."""
    try:
        is_of_size = bool(remote.sha256) and target.stat().st_size == remote.bytes
        return is_of_size and files.sha256_of(target, on_check) == remote.sha256
    except OSError:
        return False


def _forget_other_parts(folder: Path) -> None:
    """Parts of earlier versions are of no use once a version is whole."""
    for part in folder.glob("*.part"):
        part.unlink(missing_ok=True)
