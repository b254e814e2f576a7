"""Trains a model by a recipe; can be stopped at any moment and goes on where it was.

In: a recipe, shards.  Out: ``latest.pt``, ``log.jsonl``, and a checkpoint of the weights every few million tokens.
Not here: examples (``data``), the file that llama.cpp reads (``export``).

    python -m training train --recipe training/runs/cpu.json --shards FOLDER --out FOLDER
    python -m training cool-down …      the same from latest.pt on, with a falling rate, into a folder of its own
    torchrun --nproc-per-node 8 -m training train …

It runs on a CPU, on one GPU and on several unchanged.  On a CPU set OMP_WAIT_POLICY=passive: threads that spin while
they wait cost three quarters of the speed beside another busy process.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import distributed

from training import checks, learning
from training.feed import Batch, Feed
from training.model import Llama
from training.recipe import Recipe
from training.shape import Shape

REPORT_S = 60.0
SAVE_S = 180.0
CHECK_S = 1800.0
# Weights are kept for good every so many tokens, to see how quality grows with them.
KEPT_TOKENS = 5_000_000


@dataclass(slots=True)
class State:
    """Where a run stands.  ``seconds`` are those of training, ``stage_tokens`` those of the stage."""

    stage: int = 0
    window: int = 0
    batch: int = 0
    n_steps: int = 0
    n_tokens: int = 0
    stage_tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Process:
    """This process among all of a run, and its device."""

    rank: int
    world: int
    device: torch.device

    @property
    def is_first(self) -> bool:
        """Whether it writes and reports."""
        return self.rank == 0


@dataclass(frozen=True, slots=True)
class CoolDown:
    """The rates fall linearly over so many tokens, and then the run ends."""

    first_token: int
    tokens: float


@dataclass(frozen=True, slots=True)
class Kept:
    """What a checkpoint holds that is of use without going on."""

    model: Llama
    state: State


def process() -> Process:
    """This process; joins the others where torchrun started several."""
    world = int(os.environ.get("WORLD_SIZE", "1"))
    has_gpu = torch.cuda.is_available()
    if world > 1 and not distributed.is_initialized():
        distributed.init_process_group("nccl" if has_gpu else "gloo")
    local = int(os.environ.get("LOCAL_RANK", "0"))
    device = torch.device("cuda", local) if has_gpu else torch.device("cpu")
    return Process(int(os.environ.get("RANK", "0")), world, device)


def load(path: Path) -> Kept:
    """The model in a checkpoint, on the CPU."""
    kept = torch.load(path, map_location="cpu", weights_only=True)
    model = Llama(Shape(**kept["shape"]))
    model.load_state_dict(kept["model"])
    return Kept(model, State(**kept["state"]))


class Run:
    """A model in training."""

    def __init__(self, recipe: Recipe, n_vocabulary: int, shards: Path, out: Path, me: Process) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.shards, self.out, self.me = recipe, shards, out, me
        self.model = Llama(recipe.shape_for(n_vocabulary)).to(me.device)
        self.optimizers = learning.optimizers_of(self.model, recipe)
        self.state = State()
        self.cool_down: CoolDown | None = None
        out.mkdir(parents=True, exist_ok=True)

    @property
    def latest(self) -> Path:
        """The checkpoint to go on from."""
        return self.out / "latest.pt"

    def resume(self, path: Path) -> None:
        """Goes on from a checkpoint."""
        kept = torch.load(path, map_location=self.me.device, weights_only=True)
        self.model.load_state_dict(kept["model"])
        for optimizer, state in zip(self.optimizers, kept["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        self.state = State(**kept["state"])
        if kept["cool_down"]:
            self.cool_down = CoolDown(**kept["cool_down"])

    def train(self, seconds: float = float("inf")) -> None:
        """Train until the recipe's end, or for so many seconds; a SIGTERM ends it behind the next step."""
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        started = reported = saved = checked = time.monotonic()
        seconds_before = self.state.seconds
        progress = _Progress()
        for place, batch in self._batches():
            progress.add(self._step(batch), batch.n_tokens * self.me.world)
            self.state.window, self.state.batch = place
            now = time.monotonic()
            self.state.seconds = seconds_before + now - started
            if now - reported > REPORT_S:
                self._log(progress.summary(now - reported))
                reported, progress = now, _Progress()
            if now - saved > SAVE_S:
                self.save()
                saved = now
            if now - checked > CHECK_S:
                self.check()
                checked = time.monotonic()
            if stop.is_set() or now - started > seconds:
                break
        self.save()
        if not stop.is_set():
            self.check()

    def check(self) -> None:
        """Logs how good the model is on what it was not trained on."""
        if self.me.is_first:
            for name in self.recipe.held_out:
                self._log({"held_out": name, **checks.checked(self.model, self.shards, name, self.me.device)})

    def save(self) -> None:
        """Writes a checkpoint, never half of one."""
        if not self.me.is_first:
            return
        kept = {
            "model": self.model.state_dict(),
            "shape": asdict(self.model.shape),
            "optimizers": [one.state_dict() for one in self.optimizers],
            "state": asdict(self.state),
            "cool_down": asdict(self.cool_down) if self.cool_down else None,
        }
        unfinished = self.latest.with_suffix(".unfinished")
        torch.save(kept, unfinished)
        unfinished.replace(self.latest)
        kept_at = self.state.n_tokens // KEPT_TOKENS * KEPT_TOKENS
        milestone = self.out / f"at-{kept_at // 1_000_000}M.pt"
        if kept_at and not milestone.exists():
            torch.save({name: kept[name] for name in ("model", "shape", "state")}, milestone)

    def _batches(self) -> Iterator[tuple[tuple[int, int], Batch]]:
        """The batches from the state's place on, each with the place behind it."""
        state, me = self.state, self.me
        while state.stage < len(self.recipe.stages):
            stage = self.recipe.stages[state.stage]
            if state.stage_tokens < stage.tokens:
                seed = self.recipe.seed + state.stage
                feed = Feed(self.shards, stage.shares, stage.batch_tokens // me.world, seed)
                for window, at, batch in feed.from_(state.window, state.batch, me.rank, me.world):
                    if self._is_cool():
                        return
                    yield (window, at), batch.to(me.device)
                    if state.stage_tokens >= stage.tokens:
                        break
            state.stage, state.window, state.batch, state.stage_tokens = state.stage + 1, 0, 0, 0

    def _is_cool(self) -> bool:
        end = self.cool_down
        return end is not None and self.state.n_tokens >= end.first_token + end.tokens

    def _step(self, batch: Batch) -> learning.Result:
        learning.set_rates(self.optimizers, self.recipe, self._rate())
        result = learning.result_of(self.model, batch)
        result.loss.backward()  # type: ignore[no-untyped-call]
        n_tokens = batch.n_tokens
        if self.me.world > 1:
            n_tokens = _shared(self.model, n_tokens, self.me)
        learning.stepped(self.model, self.optimizers)
        self.state.n_steps += 1
        self.state.n_tokens += n_tokens
        self.state.stage_tokens += n_tokens
        return result

    def _rate(self) -> float:
        if self.cool_down is not None:
            share = (self.state.n_tokens - self.cool_down.first_token) / self.cool_down.tokens
            return max(learning.LAST_RATE, 1 - share)
        return min(1.0, (self.state.n_tokens + 1) / self.recipe.warm_up_tokens)

    def _log(self, fields: dict[str, Any]) -> None:
        if not self.me.is_first:
            return
        state = self.state
        place = {
            "tokens": state.n_tokens,
            "seconds": round(state.seconds),
            "steps": state.n_steps,
            "stage": state.stage,
        }
        line = json.dumps({**place, **fields})
        print(line, flush=True)
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(f"{line}\n")


class _Progress:
    """Means since the last report."""

    def __init__(self) -> None:
        self._losses: list[float] = []
        self._answer_losses: list[float] = []
        self._right = self._n_answer = self._whole = self._rows = self._tokens = 0

    def add(self, result: learning.Result, n_tokens: int) -> None:
        self._losses.append(result.loss.item())
        self._answer_losses.append(result.answer_loss)
        self._right += result.right
        self._n_answer += result.n_answer
        self._whole += int(result.whole.sum())
        self._rows += len(result.whole)
        self._tokens += n_tokens

    def summary(self, seconds: float) -> dict[str, Any]:
        return {
            "loss": round(sum(self._losses) / len(self._losses), 4),
            "answer_loss": round(sum(self._answer_losses) / len(self._answer_losses), 4),
            "right": round(self._right / self._n_answer, 4),
            "whole": round(self._whole / self._rows, 4),
            "tokens_per_s": round(self._tokens / seconds),
        }


def _shared(model: Llama, n_tokens: int, me: Process) -> int:
    """Gives every process the mean of all gradients; how many tokens all had together."""
    for parameter in model.parameters():
        distributed.all_reduce(parameter.grad)
        if parameter.grad is not None:
            parameter.grad /= me.world
    count = torch.tensor(n_tokens, device=me.device)
    distributed.all_reduce(count)
    return int(count)
