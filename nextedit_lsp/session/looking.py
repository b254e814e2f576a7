"""Looks up in the workspace's index what the last edits concern, in time for the answer or not at all.

In: the history, the index.  Out: ``Elsewhere`` in the state.
Not here: the index (``workspace.index``), what is made of it (``locating``).

    asked ──▶ known for this history? ──yes──▶ go on
                 └─no─▶ what is it about ─▶ ask the index ─▶ read the files ─▶ the state has it
                        (at most ``MAX_WAIT_S`` of this is waited for; what comes later is there for the next answer)

What takes time is done by a thread of its own, beside the one that predicts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.elsewhere import Elsewhere
from nextedit_lsp.editing.history import History
from nextedit_lsp.patterns import subjects
from nextedit_lsp.session.state import State
from nextedit_lsp.session.worker import Worker
from nextedit_lsp.workspace import files, terms, walking
from nextedit_lsp.workspace.disk_changes import Change, HeadMoved
from nextedit_lsp.workspace.index import Index, OpenText
from nextedit_lsp.workspace.looking import Found, IndexState, Question

logger = logging.getLogger(__name__)

# How long an answer waits for the index: one that comes by itself, and one that the user asked for, for which a menu
# waits no longer than twice that.
MAX_WAIT_S = 0.02
MAX_WAIT_EXPLICIT_S = 0.1
# The index may hang at a disk that does; nobody waits for it any more after so long.
GIVE_UP_S = 5.0
# What is read for one answer, in characters of all files together: more takes too long to look through.
MAX_CHARS = 250_000
# Shingles asked for: a block of a dozen lines has two or three.
MAX_SHINGLES = 8


def question_of(history: History, focus: Path | None) -> Question:
    """What to ask the index of the last edits, with the user in the file ``focus``."""
    about = subjects.subjects(history.intentions())
    shingles = [shingle for block in about.blocks for shingle in sorted(terms.shingles(block))]
    return Question(
        removed=about.removed,
        added=about.added,
        called=about.called,
        kin=about.kin,
        shingles=tuple(dict.fromkeys(shingles))[:MAX_SHINGLES],
        focus=None if focus is None else str(focus),
    )


class Looking:
    """One look-up at a time, the newest.  ``on_problem`` hears what a user should know of the index."""

    def __init__(self, state: State, on_problem: Callable[[str], None]) -> None:
        self._state = state
        self._index = Index(on_problem, on_change=self._on_index_change)
        self._worker = Worker("nextedit-look-up")
        self._key: tuple[History, str] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def index_state(self) -> IndexState:
        """How the index is."""
        return self._index.state

    def use(self, roots: Iterable[Path], max_files: int) -> None:
        """Sets which roots are looked through; none ends it."""
        self._index.use(roots, max_files)
        self._key = None

    def wake(self) -> None:
        """Begins to build the index: somebody is about to edit."""
        self._index.wake()

    def changed_on_disk(self, change: Change) -> None:
        """Another program, or the editor by saving, changed something."""
        if isinstance(change, HeadMoved):
            self._index.scan(change.root)
        else:
            self._index.changed([change.path])
            self._state.changed_on_disk(files.uri_of(change.path))
        self._key = None

    def closed(self, uri: str) -> None:
        """The editor holds a document no longer."""
        path = files.path_of(uri)
        if path is not None:
            self._index.closed(path)
            self._key = None

    def begin(self, uri: str) -> None:
        """Begins to look up what the history is about, unless that is known or under way."""
        key = (self._state.history, uri)
        known = self._key
        if not self._index.is_running or (known is not None and known[0] is key[0] and known[1] == uri):
            return
        self._stop()
        self._key = key
        self._state.look_begun()
        self._task = asyncio.get_running_loop().create_task(self._look(*key))

    async def wait(self, uri: str, *, is_explicit: bool) -> None:
        """Begins, and waits for a moment."""
        self.begin(uri)
        if self._task is not None and not self._task.done():
            await asyncio.wait({self._task}, timeout=MAX_WAIT_EXPLICIT_S if is_explicit else MAX_WAIT_S)

    async def close(self) -> None:
        """Ends what is under way, and the index."""
        self._stop()
        self._worker.close()
        await self._index.close()

    def _on_index_change(self) -> None:
        if self._index.state.phase == "ready":
            # What was found in a part of the workspace is looked up again in all of it.
            self._key = None
            self._state.learned()

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _look(self, history: History, uri: str) -> None:
        elsewhere = None
        try:
            elsewhere = await self._looked_up(history, uri)
        except asyncio.TimeoutError:
            logger.info("the index has not answered in %g s", GIVE_UP_S)
        except Exception:
            logger.exception("the workspace could not be looked through")
        finally:
            # A newer look-up has begun where this one was stopped.
            if self._task is asyncio.current_task():
                self._state.look_ended(elsewhere)

    async def _looked_up(self, history: History, uri: str) -> Elsewhere:
        focus = files.path_of(uri)
        question = await self._worker.submit(lambda: question_of(history, focus))
        if question.is_empty:
            return Elsewhere()
        found = await asyncio.wait_for(self._index.look_up(question, self._open_texts()), GIVE_UP_S)
        if found is None:
            # It died; the next one is asked anew.
            self._key = None
            return Elsewhere()
        read = await self._worker.submit(lambda: self._read(found, history))
        companions = {files.uri_of(Path(path)): share for path, share in found.companions.items()}
        return Elsewhere(tuple(read), dict(found.n_files), found.defined, companions)

    def _open_texts(self) -> dict[str, OpenText]:
        texts: dict[str, OpenText] = {}
        for uri, document in self._state.documents.followed.items():
            path = files.path_of(uri)
            if path is not None and len(document.text) <= walking.MAX_INDEXED_BYTES:
                texts[str(path)] = (document.version, document.text.__str__)
        return texts

    def _read(self, found: Found, history: History) -> list[Document]:
        """The files found that can be edited; runs in the thread."""
        read: list[Document] = []
        n_chars = 0
        for path in found.files:
            document = self._state.closed.load(Path(path))
            if document is None or not _continues(history, document) or n_chars + len(document.text) > MAX_CHARS:
                continue
            n_chars += len(document.text)
            # So that the answer need not wait for it.
            _ = document.tree
            read.append(document)
        return read


def _continues(history: History, document: Document) -> bool:
    """Whether the text on disk is what the last edit of the file led to; else it was closed without being saved."""
    newest = history.newest(document.uri)
    return newest is None or newest.after == document.text
