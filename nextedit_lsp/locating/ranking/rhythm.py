"""What the last edits are like, how the user moves from one to the next, and where the same step would lead.

In: a Scene.  Out: columns; most of them are the same for all rows.
"""

from __future__ import annotations

import itertools

import numpy as np

from nextedit_lsp.locating.ranking.edits import LineEdit
from nextedit_lsp.locating.ranking.kinds import Kind
from nextedit_lsp.locating.ranking.lines import Floats, lines_of_strings
from nextedit_lsp.locating.ranking.scene import Scene

# Steps beyond are all "far".
MAX_STEP = 200


def columns(scene: Scene) -> dict[str, Floats]:
    """The kind of the last edits and the step between them."""
    last = scene.last
    rows = [edit.row for edit in scene.edits if edit.uri == last.uri]
    steps = [after - before for after, before in itertools.pairwise(rows)]
    numbers = {
        "n_edits": len(scene.edits),
        "n_edits_here": len(rows),
        "n_documents": len(scene.documents),
        "n_untouched": len({document.uri for document in scene.documents} - {edit.uri for edit in scene.edits}),
        "n_old": last.n_old,
        "n_new": last.n_new,
        "n_delta": last.n_new - last.n_old,
        "edited_kind": _kind(last),
        "edited_kind_before": _kind(scene.edits[1]) if len(scene.edits) > 1 else -1,
        "edited_type": _type(last),
        "edited_type_before": _type(scene.edits[1]) if len(scene.edits) > 1 else -1,
        "step": np.clip(steps[0], -MAX_STEP, MAX_STEP) if steps else 0,
        "n_down": sum(step > 0 for step in steps),
        "n_up": sum(step < 0 for step in steps),
        "repeats": _repeats(scene),
        "is_spacing": last.is_spacing,
    }
    result = {name: np.full(scene.n_rows, value, dtype=np.float32) for name, value in numbers.items()}
    here = scene.in_document(last.uri)
    kinds = {_kind(edit) for edit in scene.edits}
    result["kind_as_edited"] = (scene.lines.kind == _kind(last)).astype(np.float32)
    result["kind_as_any"] = np.isin(scene.lines.kind, list(kinds)).astype(np.float32)
    expected = last.row + (steps[0] if steps else MAX_STEP * 5)
    result["off_step"] = np.where(here, np.clip(scene.row - expected, -60, 60), 90).astype(np.float32)
    return result


def _kind(edit: LineEdit) -> int:
    """The kind of the edit's first line that is not blank."""
    lines = lines_of_strings((*edit.new, *edit.old))
    solid = lines.kind[lines.kind != Kind.BLANK]
    return int(solid[0]) if len(solid) else int(Kind.BLANK)


def _type(edit: LineEdit) -> int:
    """Inserted, deleted, rewritten line by line, or rewritten to more or fewer lines."""
    if not edit.n_old or not edit.n_new:
        return 0 if not edit.n_old else 1
    return 2 if edit.n_old == edit.n_new else 3


def _repeats(scene: Scene) -> float:
    """How alike the changes of the last two edits are, by the words that went and came; -1 for a single edit."""
    if len(scene.edits) < 2:
        return -1.0
    first, second = (_changed(edit) for edit in scene.edits[:2])
    return len(first & second) / max(1, len(first | second))


def _changed(edit: LineEdit) -> set[tuple[bool, int]]:
    old, new = (set(lines_of_strings(side).token.tolist()) for side in (edit.old, edit.new))
    return {(False, key) for key in old - new} | {(True, key) for key in new - old}
