"""What passes between a format and an engine: a question in segments, and the completion.

In: nothing.  Out: the values.
Not here: what a format puts into them; how an engine answers.

A prompt is a list of segments, each plain text or a control token.  Plain text is tokenised with special tokens off, so
that whatever the user's files hold, it can't become a control token.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of text; ``is_control`` only for a marker that the format itself writes."""

    text: str
    is_control: bool = False


Prompt = tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """All that an engine must know to write an answer.

    ``draft`` is the answer if nothing were to change: the engine verifies it instead of writing it.  An answer ends
    at the model's end-of-text token, at a control token or a text of ``stops``, or after ``max_tokens``.  With
    ``rejoin_lines`` it also ends once so many whole lines of the draft that hold more than white space were written
    as they are behind the last change.  ``watched`` are control tokens whose probability as the first token is
    wanted.
    """

    prompt: Prompt
    draft: str = ""
    stops: tuple[str, ...] = ()
    max_tokens: int = 512
    rejoin_lines: int = 0
    watched: tuple[str, ...] = ()


class Finish(Enum):
    """Why an answer ended."""

    END = "end"
    """The model said so: its end-of-text token, or a stop."""
    REJOINED = "rejoined"
    """It had come back to the draft; ``rest`` is what the draft goes on with."""
    LENGTH = "length"
    """``max_tokens`` was reached: the text is cut anywhere."""
    TIME = "time"
    """The time was up: the text is cut anywhere."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model wrote, without the stop that ended it.

    ``pieces`` tell control tokens from text that only looks so.  ``logprob`` is the sum of the natural logarithms of
    the probabilities of all tokens written, ``min_logprob`` the least of one, ``n_tokens`` their number.
    ``watched`` has the probability of each watched control token as the first one.
    """

    pieces: tuple[Segment, ...]
    finish: Finish
    rest: str = ""
    logprob: float = 0.0
    min_logprob: float = 0.0
    n_tokens: int = 0
    watched: tuple[tuple[str, float], ...] = ()

    @property
    def text(self) -> str:
        """All that was written, with what the draft goes on with after it had rejoined."""
        return "".join(piece.text for piece in self.pieces) + self.rest

    @property
    def is_cut(self) -> bool:
        """Whether the answer broke off."""
        return self.finish in (Finish.LENGTH, Finish.TIME)


def text_of(prompt: Prompt) -> str:
    """The prompt as one string, for golden tests and for servers that take no tokens."""
    return "".join(segment.text for segment in prompt)
