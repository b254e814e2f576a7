"""Writes a trained model as a GGUF file for llama.cpp.

In: weights by llama.cpp's names, the model's shape, its tokenizer, what the file says of itself.  Out: a file, its
matrices in F16 or Q8_0.
Not here: training; PyTorch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

from training.shape import Shape
from training.tokenizer import Tokenizer

# The file types that are written, by the name that a user knows.
FILE_TYPES = {
    "f16": (gguf.LlamaFileType.MOSTLY_F16, gguf.GGMLQuantizationType.F16),
    "q8_0": (gguf.LlamaFileType.MOSTLY_Q8_0, gguf.GGMLQuantizationType.Q8_0),
}
END_OF_TEXT = "<|eot|>"

Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Card:
    """What a file says of itself; ``notes`` are more fields, each below ``nextedit.``."""

    name: str
    description: str
    licence: str = "apache-2.0"
    version: str = ""
    notes: tuple[tuple[str, str], ...] = ()


def write(weights: Weights, shape: Shape, made: Tokenizer, path: Path, card: Card, file_type: str = "f16") -> None:
    """Write ``path``, never half of it; ``file_type`` is one of ``FILE_TYPES``."""
    unfinished = path.with_suffix(".unfinished")
    of_file, of_matrix = FILE_TYPES[file_type]
    writer = gguf.GGUFWriter(unfinished, "llama")
    _add_card(writer, card)
    _add_shape(writer, shape)
    writer.add_file_type(of_file)
    _add_tokenizer(writer, made)
    for name, numbers in weights.items():
        # Norms stay F32, as llama.cpp wants them.
        kind = of_matrix if numbers.ndim > 1 else gguf.GGMLQuantizationType.F32
        writer.add_tensor(name, gguf.quants.quantize(numbers, kind), raw_dtype=kind)
    _finish(writer, unfinished, path)


def write_adapter(weights: Weights, alpha: float, path: Path, name: str) -> None:
    """Write a LoRA adapter, never half of it; ``weights`` end in ``.lora_a`` and ``.lora_b``."""
    unfinished = path.with_suffix(".unfinished")
    writer = gguf.GGUFWriter(unfinished, "llama")
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_name(name)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, alpha)
    for tensor, numbers in weights.items():
        writer.add_tensor(tensor, numbers)
    _finish(writer, unfinished, path)


def _finish(writer: gguf.GGUFWriter, unfinished: Path, path: Path) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    unfinished.replace(path)


def _add_card(writer: gguf.GGUFWriter, card: Card) -> None:
    writer.add_name(card.name)
    writer.add_license(card.licence)
    writer.add_description(card.description)
    if card.version:
        writer.add_version(card.version)
    for name, value in card.notes:
        writer.add_string(f"nextedit.{name}", value)


def _add_shape(writer: gguf.GGUFWriter, shape: Shape) -> None:
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.n_layers)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.n_heads)
    writer.add_head_count_kv(shape.n_heads)
    writer.add_rope_dimension_count(shape.width // shape.n_heads)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_vocab_size(shape.n_tokens)


def _add_tokenizer(writer: gguf.GGUFWriter, made: Tokenizer) -> None:
    tokens = made.gguf_tokens()
    n_control = len(made.controls)
    types = [gguf.TokenType.CONTROL] * n_control + [gguf.TokenType.NORMAL] * (len(tokens) - n_control)
    end = made.control(END_OF_TEXT)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(made.pre)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(made.gguf_merges())
    writer.add_eos_token_id(end)
    writer.add_pad_token_id(end)
    writer.add_add_bos_token(False)
