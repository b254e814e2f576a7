"""What is known of a proposal among the others: who else says the same, how large it is, whether its words are known.

In: all proposals of one request, and the ranked places.  Out: the same with more features.
Not here: how its place compares with its example's (``locating.setting``).
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from nextedit_lsp.locating.place import RankedPlace
from nextedit_lsp.locating.ranking import ranker
from nextedit_lsp.proposing.synthesis import Proposal
from nextedit_lsp.text import tokens
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes

# Larger groups of proposals are not compared one with another.
MAX_COMPARED = 400

# Cut as tokens are, but much faster; a number is found as an empty word.
_WORD_OR_NUMBER = re.compile(r"\d[\w.]*|([^\W\d]\w*)")


def described(proposals: Iterable[Proposal], places: Sequence[RankedPlace]) -> list[Proposal]:
    """``proposals`` with the features that come from comparing them; ``places`` are empty where nobody ranked any."""
    found = list(proposals)
    n_of_pattern = Counter(proposal.pattern for proposal in found)
    n_in_document = Counter((proposal.document.uri, proposal.pattern) for proposal in found)
    by_edits: dict[tuple[str, Changes], set[str]] = defaultdict(set)
    by_rows: dict[tuple[str, int], list[Proposal]] = defaultdict(list)
    for proposal in found[:MAX_COMPARED]:
        by_edits[proposal.document.uri, proposal.changes].add(proposal.source)
        for row in range(*proposal.rows):
            by_rows[proposal.document.uri, row].append(proposal)
    return [
        replace(
            proposal,
            features={
                **proposal.features,
                "n_of_pattern": math.log1p(n_of_pattern[proposal.pattern]),
                "n_in_document": math.log1p(n_in_document[proposal.document.uri, proposal.pattern]),
                "n_agreeing": float(len(by_edits[proposal.document.uri, proposal.changes]) - 1),
                "n_proposals": math.log1p(len(found)),
                **_place(proposal, places),
                **_rivals(proposal, by_rows[proposal.document.uri, proposal.rows[0]]),
                **_size(proposal),
                **_words(proposal),
            },
        )
        for proposal in found
    ]


def _place(proposal: Proposal, places: Sequence[RankedPlace]) -> dict[str, float]:
    """How likely the lines are to be edited next, whatever is written there."""
    if not places:
        return {}
    first, end = proposal.rows
    here = ranker.chance_at(places, proposal.document, (first, first if proposal.is_insertion else end))
    return {
        "place_known": 1.0,
        "place_chance": here,
        "place_lead": places[0].chance,
        "place_is_first": float(here == places[0].chance),
    }


def _rivals(proposal: Proposal, others: Sequence[Proposal]) -> dict[str, float]:
    """Proposals on the same line that do something else."""
    rivals = [other for other in others if other.changes != proposal.changes]
    return {
        "n_rivals": float(min(len(rivals), 8)),
        "is_larger": float(all(_n_changed(proposal) >= _n_changed(other) for other in rivals)),
        "n_rival_rewrites": float(sum(other.source == "rewrite" for other in rivals)),
    }


def _n_changed(proposal: Proposal) -> int:
    return sum(edit.end - edit.start + len(edit.text) for edit in proposal.changes.edits)


def _size(proposal: Proposal) -> dict[str, float]:
    edits = proposal.changes.edits
    old = "".join(proposal.document.text.slice(edit.start, edit.end) for edit in edits)
    new = "".join(edit.text for edit in edits)
    return {
        "size_old": math.log1p(len(old)),
        "size_new": math.log1p(len(new)),
        "lines_old": float(old.count("\n")),
        "lines_new": float(new.count("\n")),
        "n_edits_here": float(len(edits)),
        "starts_line": float(not proposal.document.text.line(proposal.rows[0])[: _column(proposal)].strip()),
    }


def _column(proposal: Proposal) -> int:
    return proposal.changes.start - proposal.document.text.line_start(proposal.rows[0])


def _words(proposal: Proposal) -> dict[str, float]:
    """Whether the words that come are known in the document, and whether those that go stand there elsewhere."""
    known = _words_of(proposal.document.text)
    text = proposal.document.text
    new = {token.text for edit in proposal.changes.edits for token in tokens.solid_of(edit.text)}
    old = {token.text for e in proposal.changes.edits for token in tokens.solid_of(text.slice(e.start, e.end))}
    coming = [word for word in new - old if tokens.is_word(word)]
    going = [word for word in old - new if tokens.is_word(word)]
    return {
        "words_coming": float(min(len(coming), 20)),
        "words_unknown": float(sum(not known.count(word) for word in coming)),
        "words_going": float(min(len(going), 20)),
        "words_left": math.log1p(min((known.count(word) for word in going), default=0)),
    }


class _Words:
    """How often words stand in a text; the texts of two keystrokes share all chunks but one."""

    def __init__(self, text: Text) -> None:
        self._counts = [_counted(chunk.string) for chunk in text.chunks]
        self._known: dict[str, int] = {}

    def count(self, word: str) -> int:
        """How often a word stands there."""
        if word not in self._known:
            self._known[word] = sum(count[word] for count in self._counts)
        return self._known[word]


@lru_cache(maxsize=16)  # Of the few documents that are open, in one request.
def _words_of(text: Text) -> _Words:
    return _Words(text)


@lru_cache(maxsize=1024)  # Some 10 kB each: the open documents, many versions long.
def _counted(string: str) -> Counter[str]:
    return Counter(_WORD_OR_NUMBER.findall(string))
