"""Learn ``vetting/weights.json``: which proposals are wanted.

In: edit episodes (JSON lines).  Out: one forest of boosted trees for all sources, the names of its features.
An episode's hunks are made one by one; after some of them, every proposal of the pipeline is a sample.  One that
makes a whole hunk counts 1, one that makes a part of it, or several, counts ``WORTH_OF_PART``, any other 0
(cross-entropy); so the chance is that of a whole hunk and half of that of a part.

    pip install -e '.[learn]'
    python tools/fit_chance.py --episodes shard-00.jsonl.xz shard-01.jsonl.xz --limit 6000
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import pickle
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import lightgbm
import numpy as np
from fit_places import trees_of

from nextedit_lsp.evaluation import episodes, judging, orders, rounds
from nextedit_lsp.evaluation.rounds import HunkId
from nextedit_lsp.locating.ranking import ranker
from nextedit_lsp.predictor import candidates
from nextedit_lsp.presenting import present
from nextedit_lsp.proposing import synthesis, traits
from nextedit_lsp.proposing.synthesis import Proposal
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.vetting import chance, checks

WEIGHTS = Path(__file__).parent.parent / "nextedit_lsp" / "vetting" / "weights.json"
# Candidates of one source in one round beyond these are more of the same; each kept stands for those left out.
MAX_SAMPLES_PER_ROUND = 40
# States of one episode that are sampled before its end, and how often the complete one is among them.
MAX_ROUNDS = 2
COMPLETE_SHARE = 0.6
# In this share of the episodes a hunk of several changed lines is made line by line, as people do.
SPLIT_SHARE = 0.25
# In these shares they are made in file order, and in flow order; in the rest at random.
FILE_SHARE, FLOW_SHARE = 0.55, 0.25
# In this share of the states the places are ranked; while someone is typing they are not.
RANKED_SHARE = 0.85
# What a right part of a hunk is worth beside the whole one.
WORTH_OF_PART = 0.5
# A round with many candidates counts as a few, or it would outweigh all others.
ROUND_POWER = -0.35
# With fewer right samples nothing can be learned of a source: ``chance.JUDGED`` holds, or it stays unshown.
MIN_RIGHT = 5
# Every such episode is kept from the trees, to see what they are worth.
TESTED_EVERY = 12
PARAMETERS = {
    "objective": "cross_entropy",
    "num_leaves": 15,
    "learning_rate": 0.06,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 127,
    "deterministic": True,
    "use_missing": False,
    "verbose": -1,
}
# Rows between a proposal and a hunk beyond which the one can't make the other.
NEAR_ROWS = 3


@dataclass(frozen=True, slots=True)
class Sample:
    """One proposal in one state: what it is worth, 0 to 1, and how many it stands for."""

    episode: str
    k: int
    source: str
    features: dict[str, float]
    worth: float
    weight: float


def samples_of(episode: episodes.Episode) -> list[Sample]:
    """The proposals in some states of an episode."""
    rng = random.Random(episode.id)
    if rng.random() < SPLIT_SHARE:
        episode = _split(episode)
    order = _order(episode, rng)
    n = len(order)
    if n < 2:
        return []
    wanted = set(rng.sample(range(1, n), min(MAX_ROUNDS, n - 1)))
    if rng.random() < COMPLETE_SHARE:
        wanted.add(n)
    found = rounds.rounds(episode, order)
    return [sample for round_ in found if round_.k in wanted for sample in _samples(episode.id, round_, rng)]


def _order(episode: episodes.Episode, rng: random.Random) -> Sequence[HunkId]:
    draw = rng.random()
    if draw < FILE_SHARE:
        return rounds.file_order(episode)
    order = list(orders.flow_order(episode))
    if draw >= FILE_SHARE + FLOW_SHARE:
        rng.shuffle(order)
    return order


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


def _samples(episode: str, round_: rounds.Round, rng: random.Random) -> Iterator[Sample]:
    intentions = round_.snapshot.history.intentions()
    by_source = defaultdict(list)
    places = ranker.ranked(round_.snapshot, intentions) if rng.random() < RANKED_SHARE else ()
    for proposal in traits.described(synthesis.united(candidates(round_.snapshot, intentions)), places):
        by_source[proposal.source].append(proposal)
    for source, proposals in by_source.items():
        kept = rng.sample(proposals, min(len(proposals), MAX_SAMPLES_PER_ROUND))
        for proposal in kept:
            if checks.first_cheap_objection(proposal, round_.snapshot, intentions) is None:
                worth = _worth(proposal, round_) if _is_near(proposal, round_) else 0.0
                yield Sample(episode, round_.k, source, proposal.features, worth, len(proposals) / len(kept))


def _is_near(proposal: Proposal, round_: rounds.Round) -> bool:
    """Whether a remaining hunk is close enough for the proposal to make any of it: judging it takes long."""
    first, last = proposal.rows
    # Inserted lines can be told to stand as far from where they were put as they are many.
    margin = NEAR_ROWS + sum(edit.text.count("\n") for edit in proposal.changes.edits)
    spans = [(h.start, h.start + len(h.old)) for h in round_.remaining if h.uri == proposal.document.uri]
    return any(first - margin <= end and start <= last + margin for start, end in spans)


def _worth(proposal: Proposal, round_: rounds.Round) -> float:
    suggestion = present.presented(proposal, 0.5, round_.snapshot)
    if judging.exactly_made(suggestion, round_) is not None:
        return 1.0
    return WORTH_OF_PART if judging.partly_made(suggestion, round_) else 0.0


def collected(drawn: Iterable[episodes.Episode], jobs: int, kept: Path | None) -> list[Sample]:
    """The samples of all episodes, in ``jobs`` processes; stored in ``kept`` as they come."""
    found: list[Sample] = []
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        for n_done, samples in enumerate(pool.imap(samples_of, drawn, chunksize=8), start=1):
            found += samples
            if n_done % 500 == 0:
                print(f"{n_done} episodes, {len(found)} samples", flush=True)
                if kept is not None:
                    kept.write_bytes(pickle.dumps(found))
    if kept is not None:
        kept.write_bytes(pickle.dumps(found))
    return found


def learned_sources(samples: Sequence[Sample]) -> list[str]:
    """The sources with enough right samples."""
    n_right = Counter(sample.source for sample in samples if sample.worth)
    for source, n_all in sorted(Counter(sample.source for sample in samples).items()):
        print(f"{source}: {n_all} samples, {n_right[source]} right")
    return sorted(source for source, n in n_right.items() if n >= MIN_RIGHT)


def matrix(samples: Sequence[Sample], names: Sequence[str]) -> np.ndarray:
    """A row a sample, a column a feature; what a sample lacks is 0, as in ``vetting.chance``."""
    columns = {name: column for column, name in enumerate(names)}
    x = np.zeros((len(samples), len(names)), dtype=np.float32)
    for row, sample in enumerate(samples):
        for name, value in (*sample.features.items(), (chance.source_feature(sample.source), 1.0)):
            if name in columns:
                x[row, columns[name]] = value
    return x


def fitted(samples: Sequence[Sample], names: Sequence[str], n_trees: int, seed: int, jobs: int) -> lightgbm.Booster:
    """The forest; those kept from it are printed with what it says of them."""
    tested_episodes = set(sorted({sample.episode for sample in samples})[::TESTED_EVERY])
    is_tested = np.array([sample.episode in tested_episodes for sample in samples])
    x, worth = matrix(samples, names), np.array([sample.worth for sample in samples])
    n_in_round = Counter((sample.episode, sample.k) for sample in samples)
    weight = np.array([s.weight * n_in_round[s.episode, s.k] ** ROUND_POWER for s in samples])
    data = lightgbm.Dataset(x[~is_tested], label=worth[~is_tested], weight=weight[~is_tested])
    booster = lightgbm.train({**PARAMETERS, "seed": seed, "num_threads": jobs}, data, num_boost_round=n_trees)
    said = booster.predict(x[is_tested])
    for low in np.arange(0.0, 1.0, 0.1):
        chosen = (said >= low) & (said < low + 0.1)
        if chosen.any():
            print(
                f"    {low:.1f}-{low + 0.1:.1f}: {chosen.sum():6d} samples, worth {worth[is_tested][chosen].mean():.2f}"
            )
    return booster


def main() -> None:
    """Read episodes, sample, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--episodes", nargs="+", type=Path, default=[])
    parser.add_argument("--limit", type=int, default=5000)
    parser.add_argument("--trees", type=int, default=220)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--samples", type=Path, help="keep the samples in this file; without --episodes read them")
    arguments = parser.parse_args()
    if arguments.episodes:
        read = episodes.read(arguments.episodes, episodes.Filter())
        drawn = episodes.sampled(read, arguments.limit, arguments.seed)
        random.Random(arguments.seed).shuffle(drawn)
        samples = collected(drawn, arguments.jobs, arguments.samples)
    else:
        samples = pickle.loads(arguments.samples.read_bytes())
    sources = learned_sources(samples)
    names = sorted({name for sample in samples for name in sample.features})
    names += [chance.source_feature(source) for source in sources]
    booster = fitted(samples, names, arguments.trees, arguments.seed, arguments.jobs)
    head = {"episodes": len({sample.episode for sample in samples}), "sources": sources, "features": names}
    text = json.dumps({**head, "trees": trees_of(booster)}, separators=(",", ":"))
    WEIGHTS.write_text(text.replace('{"nodes"', '\n{"nodes"') + "\n", "utf-8")


if __name__ == "__main__":
    main()
