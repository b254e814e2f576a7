"""Learn the weights of ``vetting/chance.py``: which repeated edits are wanted.

In: edit episodes (JSON lines).  Out: ``nextedit_lsp/vetting/weights.json``.
An episode's hunks are made one by one; after some of them, every proposal of the pipeline is a
sample, right or wrong as ``evaluation.judging`` judges it.  One logistic regression a source.

    python tools/fit_chance.py --episodes PATH.jsonl.xz --limit 6000
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from nextedit_lsp.evaluation import episodes, judging, orders, rounds
from nextedit_lsp.predictor import candidates
from nextedit_lsp.presenting import present
from nextedit_lsp.proposing import synthesis
from nextedit_lsp.proposing.synthesis import Proposal
from nextedit_lsp.text import tokens
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.vetting import checks

WEIGHTS = Path(__file__).parent.parent / "nextedit_lsp" / "vetting" / "weights.json"
# Candidates of one round beyond these are more of the same.
MAX_SAMPLES_PER_ROUND = 30
# States of one episode that are sampled, the complete one among them.
MAX_ROUNDS = 3

# In this share of the episodes a hunk of several changed lines is made line by line, as people do.
SPLIT_SHARE = 0.5
# In this share they are made in a random order, else from top to bottom as far as one prompts the other.
SHUFFLED_SHARE = 0.5

# With fewer right samples nothing can be learned: ``chance.JUDGED`` holds, or the proposal stays unshown.
MIN_RIGHT = 8

Sample = tuple[str, dict[str, float], bool, float]


def samples_of(episode: episodes.Episode) -> list[Sample]:
    """(source, features, is right, weight) of the proposals in some states of an episode."""
    rng = random.Random(episode.id)
    if rng.random() < SPLIT_SHARE:
        episode = _split(episode)
    order = orders.flow_order(episode)
    if rng.random() < SHUFFLED_SHARE:
        rng.shuffle(order)
    if len(order) < 2:
        return []
    wanted = set(rng.sample(range(1, len(order)), min(MAX_ROUNDS - 1, len(order) - 1))) | {len(order)}
    return [
        sample for round_ in rounds.rounds(episode, order) if round_.k in wanted for sample in _samples(round_, rng)
    ]


def _split(episode: episodes.Episode) -> episodes.Episode:
    """The episode with every hunk that replaces lines one for one cut into its lines."""
    return replace(episode, files=tuple(replace(file, hunks=tuple(_split_hunks(file))) for file in episode.files))


def _split_hunks(file: episodes.EpisodeFile) -> Iterator[episodes.Hunk]:
    lines = Text.of(file.before)
    for hunk in file.hunks:
        if hunk.n_old != len(hunk.new) or hunk.n_old < 2:
            yield hunk
            continue
        for row, new in enumerate(hunk.new, start=hunk.start):
            if lines.line(row) != new:
                yield replace(hunk, start=row, n_old=1, new=(new,))


def _samples(round_: rounds.Round, rng: random.Random) -> Iterator[Sample]:
    intentions = round_.snapshot.history.intentions()
    found = list(synthesis.united(candidates(round_.snapshot, intentions)))
    by_source = defaultdict(list)
    for proposal in found:
        by_source[proposal.source].append(proposal)
    for source, proposals in by_source.items():
        kept = rng.sample(proposals, min(len(proposals), MAX_SAMPLES_PER_ROUND))
        kept = [one for one in kept if checks.first_objection(one, round_.snapshot, intentions) is None]
        for proposal in kept:
            suggestion = present.presented(proposal, 0.5, round_.snapshot)
            is_wanted = judging.is_right(suggestion, round_) or _is_step(proposal, round_)
            # A round with many candidates counts as a few, or it would outweigh all others.
            yield source, proposal.features, is_wanted, len(kept) ** -0.5


def _is_step(proposal: Proposal, round_: rounds.Round) -> bool:
    """Whether the proposal lies on the way to a remaining hunk: a user would take it and go on from there.

    It lies inside one hunk, and the tokens that it changes are tokens that the hunk changes, in
    the same way: distances in tokens add up.
    """
    text = proposal.document.text
    first, last = proposal.rows
    for hunk in round_.remaining:
        end = hunk.start + len(hunk.old)
        if hunk.uri != proposal.document.uri or not (hunk.start <= first and last <= end):
            continue
        start, n_behind = text.line_start(hunk.start), len(text) - text.line_start(end)
        result = proposal.changes.apply(text)
        old = _tokens(text.slice(start, len(text) - n_behind))
        between = _tokens(result.slice(start, len(result) - n_behind))
        new = _tokens("".join(line + "\n" for line in hunk.new))
        return _distance(old, between) + _distance(between, new) == _distance(old, new)
    return False


def _tokens(string: str) -> list[str]:
    return [token.text for token in tokens.solid(tokens.tokenized(string))]


def _distance(left: list[str], right: list[str]) -> int:
    """How many tokens must be dropped and added to turn ``left`` into ``right``."""
    row = [0] * (len(right) + 1)
    for a in left:
        above, row = row, [0]
        for j, b in enumerate(right):
            row.append(above[j] + 1 if a == b else max(above[j + 1], row[j]))
    return len(left) + len(right) - 2 * row[-1]


def fitted(samples: list[tuple[dict[str, float], bool, float]], l2: float = 1.0) -> dict[str, float]:
    """Weights of a logistic regression by Newton's method, ``bias`` included."""
    names = sorted({name for features, _, _ in samples for name in features})
    x = np.array([[1.0, *(features.get(name, 0.0) for name in names)] for features, _, _ in samples])
    y = np.array([label for _, label, _ in samples], dtype=float)
    w = np.array([weight for _, _, weight in samples])
    penalty = np.full(x.shape[1], l2)
    penalty[0] = 1e-6
    beta = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        gradient = x.T @ (w * (y - p)) - penalty * beta
        hessian = (x.T * (w * p * (1 - p) + 1e-9)) @ x + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient)
        beta += step
        if np.abs(step).max() < 1e-6:
            break
    p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        chosen = (p >= low) & (p < low + 0.2)
        if chosen.any():
            share = np.average(y[chosen], weights=w[chosen])
            print(f"    {low:.1f}-{low + 0.2:.1f}: {chosen.sum():6d} samples, right {share:.2f}")
    return {"bias": round(float(beta[0]), 4), **{n: round(float(b), 4) for n, b in zip(names, beta[1:], strict=True)}}


def main() -> None:
    """Read episodes, sample, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--episodes", nargs="+", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=6000)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    read = episodes.read(arguments.episodes, episodes.Filter())
    drawn = episodes.sampled(read, arguments.limit, seed=1)
    by_source: dict[str, list[tuple[dict[str, float], bool, float]]] = defaultdict(list)
    with multiprocessing.get_context("spawn").Pool(arguments.jobs) as pool:
        for samples in pool.imap_unordered(samples_of, drawn, chunksize=8):
            for source, features, label, weight in samples:
                by_source[source].append((features, label, weight))
    weights = {}
    for source, samples in sorted(by_source.items()):
        print(f"{source}: {len(samples)} samples, {np.mean([label for _, label, _ in samples]):.3f} right")
        if sum(label for _, label, _ in samples) >= MIN_RIGHT:
            weights[source] = fitted(samples)
    WEIGHTS.write_text(json.dumps({"episodes": len(drawn), "weights": weights}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
