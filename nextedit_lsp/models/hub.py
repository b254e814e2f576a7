"""What the hub says of a file, before any of it is downloaded.

In: a repository and a file's name; the environment that the hub's own tools use too (``HF_ENDPOINT``, ``HF_TOKEN``,
``HF_HUB_OFFLINE``, proxies).  Out: size, checksum and revision; a ``DownloadError`` with the remedy.
Not here: the download (``download``).

Only what ``huggingface_hub`` must send is sent: its telemetry is switched off before it is imported.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

import httpx

from nextedit_lsp import __version__
from nextedit_lsp.errors import ModelError

DEFAULT_ENDPOINT = "https://huggingface.co"
TIMEOUT_S = 15.0
WHO = {"library_name": "nextedit-lsp", "library_version": __version__}

SHA256 = re.compile(r"[0-9a-f]{64}")


class DownloadError(ModelError):
    """A model can't be downloaded, or what came is not it; the message names the remedy."""


class Unreachable(DownloadError):  # noqa: N818 - it names a state of the hub.
    """The hub can't be reached, or must not be."""


class NotFound(DownloadError):  # noqa: N818 - it names the hub's answer.
    """The hub has no such repository, revision or file."""


class Denied(DownloadError):  # noqa: N818 - it names the hub's answer.
    """The hub wants to know who asks, or refuses this user."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file on the hub."""

    repository: str
    file: str
    revision: str = "main"

    def __str__(self) -> str:
        return f"{self.repository}/{self.file}"


@dataclass(frozen=True, slots=True)
class Remote:
    """What the hub says of a file.

    ``commit`` is the revision that is downloaded, whatever happens on the hub meanwhile.  ``sha256`` is empty for a
    small file, of which the hub knows another kind of sum only.
    """

    source: Source
    commit: str
    bytes: int
    sha256: str


def endpoint() -> str:
    """Where the hub is, or a mirror of it."""
    return (os.environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT).rstrip("/")


def look_up(source: Source) -> Remote:
    """Asks the hub for a file."""
    huggingface_hub = _library()
    _require_online()
    try:
        url = huggingface_hub.hf_hub_url(source.repository, source.file, revision=source.revision, endpoint=endpoint())
        found = huggingface_hub.get_hf_file_metadata(url, timeout=TIMEOUT_S, endpoint=endpoint(), **WHO)
    except Exception as error:  # Whatever library carries the request: none was answered with a file.
        raise _explained(error, source) from error
    if found.commit_hash is None or found.size is None:
        raise Unreachable(
            f"{endpoint()} does not answer as the hub does. Check HF_ENDPOINT, the proxy and the firewall"
        )
    sha256 = found.etag if found.etag and SHA256.fullmatch(found.etag) else ""
    return Remote(source, found.commit_hash, found.size, sha256)


def address(remote: Remote) -> str:
    """Where the bytes of a file are; the hub may send on from there."""
    source = remote.source
    url = _library().hf_hub_url(source.repository, source.file, revision=remote.commit, endpoint=endpoint())
    return str(url)


def headers() -> dict[str, str]:
    """What goes with a request: who asks, if a token says so; and no compression, which would hide the size."""
    return {**_library().utils.build_hf_headers(**WHO), "accept-encoding": "identity"}


def gguf_files(repository: str) -> tuple[str, ...]:
    """The GGUF files of a repository, none if it can't be asked: only used to help after a wrong name."""
    try:
        info = _library().HfApi(endpoint=endpoint()).model_info(repository, timeout=TIMEOUT_S)
        names = [str(sibling.rfilename) for sibling in info.siblings or ()]
    except Exception:  # It is the second question; the first one's failure is what is told.
        return ()
    return tuple(sorted(name for name in names if name.endswith(".gguf")))


def _library() -> Any:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    import huggingface_hub

    return huggingface_hub


def _require_online() -> None:
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE or os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}:
        raise Unreachable(
            "HF_HUB_OFFLINE forbids downloads. Unset it, or bring the file and: nextedit models import FILE"
        )


def _explained(error: Exception, source: Source) -> DownloadError:
    """The hub library's exception as one that helps."""
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        page = f"{endpoint()}/{source.repository}"
        return Denied(
            f"{source.repository} wants its terms accepted. Do that at {page}, then set HF_TOKEN to your token"
        )
    if isinstance(error, errors.EntryNotFoundError):
        return NotFound(f"the hub has no file {source.file} in {source.repository}.{_there_is(source.repository)}")
    if isinstance(error, errors.RevisionNotFoundError):
        return NotFound(f"the hub has no revision {source.revision} of {source.repository}")
    status = _status(error)
    if isinstance(error, errors.RepositoryNotFoundError) and status != 403:
        # The hub says 401 for what isn't there too, so as not to tell of private repositories.
        return NotFound(
            f"the hub has no repository {source.repository}, or it is private. Check the name"
            f" ({endpoint()}/models?search={source.repository.rpartition('/')[2]}); for a private one set HF_TOKEN"
        )
    if isinstance(error, errors.HFValidationError):
        return NotFound(f"{source.repository} can't be a repository's name: OWNER/REPOSITORY")
    return refused(status) if status else _unreachable(error)


def refused(status: int) -> DownloadError:
    """What an answer's status means and what to do."""
    if status in (401, 403):
        return Denied(f"the hub refuses ({status}). Set HF_TOKEN to a valid token with access to the repository")
    if status == 404:
        return NotFound("the hub has no such file any more. Pull again")
    if status == 429:
        return Unreachable("the hub wants fewer requests (429). Wait a few minutes; with HF_TOKEN it allows more")
    return Unreachable(f"the hub answers with an error ({status}). Try again later; what has come is kept")


def _unreachable(error: Exception) -> DownloadError:
    return Unreachable(
        f"{endpoint()} can't be reached ({unqualified(error)}). Check the network and the proxy (HTTPS_PROXY), name a"
        " mirror in HF_ENDPOINT, or bring the file from another machine and: nextedit models import FILE"
    )


def unqualified(error: Exception) -> str:
    """An exception in a few words."""
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__


def _there_is(repository: str) -> str:
    listed = gguf_files(repository)
    if not listed:
        return " Name another with --file"
    return f" It has: {', '.join(listed)}. Name one with --file"


def _status(error: Exception) -> int:
    """The status of the answer that an exception is about; 0 without an answer."""
    status = getattr(getattr(error, "response", None), "status_code", 0)
    return status if isinstance(status, int) and status >= 400 else 0


def client() -> httpx.Client:
    """A client for the bytes: proxies as the environment says; credentials stay behind when another host sends them."""
    return httpx.Client(follow_redirects=True, timeout=httpx.Timeout(TIMEOUT_S, read=60.0))
