"""The commands that make examples: ``tokenizer``, ``mine``, ``build``.

In: arguments.  Out: files, a line on what was done.
Not here: the work itself.
"""

from __future__ import annotations

import argparse
import lzma
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from nextedit_lsp.evaluation import episodes, git_history, mining
from nextedit_lsp.formats import native
from training import tokenizer
from training.data import build, corpus, duplicates

if TYPE_CHECKING:
    Stages = argparse._SubParsersAction[argparse.ArgumentParser]


def add(stages: Stages) -> None:
    """Adds the stages."""
    _add_tokenizer(stages.add_parser("tokenizer", help="learn a tokenizer from episodes"))
    _add_mine(stages.add_parser("mine", help="episodes of a git repository's history"))
    _add_build(stages.add_parser("build", help="make examples of episodes"))


def _add_tokenizer(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--episodes", nargs="+", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=2400)
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--out", type=Path, default=tokenizer.FILE)
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
    parser.add_argument("--tokenizer", type=Path, default=tokenizer.FILE)
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
