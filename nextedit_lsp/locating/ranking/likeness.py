"""How much a row, and the rows around it, read like the lines that the last edits changed and like their surroundings.

In: a Scene.  Out: columns.
Not here: which words were changed (``words``).
Lines are compared as sets of tokens (Jaccard).
"""

from __future__ import annotations

import numpy as np

from nextedit_lsp.locating.ranking.edits import LineEdit
from nextedit_lsp.locating.ranking.lines import MAX_LINE_CHARS, Column, Floats, lines_of_strings
from nextedit_lsp.locating.ranking.position import between
from nextedit_lsp.locating.ranking.scene import Scene
from nextedit_lsp.locating.ranking.words import best_of_run

# Edits whose surroundings are compared with every row's: those further back cost more than they tell.
MAX_REGIONS = 4
# Of an edit's old lines so many stand for its shape, with so many on either side.
MAX_OLD, N_AROUND = 3, 2
# A mirrored place is told from lines that are the very same: so many above, below, and of the old ones.
N_MIRRORED = 4


def columns(scene: Scene) -> dict[str, Floats]:
    """Likeness to old lines, new lines, and surroundings of edits."""
    table = _Table(scene)
    zeros = np.zeros(scene.n_rows)
    result: dict[str, Column] = {}
    for side in ("old", "new"):
        of_edit = [table.best(getattr(edit, side)) for edit in scene.edits]
        result[f"like_{side}_last"] = of_edit[0]
        result[f"like_{side}_older"] = np.maximum.reduce(of_edit[1:]) if of_edit[1:] else zeros
        result[f"like_{side}_all"] = np.mean(of_edit, axis=0)
        result |= _exact(scene, side)
    regions = [_region(scene, table, edit) for edit in scene.edits[:MAX_REGIONS]]
    result["region_last"] = regions[0]
    result["region_last_below"] = scene.shifted(regions[0], 1)
    older = np.maximum.reduce(regions[1:]) if regions[1:] else zeros
    result["region_older"], result["region_older_below"] = older, scene.shifted(older, 1)
    gaps = [_gap(scene, table, edit) for edit in scene.edits[:MAX_REGIONS]]
    result["gap_last"] = gaps[0]
    result["gap_last_below"] = scene.shifted(gaps[0], 1)
    older = np.maximum.reduce(gaps[1:]) if gaps[1:] else zeros
    result["gap_older"], result["gap_older_below"] = older, scene.shifted(older, 1)
    mirrors = [_mirror(scene, edit) for edit in scene.edits]
    result["mirror_last"], result["mirror_last_below"] = mirrors[0], scene.shifted(mirrors[0], 1)
    older = np.maximum.reduce(mirrors[1:]) if mirrors[1:] else zeros
    result["mirror_older"], result["mirror_older_below"] = older, scene.shifted(older, 1)
    result["mirror_in_document"] = best_of_run(np.maximum(mirrors[0], older), scene.document_of)
    result["like_old_in_document"] = best_of_run(result["like_old_all"], scene.document_of)
    for name in ("like_old_last", "like_new_last", "region_last", "gap_last", "mirror_older"):
        column = result[name]
        high = column >= 0.5
        result[f"{name}_order"] = np.where(high, between(scene, high, scene.last), -60)
        result[f"{name}_rows"] = np.full(scene.n_rows, np.log1p(high.sum()))
    result["like_above"] = scene.shifted(result["like_old_last"], -1)
    result["like_below"] = scene.shifted(result["like_old_last"], 1)
    result["like_new_above"] = scene.shifted(result["like_new_last"], -1)
    result["like_new_below"] = scene.shifted(result["like_new_last"], 1)
    return {name: column.astype(np.float32) for name, column in result.items()}


