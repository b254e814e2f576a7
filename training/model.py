"""A small Llama in PyTorch.

In: token ids.  Out: hidden states, logits; the weights by llama.cpp's names.
Not here: training; the file.

The rotary embedding turns the first half of a head's numbers against the second; llama.cpp's architecture "llama" turns
neighbours, so the export moves the rows of the queries' and keys' weights.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from training.shape import Shape


class Llama(nn.Module):
    """Embeddings, layers, a last norm; the output shares the embedding's weights."""

    rotation: torch.Tensor

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
        out: torch.Tensor = self.norm(hidden)
        return out

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
        mixed = attended(rotated(query, turned), rotated(key, turned), value)
        hidden = hidden + self.attention_out(mixed.transpose(1, 2).reshape(n_sequences, n_positions, width))
        gate, up = self.gate_up(self.inner_norm(hidden)).chunk(2, dim=-1)
        out: torch.Tensor = hidden + self.down(functional.silu(gate) * up)
        return out


def rotation(shape: Shape) -> torch.Tensor:
    """Cosines and sines, of shape (2, positions, half a head)."""
    half = shape.width // shape.n_heads // 2
    speeds = shape.rope_base ** (-torch.arange(half) / half)
    angles = torch.arange(shape.context)[:, None] * speeds[None]
    return torch.stack((angles.cos(), angles.sin()))


def rotated(heads: torch.Tensor, turned: torch.Tensor) -> torch.Tensor:
    """Queries or keys turned by their positions, the first half against the second."""
    cosines, sines = turned.to(heads.dtype)
    first, second = heads.chunk(2, dim=-1)
    return torch.cat((first * cosines - second * sines, first * sines + second * cosines), dim=-1)


def attended(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """Causal attention.

    On a CPU in bf16 it is written out: for heads this narrow that takes half as long as PyTorch's own.
    """
    if query.device.type != "cpu" or query.dtype != torch.bfloat16:
        return functional.scaled_dot_product_attention(query, key, value, is_causal=True)
    with torch.autocast("cpu", enabled=False):
        n_positions, width = query.shape[-2:]
        hidden = torch.full((n_positions, n_positions), -torch.inf, dtype=query.dtype).triu(1)
        scores = torch.matmul(query * width**-0.5, key.transpose(-1, -2)) + hidden
        return torch.matmul(scores.softmax(-1), value)


def weights_of(model: Llama) -> dict[str, NDArray[np.float32]]:
    """The weights by the names that llama.cpp has for them."""
    tensors = {"token_embd.weight": model.embedding.weight, "output_norm.weight": model.norm.weight}
    for number, layer in enumerate(model.layers):
        assert isinstance(layer, Layer)
        query, key, value = layer.qkv.weight.chunk(3)
        gate, up = layer.gate_up.weight.chunk(2)
        parts = {
            "attn_norm": layer.attention_norm.weight,
            "attn_q": neighbours(query, model.shape.n_heads),
            "attn_k": neighbours(key, model.shape.n_heads),
            "attn_v": value,
            "attn_output": layer.attention_out.weight,
            "ffn_norm": layer.inner_norm.weight,
            "ffn_gate": gate,
            "ffn_up": up,
            "ffn_down": layer.down.weight,
        }
        tensors |= {f"blk.{number}.{name}.weight": tensor for name, tensor in parts.items()}
    return {name: tensor.detach().float().cpu().contiguous().numpy() for name, tensor in tensors.items()}


def neighbours(weight: torch.Tensor, n_heads: int) -> torch.Tensor:
    """Rows of queries or keys as llama.cpp turns them: what the model turns against each other side by side."""
    n_rows, width = weight.shape
    return weight.view(n_heads, 2, n_rows // n_heads // 2, width).transpose(1, 2).reshape(n_rows, width)


def apart(weight: torch.Tensor, n_heads: int) -> torch.Tensor:
    """The inverse of ``neighbours``."""
    n_rows, width = weight.shape
    return weight.view(n_heads, n_rows // n_heads // 2, 2, width).transpose(1, 2).reshape(n_rows, width)
