"""Analogy: what stands in one line for what stood in the example, and text carried over by it.

In: tokens of an example's old line and of another line.  Out: a binding of words to words, and
text with the words of one line replaced by those of the other, in all their spellings.
Not here: finding lines that are worth comparing (``locating``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nextedit_lsp.text import names
from nextedit_lsp.text.tokens import Kind, Token, solid_of, tokenized

# Words that mean the same in every line: one never stands for another, nor for a name.
_KEYWORDS = """
    abstract and as assert async await break case catch class const continue def default defer del delete do elif
    else elsif end enum except export extends extern false False final finally fn for from func function global go
    goto if impl implements import in instanceof interface is let loop match mod module move mut namespace new nil
    None none not null nullptr or override package pass private protected pub public raise readonly ref rescue
    return select self sizeof static struct super switch then this throw throws trait true True try type typedef
    typeof undefined union unless unsafe until use using var virtual void volatile when where while with yield
"""
KEYWORDS = frozenset(_KEYWORDS.split())


def binding(example: Sequence[Token], other: Sequence[Token]) -> dict[str, str] | None:
    """Which words of ``other`` stand for which words of ``example``; None where the two differ in more than that.

    Both have the same number of tokens; operators and keywords are equal; every word stands for
    one word, and numbers may differ.  Words that are the same in both are bound to themselves.
    """
    if len(example) != len(other):
        return None
    bound: dict[str, str] = {}
    for left, right in zip(example, other, strict=True):
        if left.kind is not right.kind:
            return None
        if left.text != right.text and not _may_stand_for(left, right):
            return None
        if left.kind in (Kind.WORD, Kind.NUMBER) and bound.setdefault(left.text, right.text) != right.text:
            return None
    return bound


def line_binding(example: str, other: str) -> dict[str, str] | None:
    """``binding`` of two lines."""
    return binding(solid_of(example), solid_of(other))


def n_replaced(bound: Mapping[str, str]) -> int:
    """How many words stand for another one."""
    return sum(left != right for left, right in bound.items())


def carried(text: str, bound: Mapping[str, str]) -> str:
    """``text`` with every bound word replaced by what stands for it, also in its other spellings."""
    if not n_replaced(bound):
        return text
    table = _spelling_table(bound)
    pieces = []
    for token in tokenized(text):
        if token.kind in (Kind.WORD, Kind.NUMBER) and token.text not in bound:
            pieces.append(table.get(token.text) or _carried_inside(token.text, bound))
        else:
            pieces.append(bound.get(token.text, token.text))
    return "".join(pieces)


def is_keyword(word: str) -> bool:
    """Whether ``word`` is a keyword of some language."""
    return word in KEYWORDS


def _may_stand_for(left: Token, right: Token) -> bool:
    if left.kind is Kind.NUMBER:
        return True
    return left.kind is Kind.WORD and not is_keyword(left.text) and not is_keyword(right.text)


def _spelling_table(bound: Mapping[str, str]) -> dict[str, str]:
    table: dict[str, str] = {}
    for left, right in bound.items():
        if left != right and left[:1].isalpha():
            for spelling, target in names.spellings(left, right).items():
                table.setdefault(spelling, target)
    return table


def _carried_inside(word: str, bound: Mapping[str, str]) -> str:
    for left, right in bound.items():
        if left != right:
            renamed = names.renamed_inside(word, left, right)
            if renamed is not None:
                return renamed
    return word
