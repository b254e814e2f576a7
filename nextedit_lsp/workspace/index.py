"""The workspace's index as the server sees it: questions answered by a process of its own.

In: the roots, what changes on disk, questions.  Out: answers, or none in time; how the index is.
Not here: the index itself (``index_worker`` and what it imports).

The process is started by the first call of ``wake``.  When it dies it is started again, later each time, and in the end
no more: then the server does without.  It ends with the server, even when that is killed, for its stdin ends then.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TypeAlias

import platformdirs

from nextedit_lsp.workspace import looking
from nextedit_lsp.workspace.looking import Found, IndexState, Question

logger = logging.getLogger(__name__)

WORKER_COMMAND = (sys.executable, "-m", "nextedit_lsp.workspace.index_worker")
# With ``-m`` Python takes modules from the current directory, which may be a user's project with modules of its own.
PACKAGE_PARENT = Path(__file__).resolve().parents[2]
# Every folder of the application's lies below this one, where it is set.
HOME_VARIABLE = "NEXTEDIT_HOME"

# A file that the editor holds: a number that changes when its text does, and the text.
OpenText: TypeAlias = tuple[int, Callable[[], str]]

# An editor that starts has more urgent things to do.
START_DELAY_S = 0.5
FIRST_RESTART_S = 1.0
MAX_DEATHS = 5
# How long the process may take to end by itself; what it had not kept by then is found again at the next start.
END_TIMEOUT_S = 0.15
MAX_MESSAGE_BYTES = 1024 * 1024


class Index:
    """The index of some roots; to be used from one event loop.

    ``on_problem`` hears what a user should know, ``on_change`` of every change of ``state``.
    """

    def __init__(
        self,
        on_problem: Callable[[str], None],
        *,
        on_change: Callable[[], None] = lambda: None,
        folder: Path | None = None,
        command: Sequence[str] = WORKER_COMMAND,
        start_delay_s: float = START_DELAY_S,
        first_restart_s: float = FIRST_RESTART_S,
    ) -> None:
        self.state = IndexState()
        self._on_problem, self._on_change = on_problem, on_change
        self._folder = index_folder() if folder is None else folder
        self._command = tuple(command)
        self._start_delay_s, self._first_restart_s = start_delay_s, first_restart_s
        self._roots: tuple[Path, ...] = ()
        self._max_files = 0
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._answers: dict[int, asyncio.Future[Found]] = {}
        self._sent: dict[str, int] = {}
        self._n_questions = 0
        self._n_deaths = 0
        self._is_closed = False
        self._told: set[str] = set()

    @property
    def is_running(self) -> bool:
        """Whether the process is there to be asked."""
        return self._process is not None

    def use(self, roots: Iterable[Path], max_files: int) -> None:
        """Sets which roots are indexed, of those that are projects, and how many files of each; with none it ends."""
        self._roots, self._max_files = tuple(root for root in roots if is_project(root)), max_files
        if self._roots:
            self._tell(self._use())
        else:
            self._end()

    def wake(self) -> None:
        """Starts the process in a moment, unless it runs or there is nothing to index."""
        if self._task is None and self._roots and not self._is_closed:
            self._task = asyncio.get_running_loop().create_task(self._live())

    def changed(self, paths: Iterable[Path]) -> None:
        """Files changed on disk, came or went."""
        self._tell({"call": "changed", "paths": [str(path) for path in paths]})

    def scan(self, root: Path) -> None:
        """Much of a root may have changed at once, or HEAD moved."""
        self._tell({"call": "scan", "root": str(root)})

    def closed(self, path: Path) -> None:
        """The editor holds a file no longer."""
        if self._sent.pop(str(path), None) is not None:
            self._tell({"call": "closed", "path": str(path)})

    async def look_up(self, question: Question, open_texts: Mapping[str, OpenText]) -> Found | None:
        """What is known; None where the process does not run or dies meanwhile.

        ``open_texts`` are the files that the editor holds, by path; only those with a new number are sent.
        """
        if self._process is None:
            return None
        self._n_questions += 1
        number = self._n_questions
        answer: asyncio.Future[Found] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        changed = {path: text for path, (version, text) in open_texts.items() if self._sent.get(path) != version}
        self._sent.update((path, open_texts[path][0]) for path in changed)
        texts = {path: text() for path, text in changed.items()}
        try:
            self._tell({"call": "look_up", "id": number, "question": asdict(question), "open": texts})
            return await answer
        except ConnectionError:
            return None
        finally:
            self._answers.pop(number, None)

    async def close(self) -> None:
        """Ends the process; waits a moment for it."""
        self._is_closed = True
        task, process = self._task, self._process
        if task is None:
            return
        if process is None:
            task.cancel()
        else:
            # Its task goes on until the process is gone, so that nothing is left behind.
            self._end()
            asyncio.get_running_loop().call_later(END_TIMEOUT_S, _kill, process)
        await asyncio.wait({task})

    def _end(self) -> None:
        process = self._process
        if process is not None and process.stdin is not None:
            process.stdin.close()

    def _use(self) -> dict[str, Any]:
        roots = [[str(root), str(index_file(root, self._folder))] for root in self._roots]
        return {"call": "use", "roots": roots, "max_files": self._max_files}

    def _tell(self, message: dict[str, Any]) -> None:
        process = self._process
        if process is not None and process.stdin is not None and not process.stdin.is_closing():
            process.stdin.write(json.dumps(message).encode() + b"\n")

    async def _live(self) -> None:
        """Runs the process, again and again while it dies and there is something to index."""
        await asyncio.sleep(self._start_delay_s)
        while self._roots and not self._is_closed and self._n_deaths < MAX_DEATHS:
            try:
                await self._run()
            except OSError as error:
                logger.warning("the index could not be started: %s", error)
            self._sent.clear()
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(ConnectionError("the index has ended"))
            self.state = replace(self.state, phase="off")
            if self._is_closed or not self._roots:
                break
            self._n_deaths += 1
            logger.warning("the index has died (%d of %d times)", self._n_deaths, MAX_DEATHS)
            await asyncio.sleep(self._first_restart_s * 2 ** (self._n_deaths - 1))
        if self._n_deaths >= MAX_DEATHS:
            self.state = IndexState("failed", 0, "its process ended again and again")
            self._note(
                "The index of the workspace ended again and again; edits in files that are not open are not found."
            )
        else:
            # It may be woken again.
            self._task = None

    async def _run(self) -> None:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # What goes wrong there stands in the server's log.
            stderr=None,
            cwd=PACKAGE_PARENT,
            limit=MAX_MESSAGE_BYTES,
            creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
        )
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        try:
            self._tell(self._use())
            if self._is_closed:
                process.stdin.close()
            # What makes no sense ends it, too.
            with contextlib.suppress(ValueError, KeyError, TypeError):
                while line := await process.stdout.readline():
                    self._hear(json.loads(line))
            process.stdin.close()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(process.wait(), END_TIMEOUT_S)
        finally:
            self._process = None
            _kill(process)
            await process.wait()

    def _hear(self, message: dict[str, Any]) -> None:
        if "state" in message:
            self.state = IndexState(**message["state"])
            self._on_change()
            if self.state.problem:
                self._note(f"nextedit: {self.state.problem}.")
            return
        self._n_deaths = 0
        answer = self._answers.get(message["id"])
        if answer is not None and not answer.done():
            answer.set_result(looking.found_in(message["result"]))

    def _note(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._on_problem(text)


def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()


def is_project(root: Path) -> bool:
    """Whether a root can be a project: somebody's home and a whole disk are none, and no editor means them to be."""
    return root != root.parent and root != Path.home()


def index_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the indexes are kept, one file a root."""
    home = environment.get(HOME_VARIABLE)
    base = Path(home).expanduser() if home else platformdirs.user_cache_path("nextedit", appauthor=False)
    return base / "index"


def index_file(root: Path, folder: Path) -> Path:
    """The file of a root's index."""
    digest = hashlib.blake2s(os.fsencode(root), digest_size=12).hexdigest()
    return folder / f"{digest}.sqlite"
