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
    """All trees' nodes in one table; a leaf is a node that leads to itself.

    ``roots`` are ordered as the trees were learned: the first ones alone are a rougher forest.
    """

    feature: Ints
    threshold: Column
    left: Ints
    right: Ints
    value: Column
    roots: Ints
    depth: int

    def scores(self, x: Floats, first: int = 0, end: int | None = None) -> Column:
        """The sum of the trees ``first`` up to ``end`` for each row of ``x``."""
        roots = self.roots[first:end]
        at = np.broadcast_to(roots, (len(x), len(roots)))
        width = x.shape[1]
        flat = np.ascontiguousarray(x).ravel()
        base = (np.arange(len(x)) * width)[:, None]
        for _ in range(self.depth):
            goes_left = flat[base + self.feature[at]] <= self.threshold[at]
            at = np.where(goes_left, self.left[at], self.right[at])
        total: Column = self.value[at].sum(axis=1)
        return total


def forest_of(trees: Sequence[Mapping[str, Any]]) -> Forest:
    """The forest that the data describes."""
    feature: list[int] = []
    threshold: list[float] = []
    left: list[int] = []
    right: list[int] = []
    value: list[float] = []
    roots: list[int] = []
    depth = 0
    for tree in trees:
        nodes, leaves = tree["nodes"], tree["leaves"]
        base = len(feature)
        first_leaf = base + len(nodes)
        roots.append(base)
        for which, cut, low, high in nodes:
            feature.append(which)
            threshold.append(cut)
            left.append(base + low if low >= 0 else first_leaf - 1 - low)
            right.append(base + high if high >= 0 else first_leaf - 1 - high)
            value.append(0.0)
        for index, leaf in enumerate(leaves):
            feature.append(0)
            threshold.append(0.0)
            left.append(first_leaf + index)
            right.append(first_leaf + index)
            value.append(leaf)
        depth = max(depth, _depth(nodes))
    return Forest(
        feature=np.array(feature, dtype=np.int32),
        threshold=np.array(threshold, dtype=np.float32),
        left=np.array(left, dtype=np.int32),
        right=np.array(right, dtype=np.int32),
        value=np.array(value, dtype=np.float64),
        roots=np.array(roots, dtype=np.int32),
        depth=depth,
    )


def _depth(nodes: Sequence[Sequence[float]]) -> int:
    """How many comparisons the longest way takes."""
    depths = [0] * len(nodes)
    for index in range(len(nodes) - 1, -1, -1):
        depths[index] = 1 + max((depths[int(child)] for child in nodes[index][2:] if child >= 0), default=0)
    return depths[0] if depths else 0
