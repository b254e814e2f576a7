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
from nextedit_lsp.engine.interface import EngineError, ModelInfo, Speed
from nextedit_lsp.errors import ModelError, NexteditError
from nextedit_lsp.session import engines
from nextedit_lsp.session.model import Target
from nextedit_lsp.syntax import languages, trees
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.workspace import index as workspace_index

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

# What a batch of so many tokens costs tells what drafts bring; a gain below this is hardly one.
MIN_TELLING_BATCH = 16
MIN_GAIN = 2.0


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


def all_findings(model: Target | None, announce: Callable[[str], None] = lambda _: None) -> Iterator[Finding]:
    """Every check in turn; ``announce`` hears what is being checked."""
    rooms: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("Python", python),
        ("packages", packages),
        ("grammars", grammars),
        ("git", git),
        ("file watching", watching),
        ("the index", index),
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


def index() -> Iterator[Finding]:
    """The index of the workspace: that it can be kept, and what there is of the current folder."""
    try:
        from nextedit_lsp.workspace import index_store

        index_store.opened(None).close()
    except Exception as error:  # Python may be built without SQLite, and SQLite without its full-text index.
        remedy = "use a Python whose SQLite has FTS5; without it only open files are looked at"
        yield Finding(Status.WARN, "index", f"can't be kept: {error}", remedy)
        return
    folder = workspace_index.index_folder()
    kept = list(folder.glob("*.sqlite"))
    n_bytes = sum(file.stat().st_size for file in kept)
    own = workspace_index.index_file(Path.cwd(), folder)
    n_files = index_store.n_files_in(own) if own.exists() else None
    here = "none of this folder" if n_files is None else f"{n_files:,} files of this folder"
    yield Finding(Status.OK, "index", f"{here}; {len(kept)} folders, {n_bytes / 1e6:.1f} MB in {folder}")


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


def model_loads(model: Target | None, announce: Callable[[str], None]) -> Iterator[Finding]:
    """The model loads, how it is run here, which prompts it wants, and how fast it is."""
    if model is None:
        detail = "none is configured: repeated edits are suggested, new code is not"
        yield Finding(Status.OK, "model", detail, "nextedit models list shows which there are")
        return
    try:
        findings = asyncio.run(_measured(model, announce))
    except (ModelError, EngineError) as error:
        yield Finding(Status.FAIL, "model", str(error), "nextedit models list shows which there are")
        return
    yield from findings


async def _measured(model: Target, announce: Callable[[str], None]) -> list[Finding]:
    """The model loaded as the server does it, and run for a moment."""
    started_at = time.perf_counter()
    async with engines.loaded(model, lambda share: announce(f"loading {model.name}: {share:.0%} …")) as writer:
        load_s = time.perf_counter() - started_at
        info = writer.engine.info
        assert info is not None, "a loaded engine knows its model"
        found = [Finding(Status.OK, "model", f"{engine_name(info)} loads in {load_s:.1f} s")]
        found.append(Finding(Status.OK, "prompts", f"as {writer.form.title} ({writer.form.name})"))
        if info.chosen:
            chosen = ", ".join(f"{name} {value}" for name, value in info.chosen.items())
            found.append(Finding(Status.OK, "run with", chosen))
        if model.server is None:
            announce(f"measuring {model.name} …")
            found += _speed(await writer.engine.measure())
        return found


def _speed(speed: Speed) -> Iterator[Finding]:
    """How fast the model reads and writes, and what drafts bring."""
    read, wrote = speed.prompt_tokens_per_s, 1000 / speed.token_ms
    slow = "suggestions will come late: use a smaller or more strongly quantised model"
    is_slow = read < MIN_PROMPT_TOKENS_PER_S
    detail = f"reads {read:,.0f} tokens/s, writes {wrote:,.0f} tokens/s one by one"
    yield Finding(Status.WARN if is_slow else Status.OK, "speed", detail, slow if is_slow else "")
    costs = {int(n_tokens): ms for n_tokens, ms in speed.costs_ms.items()}
    if 1 in costs and max(costs) >= MIN_TELLING_BATCH:
        n_tokens = max(costs)
        gain = n_tokens * costs[1] / costs[n_tokens]
        detail = f"{n_tokens} drafted tokens cost as much as {n_tokens / gain:.0f} written ones"
        advice = "in this file type drafts bring little here: BF16 or Q4_0 may be faster" if gain < MIN_GAIN else ""
        yield Finding(Status.OK, "drafts", f"{detail}: unchanged text goes up to {gain:.1f} times faster", advice)


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
