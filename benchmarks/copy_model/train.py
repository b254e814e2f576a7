"""Trains the copy-and-rename model on this machine, and exports it.

In: source files, minutes.  Out: a checkpoint, and a GGUF file.
Not here: how examples are made.

    python -m benchmarks.copy_model.train --minutes 40 --out .cache/copy-rename.gguf --sources FOLDER ...

Examples start short and made up, and grow as the model gets them right: copying forms within a few minutes on short
ones, and not at all on long ones.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

# Threads that wait must not spin: beside another busy process that costs three quarters of the speed.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import torch
from torch import nn
from torch.nn import functional

from benchmarks.copy_model import data, sources, vocabulary
from training import export
from training.data import names
from training.model import Llama, weights_of
from training.shape import Shape
from training.tokenizer import Tokenizer

SHAPE = Shape(len(vocabulary.load()), width=192, n_layers=4, n_heads=6, inner=384, context=1024)
CARD = export.Card(
    "nextedit copy-and-rename", "Copies the marked lines with a name changed. For tests and benchmarks only."
)
BATCH_TOKENS = 4096
# Longer examples are left out.
MAX_TOKENS = 800
# Batches are cut from so many at once, sorted by length, so that little is padding.
BATCHES_AT_ONCE = 16
# Answer tokens that differ from the marked lines weigh so much more, those of the edit's new line so much less.
CHANGED_WEIGHT = 3.0
NEW_LINE_WEIGHT = 0.2
MATRIX_RATE = 3e-3
VECTOR_RATE = 3e-3
# The difficulty rises while the answers' tokens are right so often.
MASTERED = 0.88
DIFFICULTY_STEP = 0.01
REPORT_S = 30
CHECK_S = 180
N_HELD_OUT = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One example as tokens; the weights are those of the token at the same place, zero in the prompt."""

    ids: list[int]
    weights: list[float]
    n_answer: int


@dataclass(slots=True)
class State:
    """What a checkpoint holds beside model and optimizers."""

    difficulty: float = 0.0
    right: float = 0.0
    n_steps: int = 0
    n_tokens: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Feed:
    """An endless stream of batches of one difficulty, which may change."""

    made: Tokenizer
    texts: Sequence[data.Source]
    words: names.Words
    rng: random.Random = field(default_factory=random.Random)

    def example(self, difficulty: float) -> data.Example:
        """One example, at most that difficult."""
        own = difficulty * self.rng.random() ** 0.5
        if self.rng.random() >= max(0.1, 0.6 - difficulty):
            return self.real_example(own)
        while True:
            if (example := data.made_up(self.rng, self.words, own)) is not None:
                return example

    def real_example(self, difficulty: float) -> data.Example:
        """One example out of a source file."""
        while True:
            source = self.rng.choice(self.texts)
            if (example := data.renaming(self.rng, source, self.words, difficulty)) is not None:
                return example

    def batches(self, difficulty: float) -> Iterator[list[Row]]:
        """Some batches of rows of like length."""
        rows: list[Row] = []
        n_tokens = 0
        while n_tokens < BATCH_TOKENS * BATCHES_AT_ONCE:
            row = row_of(self.made, self.example(difficulty))
            if len(row.ids) <= MAX_TOKENS:
                rows.append(row)
                n_tokens += len(row.ids)
        rows.sort(key=lambda row: len(row.ids))
        batches: list[list[Row]] = [[]]
        for row in rows:
            if (len(batches[-1]) + 1) * len(row.ids) > BATCH_TOKENS:
                batches.append([])
            batches[-1].append(row)
        self.rng.shuffle(batches)
        yield from batches


def row_of(made: Tokenizer, example: data.Example) -> Row:
    """The tokens of an example and what each weighs in the loss."""
    ids: list[int] = []
    weights: list[float] = []
    inside_new = False
    for segment in example.prompt:
        part = [made.control(segment.text)] if segment.is_control else made.encode(segment.text)
        ids += part
        weights += [NEW_LINE_WEIGHT if inside_new and not segment.is_control else 0.0] * len(part)
        inside_new = segment.text == "<|new|>"
    answer = made.encode(example.answer)
    ids += [*answer, made.control(data.END_OF_TEXT)]
    weights += [*_answer_weights(made, answer, example), 1.0]
    return Row(ids, weights, len(answer) + 1)


def _answer_weights(made: Tokenizer, answer: list[int], example: data.Example) -> list[float]:
    if example.draft == example.answer:
        return [1.0] * len(answer)
    places = data.places_of(example.answer, example.names[1])
    weights, at = [], 0
    for token in answer:
        end = at + made.n_bytes(token)
        # The first token behind a name too: there the model goes on in the old text.
        weights.append(CHANGED_WEIGHT if any(at <= last and first < end for first, last in places) else 1.0)
        at = end
    return weights


def loss_of(model: Llama, rows: Sequence[Row]) -> tuple[torch.Tensor, float, float]:
    """The weighted loss, the share of right answer tokens, and the share of answers right altogether."""
    length = max(len(row.ids) for row in rows)
    ids = torch.tensor([row.ids + [0] * (length - len(row.ids)) for row in rows])
    weights = torch.tensor([row.weights + [0.0] * (length - len(row.ids)) for row in rows])[:, 1:]
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model(ids[:, :-1])
        chosen = weights > 0
        logits = model.logits(hidden[chosen]).float()
    targets = ids[:, 1:][chosen]
    losses = functional.cross_entropy(logits, targets, reduction="none")
    is_right = torch.ones_like(weights, dtype=torch.bool)
    is_right[chosen] = logits.detach().argmax(-1) == targets
    in_answer = weights >= 1
    right = (is_right & in_answer).sum() / in_answer.sum()
    whole = (is_right | ~in_answer).all(1).float().mean()
    return (losses * weights[chosen]).sum() / weights.sum(), right.item(), whole.item()


