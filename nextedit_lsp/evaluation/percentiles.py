"""Percentiles of a few numbers.

In: numbers in any order.  Out: one of them.
Not here: rates and their intervals (``estimates``).
"""

from __future__ import annotations

from collections.abc import Sequence


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The nearest-rank percentile: the smallest value that ``percent`` of them do not exceed; None without any."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else None
