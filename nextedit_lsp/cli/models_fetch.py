"""What takes long with models: ``pull``, ``import``, ``verify``; each with a progress bar, each may be stopped.

In: arguments.  Out: files and records in the models' folder, the user's choice; exit codes.
Not here: the download and what can go wrong with it (``models.hub``, ``models.download``).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from nextedit_lsp.cli.models_show import in_words
from nextedit_lsp.engine import gguf_header
from nextedit_lsp.engine.interface import EngineError
from nextedit_lsp.engine.process import WorkerEngine
from nextedit_lsp.errors import ModelError
from nextedit_lsp.models import choice, download, files, homes, hub, machine, recognition, registry, store

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130


class UnusableFile(ModelError):  # noqa: N818 - it names a state of the file.
    """A file of the user's can't be a model."""


def run(console: Console, arguments: argparse.Namespace) -> int:
    """Runs ``pull``, ``import`` or ``verify``."""
    if arguments.command == "pull":
        return _pull(console, arguments)
    if arguments.command == "import":
        return _import(console, arguments)
    return _verify(console, arguments.name)


def take_into_use(console: Console, stored: store.Stored) -> None:
    """Makes a model the one in use; refuses one that can't be asked."""
    if stored.problem:
        raise store.StoreError(f"the model {stored.name} can't be used: {stored.problem}")
    if stored.format is None:
        raise recognition.FormatError(_which_format(stored.name, stored.path))
    choice.use(stored.name)
    console.print(f"{stored.name} is in use. A running server takes it when it starts again", soft_wrap=True)


def described(path: Path) -> recognition.Described:
    """What a file says of itself: its metadata and vocabulary, without its weights."""

    async def inspect() -> recognition.Described:
        engine = WorkerEngine(path)
        try:
            return await engine.inspect()
        finally:
            await engine.close()

    try:
        return asyncio.run(inspect())
    except EngineError as error:
        raise UnusableFile(f"{path} can't be looked into, and --format doesn't name its format: {error}") from error


def _pull(console: Console, arguments: argparse.Namespace) -> int:
    name = arguments.name.lower()
    known = registry.find(name)
    if known is not None and known.is_embedded and not arguments.repository:
        raise choice.UnknownModel(f"{name} comes with nextedit and needs no download: nextedit models use {name}")
    source = _source(name, known, arguments)
    chosen_format = recognition.required(arguments.format) if arguments.format else known.format if known else None
    folder = store.folder_of(name)
    _announce(console, name, known)
    remote = hub.look_up(source)
    n_here = download.bytes_here(remote, folder)
    goes_on = f", going on at {in_words(n_here)}" if n_here else ""
    console.print(f"{source} ({in_words(remote.bytes)}) → {folder}{goes_on}", soft_wrap=True)
    before = store.find(name)
    try:
        with _bars() as bars:
            steps = download.Steps(_bar(bars, "downloading"), _bar(bars, "checking"))
            fetched = download.fetch(remote, folder, steps)
    except KeyboardInterrupt:
        n_here = download.bytes_here(remote, folder)
        words = f"\nstopped at {in_words(n_here)} of {in_words(remote.bytes)}. To go on from there: {_again(arguments)}"
        console.print(words, soft_wrap=True)
        return EXIT_INTERRUPTED
    stored = store.Stored(name, fetched.path, chosen_format, fetched.bytes, fetched.sha256, f"{source}@{remote.commit}")
    store.keep(stored)
    _drop_replaced(before, stored)
    told = "is here already and whole" if fetched.was_there else "is here and whole"
    console.print(f"{name} {told} (SHA-256 {fetched.sha256[:16]}…)", soft_wrap=True)
    return _finish(console, stored, arguments)


def _source(name: str, known: registry.KnownModel | None, arguments: argparse.Namespace) -> hub.Source:
    if known is None and not (arguments.repository and arguments.file):
        raise choice.UnknownModel(
            f"{choice.unknown(name)}. To download another: --repository OWNER/NAME --file FILE.gguf"
        )
    if arguments.file:
        file = arguments.file
    elif known is not None and arguments.quantisation:
        file = known.quantised(arguments.quantisation).name
    else:
        file = known.file.name if known is not None else ""
    return hub.Source(arguments.repository or (known.repository if known is not None else ""), file)


def _announce(console: Console, name: str, known: registry.KnownModel | None) -> None:
    """What one should know before the download."""
    if known is None:
        return
    console.print(f"{known.title}, licence: {known.licence}. {known.licence_note}".rstrip(), soft_wrap=True)
    if not known.confirmed:
        console.print(f"the name of its file could not be confirmed when {name} was listed", style="yellow")
    memory = machine.memory_bytes()
    if memory is not None and machine.fit(known.file.memory, memory) is machine.Fit.TOO_BIG:
        words = f"it needs about {in_words(known.file.memory)} of memory; this machine has {in_words(memory)}"
        console.print(words, style="yellow", soft_wrap=True)


