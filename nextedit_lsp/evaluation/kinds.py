"""What kind of edit is expected in a round.

In: a Round and one of its remaining hunks.  Out: the names of the kinds that hold; several can.
Not here: which hunk a round is about (``target``, used by ``metrics``), rates (``estimates``).

========== =========================================================================================================
rename     all that the hunk changes is one name, everywhere in it to the same other name
signature  it changes the arguments of a function: of its declaration, or of a call where a done hunk changed the
           arguments of the same name
repeat     it makes a change of tokens that a done hunk made
insertion  it replaces no lines
deletion   it leaves no lines
near       it begins within ``NEAR_LINES`` lines of the cursor, in the same file
far        farther away, in the same file
other file in another file than the cursor's
========== =========================================================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from nextedit_lsp.evaluation.orders import DEFINITION
from nextedit_lsp.evaluation.rounds import PlacedHunk, Round
from nextedit_lsp.patterns.arguments import argument_lists
from nextedit_lsp.presenting.present import NEAR_LINES
from nextedit_lsp.text.diff import token_edits
from nextedit_lsp.text.tokens import is_word, is_word_char

KINDS = ("rename", "signature", "repeat", "insertion", "deletion", "near", "far", "other file")


def target(round_: Round, touched: Sequence[PlacedHunk]) -> PlacedHunk | None:
    """The hunk that a round is about: the first of ``touched``, else the remaining one nearest to the cursor.

    Where none remains in the file of the cursor it is the next one in order.  None once the commit is complete.
    """
    if touched or not round_.remaining:
        return touched[0] if touched else None
    here = [hunk for hunk in round_.remaining if hunk.uri == round_.snapshot.document.uri]
    return min(here, key=lambda hunk: _distance(hunk, round_)) if here else round_.remaining[0]


def kinds_of(hunk: PlacedHunk, round_: Round) -> tuple[str, ...]:
    """The kinds of a remaining hunk, in the order of ``KINDS``."""
    found = {
        "rename": _is_rename(hunk),
        "signature": _is_signature(hunk, round_.done),
        "repeat": repeats(hunk, round_.done),
        "insertion": not hunk.old,
        "deletion": not hunk.new,
        "other file": hunk.uri != round_.snapshot.document.uri,
    }
    if not found["other file"]:
        found["near"] = _distance(hunk, round_) <= NEAR_LINES
        found["far"] = not found["near"]
    return tuple(kind for kind in KINDS if found.get(kind))


def repeats(hunk: PlacedHunk, done: Iterable[PlacedHunk]) -> bool:
    """Whether ``hunk`` makes a change of tokens that one of ``done`` made."""
    changes = token_changes(hunk.old, hunk.new)
    return any(not changes.isdisjoint(token_changes(other.old, other.new)) for other in done)


@lru_cache(maxsize=256)  # A hunk is looked at in every round of its episode.
def token_changes(old_lines: tuple[str, ...], new_lines: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    """The replaced and the new tokens of each change of a hunk; those of mere signs say too little."""
    old, new = "\n".join(old_lines), "\n".join(new_lines)
    pairs = {(old[edit.start : edit.end].strip(), edit.text.strip()) for edit in token_edits(old, new)}
    return frozenset(pair for pair in pairs if any(map(is_word_char, "".join(pair))))


def _is_rename(hunk: PlacedHunk) -> bool:
    old, new = "\n".join(hunk.old), "\n".join(hunk.new)
    pairs = {(old[edit.start : edit.end], edit.text) for edit in token_edits(old, new)}
    return len(pairs) == 1 and all(is_word(word) for pair in pairs for word in pair)


def _is_signature(hunk: PlacedHunk, done: Iterable[PlacedHunk]) -> bool:
    names = _argument_changes(hunk.old, hunk.new)
    declared = set(DEFINITION.findall("\n".join(hunk.new)))
    return bool(names & declared) or any(names & _argument_changes(other.old, other.new) for other in done)


@lru_cache(maxsize=256)
def _argument_changes(old_lines: tuple[str, ...], new_lines: tuple[str, ...]) -> frozenset[str]:
    """The names that stand before other arguments after than before."""
    old = {(one.callee, one.arguments) for one in argument_lists("\n".join(old_lines))}
    new = {(one.callee, one.arguments) for one in argument_lists("\n".join(new_lines))}
    gone, come = old - new, new - old
    return frozenset({name for name, _ in gone} & {name for name, _ in come})


def _distance(hunk: PlacedHunk, round_: Round) -> int:
    """The lines between the cursor and a hunk of the same file."""
    cursor = round_.snapshot.document.text.line_at(round_.snapshot.cursor)
    last = hunk.start + max(0, len(hunk.old) - 1)
    return max(hunk.start - cursor, cursor - last, 0)
