"""The commands that train: ``train``, ``cool-down``, ``reject``, ``adapt``.

In: arguments.  Out: checkpoints, a shard, an adapter; a line on what was done.
Not here: the work itself.  All need PyTorch, which is imported once one of them is run.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from training import tokenizer
from training.data import packing

if TYPE_CHECKING:
    from training.train import Run

    Stages = argparse._SubParsersAction[argparse.ArgumentParser]


def add(stages: Stages) -> None:
    """Adds the stages."""
    _add_train(stages.add_parser("train", help="train by a recipe, or go on"))
    _add_cool_down(stages.add_parser("cool-down", help="from a checkpoint to weights to be used"))
    _add_reject(stages.add_parser("reject", help="a lesson of what a model gets wrong, to be silent at"))
    _add_adapt(stages.add_parser("adapt", help="a LoRA adapter learned from a repository's history"))


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--recipe", type=Path, required=True)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoints; where it has one, go on")
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--threads", type=int, default=0, help="on a CPU; 0: all cores")
    parser.add_argument("--tokenizer", type=Path, default=tokenizer.FILE)
    parser.set_defaults(run=_train)


def _train(arguments: argparse.Namespace) -> int:
    run = _run_of(arguments)
    if run.latest.exists():
        run.resume(run.latest)
    run.train(60 * arguments.minutes)
    return 0


def _add_cool_down(parser: argparse.ArgumentParser) -> None:
    _add_train(parser)
    parser.add_argument("--from", dest="start", type=Path, required=True, help="a run's latest.pt")
    parser.add_argument("--tokens", type=float, required=True)
    parser.set_defaults(run=_cool_down)


def _cool_down(arguments: argparse.Namespace) -> int:
    from training.train import CoolDown

    run = _run_of(arguments)
    run.resume(run.latest if run.latest.exists() else arguments.start)
    run.cool_down = run.cool_down or CoolDown(run.state.n_tokens, arguments.tokens)
    run.train(60 * arguments.minutes)
    return 0


def _add_reject(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--lesson", required=True, help="the name of shards that the model has not seen")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--tokenizer", type=Path, default=tokenizer.FILE)
    parser.add_argument("--out", type=Path, required=True, help="path of the shard, without -00.npz")
    parser.set_defaults(run=_reject)


def _reject(arguments: argparse.Namespace) -> int:
    from training import rejection, train

    made = tokenizer.load(arguments.tokenizer)
    model = train.load(arguments.checkpoint).model
    shard, counts = rejection.rejected(model, made, arguments.shards, arguments.lesson, arguments.rows)
    packing.save(shard, Path(f"{arguments.out}-00.npz"))
    print(f"{len(shard)} examples: {dict(counts)}")
    return 0


def _add_adapt(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, required=True, help="a GGUF file that export wrote")
    parser.add_argument("--git", type=Path, required=True, help="a repository")
    parser.add_argument("--out", type=Path, required=True, help="a GGUF file, for the setting adapters")
    parser.add_argument("--tokens", type=float, default=3e6)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--tokenizer", type=Path, default=tokenizer.FILE)
    parser.set_defaults(run=_adapt)


def _adapt(arguments: argparse.Namespace) -> int:
    from training import own_history

    outcome = own_history.adapted(
        arguments.model, arguments.git, arguments.tokenizer, arguments.out, arguments.tokens, 60 * arguments.minutes
    )
    print(f"{outcome.n_trained} commits trained on, judged by the {outcome.n_judged} newest")
    for name, found in (("before", outcome.before), ("after", outcome.after)):
        print(f"{name}: {json.dumps(found)}")
    return 0


def _run_of(arguments: argparse.Namespace) -> Run:
    import torch

    from training import recipe, train

    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    n_vocabulary = len(tokenizer.load(arguments.tokenizer))
    made = train.Run(recipe.load(arguments.recipe), n_vocabulary, arguments.shards, arguments.out, train.process())
    print(f"{made.model.n_parameters[0] / 1e6:.2f}M parameters", flush=True)
    return made
