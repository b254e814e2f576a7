"""Answers written by a model: drafts verified in one pass, lines taken back, alternatives side by side.

In: questions and texts, as tokens.  Out: completions, log-probabilities, and what they cost.
Not here: the worker's protocol, the cache's book-keeping (``cells``), the draft itself (``drafting``).

    read the prompt ──▶ pass: last token + draft ──▶ as far as it holds, and one token more ──▶ ended? ──▶ alternatives
                          ▲                                      │
                          └──── a line was objected to: cut ◀────┘

Decoding is greedy.  With a draft and without one the same tokens come out, but for places where two logits lie within
rounding of each other, since a batch adds numbers in another order than a single token.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nextedit_lsp.engine.cells import Cells
from nextedit_lsp.engine.drafting import Draft, looked_up
from nextedit_lsp.engine.interface import Effort, Partial, Reply, Usage
from nextedit_lsp.engine.lengths import MAX_DRAFT, Lengths
from nextedit_lsp.engine.llama import NoRoom
from nextedit_lsp.engine.reading import Read, read
from nextedit_lsp.engine.stream import Ends, Stream, Token
from nextedit_lsp.engine.tokens import Decoder, Row, control_token, plain_tokens, tokenized
from nextedit_lsp.formats.prompt import Completion, Finish, Prompt, Question

# Text is taken back so often at most, as ROCODE (arXiv 2411.07112) bounds its budget.
MAX_TAKEN_BACK = 2
# How long the end of an answer waits for the last objections.
OBJECTIONS_S = 0.25
# A prompt that leaves less room than this is too long.
MIN_ANSWER_TOKENS = 32
# Below this probability a token was a decision, at which the answer could have gone another way.
DECISION_LOGPROB = float(np.log(0.95))
# The tokens that a place is looked up by in what was read and written.
LOOKUP_N_GRAM = 3


class PromptTooLong(Exception):  # noqa: N818 - it names what is wrong.
    """A prompt and its answer do not fit into the context."""


class Overseer(Protocol):
    """Who follows an answer."""

    def on_settled(self, n_tokens: int, partial: Partial) -> None:
        """After so many tokens the answer has rejoined its draft behind a change, or has ended."""

    def objections(self, wait_s: float) -> list[int]:
        """The ``n_tokens`` at which there was an error, since the last call; waits so long for open judgements."""

    def forget(self) -> None:
        """What is still being judged was taken back."""


@dataclass(slots=True)
class Counts:
    """What an answer costs, while it is written."""

    passes: int = 0
    drafted: int = 0
    accepted: int = 0
    taken_back: int = 0


@dataclass(slots=True)
class Answerer:
    """A model with its cache.  ``batch_tokens`` are run at once; a context holds ``context_tokens``."""

    decoder: Decoder
    cells: Cells
    batch_tokens: int
    context_tokens: int
    alternatives: Sequence[int] = ()
    """The sequences that alternatives and scored texts are written in."""
    lengths: Lengths = field(default_factory=Lengths)
    lookup_lengths: Lengths = field(default_factory=Lengths)
    is_drafting: bool = True

    def ask(self, question: Question, effort: Effort, overseer: Overseer | None = None) -> Reply:
        """Writes answers to a question, best first."""
        started_at = time.monotonic()
        tokens = tokenized(question.prompt, self.decoder)
        question = replace(question, max_tokens=self._room(tokens, question.max_tokens))
        found = self._read(tokens, question.max_tokens, max_tail=max(1, self.batch_tokens - MAX_DRAFT))
        read_at = time.monotonic()
        deadline = None if effort.max_ms is None else started_at + effort.max_ms / 1000
        counts = Counts()
        try:
            stream = self._stream(question, found)
            self._write(stream, effort, overseer, tokens, deadline, counts)
            completions = [stream.completion()]
            if effort.n_answers > 1 and not _is_late(deadline) and self.decoder.drops_tails:
                completions += self._alternatives(stream, tokens, effort, deadline, counts)
        finally:
            self._tidy(found, tokens if counts.passes else None)
        usage = _usage(found, counts, sum(one.n_tokens for one in completions), (started_at, read_at))
        return Reply(tuple(ranked(completions)[: effort.n_answers]), usage)

    def warm(self, prompt: Prompt) -> Usage:
        """Reads a prompt ahead, all but its last token: that is run together with the first draft."""
        started_at = time.monotonic()
        found = self._read(tokenized(prompt, self.decoder), 0)
        return _usage(found, Counts(), 0, (started_at, time.monotonic()))

    def score(self, prompt: Prompt, texts: Sequence[str]) -> tuple[list[float], Usage]:
        """The log-probability of each text behind the prompt; the texts share one batch as far as it has room."""
        started_at = time.monotonic()
        each = [plain_tokens(text, self.decoder) for text in texts]
        if any(len(tokens) >= self.batch_tokens for tokens in each):
            raise PromptTooLong(f"a text to score has more than {self.batch_tokens} tokens")
        found = self._read(tokenized(prompt, self.decoder), min(sum(map(len, each)), self.batch_tokens))
        read_at = time.monotonic()
        counts = Counts()
        scores: list[float] = []
        try:
            while len(scores) < len(each):
                scores += self._scored(found, each[len(scores) :], counts)
        finally:
            self._tidy(found)
        return scores, _usage(found, counts, sum(map(len, each)), (started_at, read_at))

    def _room(self, tokens: list[int], n_wanted: int) -> int:
        """How long an answer may be: as long as wanted, or what the prompt leaves of the context."""
        n_left = self.context_tokens - len(tokens)
        if n_left < min(n_wanted, MIN_ANSWER_TOKENS):
            raise PromptTooLong(f"the prompt takes {len(tokens):,} tokens, the context has {self.context_tokens:,}")
        return min(n_wanted, n_left)

    def _read(self, tokens: list[int], n_spare: int, max_tail: int = 1) -> Read:
        if not tokens:
            raise PromptTooLong("the prompt is empty")
        n_needed = len(tokens) + n_spare
        if n_needed > self.context_tokens:
            raise PromptTooLong(
                f"the prompt and its answer take {n_needed:,} tokens, the context has {self.context_tokens:,}"
            )
        batch = self.batch_tokens
        return read(self.decoder, self.cells, tokens, batch_tokens=batch, n_spare=n_spare, max_tail=max_tail)

    def _write(
        self,
        stream: Stream,
        effort: Effort,
        overseer: Overseer | None,
        tokens: list[int],
        deadline: float | None,
        counts: Counts,
    ) -> None:
        """Writes until the answer ends and nobody objects to it, or the time is up."""
        oversight = Oversight(overseer, takes_back=effort.takes_back and self.decoder.drops_tails)
        while True:
            while stream.finish is None and not _is_late(deadline):
                oversight.look(self, stream, counts, wait_s=0.0)
                self._pass([stream], tokens, effort.n_answers, counts)
            if not oversight.look(self, stream, counts, wait_s=OBJECTIONS_S) or _is_late(deadline):
                break
        stream.finish = stream.finish or Finish.TIME

    def _stream(self, question: Question, found: Read) -> Stream:
        ends = [(stop, control_token(stop, self.decoder)) for stop in question.stops]
        tokens = [token for _, token in ends if token is not None]
        texts = tuple(stop.encode() for stop, token in ends if token is None)
        likely_ends = tokens or sorted(self.decoder.special.ends)[:1]
        draft = Draft.of(question.draft if self._drafts else "", likely_ends, self.decoder)
        limits = Ends(frozenset(tokens), texts, question.max_tokens, question.rejoin_lines)
        watched = {name: control_token(name, self.decoder) for name in question.watched}
        return Stream(found.slot.sequence, found.n_prompt, found.tail, limits, self.decoder, draft, watched)

    @property
    def _drafts(self) -> bool:
        return self.is_drafting and self.decoder.drops_tails

    def _pass(self, streams: Sequence[Stream], tokens: list[int], n_answers: int, counts: Counts) -> None:
        """One model pass for all streams; each goes on by what holds of its draft and one token more."""
        n_pending = sum(len(stream.pending) for stream in streams)
        drafts = [self._drafted(stream, tokens, len(streams), n_pending) for stream in streams]
        rows: list[Row] = []
        for stream, (drafted, _, _) in zip(streams, drafts, strict=True):
            run, n_silent, where = [*stream.pending, *drafted], len(stream.pending) - 1, (stream.sequence,)
            rows += [Row(t, stream.n_past + at, where, wants_logits=at >= n_silent) for at, t in enumerate(run)]
        n_rows = len(rows)
        rows += self._filling(rows[-1], min(self.lengths.size(n_rows), self.batch_tokens) - n_rows)
        try:
            logits = self.decoder.decode(rows)
        except NoRoom:
            # Alternatives take more room than was made for one answer.
            self.cells.forget_others()
            logits = self.decoder.decode(rows)
        counts.passes += 1
        at = 0
        for stream in streams:
            stream.tail = stream.tail[-1:]
        for stream, (drafted, lengths, run_before) in zip(streams, drafts, strict=True):
            n_held, n_tried = _accept(stream, drafted, logits[at : at + 1 + len(drafted)], n_answers)
            at += 1 + len(drafted)
            if drafted:
                lengths.learn(run_before, n_tried, n_held)
                counts.drafted += len(drafted)
                counts.accepted += n_held
            if drafted or len(rows) > n_rows:
                self.decoder.drop(stream.sequence, stream.n_past)

    def _filling(self, last: Row, n: int) -> list[Row]:
        """Tokens behind the last one that nobody looks at, where a fuller pass is a faster one."""
        if not self._drafts:
            return []
        return [Row(last.token, last.position + at, last.sequences) for at in range(1, n + 1)]

    def _drafted(
        self, stream: Stream, tokens: list[int], n_streams: int, n_pending: int
    ) -> tuple[list[int], Lengths, int]:
        """The tokens to verify beside those that are run anyway, whose lengths to learn from, and the run before."""
        room = min(
            stream.ends.max_tokens - len(stream.written) - 1, (self.batch_tokens - n_pending) // n_streams, MAX_DRAFT
        )
        if not self._drafts or room <= 0:
            return [], self.lengths, 0
        expected, lengths, run = stream.draft.expected(room), self.lengths, stream.draft.run
        if not expected:
            history = tokens + [token.id for token in stream.written]
            expected, lengths, run = looked_up(history, LOOKUP_N_GRAM, room), self.lookup_lengths, 1
        n = lengths.best(run, len(expected), n_pending) if expected else 0
        return expected[:n], lengths, run

    def take_back(self, stream: Stream, start: int, end: int) -> None:
        """Cuts the answer at the least certain of these tokens, which is not written there again."""
        place = min(range(start, end), key=lambda at: stream.written[at].logprob)
        banned = stream.banned.setdefault(place, set())
        banned.add(stream.written[place].id)
        stream.cut(place)
        self.decoder.drop(stream.sequence, stream.n_past)

    def _alternatives(
        self, stream: Stream, tokens: list[int], effort: Effort, deadline: float | None, counts: Counts
    ) -> list[Completion]:
        """The other ways to go on at the least certain decision, written side by side."""
        decisions = [at for at, token in enumerate(stream.written) if token.others]
        if not decisions:
            return []
        place = max(decisions, key=lambda at: stream.written[at].others[0][1] - stream.written[at].logprob)
        streams: list[Stream] = []
        others = stream.written[place].others[: effort.n_answers - 1]
        for sequence, (token, logprob) in zip(self.alternatives, others, strict=False):
            fork = stream.forked(sequence, place, Token(token, logprob))
            self.decoder.copy(stream.sequence, sequence, 0, fork.n_past)
            streams.append(fork)
        with contextlib.suppress(NoRoom):
            while (active := [one for one in streams if one.finish is None]) and not _is_late(deadline):
                self._pass(active, tokens, 1, counts)
        return [one.completion() for one in streams if one.finish is not None]

    def _scored(self, found: Read, each: Sequence[list[int]], counts: Counts) -> list[float]:
        """The scores of as many texts as fit into one batch."""
        chosen: list[list[int]] = []
        room = self.batch_tokens - 1
        for text in each[: len(self.alternatives)]:
            if len(text) > room:
                break
            room -= len(text)
            chosen.append(text)
        sequences = self.alternatives[: len(chosen)]
        n_past = found.n_prompt - 1
        for sequence in sequences:
            self.decoder.copy(found.slot.sequence, sequence, 0, n_past)
        rows = [Row(found.tail[-1], n_past, tuple(sequences), wants_logits=True)]
        for sequence, text in zip(sequences, chosen, strict=True):
            # What follows a text's last token is not asked.
            run = text[:-1]
            rows += [Row(t, n_past + 1 + at, (sequence,), wants_logits=True) for at, t in enumerate(run)]
        logits = self.decoder.decode(rows)
        counts.passes += 1
        scores, at = [], 1
        for text in chosen:
            behind = [0, *range(at, at + len(text) - 1)][: len(text)]
            scores.append(sum(float(_log_softmax(logits[row])[t]) for row, t in zip(behind, text, strict=True)))
            at += max(0, len(text) - 1)
        for sequence in sequences:
            self.decoder.drop(sequence, 0)
        return scores

    def _tidy(self, found: Read, tokens: list[int] | None = None) -> None:
        """Leaves the prompt in the cache and nothing of the answers; ``tokens`` is the prompt, if its tail was run."""
        for sequence in self.alternatives:
            self.decoder.drop(sequence, 0)
        if tokens is not None:
            found.slot.tokens[:] = tokens[:-1]
        self.cells.forget(found.slot, len(found.slot.tokens))


@dataclass(slots=True)
class Oversight:
    """Has an answer judged, and takes back what is objected to.

    ``told``: after how many tokens it was judged, and how often it had departed from its draft by then.
    """

    overseer: Overseer | None
    takes_back: bool
    told: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)])

    def look(self, answerer: Answerer, stream: Stream, counts: Counts, *, wait_s: float) -> bool:
        """Whether something was taken back."""
        if self.overseer is None:
            return False
        n_departed = stream.draft.n_departed
        # An answer that ends early has left out the rest of its draft.
        has_left_out = stream.finish is Finish.END and stream.draft.at < len(stream.draft.tokens)
        is_new = n_departed > self.told[-1][1] or (has_left_out and len(stream.written) > self.told[-1][0])
        if stream.is_settled and is_new:
            self.told.append((len(stream.written), n_departed))
            self.overseer.on_settled(len(stream.written), stream.partial())
        if not self.takes_back or counts.taken_back >= MAX_TAKEN_BACK:
            return False
        ends = [n_tokens for n_tokens, _ in self.told]
        objections = [n_tokens for n_tokens in self.overseer.objections(wait_s) if n_tokens in ends[1:]]
        if not objections:
            return False
        at = ends.index(min(objections))
        answerer.take_back(stream, ends[at - 1], ends[at])
        del self.told[at:]
        self.overseer.forget()
        counts.taken_back += 1
        return True


def _accept(stream: Stream, drafted: list[int], logits: NDArray[np.float32], n_answers: int) -> tuple[int, int]:
    """Adds what the model would have written; how many drafted tokens held, and how many were tried."""
    if stream.watched and not stream.written:
        first = _log_softmax(logits[0])
        found = stream.watched.items()
        stream.first = {name: float(np.exp(first[token])) if token is not None else 0.0 for name, token in found}
    n_held = 0
    for place, row in enumerate(logits):
        token = _chosen(row, stream.banned.get(len(stream.written)), n_answers)
        goes_on = stream.add(token)
        if place == len(drafted):
            break
        if token.id != drafted[place]:
            return n_held, n_held + 1
        n_held += 1
        if not goes_on:
            break
    return n_held, n_held


def ranked(completions: Sequence[Completion]) -> list[Completion]:
    """Different answers, the likeliest first; an answer that broke off comes last."""
    by_text: dict[str, Completion] = {}
    for one in completions:
        known = by_text.get(one.text)
        if known is None or one.logprob > known.logprob:
            by_text[one.text] = one
    return sorted(by_text.values(), key=lambda one: (one.is_cut, -one.logprob))


def _chosen(row: NDArray[np.float32], banned: set[int] | None, n_answers: int) -> Token:
    """The likeliest token that is not banned; where it was a decision and others are wanted, those too."""
    if banned:
        row = row.copy()
        row[list(banned)] = -np.inf
    best = int(row.argmax())
    top = float(row[best])
    total = _log_total(row - row[best])
    others: tuple[tuple[int, float], ...] = ()
    if n_answers > 1 and -total < DECISION_LOGPROB:
        near = np.argpartition(row, -n_answers)[-n_answers:]
        order = sorted((int(token) for token in near if token != best), key=lambda token: -row[token])
        others = tuple((token, float(row[token]) - top - total) for token in order)
    return Token(best, -total, others)


def _log_softmax(row: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = row - row.max()
    return np.asarray(shifted - _log_total(shifted), dtype=np.float32)


def _log_total(shifted: NDArray[np.float32]) -> float:
    """The logarithm of the sum that makes probabilities of logits, these less their greatest."""
    return float(np.log(np.exp(shifted).sum()))


def _is_late(deadline: float | None) -> bool:
    return deadline is not None and time.monotonic() >= deadline


def _usage(found: Read, counts: Counts, n_written: int, times: tuple[float, float]) -> Usage:
    """What a request cost that began and had read its prompt at ``times``."""
    started_at, read_at = times
    return Usage(
        prompt_tokens=found.n_prompt,
        evaluated_tokens=found.n_evaluated,
        reused_tokens=found.n_prompt - found.n_evaluated,
        written_tokens=n_written,
        passes=counts.passes,
        drafted_tokens=counts.drafted,
        accepted_tokens=counts.accepted,
        taken_back=counts.taken_back,
        prompt_ms=1000 * (read_at - started_at),
        answer_ms=1000 * (time.monotonic() - read_at),
    )
