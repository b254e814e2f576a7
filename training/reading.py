"""A model read back from a GGUF file that ``export`` wrote: to train an adapter for what a user has.

In: a path.  Out: the model in PyTorch, its tokenizer.
Not here: files of other families.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf
import torch

from training.model import Llama, apart
from training.shape import Shape
from training.tokenizer import Tokenizer, unlettered


def model_of(path: Path) -> tuple[Llama, Tokenizer]:
    """The model and the tokenizer in a file; raises KeyError where the file is of another kind."""
    reader = gguf.GGUFReader(path)

    def value(name: str) -> Any:
        return reader.fields[name].contents()

    shape = Shape(
        n_tokens=value("llama.vocab_size"),
        width=value("llama.embedding_length"),
        n_layers=value("llama.block_count"),
        n_heads=value("llama.attention.head_count"),
        inner=value("llama.feed_forward_length"),
        context=value("llama.context_length"),
        rope_base=value("llama.rope.freq_base"),
        epsilon=value("llama.attention.layer_norm_rms_epsilon"),
    )
    tensors = {
        str(one.name): torch.from_numpy(gguf.quants.dequantize(one.data, one.tensor_type).copy())
        for one in reader.tensors
    }
    model = Llama(shape)
    model.load_state_dict(_state(tensors, shape))
    types = value("tokenizer.ggml.token_type")
    tokens = value("tokenizer.ggml.tokens")
    n_control = sum(one == gguf.TokenType.CONTROL for one in types)
    merges = [merge.split(" ") for merge in value("tokenizer.ggml.merges")]
    pairs = [(unlettered(left), unlettered(right)) for left, right in merges]
    return model, Tokenizer(value("tokenizer.ggml.pre"), tuple(tokens[:n_control]), pairs)


def _state(tensors: dict[str, torch.Tensor], shape: Shape) -> dict[str, torch.Tensor]:
    """The weights by PyTorch's names."""
    state = {"embedding.weight": tensors["token_embd.weight"], "norm.weight": tensors["output_norm.weight"]}
    for number in range(shape.n_layers):

        def part(name: str, number: int = number) -> torch.Tensor:
            return tensors[f"blk.{number}.{name}.weight"]

        query, key = (apart(part(name), shape.n_heads) for name in ("attn_q", "attn_k"))
        of_layer = {
            "attention_norm": part("attn_norm"),
            "qkv": torch.cat((query, key, part("attn_v"))),
            "attention_out": part("attn_output"),
            "inner_norm": part("ffn_norm"),
            "gate_up": torch.cat((part("ffn_gate"), part("ffn_up"))),
            "down": part("ffn_down"),
        }
        state |= {f"layers.{number}.{name}.weight": tensor for name, tensor in of_layer.items()}
    return state
