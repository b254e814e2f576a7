"""Linters of the user's choice, run on a copy of a document in the background.

In: the linters of the settings, documents that are edited.  Out: diagnostics.
Not here: keeping diagnostics in place (``diagnostics``).

    edited ──▶ quiet for a moment ──▶ one linter after the other ──▶ still the same text? ──▶ diagnostics
       ▲            │
       └── edited ──┘

A linter gets the document's text on its standard input, or as a file of its own where its command says ``{copy}``, and
never touches the document itself.  None is run but those that the user named.  A name is looked for on the PATH alone,
never in a folder of the workspace.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path, PureWindowsPath
from typing import Protocol

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.elsewhere import Diagnostic, Severity
from nextedit_lsp.session.clock import Clock
from nextedit_lsp.session.settings import Linter
from nextedit_lsp.text import tokens
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.workspace import files

logger = logging.getLogger(__name__)

# A linter is run when nothing was typed for so long.
QUIET_S = 1.0
# How long one may take, and how much it may say.
TIMEOUT_S = 10.0
MAX_OUTPUT_BYTES = 200_000
# Beyond this a linter would be at work all the time.
MAX_CHARS = 500_000

FILE, COPY = "{file}", "{copy}"
# How linters call what they read from their standard input.
_STDIN_NAMES = frozenset({"-", "<stdin>", "stdin", "(stdin)"})
# ``path:line: message`` and ``path:line:column: message``, with what compilers put between.
_LINE = re.compile(r"(?P<path>.+?):(?P<line>\d+)(?::(?P<column>\d+))?(?:[:-]\d+)*:?\s+(?P<message>\S.*)")
_SEVERITIES = (
    (re.compile(r"\W*(?:\w+\W+)?(?:fatal|error|syntaxerror|invalid-syntax)\b", re.IGNORECASE), Severity.ERROR),
    (re.compile(r"\W*(?:note|info|information|hint|style|convention|refactor)\b", re.IGNORECASE), Severity.INFORMATION),
)


class Tell(Protocol):
    """Hears all that a source says of a document."""

    def __call__(self, uri: str, source: str, found: list[Diagnostic], /) -> None:
        """Takes it."""


class Linting:
    """The linters.  ``document`` is the document of a URI as it is now, ``roots`` are the workspace's folders."""

    def __init__(
        self,
        document: Callable[[str], Document | None],
        roots: Callable[[], tuple[Path, ...]],
        clock: Clock,
        tell: Tell,
        warn: Callable[[str], None],
    ) -> None:
        self._document, self._roots, self._clock = document, roots, clock
        self._tell, self._warn = tell, warn
        self._linters: tuple[Linter, ...] = ()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._turn = asyncio.Lock()

    def use(self, linters: tuple[Linter, ...]) -> None:
        """Sets the linters."""
        self._linters = linters

    def edited(self, uri: str) -> None:
        """A document was opened or changed: what was begun for its text before is given up."""
        self.forget(uri)
        if self._linters and files.path_of(uri) is not None:
            self._tasks[uri] = asyncio.get_running_loop().create_task(self._lint(uri))

    def forget(self, uri: str) -> None:
        """Gives up what was begun for a document."""
        task = self._tasks.pop(uri, None)
        if task is not None:
            task.cancel()

    async def close(self) -> None:
        """Ends every linter."""
        tasks = list(self._tasks.values())
        for uri in list(self._tasks):
            self.forget(uri)
        if tasks:
            await asyncio.wait(tasks)

    async def _lint(self, uri: str) -> None:
        await self._clock.sleep(QUIET_S)
        document = self._document(uri)
        if document is None or len(document.text) > MAX_CHARS:
            return
        for linter in self._linters:
            if linter.is_for(document):
                async with self._turn:
                    found = await self._said(linter, document)
                if self._document(uri) is document:
                    self._tell(uri, linter.command[0], found)

    async def _said(self, linter: Linter, document: Document) -> list[Diagnostic]:
        """What a linter says of a document; nothing where it fails, and the user hears of that once."""
        path = files.path_of(document.uri)
        assert path is not None, "only files are linted"
        try:
            program = trusted_program(linter.command[0], self._roots())
            async with _input(linter, document, path) as (arguments, text):
                output = await _output([program, *arguments], text, self._folder(path))
        except (OSError, ValueError, asyncio.TimeoutError) as error:
            reason = "it took too long" if isinstance(error, asyncio.TimeoutError) else str(error)
            self._warn(f"nextedit: the linter {linter.command[0]} was not of use: {reason}.")
            return []
        return parsed(output, document, path)

    def _folder(self, path: Path) -> Path:
        """Where a linter finds the settings of the project."""
        return next((root for root in self._roots() if path.is_relative_to(root)), path.parent)


