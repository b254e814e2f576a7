"""The thin face of llama.cpp: a loaded model, its vocabulary, and batches of tokens run through it.

In: a file and how to run it; tokens with their positions and sequences.  Out: logits; tokens of texts and texts of
tokens.
Not here: which tokens to run (``answering``), what to keep of the cache (``cells``), the protocol (``worker``).

Only this module and ``worker`` import llama.cpp, and only in the worker process: native code may crash.
"""

from __future__ import annotations

import ctypes
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nextedit_lsp.engine.machine import FEW_TOKENS, Plan, Threads
from nextedit_lsp.engine.tokens import Row

# GGML_LOG_LEVEL_ERROR, as ggml.h has it; the table in llama-cpp-python's own logger is of another version.
_LOG_ERROR = 4
# What ``llama_decode`` returns.
_NO_ROOM, _ABORTED = 1, 2
# A piece longer than this is asked for again with more room.
_PIECE_BYTES = 64
# What tokenizers of the SentencePiece kind merge with nothing.
_APART = "\0"
# ``llama_flash_attn_type``: chosen by llama.cpp, or off, or on.
_FLASH = {"auto": -1, "off": 0, "on": 1}
# ``ggml_type`` of a cache's entries.
_KV_TYPES = {"f16": 1, "bf16": 30, "q8_0": 8}

_complaints: deque[str] = deque(maxlen=4)
# What native code may call; a callback that Python lets go of would crash the process.
_callbacks: list[Any] = []


class LlamaError(Exception):
    """The model can't be loaded or run; the message names the remedy."""


class Aborted(Exception):  # noqa: N818 - it is no error.
    """A batch was stopped from outside."""


class NoRoom(Exception):  # noqa: N818 - it names a state of the cache.
    """The cache has no room for a batch."""


@dataclass(frozen=True, slots=True)
class Special:
    """Tokens with a meaning of their own: ``ends`` end a text; ``control`` are never made of plain text.

    ``added`` are the texts of those control tokens that llama.cpp finds in plain text too.
    """

    bos: int | None
    ends: frozenset[int]
    control: frozenset[int]
    added: tuple[str, ...] = ()


class AbortFlag:
    """Stops a running batch from another thread.

    llama.cpp asks a C function between any two operations whether to stop.  A Python function would need the
    interpreter's lock hundreds of times a token; ``strlen`` of a buffer that holds one byte or none answers alike.
    """

    def __init__(self) -> None:
        self._buffer = ctypes.create_string_buffer(2)
        library: Any = ctypes.CDLL(None) if os.name != "nt" else ctypes.cdll.msvcrt  # type: ignore[attr-defined,unused-ignore]
        self._function = library.strlen
        self.data = ctypes.addressof(self._buffer)

    def callback(self, kind: Any) -> Any:
        """The function as a callback of ``kind``."""
        return ctypes.cast(self._function, kind)

    @property
    def is_set(self) -> bool:
        """Whether to stop."""
        return self._buffer.raw[0] != 0

    def set(self) -> None:
        """Stop what runs, and what begins, until ``clear``."""
        self._buffer[0] = b"\1"

    def clear(self) -> None:
        """Go on."""
        self._buffer[0] = b"\0"


