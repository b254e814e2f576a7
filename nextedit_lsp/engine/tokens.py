"""What answering needs of a model: rows of a batch, and the ``Decoder`` that runs them.

In: nothing.  Out: the values and the protocol; prompts as tokens.
Not here: llama.cpp (``llama``), which fills the protocol; a test fills it with arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nextedit_lsp.formats.prompt import Segment


@dataclass(frozen=True, slots=True)
class Row:
    """One token of a batch: where it stands in which sequences, and whether what follows it is asked."""

    token: int
    position: int
    sequences: tuple[int, ...]
    wants_logits: bool = False


class Vocabulary(Protocol):
    """Texts to tokens and back."""

    @property
    def special(self) -> Any:
        """``bos``, ``ends`` and ``control``, see ``llama.Special``."""

    def tokens_of(self, text: str, *, special: bool = False) -> list[int]:
        """The tokens of a text."""

    def piece(self, token: int) -> bytes:
        """What a token writes."""


class Memory(Protocol):
    """The cache: positions by sequence."""

    @property
    def can_shift(self) -> bool:
        """Whether cached positions can be moved."""

    @property
    def drops_tails(self) -> bool:
        """Whether the end of a sequence can be forgotten; recurrent models can only forget all of it."""

    def drop(self, sequence: int, start: int, end: int = -1) -> None:
        """Forgets positions of a sequence."""

    def copy(self, source: int, target: int, start: int, end: int) -> None:
        """Shares positions of a sequence with another."""

    def shift(self, sequence: int, start: int, end: int, by: int) -> None:
        """Moves positions of a sequence."""


class Decoder(Vocabulary, Memory, Protocol):
    """A model that runs batches."""

    @property
    def n_vocab(self) -> int:
        """How many tokens there are."""

    def decode(self, rows: Sequence[Row]) -> NDArray[np.float32]:
        """The logits of the rows that want them: float32, (n wanted, n_vocab); valid until the next call."""


def tokenized(prompt: Iterable[Segment], vocabulary: Vocabulary) -> list[int]:
    """The tokens of a prompt; no plain text becomes a control token.

    A marker that the vocabulary does not know as one token is text like any other, and is tokenised together with the
    text around it, as it was when the model was trained.
    """
    bos = vocabulary.special.bos
    tokens = [bos] if bos is not None else []
    plain: list[str] = []
    used: list[str] = []
    runs: list[str | int] = []
    for segment in prompt:
        token = control_token(segment.text, vocabulary) if segment.is_control else None
        if token is None:
            plain.append(segment.text)
            continue
        runs += ["".join(plain), token]
        plain.clear()
        used.append(segment.text)
    runs.append("".join(plain))
    for run in runs:
        tokens += [run] if isinstance(run, int) else plain_tokens(run, used, vocabulary)
    return tokens


def control_token(text: str, vocabulary: Vocabulary) -> int | None:
    """The one token that a marker is; None where it is only text."""
    tokens = vocabulary.tokens_of(text, special=True)
    return tokens[0] if len(tokens) == 1 and tokens[0] in vocabulary.special.control else None


def plain_tokens(text: str, markers: Iterable[str], vocabulary: Vocabulary) -> list[int]:
    """The tokens of what the user wrote.

    llama.cpp leaves control tokens alone when told so, but not those that a model's maker has only called "added".
    A text that holds one of ``markers`` is therefore cut inside of it.
    """
    if not text:
        return []
    cuts = sorted({place + 1 for marker in markers for place in _places(text, marker)} | {0, len(text)})
    tokens: list[int] = []
    for start, end in zip(cuts, cuts[1:], strict=False):
        tokens += vocabulary.tokens_of(text[start:end])
    return tokens


def _places(text: str, marker: str) -> Iterable[int]:
    place = text.find(marker)
    while place >= 0:
        yield place
        place = text.find(marker, place + 1)
