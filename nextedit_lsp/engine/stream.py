"""One answer while it is written: its tokens, where it stands in its draft, and whether it has ended.

In: tokens with their log-probabilities, one by one.  Out: the text so far, and why it ended.
Not here: the model (``answering``).

Nothing is kept here that follows from the tokens: taking tokens back is cutting the list.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from nextedit_lsp.engine.drafting import Draft
from nextedit_lsp.engine.interface import Partial
from nextedit_lsp.engine.tokens import Vocabulary
from nextedit_lsp.formats.prompt import Completion, Finish, Segment


@dataclass(frozen=True, slots=True)
class Token:
    """A token written; ``others`` are the next best there with their log-probabilities, where they were asked for."""

    id: int
    logprob: float
    others: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Ends:
    """What ends an answer, see ``Question``."""

    tokens: frozenset[int]
    texts: tuple[bytes, ...]
    max_tokens: int
    rejoin_lines: int


@dataclass(slots=True)
class Stream:
    """An answer in a sequence of the cache, behind ``n_prompt`` tokens, the last of them ``last_prompt``."""

    sequence: int
    n_prompt: int
    last_prompt: int
    ends: Ends
    vocabulary: Vocabulary
    start: Draft
    watched: dict[str, int | None] = field(default_factory=dict)
    """Control tokens whose probability as the first token is wanted; ``first`` has them then."""
    first: dict[str, float] = field(default_factory=dict)
    written: list[Token] = field(default_factory=list)
    banned: dict[int, set[int]] = field(default_factory=dict)
    finish: Finish | None = None
    draft: Draft = field(init=False)
    text: bytearray = field(default_factory=bytearray)
    _n_same: int = 0
    _same: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.draft = self.start.copy()

    @property
    def n_past(self) -> int:
        """How many tokens of the sequence the cache holds: all but the last one."""
        return self.n_prompt - 1 + len(self.written)

    @property
    def pending(self) -> int:
        """The last token, which is run next."""
        return self.written[-1].id if self.written else self.last_prompt

    def add(self, token: Token) -> bool:
        """Takes the next token; false once the answer has ended."""
        self.written.append(token)
        if token.id in self.ends.tokens or token.id in self.vocabulary.special.ends:
            self.finish = Finish.END
            return False
        self.draft.feed(token.id)
        piece = self.vocabulary.piece(token.id)
        self.text += piece
        self._follow(piece)
        if self._has_stop(len(piece)):
            self.finish = Finish.END
        elif self.ends.rejoin_lines and self._n_same >= self.ends.rejoin_lines:
            self.finish = Finish.REJOINED
        elif len(self.written) >= self.ends.max_tokens:
            self.finish = Finish.LENGTH
        return self.finish is None

    def cut(self, n_tokens: int) -> None:
        """Takes back what was written behind the first ``n_tokens``."""
        kept = self.written[:n_tokens]
        self.written, self.text, self.finish = [], bytearray(), None
        self.draft, self._n_same, self._same = self.start.copy(), 0, bytearray()
        self.banned = {place: tokens for place, tokens in self.banned.items() if place <= n_tokens}
        for token in kept:
            self.add(token)

    def forked(self, sequence: int, n_tokens: int, instead: Token) -> Stream:
        """Another answer: the first ``n_tokens`` of this one, then a token in the place of the next."""
        other = Stream(sequence, self.n_prompt, self.last_prompt, self.ends, self.vocabulary, self.start)
        for token in [*self.written[:n_tokens], instead]:
            other.add(token)
        return other

    @property
    def is_settled(self) -> bool:
        """Whether the text so far may be judged: it has ended, or was changed and goes on as the draft does."""
        return self.finish in (Finish.END, Finish.REJOINED) or self._n_same > 0

    def partial(self) -> Partial:
        """The answer so far, with what the draft goes on with."""
        rest = "" if self.finish is Finish.END or self.draft.departed else self.draft.rest
        return Partial(self.text.decode("utf-8", "replace"), rest)

    def completion(self) -> Completion:
        """The answer as it is now."""
        finish = self.finish or Finish.TIME
        logprobs = [token.logprob for token in self.written]
        return Completion(
            pieces=tuple(self._pieces()),
            finish=finish,
            rest=self.draft.rest if finish is Finish.REJOINED else "",
            logprob=sum(logprobs),
            min_logprob=min(logprobs, default=0.0),
            n_tokens=len(logprobs),
            watched=tuple(self.first.items()),
        )

    def _follow(self, piece: bytes) -> None:
        """Counts the lines that follow the draft behind the last change."""
        if self.draft.departed or not self.draft.n_departed:
            self._n_same, self._same = 0, bytearray()
            return
        self._same += piece
        # The line in which the place was found again may hold the end of the change.
        _, *whole = self._same.split(b"\n")
        self._n_same = sum(1 for line in whole[:-1] if line.strip())

    def _has_stop(self, n_new: int) -> bool:
        """Whether the text holds a stop by now; it is then cut before it."""
        for stop in self.ends.texts:
            place = self.text.find(stop, max(0, len(self.text) - n_new - len(stop) + 1))
            if place >= 0:
                del self.text[place:]
                return True
        return False

    def _pieces(self) -> list[Segment]:
        """The text with its control tokens told apart."""
        pieces: list[Segment] = []
        run, n_left = bytearray(), len(self.text)
        for token in self.written:
            piece = self.vocabulary.piece(token.id)[:n_left]
            if token.id in self.ends.tokens or token.id in self.vocabulary.special.ends or not n_left:
                break
            n_left -= len(piece)
            if token.id in self.vocabulary.special.control:
                pieces += [Segment(_decoded(run)), Segment(_decoded(piece), is_control=True)]
                run = bytearray()
            else:
                run += piece
        return [piece for piece in [*pieces, Segment(_decoded(run))] if piece.text]


def _decoded(data: bytes | bytearray) -> str:
    """Text of what was written; a character that was cut at the end is left out."""
    text = data.decode("utf-8", "replace")
    while text.endswith("�") and not data.endswith("�".encode()):
        text = text[:-1]
    return text
