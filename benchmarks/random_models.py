"""Model files of real shapes with random weights, to time prompts and batches on.

In: a shape, a file type, a seed.  Out: a GGUF file that llama.cpp loads.
Not here: answers that mean anything; timing.

    python -m benchmarks.random_models qwen2.5-coder-0.5b Q4_0

The weights are random blocks of the file type itself, so that gigabytes take seconds.  The vocabulary has the real
number of tokens: merges learned from the standard library first, then random ones.
"""

from __future__ import annotations

import argparse
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import gguf
import numpy as np

from benchmarks.copy_model import sources, vocabulary
from training import tokenizer

CACHE = Path(__file__).parents[1] / ".cache" / "random-models"
FILE_TYPES = ("BF16", "Q8_0", "Q4_0")
# The standard deviation of weights: with it the layers' outputs neither vanish nor explode.
SIGMA = 0.02
# Tensors are cut out of so many random bytes at random places.
POOL_BYTES = 64 << 20
# Of the rest of a large vocabulary no text makes use anyway.
LEARNED_TOKENS = 12_000
LEARNED_FROM_CHARS = 4_000_000

QWEN_SPECIAL = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>"),
    *("<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>"),
    *("<|image_pad|>", "<|video_pad|>", "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>"),
    *("<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>"),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A model's sizes; ``special`` are its control tokens, the first of which ends a text.

    The special tokens follow ``n_plain`` plain ones, and unused ones fill the vocabulary up to ``n_tokens``.
    """

    architecture: str
    width: int
    n_layers: int
    n_heads: int
    n_heads_kv: int
    inner: int
    n_tokens: int
    n_plain: int
    special: tuple[str, ...]
    pre: str
    context: int
    rope_base: float
    has_bias: bool


QWEN_VOCABULARY: dict[str, Any] = {
    "n_tokens": 151_936,
    "n_plain": 151_643,
    "special": QWEN_SPECIAL,
    "pre": "qwen2",
    "context": 32_768,
    "rope_base": 1e6,
    "has_bias": True,
}
LLAMA_VOCABULARY: dict[str, Any] = {
    "special": vocabulary.CONTROL,
    "pre": "gpt-2",
    "context": 8192,
    "rope_base": 1e4,
    "has_bias": False,
}
SHAPES = {
    "qwen2.5-coder-0.5b": Shape("qwen2", 896, 24, 14, 2, 4864, **QWEN_VOCABULARY),
    "qwen2.5-coder-1.5b": Shape("qwen2", 1536, 28, 12, 2, 8960, **QWEN_VOCABULARY),
    "llama-29m": Shape("llama", 512, 8, 8, 8, 1344, 8192, 8192 - len(vocabulary.CONTROL), **LLAMA_VOCABULARY),
    "tiny": Shape("qwen2", 64, 2, 4, 2, 128, 512, 400, QWEN_SPECIAL, "qwen2", 1024, 1e6, has_bias=True),
}


def cached_gguf(name: str, file_type: str) -> Path:
    """The file of a named shape, made if it isn't there yet."""
    path = CACHE / f"{name}-{file_type.lower()}.gguf"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        random_gguf(unfinished, SHAPES[name], file_type, seed=1)
        unfinished.replace(path)
    return path


