"""All candidate places, from every locator, with what is known about each among the others.

In: the evidence.  Out: places, each with the features that its chance is told from.
Not here: what to write (``proposing``), whether to show it (``vetting``).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from nextedit_lsp.locating import arguments, blocks, imports, moves, parallels, repeats, rewrites, siblings, uses
from nextedit_lsp.locating.evidence import Evidence
from nextedit_lsp.locating.place import Place
from nextedit_lsp.locating.setting import setting

Locator = Callable[[Evidence], Iterator[Place]]

LOCATORS: tuple[Locator, ...] = (
    uses.places,
    arguments.places,
    parallels.places,
    repeats.places,
    siblings.places,
    rewrites.places,
    moves.places,
    imports.places,
    blocks.places,
)


def places(evidence: Evidence, is_cancelled: Callable[[], bool]) -> Iterator[Place]:
    """Candidate places in the focused document and in the other open ones."""
    for locator in LOCATORS:
        groups: dict[tuple[str, str], list[Place]] = defaultdict(list)
        for place in locator(evidence):
            if is_cancelled():
                return
            groups[place.document.uri, place.pattern].append(place)
        for group in groups.values():
            for place in group:
                features = {
                    **place.features,
                    **_distance(evidence, place),
                    **_sequence(place, group),
                    **setting(evidence, place),
                }
                yield replace(place, features=features)


def _distance(evidence: Evidence, place: Place) -> dict[str, float]:
    """How far the place is from the newest edit of its document."""
    text = place.document.text
    newest = next((e for e in evidence.examples if e.uri == place.document.uri), None)
    if newest is None:
        return {"log_distance": 1.0}
    rows_below = text.line_at(place.start) - text.line_at(min(newest.start, len(text)))
    return {
        "same_document": 1.0,
        "is_below": float(rows_below > 0),
        "log_distance": math.log1p(abs(rows_below)) / 8,
    }


def _sequence(place: Place, group: Sequence[Place]) -> dict[str, float]:
    """Whether the user is going through the places of this change one after the other, and this one is next.

    Someone who has made it twice and left out none in between will go on; someone who passed
    others by will not come back for them.
    """
    if len(place.examples) < 2:
        return {"n_done": float(len(place.examples))}
    newest, before = place.examples[0], place.examples[1]
    low, high = min(place.examples), max(place.examples)
    n_passed = sum(low < other.start < high for other in group)
    goes_down = newest >= before
    ahead = [other.start for other in group if (other.start > newest) == goes_down]
    nearest = (min(ahead) if goes_down else max(ahead)) if ahead else None
    is_ahead = (place.start > newest) == goes_down
    return {
        "n_done": float(len(place.examples)),
        "steady": float(n_passed == 0),
        "next": float(n_passed == 0 and place.start == nearest),
        "ahead": float(n_passed == 0 and is_ahead),
        "n_passed": math.log1p(n_passed) / 2,
    }
