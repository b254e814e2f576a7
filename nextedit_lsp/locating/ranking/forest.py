"""A forest of boosted regression trees, evaluated for many rows and all trees at once.

In: a forest as plain data, a matrix of features.  Out: a score a row: the sum over the trees.
Not here: learning (``tools/fit_places.py``), chances (``ranker``).

A tree is two lists.  ``nodes`` holds ``[feature, threshold, left, right]`` a node, the root first; a row whose
feature is at most the threshold goes left.  A child of 0 or more is a node, of less than 0 the leaf ``-1 - child``.
``leaves`` holds their values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nextedit_lsp.locating.ranking.lines import Column, Floats, Ints


@dataclass(frozen=True, slots=True)
class Forest:
    """All trees' nodes in one table; the two children of a node stand side by side, and a leaf leads to itself.

    ``roots`` are ordered as the trees were learned: the first ones alone are a rougher forest.
    """

    feature: Ints
    threshold: Floats
    first_child: Ints
    value: Column
    roots: Ints
    depth: int

    def scores(self, x: Floats, first: int = 0, end: int | None = None) -> Column:
        """The sum of the trees ``first`` up to ``end`` for each row of ``x``."""
        roots = self.roots[first:end]
        at = np.broadcast_to(roots, (len(x), len(roots)))
        flat = np.ascontiguousarray(x).ravel()
        base = (np.arange(len(x), dtype=np.int32) * x.shape[1])[:, None]
        for _ in range(self.depth):
            goes_right = flat[base + self.feature[at]] > self.threshold[at]
            at = self.first_child[at] + goes_right
        total: Column = self.value[at].sum(axis=1)
        return total


def forest_of(trees: Sequence[Mapping[str, Any]]) -> Forest:
    """The forest that the data describes."""
    table: list[tuple[int, float, int, float]] = []
    roots = []
    for tree in trees:
        roots.append(len(table))
        table.append(_LEAF)
        pending = [(0 if tree["nodes"] else -1, len(table) - 1)]
        for index, slot in pending:  # Which grows on the way, by the children of what is looked at.
            if index < 0:
                table[slot] = (0, float("inf"), slot, tree["leaves"][-1 - index])
            else:
                feature, threshold, low, high = tree["nodes"][index]
                first_child = len(table)
                table[slot] = (feature, threshold, first_child, 0.0)
                table += (_LEAF, _LEAF)
                pending += ((low, first_child), (high, first_child + 1))
    features, thresholds, first_children, values = zip(*table, strict=True)
    return Forest(
        feature=np.array(features, dtype=np.int32),
        threshold=np.array(thresholds, dtype=np.float32),
        first_child=np.array(first_children, dtype=np.int32),
        value=np.array(values, dtype=np.float64),
        roots=np.array(roots, dtype=np.int32),
        depth=max(_depth(tree["nodes"]) for tree in trees),
    )


# A place in the table that is still to be filled.
_LEAF = (0, 0.0, 0, 0.0)


def _depth(nodes: Sequence[Sequence[float]]) -> int:
    """How many comparisons the longest way takes."""
    depths = [0] * len(nodes)
    for index in range(len(nodes) - 1, -1, -1):
        depths[index] = 1 + max((depths[int(child)] for child in nodes[index][2:] if child >= 0), default=0)
    return depths[0] if depths else 0
