"""A decoder of exact arithmetic: what it says next depends on all that is visible, so no mistake stays unseen.

It refuses what llama.cpp refuses or would silently do wrong: positions that do not follow each other, positions taken
twice, cells moved under another sequence, tails dropped from a recurrent state.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nextedit_lsp.engine.llama import Aborted, NoRoom, Special
from nextedit_lsp.engine.tokens import Row

END, MARK, CURSOR, ADDED = range(1, 5)
MARKERS = {END: "<|end|>", MARK: "<|mark|>", CURSOR: "<|cursor|>", ADDED: "<|added|>"}
WORDS = (
    *("total", "amount", "price", "item", "order", "name", "user", "index", "result", "value", "count", "size"),
    *("return", "def", "if", "else", "for", "in", "print", "self", "None", "True", "_id", "s"),
    *("    ", " = ", " + ", "(", ")", ", ", ":\n", "\n", " ", ".", "é", "→"),
)
_BYTES = 5
_WORDS = _BYTES + 256
N_VOCAB = _WORDS + len(WORDS)
_TOKENS = {word.encode(): _WORDS + place for place, word in enumerate(WORDS)}
_TOKENS |= {bytes([byte]): _BYTES + byte for byte in range(256) if bytes([byte]) not in _TOKENS}


def _splitting(markers: Sequence[str]) -> re.Pattern[bytes]:
    pieces = [*(marker.encode() for marker in markers), *sorted(_TOKENS, key=len, reverse=True)]
    return re.compile(b"|".join(map(re.escape, pieces)))


_PLAIN, _SPECIAL = _splitting([MARKERS[ADDED]]), _splitting(list(MARKERS.values()))
_MARKED = {marker.encode(): token for token, marker in MARKERS.items()}
# So many tokens are run at once; more would be written behind the batch's memory.
BATCH = 64
_N_NOISE = 1009
_NOISE = np.random.default_rng(0).normal(0, 1, (_N_NOISE, N_VOCAB)).astype(np.float32)
# No marker is written but where the editor means it.
_NOISE[:, 0:_BYTES] = -20.0

_SPECIALS = Special(0, frozenset({END}), frozenset({0, *MARKERS}), (MARKERS[ADDED],))


class BrokenError(Exception):
    """The cache was used in a way that llama.cpp refuses or gets wrong."""


@dataclass(eq=False)
class Cell:
    token: int
    sequences: set[int]


@dataclass
class FakeDecoder:
    """Writes the first of ``answers[prompt]``, the others being a little less likely; noise behind any other prompt."""

    n_cells: int = 4096
    can_shift: bool = True
    drops_tails: bool = True
    faults: random.Random | None = None
    """Raises ``Aborted`` or ``NoRoom`` now and then."""
    fault: type[Exception] = Aborted
    answers: dict[tuple[int, ...], list[list[int]]] = field(default_factory=dict)
    cells: dict[int, dict[int, Cell]] = field(default_factory=dict)
    n_calls: int = 0
    n_evaluated: int = 0
    special: Special = _SPECIALS
    n_vocab: int = N_VOCAB
    _logits: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, N_VOCAB), dtype=np.float32))

    # The vocabulary.

    def tokens_of(self, text: str, *, special: bool = False) -> list[int]:
        pieces = (_SPECIAL if special else _PLAIN).findall(text.encode("utf-8", "surrogatepass"))
        return [_MARKED[piece] if piece in _MARKED else _TOKENS[piece] for piece in pieces]

    def piece(self, token: int) -> bytes:
        if token >= _WORDS:
            return WORDS[token - _WORDS].encode()
        return bytes([token - _BYTES]) if token >= _BYTES else MARKERS.get(token, "").encode()

    # The cache.

    def drop(self, sequence: int, start: int, end: int = -1) -> None:
        cells = self.cells.get(sequence, {})
        gone = [place for place in cells if place >= start and (end < 0 or place < end)]
        if not self.drops_tails and gone and len(gone) < len(cells):
            raise BrokenError("a part of a recurrent state was dropped")
        for place in gone:
            cells.pop(place).sequences.discard(sequence)

    def copy(self, source: int, target: int, start: int, end: int) -> None:
        there = self.cells.setdefault(target, {})
        shared = {place: cell for place, cell in self.cells.get(source, {}).items() if start <= place < end}
        if len(shared) != end - start:
            raise BrokenError(f"{source} holds only {len(shared)} of {start}:{end}")
        if not self.drops_tails and len(shared) < len(self.cells.get(source, {})):
            raise BrokenError("a part of a recurrent state was copied")
        for place, cell in shared.items():
            if place in there:
                raise BrokenError(f"{target} holds {place} twice")
            there[place] = cell
            cell.sequences.add(target)

    def shift(self, sequence: int, start: int, end: int, by: int) -> None:
        if not self.can_shift:
            raise BrokenError("this model's cells can't be moved")
        cells = self.cells[sequence]
        moved = {place: cells.pop(place) for place in sorted(cells) if start <= place < end}
        for place, cell in moved.items():
            if cell.sequences != {sequence}:
                raise BrokenError("a shared cell was moved")
            if place + by in cells or place + by < 0:
                raise BrokenError(f"{sequence} holds {place + by} twice")
            cells[place + by] = cell

    # Running.

    def decode(self, rows: Sequence[Row]) -> NDArray[np.float32]:
        if len(rows) > BATCH:
            raise BrokenError(f"{len(rows)} tokens in a batch of {BATCH}")
        self._logits.fill(np.nan)
        self.n_calls += 1
        n_run = len(rows)
        if self.faults is not None and self.faults.random() < 0.15:
            n_run = self.faults.randrange(len(rows)) if self.fault is Aborted else 0
        elif sum(map(len, self.cells.values())) + len(rows) > self.n_cells < self.n_used + len(rows):
            raise NoRoom
        seen: dict[int, list[int]] = {}
        logits = [self._row(row, seen) for row in rows[:n_run]]
        if n_run < len(rows):
            raise self.fault
        self.n_evaluated += len(rows)
        wanted = [one for one, row in zip(logits, rows, strict=True) if row.wants_logits]
        self._logits = np.array(wanted, dtype=np.float32).reshape(len(wanted), N_VOCAB)
        return self._logits

    @property
    def n_used(self) -> int:
        return len({id(cell) for cells in self.cells.values() for cell in cells.values()})

    def held(self, sequence: int) -> list[int]:
        """The tokens of a sequence; raises if its positions do not follow each other from 0."""
        cells = self.cells.get(sequence, {})
        try:
            return [cells[place].token for place in range(len(cells))]
        except KeyError:
            raise BrokenError(f"{sequence} has holes: {sorted(cells)}") from None

    def _row(self, row: Row, seen: dict[int, list[int]]) -> NDArray[np.float32] | None:
        cell = Cell(row.token, set(row.sequences))
        if not row.sequences:
            raise BrokenError("a token in no sequence")
        for sequence in row.sequences:
            if sequence not in seen:
                seen[sequence] = self.held(sequence)
            seen[sequence].append(row.token)
            cells = self.cells.setdefault(sequence, {})
            if len(cells) != row.position or (cells and row.position - 1 not in cells):
                raise BrokenError(f"{sequence} goes on at {len(cells)}, not {row.position}")
            cells[row.position] = cell
        return self._next(tuple(seen[row.sequences[0]])) if row.wants_logits else None

    def _next(self, seen: tuple[int, ...]) -> NDArray[np.float32]:
        logits = _NOISE[hash(seen) % _N_NOISE].copy()
        n_prompt = len(seen) - seen[::-1].index(MARK) if MARK in seen else len(seen)
        written = list(seen[n_prompt:])
        answers = self.answers.get(seen[:n_prompt], [])
        meant = [answer for answer in answers if written == answer[: len(written)] and len(written) < len(answer)]
        for n_before, answer in enumerate(meant):
            logits[answer[len(written)]] = max(logits[answer[len(written)]], 9.0 + hash(seen) % 5 / 10 - n_before / 2)
        if answers and not meant:
            # Led astray, it goes on as meant as a rule; what it says still depends on all that it saw.
            answer = [*answers[0][len(written) :], END]
            logits[answer[0] if hash(seen) % 7 else int(logits[_BYTES:].argmax()) + _BYTES] = 7.0
        return logits
