"""A model's sizes.

In: nothing.  Out: ``Shape``.
Not here: the model (``model``).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """The model's sizes: ``inner`` is the feed-forward net's width, ``context`` the most positions of a sequence."""

    n_tokens: int
    width: int = 256
    n_layers: int = 6
    n_heads: int = 4
    inner: int = 768
    context: int = 1536
    rope_base: float = 10_000.0
    epsilon: float = 1e-5
