"""A byte-level BPE tokenizer whose ids are those that llama.cpp makes of the exported file.

In: source texts, to learn merges from; then a text.  Out: token ids, and the tokens as a GGUF file lists them.
Not here: the model; reading source files.

llama.cpp cuts a text by the regular expression that ``tokenizer.ggml.pre`` names, and merges inside the pieces.  The
merges are learned from finer pieces, in which letters, digits and "_" never share a token with anything else, a blank
before a name included.  So a name has the same tokens wherever it stands, which makes it easy to copy.
"""

from __future__ import annotations

import heapq
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from nextedit_lsp.formats.prompt import Prompt

# The tokenizer of the project's own models.
FILE = Path(__file__).with_name("tokenizer.json")
# Words that share a token with the blank before them: they are seldom a name or the beginning of one, so nothing is
# lost for copying, and a text takes some 5 % fewer tokens.
JOINED_WORDS = """an and are async await be break case catch class const continue def elif else except export extends
    false False final finally fn for func function if impl implements import in instanceof interface it lambda let nil
    None not null of or pass private protected pub public raise return self should static struct switch that the then
    this throw throws true True try unless val var void where while will yield"""


@dataclass(slots=True)
class Tokenizer:
    """Token ids: the control tokens, the 256 bytes, then what each merge makes.  ``pre`` is one of ``SPLITTINGS``."""

    pre: str
    controls: tuple[str, ...]
    merges: list[tuple[bytes, bytes]]
    _plain: list[bytes] = field(init=False)
    _ids: dict[bytes, int] = field(init=False)
    _ranks: dict[tuple[bytes, bytes], int] = field(init=False)
    _pieces: dict[str, list[int]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._plain = [bytes([octet]) for octet in range(256)] + [left + right for left, right in self.merges]
        self._ids = {token: len(self.controls) + number for number, token in enumerate(self._plain)}
        self._ranks = {pair: rank for rank, pair in enumerate(self.merges)}

    def __len__(self) -> int:
        return len(self.controls) + 256 + len(self.merges)

    def encode(self, text: str) -> list[int]:
        """The ids of plain text; what looks like a control token is text too."""
        ids: list[int] = []
        for match in SPLITTINGS[self.pre].coarse().finditer(text):
            piece = match.group()
            found = self._pieces.get(piece)
            if found is None:
                octets = piece.encode("utf-8", "surrogatepass")
                found = self._pieces[piece] = [self._ids[token] for token in self._merged(octets)]
            ids += found
        return ids

    def encode_prompt(self, prompt: Prompt) -> list[int]:
        """The ids of segments, as an engine makes them."""
        ids: list[int] = []
        for segment in prompt:
            ids += [self.control(segment.text)] if segment.is_control else self.encode(segment.text)
        return ids

    def control(self, text: str) -> int:
        """The id of a control token."""
        return self.controls.index(text)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of tokens; control tokens are left out."""
        octets = b"".join(self._plain[one - len(self.controls)] for one in ids if one >= len(self.controls))
        return octets.decode(errors="replace")

    def n_bytes(self, token: int) -> int:
        """The length of a plain token."""
        return len(self._plain[token - len(self.controls)])

    def gguf_tokens(self) -> list[str]:
        """All tokens by id, in the letters that stand for bytes."""
        return [*self.controls, *map(_lettered, self._plain)]

    def gguf_merges(self) -> list[str]:
        """The merges as llama.cpp reads them."""
        return [f"{_lettered(left)} {_lettered(right)}" for left, right in self.merges]

    def save(self, path: Path) -> None:
        """Write what ``load`` reads, one merge a line."""
        head = f'{{"pre": {json.dumps(self.pre)},\n"controls": {json.dumps(self.controls)},\n"merges": [\n'
        lines = ",\n".join(json.dumps(merge, ensure_ascii=False) for merge in self.gguf_merges())
        path.write_text(f"{head}{lines}\n]}}\n", encoding="utf-8")

    def _merged(self, piece: bytes) -> list[bytes]:
        parts = [piece[at : at + 1] for at in range(len(piece))]
        while len(parts) > 1:
            rank, at = min((self._ranks.get(pair, sys.maxsize), at) for at, pair in enumerate(pairwise(parts)))
            if rank == sys.maxsize:
                break
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        return parts


def load(path: Path) -> Tokenizer:
    """The tokenizer that a file holds."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    merges = [merge.split(" ") for merge in kept["merges"]]
    pairs = [(unlettered(left), unlettered(right)) for left, right in merges]
    return Tokenizer(kept["pre"], tuple(kept["controls"]), pairs)


def unlettered(text: str) -> bytes:
    """The bytes that the letters of a token in a GGUF file stand for."""
    octets = _octets()
    return bytes(octets[letter] for letter in text)


def learned(
    texts: Iterable[str], n_tokens: int, pre: str, controls: Sequence[str], *, is_fine: bool = True
) -> Tokenizer:
    """The tokenizer of ``n_tokens`` tokens that merges the most frequent pairs first, inside fine pieces or coarse."""
    pieces = SPLITTINGS[pre].fine() if is_fine else SPLITTINGS[pre].coarse()
    words = Counter(match.group() for text in texts for match in pieces.finditer(text))
    parts = [[bytes([octet]) for octet in word.encode()] for word in words]
    merges = _frequent_merges(parts, list(words.values()), n_tokens - 256 - len(controls))
    return Tokenizer(pre, tuple(controls), merges)


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


class Splitting(NamedTuple):
    """How llama.cpp cuts a text, ``coarse``, and the pieces within these that merges are learned from, ``fine``."""

    coarse: Callable[[], re.Pattern[str]]
    fine: Callable[[], re.Pattern[str]]


@cache
def _gpt2() -> re.Pattern[str]:
    letter, other = f"[^\\W_{_numbers()}]", "(?:[^\\w\\s]|_)"
    number = f"[{_numbers()}]"
    return re.compile(f"'s|'t|'re|'ve|'m|'ll|'d| ?{letter}+| ?{number}+| ?{other}+|\\s+(?!\\S)|\\s+")


@cache
def _fine_gpt2() -> re.Pattern[str]:
    return re.compile(f"[^\\W_{_numbers()}]+|[{_numbers()}]|_| ?[^\\w\\s]+|\\n| +(?= )|\\s")


@cache
def _tekken() -> re.Pattern[str]:
    """Mistral's: words end where a capital follows a small letter, digits are single, no piece is a contraction.

    Letters beyond ASCII count as capitals and as small ones, as they do in llama.cpp.
    """
    before, letter, other = "(?:[^\\w\\r\\n]|_)?", f"[^\\W_{_numbers()}]", "(?:[^\\w\\s]|_)"
    capital, small = f"(?![a-z]){letter}", f"(?![A-Z]){letter}"
    words = f"{before}(?:{capital})*(?:{small})+|{before}(?:{capital})+(?:{small})*"
    return re.compile(f"{words}|[{_numbers()}]| ?{other}+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+")


@cache
def _fine_tekken() -> re.Pattern[str]:
    letter = f"[^\\W_{_numbers()}]"
    capital, small = f"(?![a-z]){letter}", f"(?![A-Z]){letter}"
    words = f"(?:{capital})*(?:{small})+|(?:{capital})+(?:{small})*"
    joined = f" (?:{'|'.join(JOINED_WORDS.split())})(?!\\w)"
    return re.compile(f"{joined}|{words}|[{_numbers()}]|_+| ?[^\\w\\s]+[\\r\\n]*|\\s*[\\r\\n]+|[ \\t]+(?=\\s)|\\s")


SPLITTINGS = {"gpt-2": Splitting(_gpt2, _fine_gpt2), "tekken": Splitting(_tekken, _fine_tekken)}


@cache
def _letters() -> dict[int, str]:
    """The letter that stands for each byte in the vocabulary of a byte-level tokenizer."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [octet for octet in range(256) if octet not in plain]
    return {octet: chr(octet) for octet in plain} | {octet: chr(256 + nth) for nth, octet in enumerate(others)}


@cache
def _octets() -> dict[str, int]:
    return {letter: octet for octet, letter in _letters().items()}


def _lettered(octets: bytes) -> str:
    return "".join(_letters()[octet] for octet in octets)
