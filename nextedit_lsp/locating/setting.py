"""How the surroundings of a place compare with those of the edit that it repeats.

In: the evidence and a place.  Out: numbers for the chance, the same for every locator.
Not here: what only one locator knows about its places.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from nextedit_lsp.locating import lines as lines_
from nextedit_lsp.locating.evidence import Evidence
from nextedit_lsp.locating.place import Place
from nextedit_lsp.locating.ranking.kinds import kind_of
from nextedit_lsp.patterns.examples import MAX_AROUND, Example
from nextedit_lsp.text import tokens

# Lines on either side that are compared by their words.
N_COMPARED = 2


def setting(evidence: Evidence, place: Place) -> dict[str, float]:
    """The features of ``place``."""
    text, example = place.document.text, place.example
    found = lines_.lines_of(text)
    first, last = text.line_at(place.start), text.line_at(place.end)
    is_insertion = place.start == place.end == text.line_start(first)
    end = first if is_insertion else last + 1
    above = found.lines[max(0, first - MAX_AROUND) : first][::-1]
    below = found.lines[end : end + MAX_AROUND]
    line = found.lines[first] if first < len(found.lines) else ""
    indent = len(tokens.indent_of(line))
    own_row = text.line_at(min(example.start, len(text))) if example.uri == place.document.uri else None
    return {
        "around_n_above": float(lines_.n_same(above, example.lines_above)),
        "around_n_below": float(lines_.n_same(below, example.lines_below)),
        "around_above": _likeness(above[:N_COMPARED], example.lines_above[:N_COMPARED]),
        "around_below": _likeness(below[:N_COMPARED], example.lines_below[:N_COMPARED]),
        "around_line": _likeness((line,), example.old[:1] or example.lines_below[:1]),
        "around_indent": float(indent - len(tokens.indent_of((example.old or example.new or ("",))[0]))),
        "line_indent": float(indent),
        "line_kind": float(kind_of(line.strip(), [token.text for token in tokens.solid_of(line)])),
        "line_length": float(len(line)),
        "example_rows_away": math.log1p(abs(first - own_row)) if own_row is not None else 9.0,
        "example_is_above": float(own_row is not None and first > own_row),
        "example_n_old": float(len(example.old)),
        "example_n_new": float(len(example.new)),
        "example_age": float(example.age),
        "example_is_whole": float(any(_is_same_edit(block, example) for block in evidence.blocks)),
        **_documents(evidence, place, example),
        **_newest(evidence, place, first),
    }


def _is_same_edit(block: Example, example: Example) -> bool:
    """Whether the example is all of an edit and not a part of one."""
    return block.age == example.age and (block.old, block.new) == (example.old, example.new)


def _documents(evidence: Evidence, place: Place, example: Example) -> dict[str, float]:
    (name, suffix, folder), there = _parts_of(place.document.path), _parts_of(example.path)
    is_same = place.document.uri == example.uri
    return {
        "in_focus": float(place.document.uri == evidence.snapshot.document.uri),
        "in_example": float(is_same),
        "same_name": float(not is_same and name == there[0]),
        "same_suffix": float(suffix == there[1]),
        "same_folder": float(folder == there[2]),
        "n_documents": float(len(evidence.documents)),
    }


@lru_cache(maxsize=64)  # The few open documents, once a place.
def _parts_of(path: str) -> tuple[str, str, str]:
    """The name, its suffix, and the folder."""
    parsed = PurePosixPath(path)
    return parsed.name, parsed.suffix, str(parsed.parent)


def _newest(evidence: Evidence, place: Place, row: int) -> dict[str, float]:
    """Where the place is from the newest edit, and what that was."""
    newest = evidence.blocks[0] if evidence.blocks else place.example
    text = place.document.text
    rows_below = row - text.line_at(min(newest.start, len(text))) if newest.uri == place.document.uri else None
    return {
        "newest_rows_below": float(rows_below) if rows_below is not None else 5000.0,
        "newest_rows_away": math.log1p(abs(rows_below)) if rows_below is not None else 9.0,
        "newest_n_old": float(len(newest.old)),
        "newest_n_new": float(len(newest.new)),
        "n_edits": float(len({example.age for example in evidence.blocks})),
    }


def _likeness(left: Sequence[str], right: Sequence[str]) -> float:
    """The share of words and signs that two runs of lines have in common."""
    a = frozenset[str]().union(*(_tokens_of(line) for line in left))
    b = frozenset[str]().union(*(_tokens_of(line) for line in right))
    return len(a & b) / len(a | b) if a or b else 1.0


@lru_cache(maxsize=8192)  # The lines around one place are those around others, and come again in the next request.
def _tokens_of(line: str) -> frozenset[str]:
    return frozenset(token.text for token in tokens.solid_of(line))
