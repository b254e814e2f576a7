"""Questions and replies as plain values, for the pipe between the server and the worker.

In: the values of ``interface`` and ``formats.prompt``.  Out: what JSON can carry, and back.
Not here: the pipe (``process``, ``worker``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nextedit_lsp.engine.interface import Effort, ModelInfo, Partial, Reply, Usage
from nextedit_lsp.engine.machine import Wishes
from nextedit_lsp.formats.prompt import Completion, Finish, Prompt, Question, Segment

Plain = dict[str, Any]


def prompt_out(prompt: Prompt) -> list[list[Any]]:
    """A prompt as pairs."""
    return [[segment.text, segment.is_control] for segment in prompt]


def prompt_in(plain: Sequence[Sequence[Any]]) -> Prompt:
    """A prompt of pairs."""
    return tuple(Segment(text, is_control) for text, is_control in plain)


def question_out(question: Question) -> Plain:
    """A question as plain values."""
    return {
        "prompt": prompt_out(question.prompt),
        "draft": question.draft,
        "stops": question.stops,
        "max_tokens": question.max_tokens,
        "rejoin_lines": question.rejoin_lines,
        "watched": question.watched,
    }


def question_in(plain: Plain) -> Question:
    """A question of plain values."""
    rest = {**plain, "stops": tuple(plain["stops"]), "watched": tuple(plain["watched"])}
    return Question(**{**rest, "prompt": prompt_in(plain["prompt"])})


def effort_in(plain: Plain) -> Effort:
    """An effort of plain values."""
    return Effort(**plain)


def reply_out(reply: Reply) -> Plain:
    """A reply as plain values."""
    return {
        "completions": [
            {
                "pieces": prompt_out(one.pieces),
                "finish": one.finish.value,
                "rest": one.rest,
                "logprob": one.logprob,
                "min_logprob": one.min_logprob,
                "n_tokens": one.n_tokens,
                "watched": one.watched,
            }
            for one in reply.completions
        ],
        "usage": usage_out(reply.usage),
    }


def reply_in(plain: Plain) -> Reply:
    """A reply of plain values.  Raises KeyError, TypeError or ValueError for anything else."""
    return Reply(tuple(_completion_in(one) for one in plain["completions"]), Usage(**plain["usage"]))


def _completion_in(plain: Plain) -> Completion:
    changed = {
        "pieces": prompt_in(plain["pieces"]),
        "finish": Finish(plain["finish"]),
        "watched": tuple((name, share) for name, share in plain["watched"]),
    }
    return Completion(**{**plain, **changed})


def usage_out(usage: Usage) -> Plain:
    """A cost as plain values."""
    return asdict(usage)


def partial_out(partial: Partial) -> Plain:
    """An answer so far as plain values."""
    return asdict(partial)


def partial_in(plain: Plain) -> Partial:
    """An answer so far of plain values."""
    return Partial(plain["text"], plain["rest"])


def wishes_out(wishes: Wishes) -> Plain:
    """What the user set as plain values."""
    return {**asdict(wishes), "adapters": [str(path) for path in wishes.adapters]}


def wishes_in(plain: Plain) -> Wishes:
    """What the user set of plain values."""
    return Wishes(**{**plain, "adapters": tuple(Path(path) for path in plain["adapters"])})


def info_in(path: Path, plain: Mapping[str, Any]) -> ModelInfo:
    """A model of plain values.  Raises TypeError for anything else."""
    return ModelInfo(path=path, **{**plain, "control_tokens": frozenset(plain.get("control_tokens", ()))})
