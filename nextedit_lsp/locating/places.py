"""All candidate places, from every locator, with what is known about each.

In: the evidence and the Snapshot's documents.  Out: places, each with the features that its
chance is told from.
Not here: what to write (``proposing``), whether to show it (``vetting``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from nextedit_lsp.locating import blocks, repeats, siblings, uses
from nextedit_lsp.locating.evidence import Evidence
from nextedit_lsp.locating.place import Place

Locator = Callable[[Evidence], Iterator[Place]]

LOCATORS: tuple[Locator, ...] = (uses.places, repeats.places, siblings.places, blocks.places)


def places(evidence: Evidence, is_cancelled: Callable[[], bool]) -> Iterator[Place]:
    """Candidate places in the focused document, then in the other open ones."""
    for locator in LOCATORS:
        for place in locator(evidence):
            if is_cancelled():
                return
            yield _with_common_features(evidence, place)


def _with_common_features(evidence: Evidence, place: Place) -> Place:
    text = place.document.text
    newest = next((e for e in evidence.examples if e.uri == place.document.uri), None)
    origin = min(newest.start, len(text)) if newest else 0
    rows_below = text.line_at(place.start) - text.line_at(origin)
    common = {
        "same_document": float(newest is not None),
        "is_below": float(newest is not None and rows_below > 0),
        "log_distance": math.log1p(abs(rows_below)) / 8 if newest else 1.0,
    }
    return replace(place, features={**place.features, **common})
