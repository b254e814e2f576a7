"""What was done to an argument list: an argument added, removed, or wrapped.

In: one changed line.  Out: the changes of the argument lists in it, by position.
Not here: other calls of the same function (``locating.arguments``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from nextedit_lsp.patterns import analogy
from nextedit_lsp.patterns.examples import LineChange
from nextedit_lsp.text import tokens
from nextedit_lsp.text.tokens import Token

_OPENERS, _CLOSERS = "([{", ")]}"
_QUOTES = ("'", '"', "`")


class Action(Enum):
    """What was done to an argument."""

    ADDED = "added"
    REMOVED = "removed"
    WRAPPED = "wrapped"


@dataclass(frozen=True, slots=True)
class ArgumentList:
    """A name with a list in parentheses on one line; columns, and the texts of the arguments."""

    callee: str
    callee_start: int
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArgumentChange:
    """One argument of a list of ``n_before`` changed.

    ``text`` is the argument added or removed; of one wrapped, what stands before (``text``) and
    behind (``tail``) it now.  ``callee_start`` is a column of the new line.
    """

    action: Action
    callee: str
    callee_start: int
    index: int
    n_before: int
    text: str
    tail: str = ""


def argument_changes(change: LineChange) -> Iterator[ArgumentChange]:
    """The argument lists of a line that differ in just one argument."""
    olds, news = list(argument_lists(change.old_line)), list(argument_lists(change.new_line))
    if len(olds) > len(news):
        return
    # A wrapped argument brings a call of its own along: lists are matched by name, in order.
    remaining = iter(news)
    for old in olds:
        new = next((one for one in remaining if one.callee == old.callee), None)
        if new is None:
            return
        found = _change(old, new)
        if found is not None:
            yield found


def argument_lists(line: str) -> Iterator[ArgumentList]:
    """The complete argument lists on a line, outer before inner."""
    found = tokens.solid(tokens.tokenized(line))
    for index in range(len(found) - 1):
        callee, opener = found[index], found[index + 1]
        if opener.text != "(" or not tokens.is_word(callee.text) or analogy.is_keyword(callee.text):
            continue
        arguments = _arguments(line, found, index + 1)
        if arguments is not None:
            yield ArgumentList(callee.text, callee.start, arguments)


def _arguments(line: str, found: list[Token], opener: int) -> tuple[str, ...] | None:
    """The texts between the parenthesis at ``opener`` and its match, cut at the commas; None without a match."""
    depth, quote, start = 0, "", found[opener].end
    arguments: list[str] = []
    for token in found[opener:]:
        if quote:
            quote = "" if token.text == quote else quote
        elif token.text in _QUOTES:
            quote = token.text
        elif token.text in _OPENERS:
            depth += 1
        elif token.text in _CLOSERS:
            depth -= 1
            if depth == 0:
                last = line[start : token.start].strip()
                return (*arguments, last) if last or arguments else ()
        elif token.text == "," and depth == 1:
            arguments.append(line[start : token.start].strip())
            start = token.end
    return None


def _change(old: ArgumentList, new: ArgumentList) -> ArgumentChange | None:
    before, after = old.arguments, new.arguments
    n_same = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    here = (new.callee, new.callee_start, n_same, len(before))
    if len(after) == len(before) + 1 and before[n_same:] == after[n_same + 1 :]:
        return ArgumentChange(Action.ADDED, *here, after[n_same])
    if len(after) == len(before) - 1 and before[n_same + 1 :] == after[n_same:]:
        return ArgumentChange(Action.REMOVED, *here, before[n_same])
    if len(after) == len(before) and n_same < len(before) and before[n_same + 1 :] == after[n_same + 1 :]:
        inner, outer = before[n_same], after[n_same]
        # ``str(x)``, ``x.name``, ``&x``: what is added stands apart from the argument's own words.
        found = [
            match.span()
            for match in re.finditer(re.escape(inner), outer)
            if inner and _is_apart(inner, outer, match.start())
        ]
        if len(found) == 1:
            (start, end) = found[0]
            return ArgumentChange(Action.WRAPPED, *here, outer[:start], outer[end:])
    return None


def _is_apart(inner: str, outer: str, start: int) -> bool:
    """Whether ``inner``, found in ``outer`` at ``start``, is no part of a longer word there."""
    end = start + len(inner)
    joins_left = tokens.is_word_char(inner[0]) and start > 0 and tokens.is_word_char(outer[start - 1])
    joins_right = tokens.is_word_char(inner[-1]) and end < len(outer) and tokens.is_word_char(outer[end])
    return not joins_left and not joins_right
