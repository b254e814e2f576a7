"""Small courses, shards and GGUF files for the tests of training."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from nextedit_lsp.evaluation.episodes import Episode, EpisodeFile, Hunk
from nextedit_lsp.evaluation.rounds import file_order
from training import export, tokenizer
from training.data.courses import Course
from training.shape import Shape

TINY = {"width": 32, "n_layers": 1, "n_heads": 2, "inner": 32, "context": 1280}

AREA = """\
import math


def area(r):
    return math.pi * r * r


def volume(r, height):
    return area(r) * height


def report(r, height):
    print(area(r))
    print(volume(r, height))
"""


def renaming(old: str = "area", new: str = "surface", text: str = AREA) -> Course:
    """A course that renames a word, row by row."""
    rows = text.split("\n")
    hunks = tuple(Hunk(at, 1, (row.replace(old, new),)) for at, row in enumerate(rows) if old in row)
    episode = Episode("test", "test/test", "0", "", (EpisodeFile("shape.py", "python", text, hunks),))
    return Course(episode, file_order(episode), "rename", 1)


def random_gguf(path: Path) -> None:
    """A file with the project's vocabulary and weights without sense."""
    made = tokenizer.load(tokenizer.FILE)
    shape = Shape(len(made), **TINY)
    draw = np.random.default_rng(1)
    sizes = {
        "token_embd": (shape.n_tokens, shape.width),
        "output_norm": (shape.width,),
        "blk.0.attn_norm": (shape.width,),
        "blk.0.attn_q": (shape.width, shape.width),
        "blk.0.attn_k": (shape.width, shape.width),
        "blk.0.attn_v": (shape.width, shape.width),
        "blk.0.attn_output": (shape.width, shape.width),
        "blk.0.ffn_norm": (shape.width,),
        "blk.0.ffn_gate": (shape.inner, shape.width),
        "blk.0.ffn_up": (shape.inner, shape.width),
        "blk.0.ffn_down": (shape.width, shape.inner),
    }
    weights = {f"{name}.weight": draw.normal(size=size).astype(np.float32) for name, size in sizes.items()}
    export.write(weights, shape, made, path, export.Card("random", "nonsense"))


def rng() -> random.Random:
    """The same numbers in every test."""
    return random.Random(1)
