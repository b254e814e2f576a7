"""What a completion server says, read: the events of a stream, and what each means.

In: bytes as they come in, and JSON.  Out: text, probabilities, counts.
Not here: the network; what becomes of the text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

from nextedit_lsp.engine.interface import EngineError, Usage

# One event is a token with its probabilities, under a kilobyte; what is so much longer is none.
MAX_EVENT_BYTES = 1 << 20

# What a token that can't be counts with, since the sum of an answer must stay a number.
LEAST_LOGPROB = -1000.0


class RemoteError(EngineError):
    """The server did not do what was asked.

    ``backs_off``: the next request would fare alike, so the server is left alone for a while, at least
    ``retry_after_s``.  The message names the remedy and holds nothing that was sent.
    """

    def __init__(self, message: str, *, backs_off: bool = True, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.backs_off = backs_off
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Candidate:
    """A token that might have been written; of a control token some servers tell the number and no text."""

    text: str
    logprob: float
    token_id: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A piece of the answer; ``first`` has the likeliest candidates for the piece's first token."""

    text: str = ""
    finish: str | None = None
    logprobs: tuple[float, ...] = ()
    first: tuple[Candidate, ...] = ()


class EventLines:
    """Puts the data of server-sent events together from bytes that are cut anywhere."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._data: list[bytes] = []
        self._n_bytes = 0

    def feed(self, chunk: bytes) -> list[str]:
        """The data of the events that are complete now."""
        self._buffer += chunk
        *lines, rest = self._buffer.split(b"\n") if b"\n" in chunk else [self._buffer]
        self._buffer = rest
        # Lines are decoded whole, so that a character whose bytes come apart is read all the same.
        events = [event for line in lines if (event := self._take(bytes(line).removesuffix(b"\r"))) is not None]
        if len(self._buffer) + self._n_bytes > MAX_EVENT_BYTES:
            raise RemoteError("The server sent a message without an end. Check that the URL is a completion server's.")
        return events

    def end(self) -> list[str]:
        """The data of a last event that no empty line followed."""
        event = self._take(b"")
        return [] if event is None else [event]

    def _take(self, line: bytes) -> str | None:
        if line:
            name, _, value = line.partition(b":")
            # A line that begins with a colon is a comment, sent to keep the connection alive.
            if name == b"data":
                self._data.append(value.removeprefix(b" "))
                self._n_bytes += len(value)
            return None
        if not self._data:
            return None
        data, self._data, self._n_bytes = self._data, [], 0
        return b"\n".join(data).decode("utf-8", errors="replace")


def parsed(text: str | bytes) -> dict[str, Any]:
    """A message of the server; raises ``RemoteError`` if it is no JSON object or tells of an error."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RemoteError("The server's answer is not JSON. Check that the URL is a completion server's.") from error
    if not isinstance(message, dict):
        raise _nonsense()
    if message.get("error"):
        raise error_of(message)
    return message


def error_of(message: dict[str, Any]) -> RemoteError:
    """The failure that the server tells of.  Its own words may quote what was sent, and are left out."""
    error = message["error"]
    kind = str(error.get("type") or error.get("code") or "") if isinstance(error, dict) else ""
    code = error.get("code") if isinstance(error, dict) else None
    name = kind if re.fullmatch(r"\w{1,60}", kind) else "error"
    if code in (400, 413, 422) or "invalid_request" in kind:
        return refusal(name, json.dumps(error))
    return RemoteError(f"The server reported a failure ({name}). Its log says more; start it again if it stays so.")


def refusal(name: str, said: str) -> RemoteError:
    """The server is well, but wants nothing of this request; ``said`` is looked into and not passed on."""
    said = said.lower()
    if any(phrase in said for phrase in ("exceed_context", "context length", "context size")):
        advice = "The prompt is longer than the server's context: start the server with a larger one."
    else:
        advice = "Its log says more."
    return RemoteError(f"The server refused the request ({name}). {advice}", backs_off=False)


def event_of(message: dict[str, Any]) -> Event:
    """What a message of a stream adds to the one answer that was asked for."""
    choices = message.get("choices")
    if choices is None and "content" in message:
        raise RemoteError("The server answers in a form of its own. Add /v1 to the URL, where it speaks OpenAI's.")
    if not isinstance(choices, list):
        raise _nonsense()
    choice = next((one for one in choices if isinstance(one, dict) and one.get("index", 0) == 0), None)
    if choice is None:
        return Event()
    text, finish = choice.get("text") or "", choice.get("finish_reason")
    if not isinstance(text, str) or not isinstance(finish, str | None):
        raise _nonsense()
    logprobs, first = _logprobs(choice.get("logprobs"))
    # JSON may hold half a surrogate pair, which can't be written anywhere.
    return Event(text.encode("utf-8", errors="replace").decode(), finish, logprobs, first)