def random_gguf(path: Path, shape: Shape, file_type: str, seed: int) -> None:
    """Write a model of that shape and type with random weights; the embedding serves as output too."""
    writer = gguf.GGUFWriter(path, shape.architecture)
    writer.add_name(f"Random weights, {shape.width} x {shape.n_layers}, {file_type}")
    writer.add_file_type(_FILE_TYPE_IDS[file_type])
    _add_sizes(writer, shape)
    _add_vocabulary(writer, shape, seed)
    weights = _Weights(seed)
    for tensor, size in _matrices(shape):
        kind = _kind(tensor, size[-1], file_type)
        writer.add_tensor(tensor, weights.of(kind, size), raw_dtype=kind)
    for tensor, length in _vectors(shape):
        values = np.ones(length) if tensor.endswith("norm.weight") else np.zeros(length)
        writer.add_tensor(tensor, values.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


_FILE_TYPE_IDS = {
    "BF16": gguf.LlamaFileType.MOSTLY_BF16,
    "Q8_0": gguf.LlamaFileType.MOSTLY_Q8_0,
    "Q4_0": gguf.LlamaFileType.MOSTLY_Q4_0,
}
_Kind = gguf.GGMLQuantizationType


def _kind(tensor: str, row: int, file_type: str) -> _Kind:
    """The type of a tensor: as llama.cpp quantises, which keeps more of an embedding that is the output too."""
    if file_type == "Q4_0" and tensor == "token_embd.weight":
        return _Kind.Q8_0 if row % 256 else _Kind.Q6_K
    return _Kind[file_type]


class _Weights:
    """Random blocks, of one pool per type."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._pools: dict[_Kind, np.ndarray] = {}

    def of(self, kind: _Kind, size: tuple[int, int]) -> np.ndarray:
        """The bytes of a tensor, row by row."""
        n_per_block, n_bytes = gguf.GGML_QUANT_SIZES[kind]
        n_blocks = size[0] * size[1] // n_per_block
        if kind not in self._pools:
            self._pools[kind] = _BLOCKS[kind](self._random, POOL_BYTES // n_bytes)
        pool = self._pools[kind]
        start = int(self._random.integers(len(pool)))
        if start + n_blocks <= len(pool):
            blocks = pool[start : start + n_blocks]
        else:
            blocks = np.resize(np.roll(pool, -start, axis=0), (n_blocks, n_bytes))
        return blocks.reshape(size[0], -1)


def _bf16_blocks(rng: np.random.Generator, n_blocks: int) -> np.ndarray:
    # A random sign and fraction under the exponent of 1/64: numbers from 1/64 to 1/32.
    values = rng.integers(0, 1 << 16, n_blocks, dtype=np.uint16) & 0x807F | (121 << 7)
    return values.astype("<u2").view(np.uint8).reshape(n_blocks, 2)


def _q8_0_blocks(rng: np.random.Generator, n_blocks: int) -> np.ndarray:
    return np.hstack((_scales(rng, n_blocks, 74), rng.integers(0, 256, (n_blocks, 32), dtype=np.uint8)))


def _q4_0_blocks(rng: np.random.Generator, n_blocks: int) -> np.ndarray:
    return np.hstack((_scales(rng, n_blocks, 4.6), rng.integers(0, 256, (n_blocks, 16), dtype=np.uint8)))


def _q6_k_blocks(rng: np.random.Generator, n_blocks: int) -> np.ndarray:
    quants = rng.integers(0, 256, (n_blocks, 128 + 64), dtype=np.uint8)
    inner_scales = rng.integers(32, 96, (n_blocks, 16), dtype=np.uint8)
    return np.hstack((quants, inner_scales, _scales(rng, n_blocks, 18.5 * 64)))


def _scales(rng: np.random.Generator, n_blocks: int, spread: float) -> np.ndarray:
    """One F16 per block, of either sign so that the mean is nothing; ``spread`` is that of the unscaled numbers."""
    scales = np.where(rng.integers(0, 2, n_blocks) == 0, SIGMA / spread, -SIGMA / spread)
    return scales.astype("<f2").view(np.uint8).reshape(n_blocks, 2)


_BLOCKS: dict[_Kind, Callable[[np.random.Generator, int], np.ndarray]] = {
    _Kind.BF16: _bf16_blocks,
    _Kind.Q8_0: _q8_0_blocks,
    _Kind.Q4_0: _q4_0_blocks,
    _Kind.Q6_K: _q6_k_blocks,
}


def _matrices(shape: Shape) -> Iterator[tuple[str, tuple[int, int]]]:
    width, kv = shape.width, shape.width // shape.n_heads * shape.n_heads_kv
    yield "token_embd.weight", (shape.n_tokens, width)
    parts = {
        "attn_q": (width, width),
        "attn_k": (kv, width),
        "attn_v": (kv, width),
        "attn_output": (width, width),
        "ffn_gate": (shape.inner, width),
        "ffn_up": (shape.inner, width),
        "ffn_down": (width, shape.inner),
    }
    for layer, (name, size) in itertools.product(range(shape.n_layers), parts.items()):
        yield f"blk.{layer}.{name}.weight", size


def _vectors(shape: Shape) -> Iterator[tuple[str, int]]:
    kv = shape.width // shape.n_heads * shape.n_heads_kv
    yield "output_norm.weight", shape.width
    for layer in range(shape.n_layers):
        yield f"blk.{layer}.attn_norm.weight", shape.width
        yield f"blk.{layer}.ffn_norm.weight", shape.width
        if shape.has_bias:
            for name, length in (("attn_q", shape.width), ("attn_k", kv), ("attn_v", kv)):
                yield f"blk.{layer}.{name}.bias", length


def _add_sizes(writer: gguf.GGUFWriter, shape: Shape) -> None:
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.n_layers)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.n_heads)
    writer.add_head_count_kv(shape.n_heads_kv)
    writer.add_rope_dimension_count(shape.width // shape.n_heads)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_vocab_size(shape.n_tokens)


def _add_vocabulary(writer: gguf.GGUFWriter, shape: Shape, seed: int) -> None:
    made = tokenizer.Tokenizer("gpt-2", vocabulary.CONTROL, _merges(shape.n_plain - 256, seed))
    plain = made.gguf_tokens()[len(vocabulary.CONTROL) :]
    n_unused = shape.n_tokens - len(plain) - len(shape.special)
    kinds = ((plain, gguf.TokenType.NORMAL), (shape.special, gguf.TokenType.CONTROL))
    types = [kind for tokens, kind in kinds for _ in tokens] + [gguf.TokenType.UNUSED] * n_unused
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(shape.pre)
    writer.add_token_list([*plain, *shape.special, *(f"[PAD{number}]" for number in range(n_unused))])
    writer.add_token_types(types)
    writer.add_token_merges(made.gguf_merges())
    writer.add_eos_token_id(len(plain))
    writer.add_pad_token_id(len(plain))
    writer.add_add_bos_token(False)


def _merges(n_merges: int, seed: int) -> list[tuple[bytes, bytes]]:
    """Merges, each of tokens that there are before it, each to a token that there isn't."""
    merges = list(_learned_merges(min(n_merges, LEARNED_TOKENS)))
    rng = random.Random(seed)
    known = {left + right for left, right in merges}
    words = [token for token in known if token.isalpha()] or [b"a", b"b", b"c"]
    while len(merges) < n_merges:
        left, right = rng.choice(words), rng.choice(words)
        if len(left + right) <= 16 and left + right not in known:
            merges.append((left, right))
            known.add(left + right)
            words.append(left + right)
    return merges


@cache
def _learned_merges(n_merges: int) -> Sequence[tuple[bytes, bytes]]:
    texts: list[str] = []
    n_chars = 0
    for source in sources.held_out_sources() if n_merges < 1000 else sources.training_sources():
        texts.append("".join(source.lines))
        n_chars += len(texts[-1])
        if n_chars > LEARNED_FROM_CHARS:
            break
    controls = vocabulary.CONTROL
    return tokenizer.learned(texts, n_merges + 256 + len(controls), "gpt-2", controls, is_fine=False).merges


def main() -> None:
    """Make one file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("file_type", choices=FILE_TYPES)
    arguments = parser.parse_args()
    print(cached_gguf(arguments.shape, arguments.file_type))


if __name__ == "__main__":
    main()
