"""Which model a completion server offers, out of its list of models.

In: the server's answer to ``/models``.  Out: the model to ask for, and what is known of it.
Not here: asking for the list.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nextedit_lsp.engine.interface import ModelInfo
from nextedit_lsp.engine.remote_events import RemoteError
from nextedit_lsp.engine.remote_requests import ServerKind

# How many names are listed in a message, and how much of each: a hub may offer hundreds.
MAX_NAMED, MAX_NAME_CHARS = 8, 80

KIND_BY_OWNER = {"llamacpp": ServerKind.LLAMA_CPP, "vllm": ServerKind.VLLM, "library": ServerKind.OLLAMA}


@dataclass(frozen=True, slots=True)
class Offer:
    """The model to ask for."""

    model: str
    kind: ServerKind
    info: ModelInfo


def chosen_offer(message: dict[str, Any], wanted: str | None, connection: str) -> Offer:
    """The model of that name, or the only one; ``connection`` says for a person how it is reached."""
    rows = message.get("data")
    if not isinstance(rows, list):
        raise RemoteError("The server's list of models makes no sense. Check that the URL is a completion server's.")
    by_name = {row["id"]: row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)}
    name = _chosen(list(by_name), wanted)
    row = by_name[name]
    kind = KIND_BY_OWNER.get(str(row.get("owned_by")), ServerKind.OTHER)
    told = row.get("meta")
    meta: dict[str, Any] = told if isinstance(told, dict) else {}
    chosen = {"server": kind.value, "connection": connection}
    if kind is ServerKind.OLLAMA:
        # Its completions go through the model's template; nothing in the interface turns that off.
        chosen["note"] = "Ollama puts the model's template around a prompt: make the model with TEMPLATE {{ .Prompt }}"
    context = _whole(meta.get("n_ctx")) or _whole(row.get("max_model_len"))
    if context:
        chosen["context"] = str(context)
    info = ModelInfo(
        path=Path(name),
        architecture="remote",
        name=Path(name).name,
        n_params=_whole(meta.get("n_params")),
        n_ctx_train=_whole(meta.get("n_ctx_train")) or context,
        n_vocab=_whole(meta.get("n_vocab")),
        file_bytes=_whole(meta.get("size")),
        chosen=chosen,
    )
    return Offer(name, kind, info)


def _chosen(names: list[str], wanted: str | None) -> str:
    listed = ", ".join(name[:MAX_NAME_CHARS] for name in names[:MAX_NAMED]) + (", …" if len(names) > MAX_NAMED else "")
    if not names:
        raise RemoteError("The server offers no model. Load one into it.")
    if wanted is None:
        if len(names) > 1:
            raise RemoteError(f"The server offers several models: set one of {listed}.")
        return names[0]
    # A name without a tag means the latest to Ollama.
    for name in (wanted, f"{wanted}:latest"):
        if name in names:
            return name
    raise RemoteError(f"The server does not offer the model {wanted}: set one of {listed}.")


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
