"""One answer while it is written: its tokens, where it stands in its draft, and whether it has ended.

In: tokens with their log-probabilities, one by one.  Out: the text so far, and why it ended.
Not here: the model (``answering``).

Nothing is kept here that follows from the tokens: taking tokens back is cutting the list.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from nextedit_lsp.engine.drafting import Draft
from nextedit_lsp.engine.interface import Partial
from nextedit_lsp.engine.tokens import Vocabulary, decoded, n_whole
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
    """An answer in a sequence of the cache, behind ``n_prompt`` tokens.

    ``tail`` are the last of them: those that the cache does not hold yet, and the very last in any case.
    """

    sequence: int
    n_prompt: int
    tail: tuple[int, ...]
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
    _same: bytearray = field(default_factory=bytearray)
    """What was written as the draft is, since it was found again."""
    _given: bytearray = field(default_factory=bytearray)
    """Likewise, since nothing of the draft is expected changed any more."""

    def __post_init__(self) -> None:
        self.draft = self.start.copy()

    @property
    def n_past(self) -> int:
        """How many tokens of the sequence the cache holds: all but those that are pending."""
        return self.n_prompt + len(self.written) - len(self.pending)

    @property
    def pending(self) -> tuple[int, ...]:
        """The tokens to run next: the prompt's tail, later the last one written."""
        return (self.written[-1].id,) if self.written else self.tail

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
        elif self.ends.rejoin_lines and _whole_lines(self._given) >= self.ends.rejoin_lines:
            self.finish = Finish.REJOINED
        elif len(self.written) >= self.ends.max_tokens:
            self.finish = Finish.LENGTH
        return self.finish is None

    def cut(self, n_tokens: int) -> None:
        """Takes back what was written behind the first ``n_tokens``."""
        kept = self.written[:n_tokens]
        self.written, self.text, self.finish = [], bytearray(), None
        self.draft, self._same, self._given = self.start.copy(), bytearray(), bytearray()
        self.banned = {place: tokens for place, tokens in self.banned.items() if place <= n_tokens}
        for token in kept:
            self.add(token)

    def forked(self, sequence: int, n_tokens: int, instead: Token) -> Stream:
        """Another answer: the first ``n_tokens`` of this one, then a token in the place of the next."""
        other = Stream(sequence, self.n_prompt, self.tail, self.ends, self.vocabulary, self.start)
        other.first = self.first
        for token in [*self.written[:n_tokens], instead]:
            other.add(token)
        return other

    @property
    def is_settled(self) -> bool:
        """Whether the text so far may be judged: it has ended, or was changed and goes on as the draft does."""
        return self.finish in (Finish.END, Finish.REJOINED) or _whole_lines(self._same) > 0

    def partial(self) -> Partial:
        """The answer so far, with what the draft goes on with."""
        goes_on = self.finish is not Finish.END and not self.draft.departed
        n_text = n_whole(self.text)
        rest = decoded(bytes(self.text[n_text:]) + self.draft.rest) if goes_on else ""
        return Partial(decoded(bytes(self.text[:n_text])), rest)

    def completion(self) -> Completion:
        """The answer as it is now."""
        finish = self.finish or Finish.TIME
        logprobs = [token.logprob for token in self.written]
        # A character that was cut at the end goes to the rest, or is left out.
        cut = bytes(self.text[n_whole(self.text) :])
        return Completion(
            pieces=tuple(self._pieces()),
            finish=finish,
            rest=decoded(cut + self.draft.rest) if finish is Finish.REJOINED else "",
            logprob=sum(logprobs),
            min_logprob=min(logprobs, default=0.0),
            n_tokens=len(logprobs),
            watched=tuple(self.first.items()),
        )

    def _follow(self, piece: bytes) -> None:
        """Keeps what follows the draft behind the last change."""
        if self.draft.departed or not self.draft.n_departed:
            self._same = bytearray()
        else:
            self._same += piece
        if not self._same or self.draft.expects_changes:
            self._given = bytearray()
        else:
            self._given += piece

    def _has_stop(self, n_new: int) -> bool:
        """Whether the text holds a stop by now; it is then cut before the first one."""
        starts = (max(0, len(self.text) - n_new - len(stop) + 1) for stop in self.ends.texts)
        found = [self.text.find(stop, start) for stop, start in zip(self.ends.texts, starts, strict=True)]
        places = [place for place in found if place >= 0]
        if places:
            del self.text[min(places) :]
        return bool(places)

    def _pieces(self) -> list[Segment]:
        """The text with its control tokens told apart."""
        pieces: list[Segment] = []
        run, n_left = bytearray(), n_whole(self.text)
        for token in self.written:
            piece = self.vocabulary.piece(token.id)[:n_left]
            if token.id in self.ends.tokens or token.id in self.vocabulary.special.ends or not n_left:
                break
            n_left -= len(piece)
            if token.id in self.vocabulary.special.control:
                pieces += [Segment(decoded(bytes(run))), Segment(decoded(piece), is_control=True)]
                run = bytearray()
            else:
                run += piece
        return [piece for piece in [*pieces, Segment(decoded(bytes(run)))] if piece.text]


def _whole_lines(data: bytearray) -> int:
    """The whole lines that hold more than white space; the first one may be the end of a changed line."""
    return sum(1 for line in data.split(b"\n")[1:-1] if line.strip())
