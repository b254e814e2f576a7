"""The checks of ``nextedit doctor``, each a function that yields findings and never raises.

In: the machine as it is; the path of a model, or None.  Out: findings, each with its remedy.
Not here: how they are shown (``doctor``).
"""

from __future__ import annotations

import asyncio
import importlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from importlib import metadata
from pathlib import Path

from rich.console import Console

from nextedit_lsp import __version__
from nextedit_lsp.engine.interface import EngineError, ModelInfo
from nextedit_lsp.engine.process import WorkerEngine
from nextedit_lsp.errors import NexteditError
from nextedit_lsp.syntax import languages, trees
from nextedit_lsp.text.buffer import Text

REINSTALL = "install it again: pip install --force-reinstall --no-deps {}"

# Every watched folder takes one; an editor and its other servers want some too.
MIN_INOTIFY_WATCHES = 8192
INOTIFY_WATCHES = Path("/proc/sys/fs/inotify/max_user_watches")

# Besides the package itself; each with the name to import, which may differ.
PACKAGES = {
    "pygls": "pygls",
    "lsprotocol": "lsprotocol",
    "tree-sitter": "tree_sitter",
    "watchdog": "watchdog",
    "pathspec": "pathspec",
    "rich": "rich",
}

SERVER_ROUND_TRIP_S = 3.0

# A prompt of a few hundred new tokens should be read within a second.
MIN_PROMPT_TOKENS_PER_S = 300.0


class Status(str, Enum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    status: Status
    what: str
    detail: str
    remedy: str = ""


def all_findings(model: Path | None, announce: Callable[[str], None] = lambda _: None) -> Iterator[Finding]:
    """Every check in turn; ``announce`` hears what is being checked."""
    rooms: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("Python", python),
        ("packages", packages),
        ("grammars", grammars),
        ("git", git),
        ("file watching", watching),
        ("llama.cpp", llama),
        ("the server", server),
        ("the model", lambda: model_loads(model, announce)),
    ]
    for name, check in rooms:
        announce(f"checking {name} …")
        try:
            yield from check()
        except Exception as error:  # A check that breaks is a finding too.
            detail = f"the check itself failed: {type(error).__name__}: {error}"
            yield Finding(Status.FAIL, name, detail, "please report this, with these lines")


def python() -> Iterator[Finding]:
    """The interpreter and the package itself."""
    yield Finding(Status.OK, "Python", f"{platform.python_version()} at {sys.executable}")
    yield Finding(Status.OK, "nextedit-lsp", f"{__version__} at {Path(__file__).parent.parent}")


def packages() -> Iterator[Finding]:
    """The packages that the server imports."""
    for name, module in PACKAGES.items():
        problem = _import_problem(module)
        if problem:
            yield Finding(Status.FAIL, name, problem, REINSTALL.format(name))
        else:
            yield Finding(Status.OK, name, metadata.version(name))


def grammars() -> Iterator[Finding]:
    """Every language's grammar parses something."""
    broken = [language for language in languages.all_languages() if trees.parse(language, Text.of("x\n")) is None]
    n_languages = len(languages.all_languages())
    if not broken:
        yield Finding(Status.OK, "grammars", f"{n_languages} languages")
    for language in broken:
        package = language.grammar[0].replace("_", "-")
        detail = f"{language.name} does not load; such files are taken as plain text"
        yield Finding(Status.WARN, f"grammar {language.name}", detail, REINSTALL.format(package))


def git() -> Iterator[Finding]:
    """Git tells a checkout from typing."""
    found = shutil.which("git")
    if found is None:
        remedy = "install git; without it a checkout looks like edits of other programs"
        yield Finding(Status.WARN, "git", "not on PATH", remedy)
        return
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=False, timeout=10)
    yield Finding(Status.OK, "git", f"{version.stdout.strip()} at {found}")


def watching() -> Iterator[Finding]:
    """How many folders may be watched for changes by other programs."""
    if not INOTIFY_WATCHES.exists():
        yield Finding(Status.OK, "file watching", f"by the means of {platform.system()}")
        return
    n_watches = int(INOTIFY_WATCHES.read_text())
    if n_watches >= MIN_INOTIFY_WATCHES:
        yield Finding(Status.OK, "file watching", f"inotify, up to {n_watches:,} folders")
    else:
        remedy = "sudo sysctl fs.inotify.max_user_watches=524288 (and into /etc/sysctl.d to keep it)"
        yield Finding(Status.WARN, "file watching", f"inotify allows only {n_watches:,} folders", remedy)


