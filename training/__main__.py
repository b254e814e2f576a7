"""The command line: ``python -m training STAGE``.

In: arguments.  Out: a tokenizer, shards of examples, checkpoints, a GGUF file.
Not here: the stages themselves.  ``train``, ``cool-down`` and ``export`` need PyTorch,
``verify`` llama.cpp.
"""

from __future__ import annotations

import argparse
import json
import lzma
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nextedit_lsp.evaluation import episodes, git_history, mining
from nextedit_lsp.formats import native
from training import card, export, plots, tokenizer
from training.data import build, corpus, duplicates, packing

if TYPE_CHECKING:
    from training.train import Run

TOKENIZER = Path(__file__).with_name("tokenizer.json")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one stage."""
    parser = argparse.ArgumentParser(prog="python -m training", description="From git history to a GGUF file.")
    stages = parser.add_subparsers(required=True)
    _add_tokenizer(stages.add_parser("tokenizer", help="learn a tokenizer from episodes"))
    _add_mine(stages.add_parser("mine", help="episodes of a git repository's history"))
    _add_build(stages.add_parser("build", help="make examples of episodes"))
    _add_train(stages.add_parser("train", help="train by a recipe, or go on"))
    _add_cool_down(stages.add_parser("cool-down", help="from a checkpoint to weights to be used"))
    _add_export(stages.add_parser("export", help="write a GGUF file of a checkpoint"))
    _add_verify(stages.add_parser("verify", help="compare a GGUF file in llama.cpp with what was trained"))
    _add_calibrate(stages.add_parser("calibrate", help="learn how far a model's word is to be trusted"))
    _add_plot(stages.add_parser("plot", help="draw the curves of a run"))
    _add_card(stages.add_parser("card", help="write a model's card"))
    _add_reject(stages.add_parser("reject", help="a lesson of what a model gets wrong, to be silent at"))
    _add_adapt(stages.add_parser("adapt", help="a LoRA adapter learned from a repository's history"))
    arguments = parser.parse_args(argv)
    result: int = arguments.run(arguments)
    return result


def _add_tokenizer(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--episodes", nargs="+", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=2400)
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--out", type=Path, default=TOKENIZER)
    parser.set_defaults(run=_learn)


def _learn(arguments: argparse.Namespace) -> int:
    texts = corpus.texts(arguments.episodes, arguments.limit, seed=1)
    tokenizer.learned(texts, arguments.size, "tekken", native.TOKENS).save(arguments.out)
    return 0


def _add_mine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--git", type=Path, required=True, help="a repository")
    parser.add_argument("--since", help="a date that git understands")
    parser.add_argument("--commits", type=int, default=20_000, help="so many of the newest are looked at")
    parser.add_argument("--out", type=Path, required=True, help="a .jsonl or .jsonl.xz file")
    parser.set_defaults(run=_mine)


def _mine(arguments: argparse.Namespace) -> int:
    left_out: Counter[str] = Counter()
    found = mining.mined(git_history.opened(arguments.git), arguments.since, arguments.commits, left_out)
    lines = [episodes.as_line(episode) for episode in duplicates.without_duplicates(found)]
    text = "".join(f"{line}\n" for line in lines)
    if arguments.out.suffix == ".xz":
        with lzma.open(arguments.out, "wt", encoding="utf-8") as file:
            file.write(text)
    else:
        arguments.out.write_text(text, encoding="utf-8")
    print(f"{len(lines)} episodes; left out: {dict(left_out.most_common())}")
    return 0


def _add_build(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--episodes", nargs="+", type=Path, required=True)
    parser.add_argument("--limit", type=int, help="so many episodes, drawn by the seed")
    parser.add_argument("--lesson", choices=build.LESSONS, required=True)
    parser.add_argument("--difficulty", nargs=2, type=float, default=(0.0, 1.0), metavar=("FROM", "TO"))
    parser.add_argument("--longest", type=int, default=build.MAX_TOKENS, help="tokens of an example")
    parser.add_argument("--tokens", type=float, default=1e12, help="tokens in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--tokenizer", type=Path, default=TOKENIZER)
    parser.add_argument("--out", type=Path, required=True, help="path of the shards, without -00.npz")
    parser.set_defaults(run=_build)


def _build(arguments: argparse.Namespace) -> int:
    started = time.monotonic()
    read = episodes.read(arguments.episodes, episodes.Filter())
    drawn = episodes.sampled(duplicates.without_duplicates(read), arguments.limit or sys.maxsize, arguments.seed)
    difficulty = (arguments.difficulty[0], arguments.difficulty[1])
    recipe = build.Recipe(arguments.lesson, arguments.tokenizer, arguments.longest, difficulty, arguments.seed)
    counts = build.build(drawn, recipe, arguments.out, arguments.jobs, int(arguments.tokens))
    print(f"{counts.total()} examples in {time.monotonic() - started:.0f} s: {dict(counts.most_common())}")
    return 0


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--recipe", type=Path, required=True)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoints; where it has one, go on")
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--threads", type=int, default=0, help="on a CPU; 0: all cores")
    parser.add_argument("--tokenizer", type=Path, default=TOKENIZER)
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


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--type", choices=export.FILE_TYPES, default="q8_0")
    parser.add_argument("--name", default="nextedit")
    parser.add_argument("--version", default="")
    parser.add_argument("--data", default="", help="what it was trained on, in a sentence")
    parser.add_argument("--tokenizer", type=Path, default=TOKENIZER)
    parser.set_defaults(run=_export)


def _export(arguments: argparse.Namespace) -> int:
    from training import model, train

    kept = train.load(arguments.checkpoint)
    n_tokens = kept.state.n_tokens
    notes = (("format", "native"), ("training_data", arguments.data), ("training_tokens", str(n_tokens)))
    card = export.Card(
        arguments.name, "Predicts the next edit, in nextedit's own format.", version=arguments.version, notes=notes
    )
    weights = model.weights_of(kept.model)
    made = tokenizer.load(arguments.tokenizer)
    export.write(weights, kept.model.shape, made, arguments.out, card, arguments.type)
    print(f"{arguments.out}: {arguments.out.stat().st_size / 1e6:.1f} MB, {n_tokens / 1e6:.1f}M tokens seen")
    return 0


def _add_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path)
    parser.add_argument("--episodes", nargs="+", type=Path, required=True)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--checkpoint", type=Path, help="compare logits as well; needs PyTorch")
    parser.add_argument("--tokenizer", type=Path, default=TOKENIZER)
    parser.set_defaults(run=_verify)


def _verify(arguments: argparse.Namespace) -> int:
    from training import loaded

    made = tokenizer.load(arguments.tokenizer)
    read = episodes.read(arguments.episodes, episodes.Filter())
    texts = [file.before for episode in episodes.sampled(read, arguments.files, 1) for file in episode.files]
    with loaded.loaded(arguments.model) as there:
        others = sum(there.tokens(text) != made.encode(text) for text in texts)
        print(f"other ids in {others} of {len(texts)} files")
        if arguments.checkpoint:
            from training import checks, train

            model = train.load(arguments.checkpoint).model
            ids = [made.encode(text)[: checks.N_COMPARED] for text in texts[: checks.N_TEXTS]]
            difference, n_other = checks.compared(model, ids, there.logits)
            print(f"logits differ by {difference:.3f} on average; another best token in {n_other:.2%}")
    return 1 if others else 0


def _add_calibrate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--episodes", nargs="+", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.set_defaults(run=_calibrate)


def _calibrate(arguments: argparse.Namespace) -> int:
    from training import calibrate

    read = episodes.read(arguments.episodes, episodes.Filter())
    drawn = episodes.sampled(read, arguments.limit, arguments.seed)
    found = calibrate.samples(arguments.model, drawn, arguments.seed)
    if not found:
        print("the model proposed nothing: there is nothing to learn from")
        return 1
    weights = calibrate.fitted(found)
    print(f"{len(found)} proposals, {sum(sample.is_right for sample in found)} of them right")
    for level in calibrate.levels(found, weights):
        print(f"    chance {level.chance:.2f}: {level.n:5} proposals, right {level.right:.2f}")
    print(json.dumps(weights, indent=1))
    return 0


def _add_plot(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("log", type=Path, nargs="+", help="log.jsonl of a run, then of its cool-down")
    parser.add_argument("--held-out", default="dev-commits")
    parser.add_argument("--out", type=Path, required=True, help="a folder")
    parser.set_defaults(run=_plot)


def _plot(arguments: argparse.Namespace) -> int:
    lines = [json.loads(line) for path in arguments.log for line in path.read_text(encoding="utf-8").splitlines()]
    (arguments.out / "training-loss.svg").write_text(plots.losses(lines), encoding="utf-8")
    (arguments.out / "training-answers.svg").write_text(plots.answers(lines, arguments.held_out), encoding="utf-8")
    return 0


def _add_card(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--facts", type=Path, required=True, help="a JSON object with what training/card.md wants")
    parser.add_argument("--repositories", type=Path, required=True, help="repos.json of the episodes")
    parser.add_argument("--out", type=Path, required=True)
    parser.set_defaults(run=_card)


def _card(arguments: argparse.Namespace) -> int:
    facts = json.loads(arguments.facts.read_text(encoding="utf-8"))
    arguments.out.write_text(card.card(facts, arguments.repositories), encoding="utf-8")
    return 0


def _add_reject(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--lesson", required=True, help="the name of shards that the model has not seen")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--tokenizer", type=Path, default=TOKENIZER)
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
    parser.add_argument("--tokenizer", type=Path, default=TOKENIZER)
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


if __name__ == "__main__":
    sys.exit(main())
