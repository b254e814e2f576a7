"""What the last edits are about: the names that they removed and added, and the functions whose arguments they changed.

In: the user's intentions.  Out: names, those of the newest edit first, and the lines around the edits.
Not here: where those names stand (``locating``, and for files that are not open the workspace's index).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nextedit_lsp.editing.history import Intention
from nextedit_lsp.patterns import analogy
from nextedit_lsp.patterns.arguments import argument_changes
from nextedit_lsp.patterns.examples import Example, LineChange, examples, is_rename, line_change
from nextedit_lsp.text import names
from nextedit_lsp.text.tokens import is_word, solid_of

# The names of each kind; those of older edits have been followed up by now.
MAX_NAMES = 12
# Shorter names stand everywhere.
MIN_NAME_CHARS = 2
# Lines around an edit by which copies of its place are known: a small block of code.
AROUND_LINES = 5
# The blocks of the newest intentions; a copy of what was edited long ago was passed by.
MAX_BLOCKS = 3


@dataclass(frozen=True, slots=True)
class Subjects:
    """Names, those of the newest edit first; ``kin`` are other spellings of names that were renamed.

    ``blocks`` are the lines around the newest edits as they were before them.
    """

    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    kin: tuple[str, ...] = ()
    blocks: tuple[tuple[str, ...], ...] = ()


def subjects(intentions: Sequence[Intention]) -> Subjects:
    """What ``intentions``, newest first, are about."""
    found = examples(intentions)
    changes = [change for example in found if (change := line_change(example)) is not None]
    return Subjects(
        removed=_first(name for example in found for name in _difference(example.old, example.new)),
        added=_first(name for example in found for name in _difference(example.new, example.old)),
        called=_first(argument.callee for change in changes for argument in argument_changes(change)),
        kin=_first(name for change in changes for name in _kin(change)),
        blocks=_blocks(intentions, found),
    )


def _difference(lines: Sequence[str], others: Sequence[str]) -> list[str]:
    """The names in ``lines`` that do not stand in ``others``, in order."""
    known = set(_names(others))
    return [name for name in _names(lines) if name not in known]


def _names(lines: Sequence[str]) -> list[str]:
    return [token.text for line in lines for token in solid_of(line) if is_word(token.text)]


def _kin(change: LineChange) -> Iterable[str]:
    for hunk in change.hunks:
        if is_rename(change, hunk):
            old = change.old[hunk.old_start].text
            spellings = names.spellings(old, change.new[hunk.new_start].text)
            # With hyphens it is several words.
            yield from (spelling for spelling in spellings if spelling != old and is_word(spelling))


def _first(found: Iterable[str]) -> tuple[str, ...]:
    kept = (name for name in found if len(name) >= MIN_NAME_CHARS and not analogy.is_keyword(name))
    return tuple(dict.fromkeys(kept))[:MAX_NAMES]


def _blocks(intentions: Sequence[Intention], found: Sequence[Example]) -> tuple[tuple[str, ...], ...]:
    """The lines around the first edit of each of the newest intentions, of those that are examples."""
    ages = list(dict.fromkeys(example.age for example in found))[:MAX_BLOCKS]
    blocks = []
    for age in ages:
        before, start = intentions[age].before, intentions[age].changes.edits[0].start
        row = before.line_at(start)
        blocks.append(tuple(before.lines(max(0, row - AROUND_LINES), min(before.n_lines, row + AROUND_LINES + 1))))
    return tuple(blocks)
