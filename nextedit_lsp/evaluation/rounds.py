"""One commit as rounds, each with the Snapshot after some of its hunks.

In: an episode and an order of its hunks.  Out: Rounds: what a predictor sees, what was done, and what
remains (nothing at the end, where silence is right).
Not here: asking a predictor (``runner``), judging the answer (``metrics``), who makes which hunk (``saving``).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from nextedit_lsp.editing import documents
from nextedit_lsp.editing.events import Origin
from nextedit_lsp.editing.history import History
from nextedit_lsp.editing.snapshot import Rejection, Snapshot
from nextedit_lsp.evaluation.episodes import Episode
from nextedit_lsp.presenting.suggestion import Suggestion
from nextedit_lsp.session import offers
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit

# Longer than the pause within which the history joins changes to one event.
EVENT_INTERVAL_S = 5.0
# The user stopped this long ago.
REST_S = 2.0

# The episodes' names of languages, where the protocol has another.
_LANGUAGE_IDS = {"tsx": "typescriptreact", "jsx": "javascriptreact", "bash": "shellscript"}


@dataclass(frozen=True, slots=True)
class HunkId:
    """A hunk of an episode by the index of its file and its index there."""

    file: int
    hunk: int


@dataclass(frozen=True, slots=True)
class PlacedHunk:
    """A hunk where it stands now: done, its ``new`` lines start at line ``start``; else its ``old`` lines do."""

    uri: str
    path: str
    start: int
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """The state after ``k`` of ``n`` hunks; ``done`` and ``remaining`` in the order in which they are made."""

    episode: str
    k: int
    language_id: str
    snapshot: Snapshot
    done: tuple[PlacedHunk, ...]
    remaining: tuple[PlacedHunk, ...]

    @property
    def n(self) -> int:
        """The number of hunks of the episode."""
        return len(self.done) + len(self.remaining)

    @property
    def is_complete(self) -> bool:
        """Whether silence is right."""
        return not self.remaining


def file_order(episode: Episode) -> list[HunkId]:
    """The hunks as they are listed: file by file, top down."""
    return [HunkId(i, j) for i, file in enumerate(episode.files) for j in range(len(file.hunks))]


def rounds(episode: Episode, order: Sequence[HunkId]) -> Iterator[Round]:
    """Protocol 1: the states after the first, the second, ... and the last hunk of ``order``."""
    replay = Replay(episode)
    for k, which in enumerate(order, start=1):
        replay.make(which)
        yield replay.round(order[k:])


class Replay:
    """A commit in the making: its documents, the edit history, and which hunks are done, in their order."""

    def __init__(self, episode: Episode) -> None:
        self.episode = episode
        self.done: list[HunkId] = []
        self._documents = [
            documents.opened(
                f"file:///{episode.repo}/{file.path}",
                file.path,
                _LANGUAGE_IDS.get(file.language_id, file.language_id),
                1,
                file.before,
            )
            for file in episode.files
        ]
        self._befores = [document.text for document in self._documents]
        self._history = History()
        self._rejections: tuple[Rejection, ...] = ()
        self._origins: list[Origin] = []

    @property
    def state(self) -> Hashable:
        """Tells states apart: what was made, in which order and by whom, and what was turned down."""
        return tuple(self.done), tuple(self._origins), self._rejections

    def make(self, which: HunkId, origin: Origin = Origin.TYPED) -> None:
        """Makes a hunk, as one event of the history."""
        document = self._documents[which.file]
        hunk = self.episode.files[which.file].hunks[which.hunk]
        edit = line_edit(document.text, self._line_now(which), hunk.n_old, hunk.new)
        changes = Changes((edit,)).simplified(document.text)
        self.done.append(which)
        self._origins.append(origin)
        self._history = self._history.record(document, changes, origin, len(self.done) * EVENT_INTERVAL_S)
        self._documents[which.file] = document.edited(changes, document.version + 1)
        self._rejections = tuple(
            offers.carried(rejection, changes) if rejection.uri == document.uri else rejection
            for rejection in self._rejections
        )

    def reject(self, suggestion: Suggestion) -> None:
        """Turns a suggestion of the state as it is down, so that it is not made again."""
        edit = suggestion.edit
        self._rejections = (*self._rejections, offers.rejection_of(suggestion, edit.start, edit.end))

    def round(self, remaining: Sequence[HunkId]) -> Round:
        """The state as it is, when the hunks ``remaining`` are still to be made; the cursor stands behind the last."""
        newest = self.done[-1]
        document = self._documents[newest.file]
        file = self.episode.files[newest.file]
        return Round(
            episode=self.episode.id,
            k=len(self.done),
            language_id=file.language_id,
            snapshot=Snapshot(
                document=document,
                cursor=_end_of_lines(document.text, self._line_now(newest), len(file.hunks[newest.hunk].new)),
                history=self._history,
                others=tuple(other for i, other in enumerate(self._documents) if i != newest.file),
                rejections=self._rejections,
                now=len(self.done) * EVENT_INTERVAL_S + REST_S,
            ),
            done=tuple(map(self.placed, self.done)),
            remaining=tuple(map(self.placed, remaining)),
        )

    def placed(self, which: HunkId) -> PlacedHunk:
        """A hunk where it stands now."""
        hunk = self.episode.files[which.file].hunks[which.hunk]
        old = self._befores[which.file].lines(hunk.start, hunk.start + hunk.n_old)
        document = self._documents[which.file]
        return PlacedHunk(document.uri, document.path, self._line_now(which), tuple(old), hunk.new)

    def _line_now(self, which: HunkId) -> int:
        hunks = self.episode.files[which.file].hunks
        above = (hunks[made.hunk] for made in self.done if made.file == which.file and made.hunk < which.hunk)
        return hunks[which.hunk].start + sum(len(hunk.new) - hunk.n_old for hunk in above)


def line_edit(text: Text, start: int, n_old: int, new: Sequence[str]) -> Edit:
    """The edit that makes the ``n_old`` lines from line ``start`` the lines ``new``."""
    first, end = text.line_start(start), text.line_start(start + n_old)
    string = "".join(line + "\n" for line in new)
    if new and end == len(text) and text.line(text.n_lines - 1):
        # The last line has no line break: the new last line gets none either.
        string = string[:-1] if start < text.n_lines else "\n" + string[:-1]
    return Edit(first, end, string)


def _end_of_lines(text: Text, start: int, n_lines: int) -> int:
    """The end of the last of the lines; where all were deleted, the start of what follows them."""
    return text.line_end(start + n_lines - 1) if n_lines else text.line_start(start)
