"""What every prompt format offers: a task made of a Snapshot, and the changes that an answer means.

In: nothing.  Out: ``Format`` and the values that it takes and gives.
Not here: any format.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.formats.prompt import Completion, Question
from nextedit_lsp.text.changes import Changes
from nextedit_lsp.text.line_ends import plain


@dataclass(frozen=True, slots=True)
class Spot:
    """Where to write: the lines ``first`` up to ``end`` of a document.

    ``cursor`` is the user's cursor, an offset of the document's text, where it stands within reach; None elsewhere.
    A format with a region rule of its own takes the lines as the middle of its region.
    """

    document: Document
    first: int
    end: int
    cursor: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A question, and what is needed to read its answer: it rewrites the characters ``start:end`` of the document."""

    question: Question
    spot: Spot
    start: int
    end: int

    @property
    def old(self) -> str:
        """The text that the answer rewrites."""
        return self.spot.document.text.slice(self.start, self.end)

    def answer(self, new: str) -> str | None:
        """What a model writes that makes ``new`` of the region: the draft, with ``new`` for what stands there.

        None for a format whose answers have another shape.
        """
        head, found, tail = self.question.draft.partition(plain(self.old))
        return head + plain(new) + tail if found else None


@dataclass(frozen=True, slots=True)
class Refused:
    """No task can be made, or no sense of an answer; ``reason`` is for the log and ``explain``, without source text."""

    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer means: ``changes`` of the document, none for "no edit here"; ``cursor`` in the text after them."""

    changes: Changes
    cursor: int | None = None


@dataclass(frozen=True, slots=True)
class Traits:
    """What a model file says of itself: ``general.name``, the architecture, its file's name, and its chat template.

    ``has_token`` tells whether a text is one control token of its vocabulary.
    """

    name: str
    architecture: str
    file_name: str
    has_chat_template: bool
    has_token: Callable[[str], bool]

    @property
    def label(self) -> str:
        """Its names in lower case, words joined by "-", whatever way they are spelled."""
        return f"{self.name}-{self.file_name}".lower().replace("_", "-").replace(" ", "-")


@dataclass(frozen=True, slots=True)
class Format:
    """One dialect.

    ``task`` makes a question for a spot, ``read`` the changes of its answer.  Both are pure.  ``fits`` tells whether
    a model file is of the family, sure by its name or its tokens.  ``context`` is the number of tokens that prompt
    and answer take at most.  ``markers`` are the texts that structure the prompt and that user text must not forge.
    """

    name: str
    title: str
    context: int
    markers: tuple[str, ...]
    task: Callable[[Snapshot, Spot], Task | Refused]
    read: Callable[[Task, Completion], Reading | Refused]
    fits: Callable[[Traits], bool]