class Llama:
    """One loaded model with one context."""

    def __init__(
        self, path: Path, plan: Plan, flag: AbortFlag, on_progress: Callable[[float], None] | None = None
    ) -> None:
        """Loads ``path``.  Raises ``LlamaError``."""
        import llama_cpp

        self._api = llama_cpp
        self._flag = flag
        self.plan = plan
        self.threads = Threads(plan.n_threads, plan.n_threads)
        self._n_threads = plan.n_threads
        self._model = _load(path, plan, on_progress)
        self._vocab = llama_cpp.llama_model_get_vocab(self._model)
        self.n_vocab = llama_cpp.llama_vocab_n_tokens(self._vocab)
        if self.n_vocab <= 0:
            raise LlamaError(f"{path} has no vocabulary. Choose a file with a whole model.")
        self.special = self._specials()
        self._pieces: dict[int, bytes] = {}
        # Tokenizers of the SentencePiece kind write a space before a text, which nobody wrote.
        adds_space = self.piece((self._tokens_of("x", False) or [0])[0]).startswith(b" ")
        self._head = self._tokens_of(_APART, False) if adds_space else []
        self._adapters: list[Any] = []
        for adapter in plan.adapters:
            self._add_adapter(adapter)
        self._context = self._new_context()
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._batch = llama_cpp.llama_batch_init(plan.batch_tokens, 0, plan.n_sequences)
        # A sequence is no longer than what the model was trained for, however much the cache holds.
        self.n_context = min(plan.context_tokens, llama_cpp.llama_model_n_ctx_train(self._model) or plan.context_tokens)
        self.can_shift = bool(llama_cpp.llama_memory_can_shift(self._memory))
        self.drops_tails = not (
            llama_cpp.llama_model_is_recurrent(self._model) or llama_cpp.llama_model_is_hybrid(self._model)
        )

    # The vocabulary.

    def tokens_of(self, text: str, *, special: bool = False) -> list[int]:
        """The tokens of a text; with ``special`` the texts of control tokens become those tokens."""
        if not self._head or not text:
            return self._tokens_of(text, special)
        tokens, n_head = self._tokens_of(_APART + text, special), len(self._head)
        return tokens[n_head:] if tokens[:n_head] == self._head else self._tokens_of(text, special)

    def _tokens_of(self, text: str, special: bool) -> list[int]:
        data = text.encode("utf-8", "surrogatepass")
        room = len(data) + 8
        buffer = (self._api.llama_token * room)()
        n = self._api.llama_tokenize(self._vocab, data, len(data), buffer, room, False, special)
        if n < 0:
            buffer = (self._api.llama_token * -n)()
            n = self._api.llama_tokenize(self._vocab, data, len(data), buffer, -n, False, special)
        return list(buffer[:n])

    def piece(self, token: int) -> bytes:
        """What a token writes; control tokens their name."""
        known = self._pieces.get(token)
        if known is None:
            buffer = ctypes.create_string_buffer(_PIECE_BYTES)
            n = self._api.llama_token_to_piece(self._vocab, token, buffer, _PIECE_BYTES, 0, True)
            if n < 0:
                buffer = ctypes.create_string_buffer(-n)
                n = self._api.llama_token_to_piece(self._vocab, token, buffer, -n, 0, True)
            known = self._pieces[token] = buffer.raw[: max(n, 0)]
        return known

    def control_texts(self) -> Iterator[str]:
        """The names of the control tokens, and of those that a model's maker added as a whole."""
        for token in sorted(self.special.control):
            yield self.piece(token).decode("utf-8", "replace")

    # Running.

    def decode(self, rows: Sequence[Row]) -> NDArray[np.float32]:
        """Runs tokens; the logits of the rows that want them, in their order: float32, (n wanted, n_vocab).

        The array is llama.cpp's own memory and holds until the next call.  Raises ``Aborted``, ``NoRoom``,
        ``LlamaError``.
        """
        if self._flag.is_set:
            raise Aborted
        self._use_threads(len(rows))
        batch, n_wanted = self._batch, 0
        batch.n_tokens = len(rows)
        for index, row in enumerate(rows):
            batch.token[index], batch.pos[index] = row.token, row.position
            batch.n_seq_id[index] = len(row.sequences)
            for place, sequence in enumerate(row.sequences):
                batch.seq_id[index][place] = sequence
            batch.logits[index] = row.wants_logits
            n_wanted += row.wants_logits
        status = self._api.llama_decode(self._context, batch)
        if status == _ABORTED:
            raise Aborted
        if status == _NO_ROOM:
            raise NoRoom
        if status != 0:
            raise LlamaError(f"llama.cpp can't run this model ({complaints()}). Choose another model.")
        if not n_wanted:
            return np.empty((0, self.n_vocab), dtype=np.float32)
        self._api.llama_synchronize(self._context)
        return np.ctypeslib.as_array(self._api.llama_get_logits(self._context), (n_wanted, self.n_vocab))

    # The cache.

    def drop(self, sequence: int, start: int, end: int = -1) -> None:
        """Forgets the positions ``start`` up to ``end`` of a sequence; -1 is its end."""
        self._api.llama_memory_seq_rm(self._memory, sequence, start, end)

    def copy(self, source: int, target: int, start: int, end: int) -> None:
        """Lets ``target`` share positions of ``source``; nothing is moved in memory."""
        self._api.llama_memory_seq_cp(self._memory, source, target, start, end)

    def shift(self, sequence: int, start: int, end: int, by: int) -> None:
        """Moves positions, turning the cached keys to where they stand now; only if ``can_shift``."""
        self._api.llama_memory_seq_add(self._memory, sequence, start, end, by)

    def _use_threads(self, n_tokens: int) -> None:
        """Uses as many threads as suit a pass of so many tokens."""
        wanted = self.threads.few if n_tokens < FEW_TOKENS else self.threads.many
        if wanted != self._n_threads:
            self._n_threads = wanted
            self._api.llama_set_n_threads(self._context, wanted, wanted)

    # What it says of itself.

    def described(self, path: Path) -> dict[str, Any]:
        """The model for ``ModelInfo``."""
        n_ctx_train = self._api.llama_model_n_ctx_train(self._model)
        return {
            **_identity(self._model, path, n_ctx_train, self.control_texts()),
            "n_params": self._api.llama_model_n_params(self._model),
            "n_vocab": self.n_vocab,
            "chosen": {"threads": self.threads.described(), **self.plan.described()},
        }

    def close(self) -> None:
        """Gives everything back."""
        self._api.llama_batch_free(self._batch)
        self._api.llama_free(self._context)
        for adapter in self._adapters:
            self._api.llama_adapter_lora_free(adapter)
        self._api.llama_model_free(self._model)

    def _specials(self) -> Special:
        control, added = _marked(self._vocab, self.n_vocab)
        ends = frozenset(token for token in control if self._api.llama_vocab_is_eog(self._vocab, token))
        bos = self._api.llama_vocab_bos(self._vocab) if self._api.llama_vocab_get_add_bos(self._vocab) else -1
        return Special(bos if bos >= 0 else None, ends, frozenset(control), tuple(added.values()))

    def _new_context(self) -> Any:
        params = self._api.llama_context_default_params()
        params.n_ctx, params.n_seq_max = self.plan.context_tokens, self.plan.n_sequences
        params.n_batch, params.n_ubatch = self.plan.batch_tokens, min(self.plan.batch_tokens, self.plan.ubatch_tokens)
        params.n_threads = params.n_threads_batch = self._n_threads
        params.kv_unified = True
        params.flash_attn_type = _FLASH[self.plan.flash_attention]
        params.type_k = params.type_v = _KV_TYPES[self.plan.kv_type]
        params.no_perf = True
        params.abort_callback = self._flag.callback(self._api.ggml_abort_callback)
        params.abort_callback_data = self._flag.data
        context = self._api.llama_init_from_model(self._model, params)
        if not context:
            raise LlamaError(
                f"llama.cpp can't make room for a context of {self.plan.context_tokens:,} tokens ({complaints()})."
                " Set a smaller nextedit.contextTokens, or choose a smaller model."
            )
        if self._adapters:
            n = len(self._adapters)
            adapters = (self._api.llama_adapter_lora_p_ctypes * n)(*self._adapters)
            self._api.llama_set_adapters_lora(context, adapters, n, (ctypes.c_float * n)(*[1.0] * n))
        return context

    def _add_adapter(self, path: Path) -> None:
        adapter = self._api.llama_adapter_lora_init(self._model, os.fsencode(path))
        if not adapter:
            raise LlamaError(
                f"llama.cpp can't load the adapter {path} beside this model ({complaints()})."
                " An adapter fits only the model that it was trained for."
            )
        self._adapters.append(adapter)


