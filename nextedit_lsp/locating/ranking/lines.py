"""The lines of a text as numpy columns: tokens, indentation, what kind of line it is.

In: a ``Text``.  Out: ``Lines``.
Not here: what the user did (``edits``), comparing lines (``words``, ``likeness``).

Columns are made chunk by chunk and kept, and texts share their unchanged chunks: after a keystroke in a
long file one chunk is read anew.  Tokens are known by Python's hash of them, which is fixed within a process.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from nextedit_lsp.locating.ranking.kinds import Kind, kind_of, last_sign
from nextedit_lsp.text.buffer import Text

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

# A longer line is generated code or data: what stands behind is not looked at.
MAX_LINE_CHARS = 400
TAB_WIDTH = 4

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_a-zA-Z]+")
# An odd multiplier: mixes two hashes to one for a pair of tokens.
_MIX = np.int64(0x5851F42D4C957F2D)


@dataclass(frozen=True, slots=True)
class Lines:
    """One text: the first group has an entry a row, the others one a token, sorted by row.

    ``token_row``, ``piece_row`` say on which row each stands; ``pair`` and ``triple`` are of the token with
    the one or two behind it on the row, 0 where there is none.
    """

    indent: Ints
    n_chars: Ints
    n_tokens: Ints
    n_distinct: Ints
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


def lines_of(text: Text) -> Lines:
    """The columns of ``text``; a row more than it has line breaks."""
    strings = [chunk.string for chunk in text.chunks] or [""]
    parts = [_chunk_lines(string, index == len(strings) - 1) for index, string in enumerate(strings)]
    return joined(parts)


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


@lru_cache(maxsize=4096)  # Chunks are of some 2,000 characters: the open documents, many versions long.
def _chunk_lines(string: str, is_last: bool) -> Lines:
    rows = _LINE_BREAK.split(string)
    return _columns(tuple(rows if is_last else rows[:-1]))


def _columns(rows: tuple[str, ...]) -> Lines:
    indent, n_chars, n_tokens, n_distinct, kind, last, line, shape, first = ([] for _ in range(9))
    found: list[str] = []
    pieces: list[int] = []
    piece_rows: list[int] = []
    for row, string in enumerate(rows):
        string = string[:MAX_LINE_CHARS]
        bare = string.strip()
        tokens = _TOKEN.findall(bare)
        lead = string[: len(string) - len(string.lstrip())]
        indent.append(len(lead) + (TAB_WIDTH - 1) * lead.count("\t"))
        n_chars.append(len(bare))
        n_tokens.append(len(tokens))
        n_distinct.append(len(set(tokens)))
        kind.append(int(kind_of(bare, tokens)))
        last.append(last_sign(bare))
        line.append(hash(bare))
        shape.append(hash(_shape(bare)))
        first.append(hash(tokens[0]) if tokens else 0)
        found += tokens
        for token in tokens:
            own = _pieces(token)
            pieces += own
            piece_rows += [row] * len(own)
    n_tokens_ = _ints(n_tokens)
    token = _ints([hash(one) for one in found])
    token_row = np.repeat(np.arange(len(rows), dtype=np.int64), n_tokens_)
    pair, triple = _runs(token, token_row)
    return Lines(
        indent=_ints(indent),
        n_chars=_ints(n_chars),
        n_tokens=n_tokens_,
        n_distinct=_ints(n_distinct),
        kind=_ints(kind),
        last=_ints(last),
        line=_ints(line),
        shape=_ints(shape),
        first=_ints(first),
        token=token,
        token_row=token_row,
        is_word=np.array([_is_word(one) for one in found], dtype=bool),
        folded=_ints([_folded(one) for one in found]),
        pair=pair,
        triple=triple,
        piece=_ints(pieces),
        piece_row=_ints(piece_rows),
    )


def _runs(token: Ints, row: Ints) -> tuple[Ints, Ints]:
    """Of each token the hash with the one behind, and with the two behind."""
    pair, triple = np.zeros_like(token), np.zeros_like(token)
    if len(token) > 1:
        pair[:-1] = np.where(row[:-1] == row[1:], token[:-1] * _MIX + token[1:], 0)
    if len(token) > 2:
        triple[:-2] = np.where(row[:-2] == row[2:], pair[:-2] * _MIX + token[2:], 0)
    return pair, triple


def _shape(bare: str) -> str:
    return re.sub(r"\w+", "w", bare).replace(" ", "")


@lru_cache(maxsize=65536)
def _pieces(token: str) -> tuple[int, ...]:
    """Hashes of the words that a name is made of, in lower case, if there are several or it is long."""
    return tuple({hash(piece.lower()) for piece in _PIECE.findall(token) if len(piece) > 2})


@lru_cache(maxsize=65536)
def _folded(token: str) -> int:
    """The hash of a name in any spelling; of what is short, its own hash."""
    return hash(token.replace("_", "").lower()) if len(token) > 3 else hash(token)


def _is_word(token: str) -> bool:
    return token[0].isalpha() or token[0] == "_"


def _ints(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)


BLANK, COMMENT, IMPORT = int(Kind.BLANK), int(Kind.COMMENT), int(Kind.IMPORT)