def _again(arguments: argparse.Namespace) -> str:
    """The command that was given, to be given again."""
    words = ["nextedit models pull", arguments.name]
    for option in ("quantisation", "repository", "file", "format"):
        if getattr(arguments, option):
            words += [f"--{option}", getattr(arguments, option)]
    return " ".join(words)


def _drop_replaced(before: store.Stored | None, now: store.Stored) -> None:
    """The file of another quantisation that this one takes the place of; a server that runs it keeps it open."""
    if before is not None and not before.is_own_file and before.path != now.path:
        with contextlib.suppress(OSError):
            before.path.unlink()


def _import(console: Console, arguments: argparse.Namespace) -> int:
    path = Path(os.path.abspath(arguments.file.expanduser()))  # noqa: PTH100 - links are kept
    problem = gguf_header.file_problem(path)
    if problem is not None:
        raise UnusableFile(problem)
    name = (arguments.name or store.name_for(path.name)).lower()
    store.folder_of(name)
    form = recognition.required(arguments.format) if arguments.format else _recognised(console, name, path)
    if not arguments.name:
        name = _known_name(path, form) or name
    _require_free_name(name, path)
    if arguments.copy:
        with _bars() as bars:
            path = store.copied(path, name, _bar(bars, "copying"))
    stored = store.Stored(name, path, form, path.stat().st_size)
    store.keep(stored)
    console.print(f"{name} is here: {path}" + ("" if arguments.copy else " (it stays there)"), soft_wrap=True)
    return _finish(console, stored, arguments)


def _known_name(path: Path, form: str) -> str | None:
    """The name of the known model that a file is, by its own name and its format."""
    for known in registry.known():
        if known.format == form and path.name in {file.name for file in known.files}:
            return known.name
    return None


def _require_free_name(name: str, path: Path) -> None:
    """A download is not to be lost to an import of the same name."""
    before = store.find(name)
    if before is not None and not before.problem and before.path != path and not before.is_own_file:
        raise store.StoreError(
            f"{name} is here already. Name it otherwise with --name, or: nextedit models remove {name}"
        )


def _recognised(console: Console, name: str, path: Path) -> str:
    """The format that a file wants, by what it says of itself."""
    likeliest, *others = recognition.fitting(described(path)) or (None,)
    if likeliest is None:
        raise recognition.FormatError(_which_format(name, path))
    console.print(f"by what it says of itself, it is to be asked in the format {likeliest}", soft_wrap=True)
    if others:
        words = f"if that is wrong: {_with_format(name, path, ' or '.join(others))}"
        console.print(words, soft_wrap=True)
    return likeliest


def _which_format(name: str, path: Path) -> str:
    told = f"{path.name} doesn't tell the format in which it is to be asked"
    return f"{told}. Say it: {_with_format(name, path, 'FORMAT')}. There are: {', '.join(recognition.names())}"


def _with_format(name: str, path: Path, form: str) -> str:
    return f"nextedit models import {shlex.quote(str(path))} --name {name} --format {form}"


def _finish(console: Console, stored: store.Stored, arguments: argparse.Namespace) -> int:
    """A download of an unknown model is looked into; then it is taken into use, if that was wished."""
    if stored.format is None:
        stored = replace(stored, format=_recognised(console, stored.name, stored.path))
        store.keep(stored)
    if arguments.use:
        take_into_use(console, stored)
    elif choice.in_use() != stored.name:
        console.print(f"to use it: nextedit models use {stored.name}")
    return 0


def _verify(console: Console, name: str | None) -> int:
    every = [choice.installed(name)] if name else store.all_models()
    if not every:
        console.print(f"there are no models in {homes.models_folder()}", soft_wrap=True)
    n_bad = 0
    for stored in every:
        is_good, words = _verified(stored)
        n_bad += not is_good
        console.print(f"{stored.name}: {words}", style=None if is_good else "bold red", soft_wrap=True)
    return EXIT_FAILED if n_bad else 0


def _verified(stored: store.Stored) -> tuple[bool, str]:
    """Whether a file is what it was, in words."""
    if stored.problem:
        return False, stored.problem
    try:
        with _bars() as bars:
            sha256 = files.sha256_of(stored.path, _bar(bars, stored.name))
    except OSError as error:
        return False, f"{stored.path} can't be read: {error.strerror or error}"
    if not stored.sha256:
        store.keep(replace(stored, sha256=sha256))
        return True, f"had no checksum; SHA-256 {sha256[:16]}… is kept now and compared from here on"
    if sha256 != stored.sha256:
        remedy = f"nextedit models pull {stored.name}" if stored.source else "bring back the file that it was"
        return False, f"{stored.path} has changed. To get it again: {remedy}"
    return True, f"whole (SHA-256 {sha256[:16]}…)"


@contextlib.contextmanager
def _bars() -> Iterator[Progress]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield bars


def _bar(bars: Progress, what: str) -> files.Progress:
    """A bar that appears with the first bytes."""
    task = bars.add_task(what, visible=False)

    def on_progress(n_done: int, n_bytes: int) -> None:
        bars.update(task, completed=n_done, total=n_bytes, visible=True)

    return on_progress
