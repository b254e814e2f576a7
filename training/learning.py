"""What one step of training does: the loss, the optimizers, the rates.

In: a model and a batch.  Out: a loss that can be differentiated, and counts.
Not here: the order of steps (``train``).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from training.feed import Batch
from training.model import Llama
from training.recipe import Recipe

MAX_GRADIENT = 1.0
# Of the rate that is left at the end of a cool-down.
LAST_RATE = 0.02


@dataclass(frozen=True, slots=True)
class Result:
    """``loss`` is the weighted mean; ``answer_loss`` that of the answers alone, in nats a token.

    ``right`` are the answer tokens where the likeliest one was right, out of ``n_answer``; ``whole`` says for each row
    whether all were.
    """

    loss: torch.Tensor
    answer_loss: float
    right: int
    n_answer: int
    whole: torch.Tensor


def result_of(model: Llama, batch: Batch) -> Result:
    """The loss of a batch, in bf16 where the device multiplies matrices."""
    weights, in_answer = batch.weights[:, 1:], batch.in_answer[:, 1:]
    with torch.autocast(batch.ids.device.type, torch.bfloat16):
        hidden = model(batch.ids[:, :-1])
        chosen = weights > 0
        logits = model.logits(hidden[chosen]).float()
    targets, answers = batch.ids[:, 1:][chosen], in_answer[chosen]
    losses = functional.cross_entropy(logits, targets, reduction="none")
    is_right = logits.detach().argmax(-1) == targets
    wrong = torch.zeros_like(chosen)
    wrong[chosen] = ~is_right & answers
    return Result(
        loss=(losses * weights[chosen]).sum() / weights.sum(),
        answer_loss=losses.detach()[answers].mean().item(),
        right=int((is_right & answers).sum()),
        n_answer=int(answers.sum()),
        whole=~wrong.any(1),
    )


def optimizers_of(model: Llama, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Muon for the layers' matrices, AdamW for the rest."""
    matrices = [one for one in model.layers.parameters() if one.ndim == 2]
    others = [one for one in model.parameters() if not any(one is matrix for matrix in matrices)]
    return [
        torch.optim.Muon(
            matrices, lr=recipe.matrix_rate, weight_decay=recipe.weight_decay, adjust_lr_fn="match_rms_adamw"
        ),
        torch.optim.AdamW(others, lr=recipe.vector_rate, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def set_rates(optimizers: list[torch.optim.Optimizer], recipe: Recipe, factor: float) -> None:
    """Sets the learning rates to ``factor`` of the recipe's."""
    for optimizer, rate in zip(optimizers, (recipe.matrix_rate, recipe.vector_rate), strict=True):
        for group in optimizer.param_groups:
            group["lr"] = rate * factor


def stepped(model: Llama, optimizers: list[torch.optim.Optimizer]) -> None:
    """Takes one step along the gradients, and forgets them."""
    nn.utils.clip_grad_norm_(model.parameters(), MAX_GRADIENT)
    for optimizer in optimizers:
        optimizer.step()
        optimizer.zero_grad()
