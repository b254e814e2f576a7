"""The chance that a proposal is accepted, told from its features by logistic regression.

In: a proposal.  Out: a probability.
Not here: the features (``locating``); learning the weights (``tools/fit_chance.py``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from importlib import resources

from nextedit_lsp.proposing.synthesis import Proposal


def chance(proposal: Proposal) -> float:
    """The estimated probability that the user wants ``proposal``, from 0 to 1."""
    weights = _weights().get(proposal.source)
    return probability(weights, proposal.features) if weights else 0.5


def probability(weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    """The logistic function of the weighted features; ``bias`` is always on."""
    score = weights.get("bias", 0.0) + sum(weights.get(name, 0.0) * value for name, value in features.items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


@cache
def _weights() -> dict[str, dict[str, float]]:
    """Weights by source and feature, as learned from the training split."""
    text = resources.files(__package__).joinpath("weights.json").read_text("utf-8")
    loaded: dict[str, dict[str, float]] = json.loads(text)["weights"]
    return loaded
