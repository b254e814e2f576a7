"""What kind of line a row is, what stands around it, and whether it lies in the last edit's block.

In: a Scene.  Out: columns.
Blocks are told from the indentation, which costs nothing and works in any language.
"""

from __future__ import annotations

import numpy as np

from nextedit_lsp.locating.ranking.kinds import Kind
from nextedit_lsp.locating.ranking.lines import Column, Floats
from nextedit_lsp.locating.ranking.scene import Scene


def columns(scene: Scene) -> dict[str, Floats]:
    """Kinds, indentations, and blocks."""
    lines = scene.lines
    kind, indent, blank = lines.kind, lines.indent, scene.is_blank
    at = scene.index_at(scene.last)
    edited_indent = _edited_indent(scene, at)
    paragraph, definition = paragraph_of(scene), definition_of(scene)
    result = {
        "kind": kind,
        "kind_above": scene.shifted(kind, -1, -1),
        "kind_below": scene.shifted(kind, 1, -1),
        "kind_2_above": scene.shifted(kind, -2, -1),
        "kind_2_below": scene.shifted(kind, 2, -1),
        "last_sign": lines.last,
        "last_sign_above": scene.shifted(lines.last, -1, -1),
        "last_sign_below": scene.shifted(lines.last, 1, -1),
        "n_chars": lines.n_chars,
        "n_tokens": lines.n_tokens,
        "n_trailing": lines.n_trailing,
        "balance": lines.balance,
        "n_open": np.clip(_sum_of_run(lines.balance, paragraph), -8, 8),
        "n_twins": np.where(blank, 0, np.log1p(_counts(lines.line))),
        "indent": indent,
        "step_above": np.clip(indent - scene.shifted(indent, -1), -16, 16),
        "step_below": np.clip(scene.shifted(indent, 1) - indent, -16, 16),
        "shape_as_above": lines.shape == scene.shifted(lines.shape, -1),
        "shape_as_below": lines.shape == scene.shifted(lines.shape, 1),
        "first_as_above": (lines.first == scene.shifted(lines.first, -1)) & ~blank,
        "first_as_below": (lines.first == scene.shifted(lines.first, 1)) & ~blank,
        "indent_to_edit": np.clip(indent - edited_indent, -24, 24),
        "rows_of_definition": np.log1p(_place_in_run(definition)),
        "rows_of_paragraph": _place_in_run(paragraph),
        "rows_left_of_paragraph": _place_in_run(paragraph[::-1])[::-1],
        "rows_left_of_definition": np.log1p(_place_in_run(definition[::-1])[::-1]),
        "kind_of_definition": first_of_run(kind, definition),
    }
    if at is None:
        for name in ("same_paragraph", "same_definition", "block_left", "block_between"):
            result[name] = np.full(scene.n_rows, -1)
    else:
        here = scene.document_of == scene.document_of[at]
        least = np.where(here, _least_between(np.where(blank | ~here, 999, indent), at), 999)
        result["same_paragraph"] = paragraph == paragraph[at]
        result["same_definition"] = definition == definition[at]
        result["block_left"] = np.where(here, np.clip(least - edited_indent, -24, 24), -30)
        result["block_between"] = np.where(here, np.clip(least - indent, -24, 24), -30)
    return {name: column.astype(np.float32) for name, column in result.items()}


def paragraph_of(scene: Scene) -> Column:
    """Of each row the number of its paragraph: lines between blank ones; a blank line ends one."""
    starts = scene.shifted(scene.is_blank.astype(np.int64), -1, 1)
    return np.cumsum(starts)


def definition_of(scene: Scene) -> Column:
    """Of each row the number of the last function or class that starts at or above it."""
    kind = scene.lines.kind
    starts = (kind == Kind.FUNCTION) | (kind == Kind.CLASS) | (scene.shifted(np.ones_like(kind), -1) == 0)
    return np.cumsum(starts)


def _edited_indent(scene: Scene, at: int | None) -> int:
    for line in (*scene.last.new, *scene.last.old):
        if line.strip():
            return len(line) - len(line.lstrip()) + 3 * line[: len(line) - len(line.lstrip())].count("\t")
    return int(scene.lines.indent[at]) if at is not None else 0


def _least_between(indent: Column, at: int) -> Column:
    """The least indentation between row ``at`` and each other row, both included."""
    down = np.minimum.accumulate(indent[at:])
    up = np.minimum.accumulate(indent[: at + 1][::-1])[::-1]
    return np.concatenate([up[:-1], down])


def _place_in_run(run: Column) -> Column:
    """How many rows of the same run stand before each."""
    starts = np.concatenate([[True], run[1:] != run[:-1]])
    index = np.arange(len(run))
    return index - np.maximum.accumulate(np.where(starts, index, 0))


def _sum_of_run(column: Column, run: Column) -> Column:
    """Of each row the sum over the rows of its run up to it."""
    total = np.cumsum(column)
    before: Column = total - column
    result: Column = total - first_of_run(before, run)
    return result


def _counts(column: Column) -> Column:
    """How often each value stands in the column."""
    _, inverse, counts = np.unique(column, return_inverse=True, return_counts=True)
    result: Column = counts[inverse]
    return result


def first_of_run(column: Column, run: Column) -> Column:
    """Of each row the value that the first row of its run has."""
    starts = np.concatenate([[True], run[1:] != run[:-1]])
    index = np.maximum.accumulate(np.where(starts, np.arange(len(run)), 0))
    return column[index]
