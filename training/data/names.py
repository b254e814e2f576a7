"""Names that nothing but a prompt can tell: made of words or of random letters, in the manner of another.

In: texts, to take words from; a random generator.  Out: fresh names.
Not here: where they go.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEYWORDS = """False None True and as assert async await break class continue def del elif else except finally for from
    global if import in is lambda nonlocal not or pass raise return try while with yield self cls match case print super
    const let var function new this typeof instanceof export default extends implements interface type enum public
    private protected readonly static switch throw catch void null undefined true false string number boolean any never
    unknown do delete of func package map chan range go defer select struct fallthrough goto nil int error len append
    make byte uint int64 fn pub impl trait mut use mod crate where move ref loop Self unsafe dyn str"""
KEYWORDS = frozenset(_KEYWORDS.split())
# The words of a text's names that are kept: the rarer ones are mostly misspelled.
MAX_WORDS = 6000


@dataclass(slots=True)
class Words:
    """What fresh names are made of."""

    words: Sequence[str] = field(default_factory=lambda: ["item", "count", "value", "node", "left", "size"])

    def fresh(self, rng: random.Random, like: str, taken: Set[str]) -> str:
        """A name that is not taken, sometimes made from ``like``, mostly written in its manner."""
        while True:
            name = self._derived(rng, like) if like and rng.random() < 0.25 else self._made(rng, like)
            if name not in taken and name not in KEYWORDS:
                return name

    def _made(self, rng: random.Random, like: str) -> str:
        if rng.random() < 0.25:
            return "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(1, 7)))
        parts = [rng.choice(self.words) for _ in range(rng.choices((1, 2, 3), (6, 4, 1))[0])]
        if like.isupper() and len(like) > 1:
            return "_".join(parts).upper()
        if like[:1].isupper():
            return "".join(part.capitalize() for part in parts)
        is_snake = "_" in like.strip("_") or ((like.islower() or not like) and rng.random() < 0.6)
        name = "_".join(parts) if is_snake else parts[0] + "".join(part.capitalize() for part in parts[1:])
        return name + (str(rng.randint(0, 9)) if rng.random() < 0.06 else "")

    def _derived(self, rng: random.Random, like: str) -> str:
        word = rng.choice(self.words)
        if "_" in like or like.islower():
            return rng.choice(
                (f"{like}_{word}", f"{word}_{like}", f"{like}s", f"_{like}", f"{like}{rng.randint(0, 9)}")
            )
        return rng.choice((like + word.capitalize(), word + like[:1].upper() + like[1:], f"{like}s"))


def split_words(texts: Iterable[str]) -> Words:
    """The words in the names of texts."""
    counts: Counter[str] = Counter()
    for text in texts:
        for name in NAME.findall(text):
            counts.update(word.lower() for word in re.findall(r"[A-Z]?[a-z]{2,11}", name))
    return Words([word for word, _ in counts.most_common(MAX_WORDS)])
