"""What is sent to a completion server, and what must not be.

In: a prompt and a question, and what kind of server it is.  Out: the body of a request, or why there must be none.
Not here: sending it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

from nextedit_lsp.formats.prompt import Prompt, Question, text_of

# More are refused by servers that hold to the interface's documentation.
MAX_SENT_STOPS = 4

# How many of the likeliest first tokens are asked for when control tokens are watched; servers that hold to the
# documentation give five, the others that are known give more.
N_WATCHED = 5
N_WATCHED_KNOWN = 20

# Tokens that end or structure texts in the vocabularies of models for code.  Stops are not looked for in the prompt in
# general: many are ordinary text, and formats write some into their prompts as such.
KNOWN_CONTROL = re.compile(
    r"</?s>|<(?:bos|eos|eot|pad|unk|end_of_turn|start_of_turn|filename|reponame|file_sep|fim_\w+)>"
    r"|<\|(?:im_\w+|eo[tm]_id|end_?of_?text|begin_of_text|\w+_header_id|fim_\w+|file_sep|repo_name|end)\|>"
    r"|<\[[\w-]+\]>|<\[\w+(?:\u2581\w+)*\]>|<\uff5c[^\s\uff5c]+\uff5c>"
)


class ServerKind(Enum):
    """Which program answers, as far as its list of models tells."""

    LLAMA_CPP = "llama.cpp"
    VLLM = "vLLM"
    OLLAMA = "Ollama"
    OTHER = "OpenAI-compatible"


def markers_of(prompt: Prompt, stops: Iterable[str] = ()) -> frozenset[str]:
    """The texts that are control tokens: those of the prompt, and the stops that are known to be one."""
    controls = {segment.text for segment in prompt if segment.is_control and segment.text}
    return frozenset(controls | {stop for stop in stops if KNOWN_CONTROL.fullmatch(stop)})


def is_forged(prompt: Prompt, stops: Iterable[str] = ()) -> bool:
    """Whether a marker would appear in the text sent where the format wrote none.

    The server makes tokens of the text by itself, and would take it for the format's own.  Looked for in the whole
    text, since a marker may also come about where segments meet.
    """
    text = text_of(prompt)
    controls: list[tuple[int, int]] = []
    end = 0
    for segment in prompt:
        start, end = end, end + len(segment.text)
        if segment.is_control:
            controls.append((start, end))
    return any(
        not any(start <= at and at + len(marker) <= end for start, end in controls)
        for marker in markers_of(prompt, stops)
        for at in _places(text, marker)
    )


def _places(text: str, part: str) -> Iterable[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def answer_body(kind: ServerKind, model: str, question: Question) -> dict[str, Any]:
    """Ask for the likeliest answer, as a stream."""
    body: dict[str, Any] = {
        "model": model,
        "prompt": text_of(question.prompt),
        "max_tokens": question.max_tokens,
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
        "logprobs": _n_logprobs(kind, question),
    }
    if stops := [stop for stop in question.stops if stop][:MAX_SENT_STOPS]:
        body["stop"] = stops
    markers = sorted(markers_of(question.prompt) | set(question.stops) | set(question.watched))
    if kind is ServerKind.LLAMA_CPP:
        # Counts with each token, since an answer may be broken off before the last message; control tokens shown.
        body |= {"cache_prompt": True, "timings_per_token": True, "preserved_tokens": markers}
    elif kind is ServerKind.VLLM:
        body["stream_options"]["continuous_usage_stats"] = True
        body["skip_special_tokens"] = False
    return body


def _n_logprobs(kind: ServerKind, question: Question) -> int:
    if not question.watched:
        return 1
    return N_WATCHED if kind in (ServerKind.OTHER, ServerKind.OLLAMA) else N_WATCHED_KNOWN


def warm_body(model: str, prompt: Prompt) -> dict[str, Any]:
    """Have llama.cpp's server read a prompt and write nothing."""
    return {"model": model, "prompt": text_of(prompt), "max_tokens": 0, "temperature": 0, "cache_prompt": True}


def number_body(text: str) -> dict[str, Any]:
    """Have llama.cpp's server tell the number of a control token."""
    return {"content": text, "add_special": False, "parse_special": True}


def score_body(model: str, prompt: Prompt, texts: Sequence[str]) -> dict[str, Any]:
    """Have the prompt with each text echoed with the probabilities of its tokens."""
    start = text_of(prompt)
    return {
        "model": model,
        "prompt": [start + text for text in texts],
        "max_tokens": 0,
        "temperature": 0,
        "echo": True,
        "logprobs": 1,
    }
