"""All features of all rows, group by group.

In: a Scene.  Out: a matrix with a row for each row of the scene and a column for each name in ``names``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nextedit_lsp.locating.ranking import files, likeness, position, rhythm, structure, words
from nextedit_lsp.locating.ranking.lines import Floats
from nextedit_lsp.locating.ranking.scene import Scene

Group = Callable[[Scene], dict[str, Floats]]

GROUPS: Mapping[str, Group] = {
    "position": position.columns,
    "structure": structure.columns,
    "words": words.columns,
    "likeness": likeness.columns,
    "rhythm": rhythm.columns,
    "files": files.columns,
}


def columns(scene: Scene) -> dict[str, Floats]:
    """Every feature by name, groups in order."""
    return {name: column for group in GROUPS.values() for name, column in group(scene).items()}
