"""The commands about a model file: ``export``, ``verify``, ``calibrate``, ``plot``, ``card``.

In: arguments.  Out: files, figures on stdout.
Not here: the work itself.  ``export`` needs PyTorch, ``verify`` and ``calibrate`` llama.cpp.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from nextedit_lsp.evaluation import episodes
from training import card, export, plots, tokenizer

if TYPE_CHECKING:
    Stages = argparse._SubParsersAction[argparse.ArgumentParser]


def add(stages: Stages) -> None:
    """Adds the stages."""
    _add_export(stages.add_parser("export", help="write a GGUF file of a checkpoint"))
    _add_verify(stages.add_parser("verify", help="compare a GGUF file in llama.cpp with what was trained"))
    _add_calibrate(stages.add_parser("calibrate", help="learn how far a model's word is to be trusted"))
    _add_plot(stages.add_parser("plot", help="draw the curves of a run"))
    _add_card(stages.add_parser("card", help="write a model's card"))


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--type", choices=export.FILE_TYPES, default="q8_0")
    parser.add_argument("--name", default="nextedit")
    parser.add_argument("--version", default="")
    parser.add_argument("--data", default="", help="what it was trained on, in a sentence")
    parser.add_argument("--tokenizer", type=Path, default=tokenizer.FILE)
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
    parser.add_argument("--tokenizer", type=Path, default=tokenizer.FILE)
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