def vocabulary_of(path: Path) -> dict[str, Any]:
    """What a file says of itself, for ``ModelInfo``, without loading its weights.  Raises ``LlamaError``."""
    import llama_cpp

    model = _load(path, Plan(), None, vocabulary_only=True)
    vocab = llama_cpp.llama_model_get_vocab(model)
    n_vocab = llama_cpp.llama_vocab_n_tokens(vocab)
    control, _ = _marked(vocab, n_vocab)
    # llama.cpp itself does not read it with the vocabulary alone.
    n_ctx_train = int(_metadata(model, f"{_metadata(model, 'general.architecture')}.context_length") or 0)
    try:
        return {**_identity(model, path, n_ctx_train, control.values()), "n_params": 0, "n_vocab": n_vocab}
    finally:
        llama_cpp.llama_model_free(model)


def _identity(model: Any, path: Path, n_ctx_train: int, control_texts: Iterable[str]) -> dict[str, Any]:
    """What a file says of itself, loaded or not."""
    return {
        "architecture": _metadata(model, "general.architecture"),
        "name": _metadata(model, "general.name") or path.stem,
        "n_ctx_train": n_ctx_train,
        "file_bytes": path.stat().st_size,
        "has_chat_template": bool(_metadata(model, "tokenizer.chat_template")),
        "control_tokens": list(control_texts),
    }


