"""Learn ``locating/ranking/places.json``: which row the user edits next.

In: edit episodes (JSON lines).  Out: the forest, the names of its features, the calibration.
Boosted trees learn from single rows whether a remaining hunk touches them (binary log loss); on states that the trees
have not seen, a logistic curve is laid through how often the best places of a state are right.

    pip install -e '.[learn]'
    python -m tools.fit_places --episodes shard-00.jsonl.xz shard-01.jsonl.xz --samples FOLDER --limit 5000 --seed 1
"""

from __future__ import annotations

import argparse
import heapq
import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from nextedit_lsp.evaluation import episodes
from nextedit_lsp.evaluation.episodes import Episode
from nextedit_lsp.locating.ranking import ranker
from nextedit_lsp.locating.ranking.forest import forest_of
from tools.place_samples import Samples, collected

MODEL = Path(__file__).parent.parent / "nextedit_lsp" / "locating" / "ranking" / ranker.MODEL
PARAMETERS = {
    "objective": "binary",
    "num_leaves": 31,
    "max_depth": 9,
    "learning_rate": 0.1,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.6,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 63,
    "deterministic": True,
    "use_missing": False,
    "verbose": -1,
}
# Rows that go into the file with the learner's own scores.
N_CHECKS = 12
# The rows of one inserted or short replaced hunk.
TYPICAL_RIGHT = 2
# Digits kept of a leaf's value: what lies behind them changes no order.
LEAF_DIGITS = 5
# Places of a state that take part in the calibration.
N_CALIBRATED = 3


def shuffled(read: Iterable[Episode], limit: int, seed: int) -> list[Episode]:
    """``limit`` of the episodes in an order by chance; with a larger limit more of them follow."""
    return heapq.nsmallest(limit, read, key=lambda episode: random.Random(f"{seed} {episode.id}").random())


def names_of_features() -> list[str]:
    """The names of all columns, in order, from a scene that is made up."""
    from nextedit_lsp.editing import documents
    from nextedit_lsp.editing.events import Origin
    from nextedit_lsp.editing.history import History
    from nextedit_lsp.editing.snapshot import Snapshot
    from nextedit_lsp.locating.ranking import features, scene
    from nextedit_lsp.text.changes import Changes

    document = documents.opened("file:///a.py", "a.py", "python", 1, "a = 1\n")
    changes = Changes.replace(0, 1, "b")
    history = History().record(document, changes, Origin.TYPED, 0.0)
    snapshot = Snapshot(document.edited(changes, 2), 1, history)
    of = scene.scene_of(snapshot, history.intentions())
    assert of is not None
    return list(features.columns(of))


def fitted(samples: Samples, n_trees: int, seed: int, jobs: int) -> lightgbm.Booster:
    """The forest learned from the states that are not kept for the calibration."""
    chosen = ~samples.is_whole
    # A state with many right rows says the same thing many times.
    n_right = np.bincount(samples.group, weights=samples.is_right)
    weight = samples.weight / np.sqrt(np.maximum(n_right[samples.group], TYPICAL_RIGHT) / TYPICAL_RIGHT)
    data = lightgbm.Dataset(samples.x[chosen], label=samples.is_right[chosen].astype(np.float32), weight=weight[chosen])
    return lightgbm.train({**PARAMETERS, "seed": seed, "num_threads": jobs}, data, num_boost_round=n_trees)


def checks_of(booster: lightgbm.Booster, samples: Samples) -> list[dict[str, Any]]:
    """A few rows with the score that the learner itself gives them, to hold our evaluation against."""
    rows = samples.x[:: len(samples.x) // N_CHECKS][:N_CHECKS]
    scores = booster.predict(rows, raw_score=True)
    return [
        {"features": [float(str(value)) for value in row], "score": round(float(score), LEAF_DIGITS)}
        for row, score in zip(rows, scores, strict=True)
    ]


def trees_of(booster: lightgbm.Booster) -> list[dict[str, Any]]:
    """The forest as plain data; thresholds are rounded down to what a 32-bit feature can be compared with."""
    return [_tree(one["tree_structure"]) for one in booster.dump_model()["tree_info"]]


def _tree(root: dict[str, Any]) -> dict[str, Any]:
    nodes: list[list[float]] = []
    leaves: list[float] = []

    def visit(node: dict[str, Any]) -> int:
        if "leaf_value" in node and "split_feature" not in node:
            leaves.append(round(node["leaf_value"], LEAF_DIGITS))
            return -len(leaves)
        index = len(nodes)
        nodes.append([])
        cut = _rounded_down(node["threshold"])
        nodes[index] = [node["split_feature"], cut, visit(node["left_child"]), visit(node["right_child"])]
        return index

    visit(root)
    return {"nodes": nodes, "leaves": leaves}


def _rounded_down(threshold: float) -> float:
    """The largest 32-bit number that is not above ``threshold``, in as few digits as name it."""
    rounded = np.float32(threshold)
    if float(rounded) > threshold:
        rounded = np.nextafter(rounded, np.float32(-np.inf))
    return float(str(rounded))


def calibrated(samples: Samples, trees: list[dict[str, Any]]) -> dict[str, float]:
    """The logistic curve from the scores of places to how often such a place was right (Platt scaling)."""
    forest = forest_of(trees)
    scores, rights = [], []
    for state in np.unique(samples.group[samples.is_whole]):
        rows = np.flatnonzero(samples.group == state)
        of_rows = ranker.scored(forest, samples.x[rows])
        for first, end in ranker.spots(samples.document[rows], samples.row[rows], of_rows, of_rows, N_CALIBRATED):
            scores.append(float(of_rows[first:end].max()))
            rights.append(bool(samples.is_right[rows[first:end]].any()))
    x, y = np.stack([np.array(scores), np.ones(len(scores))], axis=1), np.array(rights, dtype=float)
    slope, intercept = _logistic(x, y)
    print(f"calibrated on {len(scores)} places, {y.mean():.3f} right: slope {slope:.3f}, intercept {intercept:.3f}")
    return {"slope": round(slope, 4), "intercept": round(intercept, 4)}


def _logistic(x: np.ndarray, y: np.ndarray) -> tuple[float, ...]:
    """The weights of a logistic regression without a penalty, by Newton's method."""
    beta = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ beta))
        beta += np.linalg.solve((x.T * (p * (1 - p))) @ x, x.T @ (y - p))
    return tuple(float(b) for b in beta)


def main() -> None:
    """Read episodes, sample, fit, calibrate, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--episodes", nargs="+", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=12000)
    parser.add_argument("--trees", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--samples", type=Path, required=True, help="a folder to keep samples in, to go on from there")
    arguments = parser.parse_args()
    read = episodes.read(arguments.episodes, episodes.Filter())
    drawn = shuffled(read, arguments.limit, arguments.seed)
    samples = collected(drawn, arguments.jobs, arguments.samples)
    print(f"{samples.x.shape[0]} rows of {samples.group.max() + 1} states, {samples.is_right.mean():.3f} right")
    booster = fitted(samples, arguments.trees, arguments.seed, arguments.jobs)
    trees = trees_of(booster)
    model = {
        "features": names_of_features(),
        "calibration": calibrated(samples, trees),
        "checks": checks_of(booster, samples),
        "trees": trees,
    }
    MODEL.write_text(json.dumps(model, separators=(",", ":")).replace('{"nodes"', '\n{"nodes"') + "\n", "utf-8")


if __name__ == "__main__":
    main()
