"""Makes a small model of random weights that llama.cpp loads in a moment, and adapters for it."""

from collections.abc import Sequence
from pathlib import Path

import gguf
import numpy as np

CONTEXT = 512
ARCHITECTURE = "llama"


def write_tiny_gguf(
    path: Path,
    *,
    n_layers: int = 2,
    width: int = 64,
    name: str = "Tiny",
    extra: Sequence[tuple[str, gguf.TokenType]] = (),
    context: int = CONTEXT,
    sharpness: float = 1.0,
    adds_space: bool = True,
) -> int:
    """Write a Llama-shaped model with a byte tokenizer to ``path``, and return its number of parameters.

    ``extra`` are more tokens.  With more ``sharpness`` its answers are surer than random weights make them.
    """
    tokens, types = _byte_vocabulary()
    tokens += [text for text, _ in extra]
    types += [int(kind) for _, kind in extra]
    writer = gguf.GGUFWriter(path, ARCHITECTURE)
    writer.add_name(name)
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(n_layers)
    writer.add_feed_forward_length(2 * width)
    writer.add_head_count(4)
    writer.add_head_count_kv(4)
    writer.add_rope_dimension_count(width // 4)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(types)
    writer.add_add_space_prefix(adds_space)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    n_params = _add_tensors(writer, n_layers, width, len(tokens), sharpness)
    _write(writer)
    return n_params


def write_tiny_adapter(path: Path, *, n_layers: int = 2, width: int = 64, rank: int = 4) -> None:
    """Write a LoRA adapter for such a model, strong enough to change its answers."""
    random = np.random.default_rng(1)
    writer = gguf.GGUFWriter(path, ARCHITECTURE)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, float(rank))
    for layer in range(n_layers):
        for part, shape in (("a", (rank, width)), ("b", (width, rank))):
            values = random.normal(0, 1, shape).astype(np.float32)
            writer.add_tensor(f"blk.{layer}.attn_output.weight.lora_{part}", values)
    _write(writer)


def _write(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _byte_vocabulary() -> tuple[list[str], list[int]]:
    control = ["<unk>", "<s>", "</s>"]
    octets = [f"<0x{octet:02X}>" for octet in range(256)]
    words = ["▁", "a", "b", "▁a"]
    types = [
        gguf.TokenType.UNKNOWN,
        *[gguf.TokenType.CONTROL] * 2,
        *[gguf.TokenType.BYTE] * len(octets),
        *[gguf.TokenType.NORMAL] * len(words),
    ]
    return [*control, *octets, *words], [int(kind) for kind in types]


def _add_tensors(writer: gguf.GGUFWriter, n_layers: int, width: int, n_vocab: int, sharpness: float) -> int:
    random = np.random.default_rng(0)
    n_params = 0

    def add(name: str, *shape: int, deviation: float = 0.02) -> None:
        nonlocal n_params
        values = random.normal(0, deviation, shape) if len(shape) > 1 else np.ones(shape)
        # Norms stay f32, as in the models that people use.
        writer.add_tensor(name, values.astype(np.float16 if len(shape) > 1 else np.float32))
        n_params += int(np.prod(shape))

    add("token_embd.weight", n_vocab, width)
    add("output_norm.weight", width)
    add("output.weight", n_vocab, width, deviation=0.02 * sharpness)
    for layer in range(n_layers):
        for norm in ("attn_norm", "ffn_norm"):
            add(f"blk.{layer}.{norm}.weight", width)
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            add(f"blk.{layer}.{part}.weight", width, width)
        for part in ("ffn_gate", "ffn_up"):
            add(f"blk.{layer}.{part}.weight", 2 * width, width)
        add(f"blk.{layer}.ffn_down.weight", width, 2 * width)
    return n_params
