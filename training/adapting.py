"""A LoRA adapter: what a user's own history adds to a model that comes with the program.

In: a model, lessons made of a repository.  Out: the adapter's weights by llama.cpp's names.
Not here: mining the history (``__main__``), judging whether the adapter helps (``nextedit evaluate``).

Each matrix of a layer gets two thin ones beside it, and only these are trained.  The output is unchanged at first.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from training import learning
from training.feed import Feed
from training.model import Layer, Llama, neighbours

RANK = 8
# What the adapter adds is scaled by ALPHA / RANK.
ALPHA = 16.0
RATE = 1e-3
WARM_UP_STEPS = 20
PLACES = ("qkv", "attention_out", "gate_up", "down")


class Adapted(nn.Module):
    """A linear map that stays, and what is learned beside it."""

    def __init__(self, base: nn.Linear) -> None:
        super().__init__()
        self.base = base
        self.inward = nn.Parameter(torch.randn(RANK, base.in_features) * base.in_features**-0.5)
        self.outward = nn.Parameter(torch.zeros(base.out_features, RANK))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What the map gives, with the adapter's part."""
        out: torch.Tensor = self.base(x)
        return out + functional.linear(functional.linear(x, self.inward), self.outward) * (ALPHA / RANK)


def adapt(model: Llama) -> list[nn.Parameter]:
    """Puts adapters into every layer; all else stays as it is from now on.  What is to be trained."""
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    found: list[nn.Parameter] = []
    for layer in model.layers:
        for place in PLACES:
            adapted = Adapted(getattr(layer, place))
            setattr(layer, place, adapted)
            found += [adapted.inward, adapted.outward]
    return found


def train(model: Llama, parameters: list[nn.Parameter], feed: Feed, n_tokens: int, seconds: float) -> float:
    """Train for so many tokens or seconds, whichever ends first; the mean loss of the last tenth of the steps."""
    optimizer = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.0)
    started, seen = time.monotonic(), 0
    losses: list[float] = []
    for _, _, batch in feed.from_(0, 0):
        share = max(seen / n_tokens, (time.monotonic() - started) / seconds)
        if share >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = RATE * min((len(losses) + 1) / WARM_UP_STEPS, 1 - share)
        result = learning.result_of(model, batch)
        result.loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
        losses.append(result.loss.item())
        seen += batch.n_tokens
    last = losses[-max(1, len(losses) // 10) :]
    return sum(last) / len(last) if last else float("nan")


def weights_of(model: Llama) -> dict[str, NDArray[np.float32]]:
    """The adapter's weights as llama.cpp names them: ``lora_a`` of (rank, in), ``lora_b`` of (out, rank)."""
    found = {}
    for number, layer in enumerate(model.layers):
        assert isinstance(layer, Layer)
        for name, inward, outward in _parts(layer, model.shape.n_heads):
            for part, tensor in (("a", inward), ("b", outward)):
                found[f"blk.{number}.{name}.weight.lora_{part}"] = tensor.detach().float().cpu().contiguous().numpy()
    return found


def _parts(layer: Layer, n_heads: int) -> Iterator[tuple[str, torch.Tensor, torch.Tensor]]:
    """The matrices of a layer by llama.cpp's names, each with its part of the adapter."""
    names = {
        "qkv": ("attn_q", "attn_k", "attn_v"),
        "attention_out": ("attn_output",),
        "gate_up": ("ffn_gate", "ffn_up"),
        "down": ("ffn_down",),
    }
    for place, of_place in names.items():
        adapted = getattr(layer, place)
        n_rows = len(adapted.outward)
        bounds = [n_rows * at // len(of_place) for at in range(len(of_place) + 1)]
        for name, (first, end) in zip(of_place, pairwise(bounds), strict=True):
            outward = adapted.outward[first:end]
            is_turned = name in ("attn_q", "attn_k")
            yield name, adapted.inward, neighbours(outward, n_heads) if is_turned else outward
