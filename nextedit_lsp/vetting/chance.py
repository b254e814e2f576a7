"""The chance that a proposal is accepted, told from its features by one forest of boosted trees for all sources.

In: proposals.  Out: probabilities.
Not here: the features (``locating``); learning the weights (``tools/fit_chance.py``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from nextedit_lsp.locating.ranking.forest import Forest, forest_of
from nextedit_lsp.proposing.synthesis import Proposal

# Commits, from which the weights are learned, tell what was changed but not in what order.  A
# person who has made a change twice, one place after the other, and is at the next one will make
# it again; all the more if each of the two could have been foretold from the other.  What each
# adds to the log odds is a judgement, not a measurement.
RHYTHM_LOG_ODDS = 1.0
FORETOLD_LOG_ODDS = 2.7
# Nor does a commit, in which all is done, tell that a variable whose declaration was renamed is used under a name
# that means nothing now; and that what is only akin to it can wait until that is repaired.
DANGLING_LOG_ODDS = 2.0
WAITING_LOG_ODDS = -4.0

# What a model's opinion of a derived edit adds to its log odds, a nat of difference and at most: a judgement.
OPINION_WEIGHT = 0.3
MAX_OPINION = 2.0

# What is neither learned nor judged is not shown.
UNKNOWN: Mapping[str, float] = {"bias": -30.0}

# Weights for what commits hold too few cases of; these are judgements as well.
JUDGED: Mapping[str, Mapping[str, float]] = {
    # Other spellings and mentions of a name of several words, once its uses are all renamed.
    "kin": {"bias": 0.2, "inside": -0.5, "n_found": -1.0},
    # A name just used that another file imports: told from top to bottom, as commits are, the import comes first.
    "import_used": {"bias": -1.2},
    # What a model writes: how sure it was on the whole and at its least certain token (natural logarithms), and what
    # speaks against it.  Each family is calibrated in its own way; until that is measured this asks for a mean
    # probability of nine in ten a token with no token below one in five.
    "model": {
        "bias": 0.2,
        "mean_logprob": 3.0,
        "min_logprob": 0.6,
        "none": -3.0,
        "is_cut": -1.5,
        "is_untold": -0.7,
        "rank": -0.7,
        "n_places": -0.3,
    },
    # A new parameter's line among those of its neighbours, in the function that got the parameter.
    "parallel_item": {"bias": -2.1, "same_function": 2.4, "n_rows": -0.5, "is_import": -2.0},
}


def chances(proposals: Sequence[Proposal]) -> list[float]:
    """The estimated probabilities that the user wants each of ``proposals``, from 0 to 1."""
    learned = _learned()
    scores = learned.log_odds(proposals) if proposals else []
    found = []
    for proposal, score in zip(proposals, scores, strict=True):
        features = proposal.features
        if proposal.source not in learned.sources:
            score = log_odds(JUDGED.get(proposal.source, UNKNOWN), features)
        rhythm = RHYTHM_LOG_ODDS + FORETOLD_LOG_ODDS * min(features.get("confirmed", 0.0), 1.0)
        score += features.get("next", 0.0) * rhythm
        score += features.get("dangling", 0.0) * DANGLING_LOG_ODDS + features.get("waits", 0.0) * WAITING_LOG_ODDS
        found.append(1 / (1 + math.exp(-max(-30.0, min(30.0, score)))))
    return found


def with_opinion(probability: float, nats: float) -> float:
    """A chance, with what a model thinks: by how many nats it finds the change likelier than no change.

    Models are sure of themselves whether they are right or not, so their word counts in part only.
    """
    probability = min(max(probability, 1e-3), 1 - 1e-3)
    opinion = max(-MAX_OPINION, min(MAX_OPINION, OPINION_WEIGHT * nats))
    return 1 / (1 + math.exp(-(math.log(probability / (1 - probability)) + opinion)))


def log_odds(weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    """The weighted sum of the features; ``bias`` is always on."""
    return weights.get("bias", 0.0) + sum(weights.get(name, 0.0) * value for name, value in features.items())


@dataclass(frozen=True, slots=True)
class Learned:
    """A forest of boosted trees over the features of all sources, and which sources it has seen enough of."""

    sources: frozenset[str]
    columns: Mapping[str, int]
    forest: Forest

    def log_odds(self, proposals: Sequence[Proposal]) -> list[float]:
        """The log odds of each proposal; a feature that it lacks is 0."""
        x = np.zeros((len(proposals), len(self.columns)), dtype=np.float32)
        for row, proposal in enumerate(proposals):
            for name, value in (*proposal.features.items(), (source_feature(proposal.source), 1.0)):
                column = self.columns.get(name)
                if column is not None:
                    x[row, column] = value
        return [float(score) for score in self.forest.scores(x)]


def source_feature(source: str) -> str:
    """The name of the feature that is 1 for proposals of ``source``."""
    return f"source {source}"


@cache
def _learned() -> Learned:
    """What was learned from the training split."""
    text = resources.files(__package__).joinpath("weights.json").read_text("utf-8")
    loaded = json.loads(text)
    columns = {name: column for column, name in enumerate(loaded["features"])}
    return Learned(frozenset(loaded["sources"]), columns, forest_of(loaded["trees"]))
