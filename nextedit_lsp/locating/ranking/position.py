"""Where a row lies: how far from the last edits, in rows and in blocks, and where in its file.

In: a Scene.  Out: columns.
"""

from __future__ import annotations

import numpy as np

from nextedit_lsp.locating.ranking.edits import LineEdit
from nextedit_lsp.locating.ranking.kinds import Kind
from nextedit_lsp.locating.ranking.lines import Column, Floats
from nextedit_lsp.locating.ranking.scene import Scene

# Distances beyond are all "far".
FAR = 1000.0


def columns(scene: Scene) -> dict[str, Floats]:
    """Distances to edits, and the place in the file."""
    last = scene.last
    here = scene.in_document(last.uri)
    touched = np.zeros(scene.n_rows, dtype=bool)
    n_inside = np.zeros(scene.n_rows)
    n_edits = np.zeros(scene.n_rows)
    nearest = np.full(scene.n_rows, FAR)
    nearest_older = np.full(scene.n_rows, FAR)
    for age, edit in enumerate(scene.edits):
        of_edit = scene.in_document(edit.uri)
        touched |= of_edit
        n_edits += of_edit
        away = np.where(of_edit, rows_from(scene, edit), FAR)
        n_inside += of_edit & (away == 0)
        nearest = np.where(np.abs(away) < np.abs(nearest), away, nearest)
        if age:
            nearest_older = np.where(np.abs(away) < np.abs(nearest_older), away, nearest_older)
    away = np.where(here, rows_from(scene, last), 0)
    n_rows = scene.n_rows_of_document
    share = scene.row / np.maximum(n_rows - 1, 1)
    at = scene.index_at(last)
    result = {
        "same_document": here,
        "touched": touched,
        "away": signed_log(away),
        "n_away": np.where(here, np.minimum(np.abs(away), 400), 400),
        "is_below": np.where(here, np.sign(away), -2),
        "nearest": signed_log(nearest),
        "nearest_older": signed_log(nearest_older),
        "n_inside": n_inside,
        "n_edits_of_document": n_edits,
        "row": np.log1p(scene.row),
        "rows_left": np.log1p(n_rows - scene.row - 1),
        "share": share,
        "share_away": share - (0 if at is None else share[at]),
        "n_rows": np.log1p(n_rows),
    }
    kind, indent = scene.lines.kind, scene.lines.indent
    starts = {
        "paragraphs": scene.is_blank & ~scene.shifted(scene.is_blank, -1).astype(bool),
        "definitions": (kind == Kind.FUNCTION) | (kind == Kind.CLASS),
        "outermost": (indent == 0) & ~scene.is_blank & (kind != Kind.CLOSING),
    }
    for name, flags in starts.items():
        result[f"{name}_away"] = np.where(here, between(scene, flags, last), -9)
    return {name: column.astype(np.float32) for name, column in result.items()}


def rows_from(scene: Scene, edit: LineEdit) -> Column:
    """How many rows below the edit's lines a row is, negative above, 0 inside; whatever the document."""
    below = scene.row - edit.end_row + 1
    above = scene.row - edit.row
    return np.where(scene.row >= edit.end_row, np.maximum(below, 1), np.minimum(above, 0))


def between(scene: Scene, flags: Column, edit: LineEdit) -> Column:
    """How many flagged rows lie between the edit and each row of its document, negative upward."""
    here = scene.in_document(edit.uri)
    counted = np.cumsum(flags & here)
    at = scene.index_at(edit)
    return np.zeros(scene.n_rows) if at is None else np.clip(counted - counted[at], -50, 50)


def signed_log(away: Column) -> Column:
    """The logarithm of a distance with its sign kept."""
    result: Column = np.sign(away) * np.log1p(np.abs(away))
    return result
