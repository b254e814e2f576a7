"""Reading files safely, naming the ones left alone, and turning URIs into paths and back.

In: paths, URIs, texts.  Out: a text, or why it is left alone.
Not here: ignore rules (``ignore``), documents open in an editor (``editing``).

Nothing here raises for what it finds on disk, and nothing here waits: only regular files are opened.
A file that holds secrets by its name is not opened at all.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import unquote, urlsplit

# "1 MB" as the user reads it in the log line.
MAX_BYTES = 1_000_000
MAX_LINES = 50_000

# Above this share of characters that are no UTF-8, a text is not a text in another encoding with a few accents.
MAX_UNDECODABLE = 0.1

# Always secret, whatever the extension says.
SECRET_NAMES = (
    ".env*",
    "*.env",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.ppk",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    ".netrc",
    "_netrc",
    ".npmrc",
    ".pypirc",
    ".pgpass",
    ".htpasswd",
    ".dockercfg",
    ".dockerconfigjson",
    ".git-credentials",
    ".vault-token",
)

# Secret unless the extension is that of source code: ``secrets.yaml`` is, ``secrets_manager.py`` is not.
SUSPICIOUS_NAMES = ("id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "*credentials*", "*secret*")

# Directories that hold nothing but keys.
SECRET_DIRECTORIES = frozenset({".ssh", ".gnupg", ".aws"})

# Shell scripts are missing on purpose: ``secrets.sh`` is a usual place for exported keys.
_SOURCE_EXTENSIONS = """
    .bzl .c .cc .cjs .clj .cpp .cs .css .cxx .dart .el .erl .ex .exs .fs .go .gradle .graphql .groovy .h .hh .hpp .hs
    .html .hxx .java .jl .js .jsx .kt .kts .less .lua .m .md .mjs .ml .mli .mm .mts .nim .php .pl .pm .proto .py .pyi
    .pyx .r .rb .rs .rst .sass .scala .scss .sol .sql .svelte .swift .tf .ts .tsx .vim .vue .zig
"""
SOURCE_EXTENSIONS = frozenset(_SOURCE_EXTENSIONS.split())

_DRIVE = re.compile(r"/[A-Za-z]:(/|$)")


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that is left alone, and why."""

    reason: str


def refusal(content: str | bytes) -> str | None:
    """Why a text is left alone: too large, too many lines or binary; ``None`` when it is fine."""
    n_bytes = _byte_count(content)
    if n_bytes > MAX_BYTES:
        return f"larger than {MAX_BYTES // 1_000_000} MB"
    if _is_binary(content):
        return "binary"
    if _line_count(content) > MAX_LINES:
        return f"more than {MAX_LINES:,} lines"
    return None


def secret_pattern(path: Path) -> str | None:
    """The pattern that says that this file holds secrets by its name, or ``None``."""
    name = path.name.lower()
    directory = next((part for part in path.parts[:-1] if part.lower() in SECRET_DIRECTORIES), None)
    if directory is not None:
        return f"{directory}/"
    for pattern in SECRET_NAMES:
        if fnmatchcase(name, pattern):
            return pattern
    if Path(name).suffix in SOURCE_EXTENSIONS:
        return None
    return next((pattern for pattern in SUSPICIOUS_NAMES if fnmatchcase(name, pattern)), None)


def read_text(path: Path) -> str | Refused:
    """The text of a file with its line ends kept and a byte-order mark dropped, or why it is left alone."""
    try:
        pattern = secret_pattern(path) or secret_pattern(Path(os.path.realpath(path)))
        if pattern is not None:
            return Refused(f"may hold secrets ({pattern})")
        content = _read_regular(path)
    except (OSError, ValueError) as error:
        return Refused(_describe(error))
    if isinstance(content, Refused):
        return content
    reason = refusal(content)
    if reason is not None:
        return Refused(reason)
    return content.decode("utf-8-sig", errors="replace")


def is_regular(status: os.stat_result) -> bool:
    """Whether something on disk is a file in the narrow sense: no directory, link, device or pipe."""
    return stat.S_ISREG(status.st_mode)


def path_of(uri: str) -> Path | None:
    """The path that a ``file:`` URI names; ``None`` for another scheme or a URI that names no path here."""
    path = _path_string(uri, windows=os.name == "nt")
    return None if path is None else Path(path)


def uri_of(path: Path) -> str:
    """The ``file:`` URI of a path."""
    return path.absolute().as_uri()


def _path_string(uri: str, *, windows: bool) -> str | None:
    """As ``path_of``, for either kind of system."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "file" or not parts.path.startswith("/"):
        return None
    path = unquote(parts.path, errors="surrogateescape")
    host = "" if parts.netloc.lower() == "localhost" else unquote(parts.netloc)
    if "\0" in path or (host and not windows):
        return None
    if not windows:
        return path
    if host:
        return rf"\\{host}" + path.replace("/", "\\")
    if _DRIVE.match(path):
        path = path[1].lower() + path[2:]
    return path.replace("/", "\\")


def _read_regular(path: Path) -> bytes | Refused:
    # The kind is asked for before opening, as opening a device or a pipe may have effects or wait; and again
    # afterwards, as another file may have taken the name in between.
    problem = _kind_problem(path.stat())
    if problem is not None:
        return Refused(problem)
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)
    with open(os.open(path, flags), "rb") as file:  # noqa: PTH123 - a descriptor, for the flags
        problem = _kind_problem(os.fstat(file.fileno()))
        if problem is not None:
            return Refused(problem)
        return file.read(MAX_BYTES + 1)


def _kind_problem(status: os.stat_result) -> str | None:
    if stat.S_ISDIR(status.st_mode):
        return "a directory"
    if not is_regular(status):
        return "not a regular file"
    if status.st_size > MAX_BYTES:
        return f"larger than {MAX_BYTES // 1_000_000} MB"
    return None


def _describe(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "not found"
    if isinstance(error, PermissionError):
        return "no permission to read it"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "not a valid path"


def _byte_count(content: str | bytes) -> int:
    # The exact count is needed only between the two bounds that the number of characters gives.
    if isinstance(content, bytes) or len(content) > MAX_BYTES or len(content) * 4 <= MAX_BYTES:
        return len(content)
    return len(content.encode("utf-8", errors="surrogatepass"))


def _line_count(content: str | bytes) -> int:
    text = content if isinstance(content, str) else content.decode("latin-1")
    n_returns = text.count("\r") - text.count("\r\n")
    return text.count("\n") + n_returns + 1


def _is_binary(content: str | bytes) -> bool:
    if isinstance(content, bytes):
        if b"\0" in content:
            return True
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            content = content.decode("utf-8", errors="replace")
        else:
            return False
    if "\0" in content:
        return True
    return content.count("\ufffd") > MAX_UNDECODABLE * len(content)
