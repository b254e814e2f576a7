"""The forest: what the trees say, and that it is what the learner says."""

from __future__ import annotations

import json
from importlib import resources

import numpy as np
import pytest

from nextedit_lsp.locating import ranking
from nextedit_lsp.locating.ranking import ranker
from nextedit_lsp.locating.ranking.forest import forest_of

#        x0 <= 1.5
#        /       \
#    x1 <= 0      30
#     /   \
#   10     20
DEEP = {"nodes": [[0, 1.5, 1, -3], [1, 0.0, -1, -2]], "leaves": [10.0, 20.0, 30.0]}
STUMP = {"nodes": [[1, 5.0, -1, -2]], "leaves": [0.25, -0.25]}
CONSTANT = {"nodes": [], "leaves": [0.5]}


@pytest.mark.parametrize(
    ("row", "score"),
    [
        pytest.param([1.0, -1.0], 10.75, id="left, left"),
        pytest.param([1.0, 0.0], 10.75, id="a value equal to the threshold goes left"),
        pytest.param([1.5, 6.0], 20.25, id="left, right"),
        pytest.param([2.0, 0.0], 30.75, id="a leaf above the others"),
    ],
)
def test_a_score_is_the_sum_of_the_leaves_a_row_falls_into(row, score):
    forest = forest_of([DEEP, STUMP, CONSTANT])
    assert forest.scores(np.array([row], dtype=np.float32))[0] == pytest.approx(score)


def test_the_first_trees_and_the_rest_add_up():
    forest = forest_of([DEEP, STUMP, CONSTANT])
    x = np.array([[1.0, 9.0], [3.0, 1.0]], dtype=np.float32)
    assert forest.scores(x, end=1) + forest.scores(x, first=1) == pytest.approx(forest.scores(x))


def test_the_shipped_forest_says_what_its_learner_says():
    data = json.loads(resources.files(ranking).joinpath(ranker.MODEL).read_text("utf-8"))
    x = np.array([check["features"] for check in data["checks"]], dtype=np.float32)
    scores = forest_of(data["trees"]).scores(x)
    # Leaves are shipped with five digits; a few hundred of them are added.
    assert scores == pytest.approx([check["score"] for check in data["checks"]], abs=2e-3)
    assert np.ptp(scores) > 1
