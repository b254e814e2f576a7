"""Checks an exported file in llama.cpp: ids, answers, and, where the checkpoint is at hand, logits.

In: the GGUF file; the checkpoint, if PyTorch is there.  Out: figures on stdout.
Not here: speed.

    python -m benchmarks.copy_model.verify benchmarks/copy_model/copy-rename.gguf --checkpoint .cache/copy-rename.pt
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.copy_model import data, sources, tasks, vocabulary
from training.loaded import Loaded, loaded
from training.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class Rate:
    """The answers that greedy decoding gets right, and the tokens that are right behind the right ones before."""

    n_tasks: int
    n_whole: int
    n_tokens: int
    n_right: int

    def __str__(self) -> str:
        return (
            f"{self.n_right / self.n_tokens:.2%} of tokens, {self.n_whole / self.n_tasks:.1%} of {self.n_tasks} answers"
        )


def rate_of(model: Loaded, made: Tokenizer, some: Sequence[tasks.RewriteTask]) -> Rate:
    """How often the model is right; all tokens of an answer are asked for in one batch."""
    n_whole = n_tokens = n_right = 0
    for task in some:
        prompt = made.encode_prompt(task.prompt)
        answer = [*made.encode(task.answer), made.control(data.END_OF_TEXT)]
        best = model.logits(prompt + answer[:-1])[len(prompt) - 1 :].argmax(-1)
        right = int((best == np.array(answer)).sum())
        n_whole, n_tokens, n_right = n_whole + (right == len(answer)), n_tokens + len(answer), n_right + right
    return Rate(len(some), n_whole, n_tokens, n_right)


def n_files_with_other_ids(model: Loaded, made: Tokenizer, texts: Sequence[data.Source]) -> int:
    """In how many files llama.cpp finds other tokens than the tokenizer here."""
    whole = ["".join(source.lines) for source in texts]
    return sum(model.tokens(text) != made.encode(text) for text in whole)


def logit_difference(model: Loaded, checkpoint: Path, ids: list[int]) -> tuple[float, float]:
    """The largest difference of a logit from PyTorch's in f32, and the share of tokens where the best one differs."""
    import torch

    from benchmarks.copy_model.train import SHAPE
    from training.model import Llama

    there = model.logits(ids)
    here = Llama(SHAPE)
    here.load_state_dict(torch.load(checkpoint)["model"])
    with torch.no_grad():
        logits = here.logits(here(torch.tensor([ids])))[0].numpy()
    return float(np.abs(logits - there).max()), float((logits.argmax(-1) != there.argmax(-1)).mean())


def main() -> None:
    """Check one file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    made = vocabulary.load()
    some = tasks.rewrite_tasks(arguments.n, arguments.seed)
    with loaded(arguments.path) as model:
        texts = sources.held_out_sources()
        print(f"other ids in {n_files_with_other_ids(model, made, texts)} of {len(texts)} files")
        if arguments.checkpoint:
            difference, other = logit_difference(model, arguments.checkpoint, made.encode_prompt(some[0].prompt))
            print(f"logits differ by at most {difference:.4f}, the best token in {other:.1%}")
        print(f"right: {rate_of(model, made, some)}")


if __name__ == "__main__":
    main()
