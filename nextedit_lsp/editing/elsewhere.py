"""What a prediction may know of the workspace beyond the open documents.

In: nothing; the session fills it from the index and the editor.  Out: itself.
Not here: behaviour, reading files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from nextedit_lsp.editing.documents import Document


class Severity(IntEnum):
    """How bad a diagnostic is; the numbers of the protocol."""

    ERROR = 1
    WARNING = 2
    INFORMATION = 3
    HINT = 4


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What a compiler or linter says about the code points ``start`` up to ``end`` of a document as it is now."""

    uri: str
    start: int
    end: int
    message: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The part of the workspace that the last edits may concern.

    ``documents`` are files that are not open and name what was edited, the most relevant first.
    ``n_files`` says in how many files of the workspace a name stands, for names of the last edits;
    ``defined`` are those of them that some file defines.  ``companions`` says for other files, by
    URI, in which share of the commits that changed the focused file they were changed as well.
    """

    documents: tuple[Document, ...] = ()
    n_files: Mapping[str, int] = field(default_factory=dict)
    defined: frozenset[str] = frozenset()
    companions: Mapping[str, float] = field(default_factory=dict)