class _Table:
    """Every row against every line that the edits know."""

    def __init__(self, scene: Scene) -> None:
        strings = {
            line.strip()
            for edit in scene.edits
            for line in (*edit.old, *edit.new, *edit.above[-N_AROUND:], *edit.below[:N_AROUND])
        }
        known = tuple(sorted(string for string in strings if string))
        self.n_rows = scene.n_rows
        self.index = {string: i for i, string in enumerate(known)}
        lines = lines_of_strings(known)
        keys = np.unique(lines.token)
        if not len(keys):
            self.likeness = np.zeros((scene.n_rows, max(1, len(known))), dtype=np.float32)
            return
        of_keys = np.zeros((len(keys), len(known)), dtype=np.float32)
        of_keys[np.searchsorted(keys, lines.token), lines.token_row] = 1
        at = np.minimum(np.searchsorted(keys, scene.lines.token), len(keys) - 1)
        hit = keys[at] == scene.lines.token
        rows, found = np.divmod(np.unique(scene.lines.token_row[hit] * len(keys) + at[hit]), len(keys))
        common = np.zeros((scene.n_rows, len(known)), dtype=np.float32)
        if len(rows):
            # Not a product of matrices: for that NumPy starts threads, which spin on all cores while they wait.
            starts = np.flatnonzero(np.diff(rows, prepend=-1))
            common[rows[starts]] = np.add.reduceat(of_keys[found], starts, axis=0)
        size = scene.lines.n_distinct[:, None] + of_keys.sum(axis=0)[None, :] - common
        self.likeness = common / np.maximum(size, 1)

    def of(self, string: str) -> Column:
        """The likeness of every row to one line."""
        at = self.index.get(string.strip())
        return np.zeros(self.n_rows, dtype=np.float32) if at is None else self.likeness[:, at]

    def best(self, strings: tuple[str, ...]) -> Column:
        """The likeness of every row to the one of the lines that it is most like."""
        at = [self.index[string.strip()] for string in strings if string.strip()]
        return self.likeness[:, at].max(axis=1) if at else np.zeros(self.n_rows, dtype=np.float32)


def _exact(scene: Scene, side: str) -> dict[str, Column]:
    """Rows that are, or have the shape of, a line of an edit."""
    result = {}
    for name, edits in (("last", scene.edits[:1]), ("older", scene.edits[1:])):
        strings = tuple(line for edit in edits for line in getattr(edit, side) if line.strip())
        lines = lines_of_strings(strings)
        result[f"is_{side}_{name}"] = np.isin(scene.lines.line, lines.line)
        result[f"shape_{side}_{name}"] = np.isin(scene.lines.shape, lines.shape)
        result[f"first_{side}_{name}"] = np.isin(scene.lines.first, lines.first)
    return result


def _region(scene: Scene, table: _Table, edit: LineEdit) -> Column:
    """How like the rows from two above to two below are to the edit's lines, as they were, with those around."""
    above = edit.above[-N_AROUND:]
    strings = (*above, *edit.old[:MAX_OLD], *edit.below[:N_AROUND])
    total = np.zeros(scene.n_rows)
    n_compared = 0
    for offset, string in enumerate(strings, start=-len(above)):
        if string.strip():
            total += scene.shifted(table.of(string), offset)
            n_compared += 1
    return total / max(1, n_compared)


def _mirror(scene: Scene, edit: LineEdit) -> Column:
    """Which share of the edit's old lines, and of those around, stands word for word around each row."""
    strings = (*edit.above, *edit.old[:N_MIRRORED], *edit.below)
    total = np.zeros(scene.n_rows)
    n_compared = 0
    for offset, string in enumerate(strings, start=-len(edit.above)):
        if string.strip():
            total += scene.shifted(scene.lines.line == hash(string[:MAX_LINE_CHARS].strip()), offset)
            n_compared += 1
    return total / max(1, n_compared)


def _gap(scene: Scene, table: _Table, edit: LineEdit) -> Column:
    """How like the row above and the row itself are to the lines right above and right below the edit."""
    above = scene.shifted(table.of(edit.above[-1]), -1) if edit.above else np.zeros(scene.n_rows)
    below = table.of(edit.below[0]) if edit.below else np.zeros(scene.n_rows)
    return (above + below) / 2
