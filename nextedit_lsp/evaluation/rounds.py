"""Protocol 1: one commit as rounds, each with the Snapshot after the first k hunks.

In: an episode and an order of its hunks.  Out: for k = 1 ... n a Round: what a predictor sees, what
was done, and what remains (nothing for k = n, where silence is right).
Not here: asking a predictor (``runner``), judging the answer (``metrics``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nextedit_lsp.editing import documents
from nextedit_lsp.editing.events import Origin
from nextedit_lsp.editing.history import History
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.evaluation.episodes import Episode
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
    """The states after the first, the second, ... and the last hunk of ``order``."""
    opened = [
        documents.opened(
            f"file:///{episode.repo}/{file.path}",
            file.path,
            _LANGUAGE_IDS.get(file.language_id, file.language_id),
            1,
            file.before,
        )
        for file in episode.files
    ]
    history = History()
    befores = [document.text for document in opened]
    for k, made in enumerate(order, start=1):
        document = opened[made.file]
        hunk = episode.files[made.file].hunks[made.hunk]
        start = _line_now(episode, made, order[: k - 1])
        edit = line_edit(document.text, start, hunk.n_old, hunk.new)
        changes = Changes((edit,)).simplified(document.text)
        now = k * EVENT_INTERVAL_S
        history = history.record(document, changes, Origin.TYPED, now)
        document = opened[made.file] = document.edited(changes, document.version + 1)
        done = order[:k]
        yield Round(
            episode=episode.id,
            k=k,
            language_id=episode.files[made.file].language_id,
            snapshot=Snapshot(
                document=document,
                cursor=_end_of_lines(document.text, start, len(hunk.new)),
                history=history,
                others=tuple(other for i, other in enumerate(opened) if i != made.file),
                now=now + REST_S,
            ),
            done=tuple(_placed(episode, opened, befores, which, done) for which in done),
            remaining=tuple(_placed(episode, opened, befores, which, done) for which in order[k:]),
        )


def line_edit(text: Text, start: int, n_old: int, new: Sequence[str]) -> Edit:
    """The edit that makes the ``n_old`` lines from line ``start`` the lines ``new``."""
    first, end = text.line_start(start), text.line_start(start + n_old)
    string = "".join(line + "\n" for line in new)
    if new and end == len(text) and text.line(text.n_lines - 1):
        # The last line has no line break: the new last line gets none either.
        string = string[:-1] if start < text.n_lines else "\n" + string[:-1]
    return Edit(first, end, string)


def _placed(
    episode: Episode,
    opened: Sequence[documents.Document],
    befores: Sequence[Text],
    which: HunkId,
    done: Sequence[HunkId],
) -> PlacedHunk:
    hunk = episode.files[which.file].hunks[which.hunk]
    old = befores[which.file].lines(hunk.start, hunk.start + hunk.n_old)
    document = opened[which.file]
    return PlacedHunk(document.uri, document.path, _line_now(episode, which, done), tuple(old), hunk.new)


def _line_now(episode: Episode, which: HunkId, done: Sequence[HunkId]) -> int:
    """The line where a hunk starts once the hunks ``done`` are made."""
    hunks = episode.files[which.file].hunks
    above = (hunks[made.hunk] for made in done if made.file == which.file and made.hunk < which.hunk)
    return hunks[which.hunk].start + sum(len(hunk.new) - hunk.n_old for hunk in above)


def _end_of_lines(text: Text, start: int, n_lines: int) -> int:
    """The end of the last of the lines; where all were deleted, the start of what follows them."""
    return text.line_end(start + n_lines - 1) if n_lines else text.line_start(start)
