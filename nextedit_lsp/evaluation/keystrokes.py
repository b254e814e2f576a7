"""How many keystrokes a person needs to turn one text into another.

In: two strings and how far the cursor is away.  Out: the least number of keystrokes.
Not here: what a session costs (``saving``).

The cost model of Coeditor (Wei et al., arXiv 2305.18584): the cursor goes through the text from left to right.
Text that stays costs nothing but leaves the cursor behind; bringing it up costs a keystroke a character, and
never more than ``JUMP``.  At the cursor, typing or deleting a character costs 1; a stretch of any length is deleted
for 2, one keystroke to begin the selection and one to end it.  So a block of lines is deleted for a jump and 2, and
an insertion costs its characters and a jump.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Going anywhere costs no more than this: a search, a click, a jump to a symbol.
JUMP = 4
# Beginning a selection and ending it by deleting.
SELECT = 1
DELETE = 1

_NEVER = 1 << 30

_Row = NDArray[np.int64]


def keystrokes(old: str, new: str, distance: int = JUMP) -> int:
    """The keystrokes from ``old`` to ``new`` for a cursor ``distance`` characters from the start of ``old``."""
    if old == new:
        return 0
    wanted = np.array([ord(character) for character in new], dtype=np.int64)
    columns = np.arange(len(new) + 1, dtype=np.int64)
    # ``behind[d]``: the least cost where the cursor is d characters behind (JUMP: that or more); ``selecting``:
    # where a selection is open.  One number for each prefix of ``new``, row by row for each prefix of ``old``.
    behind = [np.full(len(new) + 1, _NEVER, dtype=np.int64) for _ in range(JUMP + 1)]
    behind[min(max(distance, 0), JUMP)][0] = 0
    selecting = np.full(len(new) + 1, _NEVER, dtype=np.int64)
    _settle(behind, selecting, columns)
    for character in old:
        matched = _matched(behind, wanted == ord(character))
        matched[0] = np.minimum(matched[0], behind[0] + DELETE)
        behind = matched
        _settle(behind, selecting, columns)
    return int(min(row[-1] for row in behind))


def _matched(behind: list[_Row], is_same: NDArray[np.bool_]) -> list[_Row]:
    """The rows after one more character of the old text that stays: the cursor falls behind by one."""
    rows = [np.full_like(behind[0], _NEVER) for _ in behind]
    for distance, row in enumerate(behind):
        further = min(distance + 1, JUMP)
        stays = np.where(is_same, row[:-1], _NEVER)
        rows[further][1:] = np.minimum(rows[further][1:], stays)
    return rows


def _settle(behind: list[_Row], selecting: _Row, columns: _Row) -> None:
    """Takes the moves within a row: bring the cursor up, end a selection, type, begin a selection."""
    here = behind[0]
    for distance in range(1, JUMP + 1):
        np.minimum(here, behind[distance] + distance, out=here)
    np.minimum(here, selecting + SELECT, out=here)
    # Typing goes on from any earlier column at a keystroke a character.
    np.minimum(here, np.minimum.accumulate(here - columns) + columns, out=here)
    np.minimum(selecting, here + SELECT, out=selecting)