def _logprobs(value: Any) -> tuple[tuple[float, ...], tuple[Candidate, ...]]:
    """The logprobs of the piece's tokens, and the candidates for the first, in either of the two forms in use."""
    if not isinstance(value, dict):
        return (), ()
    if isinstance(tokens := value.get("content"), list):
        entries = [token for token in tokens if isinstance(token, dict)]
        tops = entries[0].get("top_logprobs") if entries else None
        rows = [(top.get("token"), top.get("logprob"), top.get("id")) for top in _list(tops) if isinstance(top, dict)]
        return _numbers([entry.get("logprob") for entry in entries]), _candidates(rows)
    tops = _list(value.get("top_logprobs"))
    rows = [(*row, None) for row in tops[0].items()] if tops and isinstance(tops[0], dict) else []
    return _numbers(_list(value.get("token_logprobs"))), _candidates(rows)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _numbers(values: Sequence[Any]) -> tuple[float, ...]:
    return tuple(max(float(value), LEAST_LOGPROB) for value in values if _is_number(value))


def _candidates(rows: Sequence[tuple[Any, Any, Any]]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(token, float(value), number if isinstance(number, int) else None)
        for token, value, number in rows
        if isinstance(token, str) and _is_number(value)
    )


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)


def with_counts(usage: Usage, message: dict[str, Any]) -> Usage:
    """The usage with what the message tells of it: the ``usage`` of OpenAI's form, the ``timings`` of llama.cpp's."""
    if isinstance(told := message.get("usage"), dict):
        details = told.get("prompt_tokens_details")
        prompt = _count(told, "prompt_tokens", usage.prompt_tokens)
        reused = _count(details, "cached_tokens", usage.reused_tokens) if isinstance(details, dict) else 0
        written = _count(told, "completion_tokens", usage.written_tokens)
        usage = replace(
            usage,
            prompt_tokens=prompt,
            reused_tokens=min(reused, prompt),
            evaluated_tokens=max(prompt - reused, 0),
            written_tokens=written,
            passes=written,
        )
    if isinstance(told := message.get("timings"), dict):
        evaluated, reused = _count(told, "prompt_n", 0), _count(told, "cache_n", 0)
        written = _count(told, "predicted_n", usage.written_tokens)
        accepted = _count(told, "draft_n_accepted", 0)
        usage = replace(
            usage,
            prompt_tokens=evaluated + reused,
            evaluated_tokens=evaluated,
            reused_tokens=reused,
            written_tokens=written,
            # A pass confirms drafted tokens and adds one of its own.
            passes=max(written - accepted, 0),
            drafted_tokens=_count(told, "draft_n", 0),
            accepted_tokens=accepted,
            prompt_ms=_amount(told, "prompt_ms"),
            answer_ms=_amount(told, "predicted_ms"),
        )
    return usage


def _count(told: dict[str, Any], name: str, otherwise: int) -> int:
    value = told.get(name)
    return int(value) if _is_number(value) and 0 <= value < math.inf else otherwise


def _amount(told: dict[str, Any], name: str) -> float:
    value = told.get(name)
    return float(value) if _is_number(value) and 0 <= value < math.inf else 0.0


def echoed_logprobs(message: dict[str, Any], texts: Sequence[str]) -> list[float]:
    """The log-probability of each text, where the server echoed each behind the same prompt."""
    by_index = {one.get("index", 0): one for one in _list(message.get("choices")) if isinstance(one, dict)}
    return [_echoed(by_index.get(idx, {}).get("logprobs"), text) for idx, text in enumerate(texts)]


def _echoed(value: Any, text: str) -> float:
    """The sum over the tokens that reach into the text, which is what the echo ends with."""
    told = value if isinstance(value, dict) else {}
    tokens, logprobs = _list(told.get("tokens")), _list(told.get("token_logprobs"))
    if not tokens or len(tokens) != len(logprobs) or not all(isinstance(token, str) for token in tokens):
        raise RemoteError("The server does not tell the probabilities of a given text.", backs_off=False)
    total, n_left = 0.0, len(text)
    for token, logprob in zip(reversed(tokens), reversed(logprobs), strict=True):
        if n_left <= 0:
            break
        total += max(float(logprob), LEAST_LOGPROB) if _is_number(logprob) else 0.0
        n_left -= len(token)
    return total


def sole_token(message: dict[str, Any]) -> int | None:
    """The number of the one token that a text is; ``None`` if it is several."""
    tokens = _list(message.get("tokens"))
    return tokens[0] if len(tokens) == 1 and isinstance(tokens[0], int) else None


def _nonsense() -> RemoteError:
    return RemoteError("The server's answer makes no sense. Check that the URL is an OpenAI-compatible server's.")
