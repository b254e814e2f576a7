"""A small byte-level BPE tokenizer whose ids are those that llama.cpp makes of the exported file.

In: source texts, to learn merges from; then a text.  Out: token ids, and the tokens as a GGUF file lists them.
Not here: the model; reading source files.

llama.cpp cuts a text by the regular expression of ``tokenizer.ggml.pre``, here "gpt-2", and merges inside the pieces.
The merges are learned from finer pieces, in which letters, digits and "_" never share a token with anything else, a
blank before a word included.  So a name has the same tokens wherever it stands, which makes it easy to copy.
"""

from __future__ import annotations

import heapq
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

CONTROL = (
    "<|eot|>",
    "<|file|>",
    "<|edit|>",
    "<|old|>",
    "<|new|>",
    "<|after|>",
    "<|before|>",
    "<|from|>",
    "<|to|>",
    "<|cursor|>",
    "<|answer|>",
    "<|none|>",
    "<|up|>",
    "<|down|>",
    "<|back|>",
)
PRE_TOKENIZER = "gpt-2"
TOKENIZER_FILE = Path(__file__).with_name("tokenizer.json")


@dataclass(slots=True)
class Tokenizer:
    """Token ids: the control tokens, the 256 bytes, then what each merge makes."""

    merges: list[tuple[bytes, bytes]]
    _plain: list[bytes] = field(init=False)
    _ids: dict[bytes, int] = field(init=False)
    _ranks: dict[tuple[bytes, bytes], int] = field(init=False)
    _pieces: dict[str, list[int]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._plain = [bytes([octet]) for octet in range(256)] + [left + right for left, right in self.merges]
        self._ids = {token: len(CONTROL) + number for number, token in enumerate(self._plain)}
        self._ranks = {pair: rank for rank, pair in enumerate(self.merges)}

    def __len__(self) -> int:
        return len(CONTROL) + 256 + len(self.merges)

    def encode(self, text: str) -> list[int]:
        """The ids of plain text; what looks like a control token is text too."""
        ids: list[int] = []
        for piece in _coarse().findall(text):
            found = self._pieces.get(piece)
            if found is None:
                found = self._pieces[piece] = [self._ids[token] for token in self._merged(piece.encode())]
            ids += found
        return ids

    def control(self, text: str) -> int:
        """The id of a control token."""
        return CONTROL.index(text)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of tokens; control tokens are left out."""
        octets = b"".join(self._plain[one - len(CONTROL)] for one in ids if one >= len(CONTROL))
        return octets.decode(errors="replace")

    def n_bytes(self, token: int) -> int:
        """The length of a plain token."""
        return len(self._plain[token - len(CONTROL)])

    def gguf_tokens(self) -> list[str]:
        """All tokens by id, in the letters that stand for bytes."""
        return [*CONTROL, *map(_lettered, self._plain)]

    def gguf_merges(self) -> list[str]:
        """The merges as llama.cpp reads them."""
        return [f"{_lettered(left)} {_lettered(right)}" for left, right in self.merges]

    def save(self, path: Path) -> None:
        """Write the merges to a file."""
        lines = ",\n".join(json.dumps(merge) for merge in self.gguf_merges())
        path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")

    def _merged(self, piece: bytes) -> list[bytes]:
        parts = [piece[at : at + 1] for at in range(len(piece))]
        while len(parts) > 1:
            rank, at = min((self._ranks.get(pair, sys.maxsize), at) for at, pair in enumerate(pairwise(parts)))
            if rank == sys.maxsize:
                break
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        return parts


def load(path: Path = TOKENIZER_FILE) -> Tokenizer:
    """The tokenizer whose merges a file has."""
    octets = {letter: octet for octet, letter in _letters().items()}

    def unlettered(text: str) -> bytes:
        return bytes(octets[letter] for letter in text)

    merges = [merge.split(" ") for merge in json.loads(path.read_text(encoding="utf-8"))]
    return Tokenizer([(unlettered(left), unlettered(right)) for left, right in merges])


def learned(texts: Iterable[str], n_tokens: int, *, is_fine: bool = True) -> Tokenizer:
    """The tokenizer of ``n_tokens`` tokens that merges the most frequent pairs first, inside fine pieces or coarse."""
    pieces = _fine() if is_fine else _coarse()
    words = Counter(piece for text in texts for piece in pieces.findall(text))
    parts = [[bytes([octet]) for octet in word.encode()] for word in words]
    return Tokenizer(_frequent_merges(parts, list(words.values()), n_tokens - 256 - len(CONTROL)))


def _frequent_merges(parts: list[list[bytes]], counts: Sequence[int], n_merges: int) -> list[tuple[bytes, bytes]]:
    totals: Counter[tuple[bytes, bytes]] = Counter()
    homes: defaultdict[tuple[bytes, bytes], set[int]] = defaultdict(set)
    for number, word in enumerate(parts):
        for pair in pairwise(word):
            totals[pair] += counts[number]
            homes[pair].add(number)
    queue = [(-total, pair) for pair, total in totals.items()]
    heapq.heapify(queue)
    merges: list[tuple[bytes, bytes]] = []
    made: set[bytes] = set()
    while queue and len(merges) < n_merges:
        total, pair = heapq.heappop(queue)
        if -total != totals[pair]:
            if totals[pair] > 0:
                heapq.heappush(queue, (-totals[pair], pair))
            continue
        totals[pair] = 0
        # Two merges that make the same token would give one id to both: llama.cpp knows tokens by their text.
        if pair[0] + pair[1] in made:
            continue
        made.add(pair[0] + pair[1])
        merges.append(pair)
        touched: set[tuple[bytes, bytes]] = set()
        for number in homes.pop(pair):
            old, new = parts[number], _joined(parts[number], pair)
            parts[number] = new
            for word, sign in ((old, -1), (new, 1)):
                for one in pairwise(word):
                    totals[one] += sign * counts[number]
                    homes[one].add(number)
                    touched.add(one)
        for one in touched - {pair}:
            heapq.heappush(queue, (-totals[one], one))
    return merges


def _joined(word: list[bytes], pair: tuple[bytes, bytes]) -> list[bytes]:
    joined: list[bytes] = []
    for part in word:
        if joined and (joined[-1], part) == pair:
            joined[-1] += part
        else:
            joined.append(part)
    return joined


@cache
def _numbers() -> str:
    """All characters that are numbers to Unicode, for use in a character class."""
    points = map(chr, range(sys.maxunicode + 1))
    return "".join(re.escape(point) for point in points if unicodedata.category(point).startswith("N"))


@cache
def _coarse() -> re.Pattern[str]:
    """The pieces that llama.cpp cuts a text into: the regular expression of GPT-2."""
    letter, other = f"[^\\W_{_numbers()}]", "(?:[^\\w\\s]|_)"
    number = f"[{_numbers()}]"
    return re.compile(f"'s|'t|'re|'ve|'m|'ll|'d| ?{letter}+| ?{number}+| ?{other}+|\\s+(?!\\S)|\\s+")


@cache
def _fine() -> re.Pattern[str]:
    """The pieces that merges are learned from; each lies within one coarse piece."""
    return re.compile(f"[^\\W_{_numbers()}]+|[{_numbers()}]|_| ?[^\\w\\s]+|\\n| +(?= )|\\s")


@cache
def _letters() -> dict[int, str]:
    """The letter that stands for each byte in the vocabulary of a byte-level tokenizer."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [octet for octet in range(256) if octet not in plain]
    return {octet: chr(octet) for octet in plain} | {octet: chr(256 + nth) for nth, octet in enumerate(others)}


def _lettered(octets: bytes) -> str:
    return "".join(_letters()[octet] for octet in octets)
