"""Writes the trained model as a GGUF file for llama.cpp.

In: the model and its tokenizer.  Out: a file, matrices in F16.
Not here: training.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import torch

from benchmarks.copy_model import data, tokenizer
from benchmarks.copy_model.model import CopyModel

NAME = "nextedit copy-and-rename"


def write(model: CopyModel, made: tokenizer.Tokenizer, path: Path) -> None:
    """Write ``path``, never half of it."""
    unfinished = path.with_suffix(".unfinished")
    writer = gguf.GGUFWriter(unfinished, "llama")
    _add_shape(writer, model)
    _add_tokenizer(writer, made)
    for name, tensor in _tensors(model).items():
        # Norms stay F32, as llama.cpp wants them.
        kind = torch.float16 if tensor.ndim > 1 else torch.float32
        writer.add_tensor(name, tensor.detach().to(kind).contiguous().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    unfinished.replace(path)


def _add_shape(writer: gguf.GGUFWriter, model: CopyModel) -> None:
    shape = model.shape
    writer.add_name(NAME)
    writer.add_license("apache-2.0")
    writer.add_description("Copies the marked lines with a name changed. For tests and benchmarks only.")
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
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)


def _add_tokenizer(writer: gguf.GGUFWriter, made: tokenizer.Tokenizer) -> None:
    tokens = made.gguf_tokens()
    n_control = len(tokenizer.CONTROL)
    types = [gguf.TokenType.CONTROL] * n_control + [gguf.TokenType.NORMAL] * (len(tokens) - n_control)
    end = made.control(data.END_OF_TEXT)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(tokenizer.PRE_TOKENIZER)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(made.gguf_merges())
    writer.add_eos_token_id(end)
    writer.add_pad_token_id(end)
    writer.add_add_bos_token(False)


def _tensors(model: CopyModel) -> dict[str, torch.Tensor]:
    tensors = {"token_embd.weight": model.embedding.weight, "output_norm.weight": model.norm.weight}
    for number, layer in enumerate(model.layers):
        query, key, value = layer.qkv.weight.chunk(3)
        gate, up = layer.gate_up.weight.chunk(2)
        parts = {
            "attn_norm": layer.attention_norm.weight,
            "attn_q": query,
            "attn_k": key,
            "attn_v": value,
            "attn_output": layer.attention_out.weight,
            "ffn_norm": layer.inner_norm.weight,
            "ffn_gate": gate,
            "ffn_up": up,
            "ffn_down": layer.down.weight,
        }
        tensors |= {f"blk.{number}.{name}.weight": tensor for name, tensor in parts.items()}
    return tensors