def trusted_program(name: str, roots: tuple[Path, ...]) -> str:
    """The program that a command begins with.  Raises ``ValueError`` where it can't be found or trusted."""
    expanded = Path(name).expanduser()
    if not expanded.is_absolute() and len(expanded.parts) > 1:
        raise ValueError("its path must be absolute")
    found = str(expanded) if expanded.is_absolute() else shutil.which(name)
    if found is None:
        raise ValueError("it is not on the PATH")
    # Windows looks in the current folder, too, which may be a stranger's project.
    if not expanded.is_absolute() and any(Path(found).absolute().is_relative_to(root) for root in roots):
        raise ValueError("the one on the PATH lies in the workspace; give its absolute path if you trust it")
    if Path(found).suffix.lower() in (".bat", ".cmd"):
        raise ValueError("batch files can't be given the name of a file safely; name the program itself")
    return found


def parsed(output: str, document: Document, path: Path) -> list[Diagnostic]:
    """The lines of ``output`` that speak of a place in the document."""
    found = []
    for line in output.splitlines():
        match = _LINE.match(line)
        # Of Windows' paths and of others the last part is told alike.
        if match and (match["path"] in _STDIN_NAMES or PureWindowsPath(match["path"]).name == path.name):
            start, end = _span(document.text, int(match["line"]) - 1, match["column"])
            found.append(Diagnostic(document.uri, start, end, match["message"], _severity(match["message"])))
    return found


def _severity(message: str) -> Severity:
    return next((severity for pattern, severity in _SEVERITIES if pattern.match(message)), Severity.WARNING)


def _span(text: Text, row: int, column: str | None) -> tuple[int, int]:
    """The word at a column counted from 1, or the whole line without its indentation."""
    row = min(max(row, 0), text.n_lines - 1)
    start, end = text.line_start(row), text.line_end(row)
    line = text.slice(start, end)
    if column is None:
        return start + len(tokens.indent_of(line)), end
    first = min(max(int(column) - 1, 0), len(line))
    last = first
    while last < len(line) and tokens.is_word_char(line[last]):
        last += 1
    return start + first, start + (last if last > first else min(first + 1, len(line)))


@contextlib.asynccontextmanager
async def _input(linter: Linter, document: Document, path: Path) -> AsyncIterator[tuple[list[str], bytes]]:
    """The arguments of a linter's command, and what it gets on its standard input."""
    arguments = [argument.replace(FILE, str(path)) for argument in linter.command[1:]]
    text = str(document.text).encode("utf-8", "replace")
    if not any(COPY in argument for argument in arguments):
        yield arguments, text
        return
    with tempfile.TemporaryDirectory(prefix="nextedit-") as folder:
        copy = Path(folder) / path.name
        copy.write_bytes(text)
        yield [argument.replace(COPY, str(copy)) for argument in arguments], b""


async def _output(command: list[str], text: bytes, folder: Path) -> str:
    """All that a program says.  Raises ``OSError`` where it can't be run, ``TimeoutError`` where it does not end."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        # Its children end with it.
        start_new_session=True,
    )
    try:
        return await asyncio.wait_for(_talk(process, text), TIMEOUT_S)
    finally:
        if process.returncode is None:
            with contextlib.suppress(OSError):
                if os.name == "posix":
                    os.killpg(process.pid, signal.SIGKILL)
                else:
                    process.kill()
            await process.wait()


async def _talk(process: asyncio.subprocess.Process, text: bytes) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    writing = asyncio.ensure_future(_write(process.stdin, text))
    said = b""
    while len(said) < MAX_OUTPUT_BYTES and (piece := await process.stdout.read(65536)):
        said += piece
    writing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await writing
    if len(said) < MAX_OUTPUT_BYTES:
        await process.wait()
    return said.decode("utf-8", "replace")


async def _write(stdin: asyncio.StreamWriter, text: bytes) -> None:
    with contextlib.suppress(ConnectionError):
        stdin.write(text)
        await stdin.drain()
    stdin.close()
