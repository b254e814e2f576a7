"""A GGUF file in llama.cpp, as plainly as can be: to check files with.

In: a path, texts, token ids.  Out: token ids, logits.
Not here: what the project runs models with; that is ``nextedit_lsp.engine``.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import llama_cpp
import numpy as np
from numpy.typing import NDArray


@llama_cpp.llama_log_callback
def _silent(level: int, text: bytes, user_data: ctypes.c_void_p) -> None:
    pass


class Loaded:
    """A model and a context."""

    def __init__(self, path: Path, adapter: Path | None = None) -> None:
        llama_cpp.llama_log_set(_silent, ctypes.c_void_p(0))
        parameters = llama_cpp.llama_model_default_params()
        parameters.n_gpu_layers = 0
        self.model = llama_cpp.llama_model_load_from_file(str(path).encode(), parameters)
        assert self.model, f"llama.cpp can't load {path}"
        self.vocab = llama_cpp.llama_model_get_vocab(self.model)
        context = llama_cpp.llama_context_default_params()
        context.n_ctx, context.n_threads, context.n_threads_batch = 1024, 2, 2
        context.n_batch = context.n_ubatch = 1024
        self.context = llama_cpp.llama_init_from_model(self.model, context)
        assert self.context
        if adapter is not None:
            lora = llama_cpp.llama_adapter_lora_init(self.model, str(adapter).encode())
            assert lora, f"llama.cpp can't load {adapter}"
            adapters = (llama_cpp.llama_adapter_lora_p_ctypes * 1)(lora)
            llama_cpp.llama_set_adapters_lora(self.context, adapters, 1, (ctypes.c_float * 1)(1.0))

    def tokens(self, text: str, *, parse_special: bool = False) -> list[int]:
        """The ids of a text."""
        octets = text.encode()
        ids = (llama_cpp.llama_token * (len(octets) + 8))()
        n_ids = llama_cpp.llama_tokenize(self.vocab, octets, len(octets), ids, len(ids), False, parse_special)
        assert n_ids >= 0
        return list(ids[:n_ids])

    def logits(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """The logits behind every token of a fresh sequence."""
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self.context), True)
        batch = llama_cpp.llama_batch_init(len(ids), 0, 1)
        batch.n_tokens = len(ids)
        for idx, token in enumerate(ids):
            batch.token[idx], batch.pos[idx], batch.n_seq_id[idx], batch.logits[idx] = token, idx, 1, True
            batch.seq_id[idx][0] = 0
        assert llama_cpp.llama_decode(self.context, batch) == 0
        n_tokens = llama_cpp.llama_vocab_n_tokens(self.vocab)
        numbers: NDArray[np.float32] = np.ctypeslib.as_array(
            llama_cpp.llama_get_logits(self.context), (len(ids), n_tokens)
        ).copy()
        llama_cpp.llama_batch_free(batch)
        return numbers

    def ends(self, token: int) -> bool:
        """Whether llama.cpp takes a token for the end of an answer."""
        return bool(llama_cpp.llama_vocab_is_eog(self.vocab, token))

    def close(self) -> None:
        """Free both."""
        llama_cpp.llama_free(self.context)
        llama_cpp.llama_model_free(self.model)


@contextmanager
def loaded(path: Path, adapter: Path | None = None) -> Iterator[Loaded]:
    """A model for the time of a block."""
    model = Loaded(path, adapter)
    try:
        yield model
    finally:
        model.close()
