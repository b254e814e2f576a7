"""The order in which the hunks of a commit are made; a commit itself has none.

In: an episode.  Out: its hunks in file order (as listed, top down) or in flow order.
Not here: the states in between (``rounds``).

Flow order is file order, but a hunk waits for those that prompt it: a use waits for the definition
that changes its name or adds it, an import waits for the use of the name that it brings in.  Of
identical substitutions the first comes first as it is.  Told by words alone, so it is a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from nextedit_lsp.evaluation.episodes import Episode, EpisodeFile, Hunk
from nextedit_lsp.evaluation.rounds import HunkId, file_order

_WORD = re.compile(r"[^\W\d]\w*")
# What declares the word behind it, in the languages of the data.
DEFINITION = re.compile(
    r"\b(?:def|class|module|function|func|fun|fn|struct|enum|trait|interface|type|const|let|var|val|static|#define)"
    r"\s+(?:\([^)]*\)\s*|self\.|mut\s+)?([^\W\d]\w*)"
)
_IMPORT = re.compile(r"\s*(?:import|from|use|using|require|#include|export\s+\{)\b|.*\brequire\(")


def flow_order(episode: Episode) -> list[HunkId]:
    """The hunks in an order in which one might well make them."""
    listed = file_order(episode)
    facts = [_Facts(episode.files[which.file], episode.files[which.file].hunks[which.hunk]) for which in listed]
    waits_for = {
        i: {j for j in range(len(listed)) if i != j and _prompts(facts[j], facts[i])} for i in range(len(listed))
    }
    made: list[int] = []
    while len(made) < len(listed):
        made.append(_next(waits_for, made))
    return [listed[i] for i in made]


ORDERS: Mapping[str, Callable[[Episode], Sequence[HunkId]]] = {"file": file_order, "flow": flow_order}


class _Facts:
    """The words that a hunk changes, and which of them it defines or imports."""

    def __init__(self, file: EpisodeFile, hunk: Hunk) -> None:
        old = file.before.split("\n")[hunk.start : hunk.start + hunk.n_old]
        self.changed = set(_WORD.findall("\n".join(old))) ^ set(_WORD.findall("\n".join(hunk.new)))
        lines = [line for line in (*old, *hunk.new) if line.strip()]
        self.is_import = bool(lines) and all(_IMPORT.match(line) for line in lines)
        self.defined = set(DEFINITION.findall("\n".join(lines))) & self.changed


def _prompts(first: _Facts, second: _Facts) -> bool:
    """Whether the hunk ``second`` mechanically follows from ``first``."""
    if second.is_import:
        return not first.is_import and not first.changed.isdisjoint(second.changed)
    return not first.is_import and not first.defined.isdisjoint(second.changed - second.defined)


def _next(waits_for: Mapping[int, set[int]], made: Sequence[int]) -> int:
    """The first hunk that waits for nothing that is still to be made; the first of all in a circle."""
    pending = [i for i in waits_for if i not in made]
    return next((i for i in pending if waits_for[i] <= set(made)), pending[0])
