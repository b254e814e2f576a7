"""A small Llama in PyTorch.

In: token ids.  Out: hidden states, logits.
Not here: training; export.

The rotary embedding turns neighbouring pairs of a head's numbers, as llama.cpp does for the architecture "llama":
so the weights need no permutation on export.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Shape:
    """The model's sizes: ``inner`` is the feed-forward net's width, ``context`` the most positions of a sequence."""

    n_tokens: int
    width: int = 256
    n_layers: int = 6
    n_heads: int = 8
    inner: int = 768
    context: int = 1280
    rope_base: float = 10_000.0
    epsilon: float = 1e-5


class Llama(nn.Module):
    """Embeddings, layers, a last norm; the output shares the embedding's weights."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.n_tokens, shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.n_layers))
        self.norm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        nn.init.normal_(self.embedding.weight, std=0.05)
        self.register_buffer("rotation", rotation(shape), persistent=False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The hidden states behind the last norm, for ids of shape (sequences, positions)."""
        hidden = self.embedding(ids)
        turned = self.rotation[:, : ids.shape[1]]
        for layer in self.layers:
            hidden = layer(hidden, turned)
        return self.norm(hidden)

    @property
    def n_parameters(self) -> tuple[int, int]:
        """How many numbers are learned: in all, and in the embeddings."""
        return sum(one.numel() for one in self.parameters()), self.embedding.weight.numel()

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """The next token's logits."""
        return functional.linear(hidden, self.embedding.weight)


class Layer(nn.Module):
    """Attention and a gated feed-forward net, each behind a norm and added to what came in."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, inner = shape.width, shape.inner
        self.n_heads = shape.n_heads
        self.attention_norm = nn.RMSNorm(width, eps=shape.epsilon)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.attention_out = nn.Linear(width, width, bias=False)
        self.inner_norm = nn.RMSNorm(width, eps=shape.epsilon)
        self.gate_up = nn.Linear(width, 2 * inner, bias=False)
        self.down = nn.Linear(inner, width, bias=False)
        for linear in (self.attention_out, self.down):
            nn.init.zeros_(linear.weight)

    def forward(self, hidden: torch.Tensor, turned: torch.Tensor) -> torch.Tensor:
        """What is passed on."""
        n_sequences, n_positions, width = hidden.shape
        qkv = self.qkv(self.attention_norm(hidden)).view(n_sequences, n_positions, 3, self.n_heads, -1)
        query, key, value = (part.transpose(1, 2) for part in qkv.unbind(2))
        mixed = functional.scaled_dot_product_attention(
            rotated(query, turned), rotated(key, turned), value, is_causal=True
        )
        hidden = hidden + self.attention_out(mixed.transpose(1, 2).reshape(n_sequences, n_positions, width))
        gate, up = self.gate_up(self.inner_norm(hidden)).chunk(2, dim=-1)
        return hidden + self.down(functional.silu(gate) * up)


def rotation(shape: Shape) -> torch.Tensor:
    """Cosines and sines, of shape (2, positions, half a head)."""
    half = shape.width // shape.n_heads // 2
    speeds = shape.rope_base ** (-torch.arange(half) / half)
    angles = torch.arange(shape.context)[:, None] * speeds[None]
    return torch.stack((angles.cos(), angles.sin()))


def rotated(heads: torch.Tensor, turned: torch.Tensor) -> torch.Tensor:
    """Queries or keys turned by their positions, pair by neighbouring pair."""
    cosines, sines = turned.to(heads.dtype)
    first, second = heads[..., 0::2], heads[..., 1::2]
    return torch.stack((first * cosines - second * sines, first * sines + second * cosines), dim=-1).flatten(-2)
