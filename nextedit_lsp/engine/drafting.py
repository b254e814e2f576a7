"""The draft: what the answer is expected to go on with, found again whenever the model has departed from it.

In: the text being rewritten, as tokens; then each token that was written.  Out: the tokens expected next.
Not here: how many of them are worth verifying (``lengths``), the model.

    draft    a = total ( x ) ;  print ( a )
    written  a = amount ( x ) ;  ...
                 └ departed   └ found again: the last tokens written stand in the draft, a little further on

While the answer follows the draft, the rest of the draft is expected.  Where it departs, the place is found again by
the longest run of last tokens that stands near in the draft: after an insertion, a deletion or a replacement alike.  A
name that was replaced is then expected replaced in all that is left of the draft.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field

from nextedit_lsp.engine.tokens import Vocabulary, decoded, n_common, plain_tokens

# How far ahead in the draft the place is looked for, in tokens: a deletion of some lines.
WINDOW = 160
# A longer run of last tokens says nothing more about the place.
MAX_RUN = 12
# With one token alone the place is only believed close by.
NEAR = 6
# How far a draft is trusted before its first token, in the terms of ``run``: most answers begin as the text does.
TRUSTED = 8
# With so many tokens as drafted the place was found for certain.
SURE = 8
# Replaced texts longer than this are no names.
MAX_NAME_CHARS = 120

_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class Draft:
    """Where an answer stands in its draft.

    ``at`` is the index of the token expected next; ``run`` counts the tokens written as drafted since the place was
    found or found again, which tells how far the draft can be trusted.  ``departed`` is set while the place is lost,
    and ``n_departed`` counts how often it was.  The last ``n_given`` tokens are those of the draft as it was given,
    with no name replaced.
    """

    tokens: list[int]
    vocabulary: Vocabulary
    ends: list[int] = field(default_factory=list)
    at: int = 0
    run: int = TRUSTED
    departed: bool = False
    n_departed: int = 0
    written: list[int] = field(default_factory=list)
    n_given: int = field(init=False)
    _given: list[int] = field(init=False)
    _left_at: int = 0
    _left_written: int = 0

    def __post_init__(self) -> None:
        self._given, self.n_given = self.tokens, len(self.tokens)

    @classmethod
    def of(cls, text: str, ends: Sequence[int], vocabulary: Vocabulary) -> Draft:
        """The draft of an answer that writes ``text`` and then one of ``ends``, the likeliest first."""
        tokens = plain_tokens(text, vocabulary)
        return cls(tokens, vocabulary, list(ends[:1]))

    def copy(self) -> Draft:
        """The same state, to go on from twice."""
        other = copy(self)
        other.written = list(self.written)
        return other

    def expected(self, n: int) -> list[int]:
        """Up to ``n`` tokens that are expected next; none while the place is lost."""
        if self.departed:
            return []
        return (self.tokens[self.at : self.at + n] + self.ends)[:n]

    @property
    def rest(self) -> bytes:
        """The text of the draft that is still to come; it may begin within a character."""
        return b"".join(map(self.vocabulary.piece, self.tokens[self.at :]))

    @property
    def expects_changes(self) -> bool:
        """Whether names are replaced in what is still to come."""
        return self.at < len(self.tokens) - self.n_given

    def feed(self, token: int) -> None:
        """Takes a token that was written."""
        self.written.append(token)
        if not self.departed and self.at < len(self.tokens) and self.tokens[self.at] == token:
            self.at += 1
            self.run += 1
            return
        if not self.departed:
            self.departed, self.n_departed = True, self.n_departed + 1
            # Otherwise the place that was found may have been a wrong one, and the true one stand before it.
            if self.run >= SURE:
                self._left_at, self._left_written = self.at, len(self.written) - 1
        self._find()

    def _find(self) -> None:
        place, n = self._place()
        if not n:
            return
        old = self.tokens[self._left_at : max(self._left_at, place - n)]
        new = self.written[self._left_written : max(self._left_written, len(self.written) - n)]
        self.at, self.run, self.departed = place, n, False
        self._learn(old, new)

    def _place(self) -> tuple[int, int]:
        """Behind which token of the draft the answer stands, and by how long a run; a run of 0 where it is lost."""
        last = self.written[-1]
        straight = self._left_at + len(self.written) - self._left_written
        best = (0, False, 0, 0)
        for place in range(max(1, self._left_at), min(len(self.tokens), straight + WINDOW) + 1):
            if self.tokens[place - 1] != last:
                continue
            n, distance = self._run_at(place), abs(place - straight)
            if n > 1 or distance == 0 or (distance <= NEAR and self._tells(last)):
                # What shares nothing with the draft but its end was inserted rather than put in the place of something.
                best = max(best, (n, place == self._left_at, -distance, place))
        return best[3], best[0]

    def _run_at(self, place: int) -> int:
        n, n_max = 0, min(place, len(self.written), MAX_RUN)
        while n < n_max and self.tokens[place - 1 - n] == self.written[-1 - n]:
            n += 1
        return n

    def _tells(self, token: int) -> bool:
        """Whether a token alone says where it stands: a word does, a bracket or white space does not."""
        return any(character.isalnum() for character in _text([token], self.vocabulary))

    def _learn(self, old: Sequence[int], new: Sequence[int]) -> None:
        """Expects names replaced as they were between leaving the draft and finding it again."""
        if not old or not new:
            return
        before = _text(self.written[max(0, self._left_written - 4) : self._left_written], self.vocabulary)
        behind = _text(self.tokens[self.at - self.run : self.at - self.run + 4], self.vocabulary)
        pairs = replaced_names(before, _text(old, self.vocabulary), _text(new, self.vocabulary), behind)
        rest = _text(self.tokens[self.at :], self.vocabulary) if pairs else ""
        renamed = _WORD.sub(lambda match: pairs.get(match.group(), match.group()), rest)
        if renamed != rest:
            self.tokens = self.tokens[: self.at] + plain_tokens(renamed, self.vocabulary)
            self.n_given = n_common(self.tokens[::-1], self._given[::-1])


def replaced_names(before: str, old: str, new: str, behind: str) -> dict[str, str]:
    """The names that one text has in the place of another's, if nothing else differs.

    ``before`` and ``behind`` are what stands around both: a name may have been replaced in part.
    """
    if max(len(old), len(new)) > MAX_NAME_CHARS:
        return {}
    head = re.search(r"\w*$", before)
    tail = re.match(r"\w*", behind)
    front, back = head.group() if head else "", tail.group() if tail else ""
    old, new = front + old + back, front + new + back
    if _WORD.split(old) != _WORD.split(new):
        return {}
    pairs: dict[str, str] = {}
    for was, is_ in zip(_WORD.findall(old), _WORD.findall(new), strict=True):
        if was != is_ and (was.isdigit() or pairs.setdefault(was, is_) != is_):
            return {}
    return pairs


def _text(tokens: Sequence[int], vocabulary: Vocabulary) -> str:
    return decoded(b"".join(map(vocabulary.piece, tokens)))


def looked_up(history: Sequence[int], n_gram: int, n: int) -> list[int]:
    """What followed the last ``n_gram`` tokens where they stood before, the newest such place first.

    Prompt lookup decoding (Saxena 2023), for text that is neither in the draft nor free: a line copied from elsewhere.
    """
    if len(history) <= n_gram:
        return []
    key = list(history[-n_gram:])
    for place in range(len(history) - n_gram - 1, -1, -1):
        if history[place] == key[0] and list(history[place : place + n_gram]) == key:
            return list(history[place + n_gram : place + n_gram + n])
    return []
