"""Rewrites to measure and test engines on, from files that the copy-and-rename model never saw.

In: a number, a seed.  Out: prompts, drafts and right answers.
Not here: a model; engines.

A task's draft is the marked lines as they are.  About nine of ten of their tokens stay; the uses of one name change.
"""

from __future__ import annotations

import random
from functools import cache
from typing import NamedTuple

from benchmarks.copy_model import data, sources, vocabulary
from nextedit_lsp.formats.prompt import Prompt
from training.data import names
from training.tokenizer import Tokenizer

MIN_TOKENS, MAX_TOKENS = 100, 250
MIN_USES, MAX_USES = 2, 6
# The rest of the model's context is for the answer.
MAX_PROMPT_TOKENS = 600


class RewriteTask(NamedTuple):
    """A prompt up to <|answer|>, the marked lines, and how they should become."""

    prompt: Prompt
    draft: str
    answer: str


def rewrite_tasks(n: int, seed: int) -> list[RewriteTask]:
    """So many tasks; the same ones for the same seed and version of Python."""
    rng = random.Random(seed)
    texts, words = _held_out()
    made = vocabulary.load()
    tasks: list[RewriteTask] = []
    while len(tasks) < n:
        example = data.renaming(rng, rng.choice(texts), words, difficulty=1.0)
        if example is not None and _is_fit(example, made):
            tasks.append(RewriteTask(example.prompt, example.draft, example.answer))
    return tasks


def _is_fit(example: data.Example, made: Tokenizer) -> bool:
    n_uses = len(data.places_of(example.draft, example.names[0]))
    return (
        MIN_USES <= n_uses <= MAX_USES
        and MIN_TOKENS <= len(made.encode(example.draft)) <= MAX_TOKENS
        and len(made.encode_prompt(example.prompt)) <= MAX_PROMPT_TOKENS
    )


@cache
def _held_out() -> tuple[list[data.Source], names.Words]:
    texts = sources.held_out_sources()
    return texts, names.split_words(["".join(source.lines) for source in texts])