@torch.no_grad()
def checked(model: Llama, rows: Sequence[Row]) -> tuple[float, float]:
    """The shares of answer tokens and of whole answers that greedy decoding gets right."""
    model.eval()
    results = [loss_of(model, [row])[1:] for row in rows]
    model.train()
    n_answer = sum(row.n_answer for row in rows)
    right = sum(right * row.n_answer for (right, _), row in zip(results, rows, strict=True)) / n_answer
    return right, sum(whole for _, whole in results) / len(results)


def optimizers_of(model: Llama) -> list[torch.optim.Optimizer]:
    """Muon for the layers' matrices, AdamW for the rest."""
    matrices = [one for one in model.layers.parameters() if one.ndim == 2]
    others = [one for one in model.parameters() if not any(one is matrix for matrix in matrices)]
    return [
        torch.optim.Muon(matrices, lr=MATRIX_RATE, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=VECTOR_RATE, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def rate_at(share: float) -> float:
    """The learning rate's factor after a share of the time: up, level, and down to almost nothing."""
    return min(1.0, share / 0.01, max(0.02, (1 - share) / 0.4))


class Training:
    """A model, what trains it, and what is known of its progress."""

    def __init__(self, model: Llama, made: Tokenizer, out: Path, kept: dict[str, Any] | None) -> None:
        self.model, self.made, self.out, self.state = model, made, out, State()
        self.optimizers = optimizers_of(model)
        self._rates = [[group["lr"] for group in one.param_groups] for one in self.optimizers]
        if kept:
            model.load_state_dict(kept["model"])
            self.state = State(**kept["state"])
            for one, state in zip(self.optimizers, kept["optimizers"], strict=True):
                one.load_state_dict(state)

    def run(self, feed: Feed, held_out: Sequence[Row], minutes: float) -> None:
        """Train until the time is up, a restored checkpoint's included; check, save and export on the way."""
        state = self.state
        started = time.monotonic() - state.seconds
        reported, next_check, losses = State(**asdict(state)), state.seconds + CHECK_S, []
        while state.seconds < 60 * minutes:
            for rows in feed.batches(state.difficulty):
                losses.append(self.step(rows, state.seconds / (60 * minutes)))
                state.seconds = time.monotonic() - started
                if state.seconds > reported.seconds + REPORT_S:
                    _report(state, reported, losses)
                    reported, losses = State(**asdict(state)), []
                if state.seconds > next_check:
                    self.check(held_out)
                    next_check = state.seconds + CHECK_S
                if state.seconds >= 60 * minutes:
                    break
        self.check(held_out)

    def step(self, rows: Sequence[Row], share: float) -> float:
        """One step; the loss."""
        for one, of_groups in zip(self.optimizers, self._rates, strict=True):
            for group, rate in zip(one.param_groups, of_groups, strict=True):
                group["lr"] = rate * rate_at(share)
        loss, right, _ = loss_of(self.model, rows)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for one in self.optimizers:
            one.step()
            one.zero_grad()
        state = self.state
        state.right += (right - state.right) * 0.03
        if state.right > MASTERED:
            state.difficulty = min(1.0, state.difficulty + DIFFICULTY_STEP)
        state.n_steps += 1
        state.n_tokens += sum(len(row.ids) for row in rows)
        return loss.item()

    def check(self, held_out: Sequence[Row]) -> None:
        """Print how good the model is; write a checkpoint, never half of one, and the GGUF file."""
        right, whole = checked(self.model, held_out)
        print(f"  held out: {right:.1%} of tokens, {whole:.1%} of answers", flush=True)
        optimizers = [one.state_dict() for one in self.optimizers]
        kept = {"model": self.model.state_dict(), "optimizers": optimizers, "state": asdict(self.state)}
        unfinished = self.out.with_suffix(".pt.unfinished")
        torch.save(kept, unfinished)
        unfinished.replace(self.out.with_suffix(".pt"))
        export.write(weights_of(self.model), SHAPE, self.made, self.out, CARD)


def _report(state: State, before: State, losses: Sequence[float]) -> None:
    speed = (state.n_tokens - before.n_tokens) / (state.seconds - before.seconds)
    print(
        f"{state.seconds / 60:5.1f} min  step {state.n_steps:5}  {state.n_tokens / 1e6:6.2f}M tokens"
        f"  {speed:6.0f} tokens/s  loss {sum(losses) / len(losses):.4f}  right {state.right:.3f}"
        f"  difficulty {state.difficulty:.2f}",
        flush=True,
    )


def main() -> None:
    """Read the arguments, train, export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--out", type=Path, default=Path(".cache/copy-rename.gguf"))
    parser.add_argument("--sources", type=Path, nargs="*", default=[], help="more folders of source files")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    made = vocabulary.load()
    texts = sources.training_sources(arguments.sources)
    words = names.split_words(["".join(source.lines) for source in texts])
    feed = Feed(made, texts, words, random.Random(arguments.seed))
    probe = Feed(made, sources.held_out_sources(arguments.sources), words, random.Random(0))
    held_out = [row_of(made, probe.real_example(1.0)) for _ in range(N_HELD_OUT)]
    kept = torch.load(arguments.out.with_suffix(".pt")) if arguments.resume else None
    training = Training(Llama(SHAPE), made, arguments.out, kept)
    print(f"{sum(one.numel() for one in training.model.parameters()) / 1e6:.2f}M parameters, {len(texts)} files")
    training.run(feed, held_out, arguments.minutes)


if __name__ == "__main__":
    main()
