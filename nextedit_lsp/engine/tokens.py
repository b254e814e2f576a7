"""What answering needs of a model: rows of a batch, and the ``Decoder`` that runs them.

In: nothing.  Out: the values and the protocol; prompts as tokens.
Not here: llama.cpp (``llama``), which fills the protocol; a test fills it with arithmetic.
"""

from __future__ import annotations

import itertools
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
        """``bos``, ``ends``, ``control`` and ``added``, see ``llama.Special``."""

    def tokens_of(self, text: str, *, special: bool = False) -> list[int]:
        """The tokens of a text, to the letter; only with ``special`` are control tokens among them for certain.

        Without it, those that a model's maker has only called "added" may be: see ``plain_tokens``.
        """

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
    for segment in prompt:
        token = control_token(segment.text, vocabulary) if segment.is_control else None
        if token is None:
            plain.append(segment.text)
            continue
        tokens += [*plain_tokens("".join(plain), vocabulary), token]
        plain.clear()
    return tokens + plain_tokens("".join(plain), vocabulary)


def control_token(text: str, vocabulary: Vocabulary) -> int | None:
    """The one token that a marker is; None where it is only text."""
    tokens = vocabulary.tokens_of(text, special=True)
    return tokens[0] if len(tokens) == 1 and tokens[0] in vocabulary.special.control else None


def plain_tokens(text: str, vocabulary: Vocabulary) -> list[int]:
    """The tokens of what the user wrote, none of them a control token.

    llama.cpp leaves control tokens alone when told so, but not those that a model's maker has only called "added".
    A text that holds one of these is therefore cut inside of it.
    """
    if not text:
        return []
    added = vocabulary.special.added
    cuts = sorted({place + 1 for marker in added for place in _places(text, marker)} | {0, len(text)})
    tokens: list[int] = []
    for start, end in itertools.pairwise(cuts):
        tokens += vocabulary.tokens_of(text[start:end])
    return tokens


def n_common(left: Sequence[int], right: Sequence[int]) -> int:
    """How many tokens both begin with."""
    n = min(len(left), len(right))
    if left[:n] == right[:n]:
        return n
    low, high = 0, n
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if left[low:middle] == right[low:middle] else (low, middle)
    return low


def decoded(data: bytes) -> str:
    """The text of what tokens wrote.  A surrogate of the user's stays one; other bytes that are no text do not."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def n_whole(data: bytes | bytearray) -> int:
    """How many bytes there are up to the end of the last whole character."""
    for n_back in range(1, min(len(data), 3) + 1):
        lead = data[-n_back]
        if lead >= 0xC0:
            n_bytes = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
            return len(data) - n_back if n_back < n_bytes else len(data)
        if lead < 0x80:
            break
    return len(data)


def _places(text: str, marker: str) -> Iterable[int]:
    place = text.find(marker)
    while place >= 0:
        yield place
        place = text.find(marker, place + 1)
