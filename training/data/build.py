"""Builds shards of examples, with all cores.

In: episode files.  Out: ``NAME-00.npz`` and so on.
Not here: what an example is (``questions``), which courses there are (``courses``, ``renames``).
"""

from __future__ import annotations

import multiprocessing
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from nextedit_lsp.evaluation.episodes import Episode
from nextedit_lsp.formats import native
from training import tokenizer
from training.data import courses, lintseq, names, packing, questions, refactorings, renames
from training.data.courses import Course
from training.data.example import Example, Row, row_of, with_mistake

# The lessons, and the share in which a question that is to be answered by nothing stays: a third of all then are such.
LESSONS = {"rename": 1.0, "refactorings": 1.0, "lintseq": 0.2, "commits": 0.6}
# Longer examples are left out: the model's context is a little more.
MAX_TOKENS = 1200
# In this share of the examples with an answer a wrong line is taken back.
MISTAKE_SHARE = 0.03
CHUNK_EPISODES = 16
# A file with fewer different words is no source of names.
MIN_WORDS = 20
COURSES_A_FILE = 4
# Tokens of one shard: so that a worker's memory stays small and a shard is read in a moment.
SHARD_TOKENS = 8_000_000


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which of ``LESSONS``; ``difficulty`` is that of ``rename``.  Examples longer than ``max_tokens`` are left out."""

    lesson: str
    tokenizer: Path
    max_tokens: int = MAX_TOKENS
    difficulty: tuple[float, float] = (0.0, 1.0)
    seed: int = 1


def build(drawn: Sequence[Episode], recipe: Recipe, out: Path, n_jobs: int, max_tokens: int) -> Counter[str]:
    """Write shards until there are ``max_tokens`` or the episodes are used up; how many examples of each kind."""
    counts: Counter[str] = Counter()
    seen: set[int] = set()
    out.parent.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    n_tokens = n_all = n_shards = 0
    for found in _made(drawn, recipe, n_jobs):
        for row in found:
            print_ = hash(tuple(row.ids))
            if print_ in seen:
                continue
            seen.add(print_)
            rows.append(row)
            counts[row.kind] += 1
            n_tokens += len(row.ids)
        if n_tokens >= SHARD_TOKENS or n_all + n_tokens >= max_tokens:
            packing.save(packing.packed(rows), Path(f"{out}-{n_shards:02}.npz"))
            n_all, n_tokens, n_shards, rows = n_all + n_tokens, 0, n_shards + 1, []
            if n_all >= max_tokens:
                return counts
    if rows:
        packing.save(packing.packed(rows), Path(f"{out}-{n_shards:02}.npz"))
    return counts


def _made(drawn: Sequence[Episode], recipe: Recipe, n_jobs: int) -> Iterator[list[Row]]:
    make = partial(rows_of, recipe=recipe)
    if n_jobs <= 1:
        yield from map(make, drawn)
        return
    with multiprocessing.get_context("spawn").Pool(n_jobs) as pool:
        yield from pool.imap_unordered(make, drawn, CHUNK_EPISODES)


def rows_of(episode: Episode, recipe: Recipe) -> list[Row]:
    """The rows of one episode; the same for the same recipe."""
    rng = random.Random(f"{recipe.seed} {episode.id}")
    made = _tokenizer(recipe.tokenizer)
    rows: list[Row] = []
    for course in _courses(episode, recipe, rng):
        for example in questions.examples(course, rng):
            if example.answer == (native.NONE,) and rng.random() >= LESSONS[recipe.lesson]:
                continue
            row = row_of(_mistaken(example, rng), made, rng)
            if len(row.ids) <= recipe.max_tokens:
                rows.append(row)
    return rows


def _courses(episode: Episode, recipe: Recipe, rng: random.Random) -> Iterator[Course]:
    if recipe.lesson == "commits":
        yield courses.course_of(episode, rng)
        return
    for file in episode.files:
        words = names.split_words([file.before])
        if len(words.words) < MIN_WORDS:
            continue
        for _ in range(COURSES_A_FILE):
            found: Course | None
            if recipe.lesson == "refactorings":
                found = refactorings.course(rng, file, words)
            elif recipe.lesson == "lintseq":
                found = lintseq.course(rng, file)
            else:
                difficulty = rng.uniform(*recipe.difficulty)
                found = renames.course(rng, file.before.split("\n"), file.path, words, difficulty)
            if found is not None:
                yield found


def _mistaken(example: Example, rng: random.Random) -> Example:
    if rng.random() >= MISTAKE_SHARE:
        return example
    return with_mistake(example, rng) or example


_TOKENIZERS: dict[Path, tokenizer.Tokenizer] = {}


def _tokenizer(path: Path) -> tokenizer.Tokenizer:
    if path not in _TOKENIZERS:
        _TOKENIZERS[path] = tokenizer.load(path)
    return _TOKENIZERS[path]
