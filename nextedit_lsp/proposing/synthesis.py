"""Repeated edits, written out: the example's new text with the words that stand here for its own.

In: a place.  Out: a proposal, or None where it would change nothing.
Not here: finding places (``locating``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.locating.place import Place
from nextedit_lsp.patterns import analogy
from nextedit_lsp.text.changes import Changes, Edit
from nextedit_lsp.text.line_ends import line_end_of


@dataclass(frozen=True, slots=True)
class Proposal:
    """A concrete change of one document at one place; ``features`` are what its chance is told from."""

    document: Document
    changes: Changes
    source: str
    pattern: str
    title: str
    reason: str
    features: dict[str, float] = field(default_factory=dict)

    @property
    def rows(self) -> tuple[int, int]:
        """The rows of the document from the first to behind the last that change."""
        text = self.document.text
        return text.line_at(self.changes.start), text.line_at(self.changes.end) + 1

    @property
    def is_insertion(self) -> bool:
        """Whether whole lines are inserted and nothing else is done."""
        return all(edit.start == edit.end and "\n" in edit.text for edit in self.changes.edits)


def synthesised(place: Place) -> Proposal | None:
    """The proposal for a place: every part's template, carried over by the binding."""
    text = place.document.text
    line_end = line_end_of(text)
    edits = []
    for part in place.parts:
        new = analogy.carried(part.template, place.binding) if place.binding else part.template
        if line_end != "\n":
            new = new.replace("\n", line_end)
        edits.append(Edit(part.start, part.end, new))
    changes = Changes.of(edits).simplified(text)
    if not changes:
        return None
    return Proposal(
        place.document, changes, place.source, place.pattern, place.title, place.reason, dict(place.features)
    )


def united(proposals: Iterable[Proposal]) -> Iterator[Proposal]:
    """Proposals of one pattern on one line, or on lines that touch, made one: one glance, one key."""
    groups: dict[tuple[str, str, str], list[Proposal]] = {}
    for proposal in proposals:
        groups.setdefault((proposal.document.uri, proposal.source, proposal.pattern), []).append(proposal)
    for group in groups.values():
        group.sort(key=lambda proposal: proposal.changes.start)
        current = group[0]
        for proposal in group[1:]:
            if proposal.changes == current.changes:
                continue
            if (
                not proposal.is_insertion
                and proposal.rows[0] <= current.rows[1]
                and proposal.changes.start > current.changes.end
            ):
                joined = Changes.of([*current.changes.edits, *proposal.changes.edits])
                current = replace(current, changes=joined)
            else:
                yield current
                current = proposal
        yield current
