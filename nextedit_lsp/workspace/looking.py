"""What the index is asked, and what it answers: values that go from one process to the other.

In: JSON values.  Out: frozen values, and the other way round.
Not here: how an answer is found (``index_root``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

MAX_FILES_FOUND = 8


@dataclass(frozen=True, slots=True)
class Question:
    """What the last edits are about: words that they removed and added, and the places that they were made at.

    ``called`` are functions whose arguments they changed, ``kin`` other spellings of removed words.  ``focus`` is the
    file that the user is in.  ``shingles`` are of the lines around the edits, as ``terms`` makes them.
    """

    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    kin: tuple[str, ...] = ()
    shingles: tuple[str, ...] = ()
    focus: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self.removed or self.added or self.called or self.shingles)


@dataclass(frozen=True, slots=True)
class Found:
    """What the index knows of it: files by path, the most relevant first, none of them open.

    ``n_files`` says in how many files a word stands, open ones as they are now; it stops counting at
    ``index_store.MAX_COUNTED``.  ``defined`` are words that some file defines.  ``companions`` are the files that
    commits changed beside ``Question.focus``, each with the share of those commits.
    """

    files: tuple[str, ...] = ()
    n_files: Mapping[str, int] = field(default_factory=dict)
    defined: frozenset[str] = frozenset()
    companions: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IndexState:
    """How the index is: ``phase`` is off, building, ready or failed; ``problem`` is for a person."""

    phase: str = "off"
    n_files: int = 0
    problem: str | None = None


def question_in(value: Mapping[str, Any]) -> Question:
    """A question as it came."""
    lists = {name: tuple(value[name]) for name in ("removed", "added", "called", "kin", "shingles")}
    return Question(**lists, focus=value["focus"])


def found_out(found: Found) -> dict[str, Any]:
    """An answer as it goes."""
    return {**asdict(found), "defined": sorted(found.defined)}


def found_in(value: Mapping[str, Any]) -> Found:
    """An answer as it came."""
    return Found(tuple(value["files"]), value["n_files"], frozenset(value["defined"]), value["companions"])
