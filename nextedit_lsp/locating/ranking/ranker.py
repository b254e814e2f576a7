"""Ranked places: the forest's scores made into a few spots, each with its chance and its reason.

In: the Snapshot and the user's intentions.  Out: ``RankedPlace``s, the likeliest first; the chance of given rows.
Not here: features (``features``), learning (``tools/fit_places.py``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.elsewhere import Severity
from nextedit_lsp.editing.history import Intention
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.locating.place import RankedPlace
from nextedit_lsp.locating.ranking import features, reasons
from nextedit_lsp.locating.ranking.forest import Forest, forest_of
from nextedit_lsp.locating.ranking.lines import Column
from nextedit_lsp.locating.ranking.scene import Scene, scene_of

MODEL = "places.json"
# The first trees choose the rows that the whole forest looks at.
N_ROUGH_TREES = 40
N_ROWS_KEPT = 120

MAX_PLACES = 10
# A row beside the best one of a place belongs to it when its odds are not much lower; so many rows at most.
SAME_PLACE_LOGIT = 1.0
MAX_PLACE_ROWS = 3
# Rows this close to a place are no place of their own: whoever looks at the one sees the other.
NEIGHBOUR_ROWS = 2

# What commits can't teach: how often an error that is reported is where one goes next.  Judgements.
CHANCE_BY_SEVERITY = {Severity.ERROR: 0.35, Severity.WARNING: 0.1}


@dataclass(frozen=True, slots=True)
class Model:
    """What was learned: the forest, the names of its features in order, and what its scores mean as log odds."""

    forest: Forest
    names: tuple[str, ...]
    slope: float
    intercept: float

    def chances(self, scores: Column) -> Column:
        """The calibrated probability that the user edits there next, from the scores of places' best rows."""
        result: Column = 1 / (1 + np.exp(-(self.slope * scores + self.intercept)))
        return result


def ranked(snapshot: Snapshot, intentions: Sequence[Intention]) -> tuple[RankedPlace, ...]:
    """Where the user may edit next, the likeliest first; nothing without an edit to go by."""
    scene = scene_of(snapshot, intentions)
    if scene is None:
        return ()
    columns = features.columns(scene)
    model = learned()
    x = np.stack([columns[name] for name in model.names], axis=1)
    scores = scored(model.forest, x)
    chances = _with_diagnostics(scene, model.chances(scores))
    explain = reasons.Explainer(scene, columns)
    found = []
    for first, end in spots(scene.document_of, scene.row, scores, chances, MAX_PLACES):
        best = first + int(np.argmax(chances[first:end]))
        source, reason = explain(best)
        row = int(scene.row[first])
        document = scene.documents[int(scene.document_of[first])]
        found.append(RankedPlace(document, row, row + end - first, float(chances[best]), source, reason))
    return tuple(found)


def chance_at(places: Sequence[RankedPlace], document: Document, rows: tuple[int, int]) -> float:
    """The chance of the likeliest of ``places`` that the rows from the first up to the second touch; 0 without one.

    For an insertion before a row, an empty range, the rows on either side count.
    """
    first, end = rows if rows[0] < rows[1] else (rows[0] - 1, rows[0] + 1)
    touched = (
        place.chance
        for place in places
        if place.document.uri == document.uri
        and place.first_row < end
        and first < max(place.end_row, place.first_row + 1)
    )
    return max(touched, default=0.0)


def scored(forest: Forest, x: Column) -> Column:
    """The score of every row of ``x``; of the rows that have no prospects by the first trees only a low one."""
    rough = forest.scores(x, end=N_ROUGH_TREES)
    if len(x) <= N_ROWS_KEPT:
        return rough + forest.scores(x, first=N_ROUGH_TREES)
    kept = np.argpartition(-rough, N_ROWS_KEPT)[:N_ROWS_KEPT]
    scores = np.full(len(x), -np.inf)
    scores[kept] = rough[kept] + forest.scores(x[kept], first=N_ROUGH_TREES)
    return scores


def spots(document_of: Column, row: Column, scores: Column, chances: Column, n_most: int) -> list[tuple[int, int]]:
    """The best rows as ranges of indices, best first, each with the rows beside it that are nearly as good."""
    free = np.isfinite(scores)
    found: list[tuple[int, int]] = []
    for best in np.lexsort((-scores, -chances)).tolist():
        if len(found) == n_most:
            break
        if not free[best]:
            continue
        first, end = best, best + 1
        while end - first < MAX_PLACE_ROWS:
            beside = [
                at
                for at in (first - 1, end)
                if 0 <= at < len(row)
                and document_of[at] == document_of[best]
                and free[at]
                and scores[at] >= scores[best] - SAME_PLACE_LOGIT
            ]
            if not beside:
                break
            at = max(beside, key=lambda at: scores[at])
            first, end = min(first, at), max(end, at + 1)
        found.append((first, end))
        near = slice(max(0, first - NEIGHBOUR_ROWS), end + NEIGHBOUR_ROWS)
        free[near] &= document_of[near] != document_of[best]
    return found


def _with_diagnostics(scene: Scene, chances: Column) -> Column:
    """The chances, raised where something is reported: either may be what leads the user there."""
    raised = chances
    for diagnostic in scene.diagnostics:
        index = scene.document_index.get(diagnostic.uri)
        chance = CHANCE_BY_SEVERITY.get(diagnostic.severity, 0.0)
        if index is not None and chance:
            text = scene.documents[index].text
            at = scene.in_document(diagnostic.uri) & (scene.row == text.line_at(min(diagnostic.start, len(text))))
            raised = np.where(at, np.maximum(raised, 1 - (1 - chances) * (1 - chance)), raised)
    return raised


@cache
def learned() -> Model:
    """The shipped model, learned from the training split."""
    data: dict[str, Any] = json.loads(resources.files(__package__).joinpath(MODEL).read_text("utf-8"))
    return model_of(data)


def model_of(data: dict[str, Any]) -> Model:
    """The model that the data describes."""
    curve = data["calibration"]
    return Model(forest_of(data["trees"]), tuple(data["features"]), curve["slope"], curve["intercept"])
