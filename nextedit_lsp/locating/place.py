"""A Place: where the next edit may fall, and why.

In: nothing.  Out: itself.
Not here: the text to write there; a part's ``template`` is the example's own text, to be carried
over by ``binding``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.patterns.examples import Example


@dataclass(frozen=True, slots=True)
class Part:
    """A span of the document to be replaced, and what the example has in its stead."""

    start: int
    end: int
    template: str


@dataclass(frozen=True, slots=True)
class Place:
    """A candidate place.

    ``source`` names the locator, ``pattern`` is shared by places that repeat the same change,
    ``title`` tells a person what the change is and ``reason`` why here.  ``example`` is the edit that it was
    learned from; ``binding`` says what stands here for the words of that.  ``examples`` are where in the document
    the user made the change, newest first.  ``features`` are numbers for the chance.
    """

    document: Document
    parts: tuple[Part, ...]
    source: str
    pattern: str
    title: str
    reason: str
    example: Example
    binding: Mapping[str, str] = field(default_factory=dict)
    examples: tuple[int, ...] = ()
    features: Mapping[str, float] = field(default_factory=dict)

    @property
    def start(self) -> int:
        """Where the first part starts."""
        return self.parts[0].start

    @property
    def end(self) -> int:
        """Where the last part ends."""
        return self.parts[-1].end


@dataclass(frozen=True, slots=True)
class RankedPlace:
    """Lines where the next edit may fall, whatever it will be.

    The rows from ``first_row`` up to, not including, ``end_row``; an empty range is an insertion before
    ``first_row``.  ``chance`` is the calibrated probability that the user edits there next, from 0 to 1;
    ``reason`` tells a person why.
    """

    document: Document
    first_row: int
    end_row: int
    chance: float
    source: str
    reason: str
