"""The lines of a text as numpy columns: tokens, indentation, what kind of line it is.

In: a ``Text``.  Out: ``Lines``.
Not here: what the user did (``edits``), comparing lines (``words``, ``likeness``).

Columns are made chunk by chunk and kept, and texts share their unchanged chunks: after a keystroke in a
long file one chunk is read anew.  Tokens are known by Python's hash of them, which is fixed within a process.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nextedit_lsp.locating.ranking.kinds import kind_of, last_sign
from nextedit_lsp.text.buffer import Chunk, Text

Ints = npt.NDArray[np.int64]
Column = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

# A longer line is generated code or data: what stands behind is not looked at.
MAX_LINE_CHARS = 400
TAB_WIDTH = 4

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
# A number with its points is one token: a version is as telling as a name.
_TOKEN = re.compile(r"\d[\w.]*\w|\w+|[^\w\s]")
_WORD = re.compile(r"\w+")
_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_a-zA-Z]+")
# An odd multiplier: mixes two hashes to one for a pair of tokens.
_MIX = np.int64(0x5851F42D4C957F2D)


@dataclass(frozen=True, slots=True)
class Lines:
    """One text: the first group has an entry a row, the others one a token, sorted by row.

    ``token_row``, ``piece_row`` say on which row each stands; ``pair`` and ``triple`` are of the token with
    the one or two behind it on the row, 0 where there is none.  ``balance`` counts the brackets that a row opens
    and does not close.
    """

    indent: Ints
    n_chars: Ints
    n_trailing: Ints
    n_tokens: Ints
    n_distinct: Ints
    balance: Ints
    kind: Ints
    last: Ints
    line: Ints
    shape: Ints
    first: Ints
    token: Ints
    token_row: Ints
    is_word: Bools
    folded: Ints
    pair: Ints
    triple: Ints
    piece: Ints
    piece_row: Ints

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.indent)


def lines_of(text: Text, near: int, n_most: int) -> tuple[Lines, int]:
    """The columns of ``text`` and the first row that they are of; a text has a row more than line breaks.

    Of more than ``n_most`` rows about as many, those around the row ``near``.
    """
    chunks = text.chunks or (Chunk(""),)
    starts = np.cumsum([0, *(chunk.n_breaks for chunk in chunks)])
    first, end = 0, len(chunks)
    if text.n_lines > n_most:
        low = min(max(0, near - n_most // 2), text.n_lines - n_most)
        first = int(np.searchsorted(starts, low, side="right")) - 1
        end = max(first + 1, int(np.searchsorted(starts, low + n_most)))
    parts = [
        _chunk_lines(chunks[index].string, index == len(chunks) - 1) for index in range(first, min(end, len(chunks)))
    ]
    return joined(parts), int(starts[first])


@lru_cache(maxsize=512)  # The lines of one edit are compared in several ways, and with every key that follows.
def lines_of_strings(strings: tuple[str, ...]) -> Lines:
    """The columns of lines that stand for themselves."""
    return _columns(strings)


def joined(parts: list[Lines]) -> Lines:
    """One below the other, as one."""
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *(part.n_rows for part in parts[:-1])])
    columns = {}
    for name in Lines.__dataclass_fields__:
        pieces = [getattr(part, name) for part in parts]
        if name in ("token_row", "piece_row"):
            pieces = [piece + start for piece, start in zip(pieces, starts, strict=True)]
        columns[name] = np.concatenate(pieces)
    return Lines(**columns)


@lru_cache(maxsize=1024)  # Some 30 kB each: the open documents, many versions long.
def _chunk_lines(string: str, is_last: bool) -> Lines:
    rows = _LINE_BREAK.split(string)
    return _columns(tuple(rows if is_last else rows[:-1]))


def _columns(rows: tuple[str, ...]) -> Lines:
    indent, n_chars, n_trailing, n_tokens, n_distinct, balance = ([] for _ in range(6))
    kind, last, line, shape, first = ([] for _ in range(5))
    found: list[str] = []
    for string in rows:
        string = string[:MAX_LINE_CHARS]
        bare = string.strip()
        tokens = _TOKEN.findall(bare)
        lead = string[: len(string) - len(string.lstrip())]
        indent.append(len(lead) + (TAB_WIDTH - 1) * lead.count("\t"))
        n_chars.append(len(bare))
        n_trailing.append(len(string) - len(string.rstrip()))
        n_tokens.append(len(tokens))
        n_distinct.append(len(set(tokens)))
        balance.append(sum(map(bare.count, "([{")) - sum(map(bare.count, ")]}")))
        kind.append(kind_of(bare, tokens))
        last.append(last_sign(bare))
        line.append(hash(bare))
        shape.append(hash(_shape(bare)))
        first.append(hash(tokens[0]) if tokens else 0)
        found += tokens
    known = [_token(token) for token in found]
    n_tokens_ = _ints(n_tokens)
    token = _ints([one.hash for one in known])
    token_row = np.repeat(np.arange(len(rows), dtype=np.int64), n_tokens_)
    pair, triple = _runs(token, token_row)
    return Lines(
        indent=_ints(indent),
        n_chars=_ints(n_chars),
        n_trailing=_ints(n_trailing),
        n_tokens=n_tokens_,
        n_distinct=_ints(n_distinct),
        balance=_ints(balance),
        kind=_ints(kind),
        last=_ints(last),
        line=_ints(line),
        shape=_ints(shape),
        first=_ints(first),
        token=token,
        token_row=token_row,
        is_word=np.array([one.is_word for one in known], dtype=bool),
        folded=_ints([one.folded for one in known]),
        pair=pair,
        triple=triple,
        piece=_ints([piece for one in known for piece in one.pieces]),
        piece_row=np.repeat(token_row, [len(one.pieces) for one in known]) if known else _ints([]),
    )


class _Token(NamedTuple):
    """What is known of a token: its hash, that of its other spellings, and those of the words in it."""

    hash: int
    is_word: bool
    folded: int
    pieces: tuple[int, ...]


@lru_cache(maxsize=65536)  # Some tens of thousands of different tokens stand in all open documents.
def _token(token: str) -> _Token:
    is_word = token[0].isalpha() or token[0] == "_" or (len(token) > 1 and token[0].isdigit())
    folded = hash(token.replace("_", "").lower()) if len(token) > 3 else hash(token)
    pieces = tuple({hash(piece.lower()) for piece in _PIECE.findall(token) if len(piece) > 2})
    return _Token(hash(token), is_word, folded, pieces)


def _runs(token: Ints, row: Ints) -> tuple[Ints, Ints]:
    """Of each token the hash with the one behind, and with the two behind."""
    pair, triple = np.zeros_like(token), np.zeros_like(token)
    if len(token) > 1:
        pair[:-1] = np.where(row[:-1] == row[1:], token[:-1] * _MIX + token[1:], 0)
    if len(token) > 2:
        triple[:-2] = np.where(row[:-2] == row[2:], pair[:-2] * _MIX + token[2:], 0)
    return pair, triple


def _shape(bare: str) -> str:
    return _WORD.sub("w", bare).replace(" ", "")


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)