def llama() -> Iterator[Finding]:
    """The runtime for models.  Looked at in a process of its own: native code may crash."""
    code = "import llama_cpp; print(llama_cpp.__version__); print(llama_cpp.llama_print_system_info().decode())"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    if process.returncode == 0:
        version, features = [*process.stdout.strip().splitlines(), "", ""][:2]
        used = ", ".join(re.findall(r"(\w+) = 1", features))
        yield Finding(Status.OK, "llama-cpp-python", f"{version} (built for {used or 'any processor'})")
        return
    last = (process.stderr.strip().splitlines() or [f"exit code {process.returncode}"])[-1]
    remedy = "make setup, or: pip install llama-cpp-python (it needs a C++ compiler; about 8 minutes)"
    yield Finding(Status.FAIL, "llama-cpp-python", last, remedy)


def server() -> Iterator[Finding]:
    """The server starts, answers and leaves."""
    started_at = time.perf_counter()
    try:
        capabilities = asyncio.run(_round_trip())
    except NexteditError as error:
        remedy = "run nextedit serve by hand: it says on standard error what is wrong"
        yield Finding(Status.FAIL, "server", str(error).splitlines()[0], remedy)
        return
    elapsed_s = time.perf_counter() - started_at
    detail = f"starts, answers and leaves in {elapsed_s:.1f} s ({len(capabilities)} capabilities)"
    if elapsed_s > SERVER_ROUND_TRIP_S:
        yield Finding(Status.WARN, "server", detail, "slow: is the machine busy, or Python on a network disk?")
    else:
        yield Finding(Status.OK, "server", detail)


async def _round_trip() -> dict[str, object]:
    from nextedit_lsp.cli import live_server

    with tempfile.TemporaryDirectory(prefix="nextedit-doctor-") as folder:
        async with live_server.connected(Path(folder).resolve(), Console(quiet=True)) as editor:
            return dict(editor.capabilities)


def model_loads(model: Path | None, announce: Callable[[str], None]) -> Iterator[Finding]:
    """The configured model loads, and how fast it is."""
    if model is None:
        detail = "none is configured: repeated edits are suggested, new code is not"
        yield Finding(Status.OK, "model", detail, "to use one: NEXTEDIT_MODEL=/path/to/model.gguf, or --model")
        return
    problem = _file_problem(model)
    if problem:
        yield Finding(Status.FAIL, "model", f"{model}: {problem}", "name a GGUF file in NEXTEDIT_MODEL or --model")
        return
    yield asyncio.run(_measured(model, announce))


async def _measured(model: Path, announce: Callable[[str], None]) -> Finding:
    """The model loaded into a worker, as the server does it, and run for a moment."""
    engine = WorkerEngine(model)
    try:
        started_at = time.perf_counter()
        await engine.load(lambda share: announce(f"loading {model.name}: {share:.0%} …"))
        info = engine.info
        if info is None:
            remedy = "try another GGUF file, or upgrade llama-cpp-python"
            return Finding(Status.FAIL, "model", f"{model} does not load: {engine.reason}", remedy)
        load_s = time.perf_counter() - started_at
        announce(f"measuring {model.name} …")
        speed = await engine.measure()
    except EngineError as error:
        return Finding(Status.FAIL, "model", f"{model}: {error}", "try another GGUF file")
    finally:
        await engine.close()
    detail = (
        f"{engine_name(info)} loads in {load_s:.1f} s, reads {speed.prompt_tokens_per_s:,.0f} tokens/s, "
        f"writes {1000 / speed.token_ms:,.0f} tokens/s"
    )
    if speed.prompt_tokens_per_s < MIN_PROMPT_TOKENS_PER_S:
        remedy = "suggestions will come late: use a smaller or more strongly quantised model"
        return Finding(Status.WARN, "model", detail, remedy)
    return Finding(Status.OK, "model", detail)


def engine_name(info: ModelInfo) -> str:
    """A loaded model in words."""
    name = info.name or info.path.name
    return f"{name} ({info.architecture}, {info.n_params / 1e6:,.0f} million parameters)"


def _import_problem(module: str) -> str:
    """Why a module can't be imported; empty when it can.  An import can fail in any way."""
    try:
        importlib.import_module(module)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _file_problem(model: Path) -> str:
    """Why a file can't be a model; empty when it may be one."""
    try:
        with model.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        return error.strerror or str(error)
    return "" if magic == b"GGUF" else "is not a GGUF file"