def _marked(vocab: Any, n_vocab: int) -> tuple[dict[int, str], dict[int, str]]:
    """The control tokens with their texts; and which of them were only "added", and so are found in plain text too.

    Runs of white space are added to some vocabularies as well, and single characters: they are text.
    """
    import llama_cpp

    control: dict[int, str] = {}
    added: dict[int, str] = {}
    for token in range(n_vocab):
        attributes = llama_cpp.llama_vocab_get_attr(vocab, token)
        if not attributes & (llama_cpp.LLAMA_TOKEN_ATTR_CONTROL | llama_cpp.LLAMA_TOKEN_ATTR_USER_DEFINED):
            continue
        text = llama_cpp.llama_vocab_get_text(vocab, token).decode("utf-8", "replace")
        if attributes & llama_cpp.LLAMA_TOKEN_ATTR_CONTROL:
            control[token] = text
        elif len(text) > 1 and not text.replace("\u2581", " ").isspace():
            control[token] = added[token] = text
    return control, added


def start() -> None:
    """Starts llama.cpp and keeps its complaints for messages, and the rest of its log from the error stream."""
    import llama_cpp

    def on_log(level: int, text: bytes, _: object) -> None:
        line = text.decode("utf-8", errors="replace").strip()
        if level == _LOG_ERROR and line:
            _complaints.append(line)

    callback = llama_cpp.llama_log_callback(on_log)
    _callbacks.append(callback)
    llama_cpp.llama_log_set(callback, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()


def has_gpu() -> bool:
    """Whether this llama.cpp can put layers on a GPU (CUDA, Metal, Vulkan, as it was built)."""
    import llama_cpp

    return bool(llama_cpp.llama_supports_gpu_offload())


def complaints() -> str:
    """What llama.cpp said last, without the lines that say only that something failed."""
    said = [line.rpartition("error loading model: ")[2] for line in _complaints]
    return "; ".join(line for line in said if not line.endswith("failed to load model")) or "no reason given"


def _load(path: Path, plan: Plan, on_progress: Callable[[float], None] | None, *, vocabulary_only: bool = False) -> Any:
    import llama_cpp

    params = llama_cpp.llama_model_default_params()
    params.n_gpu_layers = plan.gpu_layers
    params.vocab_only = vocabulary_only
    if on_progress is not None:

        def progressed(share: float, _: object) -> bool:
            on_progress(min(max(share, 0.0), 1.0))
            return True

        callback = llama_cpp.llama_progress_callback(progressed)
        _callbacks.append(callback)
        params.progress_callback = callback
    model = llama_cpp.llama_model_load_from_file(os.fsencode(path), params)
    if not model:
        raise LlamaError(
            f"llama.cpp can't load {path} ({complaints()}). Download the file again, or upgrade llama-cpp-python"
            " if the model is newer than it."
        )
    return model


def _metadata(model: Any, key: str) -> str:
    import llama_cpp

    # A value longer than this is cut.
    buffer = ctypes.create_string_buffer(256)
    n_chars = llama_cpp.llama_model_meta_val_str(model, key.encode(), buffer, len(buffer))
    return buffer.value.decode("utf-8", errors="replace") if n_chars >= 0 else ""
