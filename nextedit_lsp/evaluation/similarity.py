"""How like two texts are, in the measures of the field.

In: the text before, the text expected and the text suggested, as strings.  Out: shares from 0 to 1.
Not here: which lines are compared (``windows``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from nextedit_lsp.text.tokens import tokenized

# chrF (Popović 2015, "chrF: character n-gram F-score for automatic MT evaluation"): orders 1 to 6, and recall counts
# double.
MAX_ORDER = 6
BETA = 2.0

# A table of the common subsequence beyond this size is not worth its time; the texts then count as all different.
MAX_LCS_CELLS = 4_000_000


def edit_similarity(left: str, right: str) -> float:
    """1 - Levenshtein distance / length of the longer text."""
    longer = max(len(left), len(right))
    return 1.0 - levenshtein(left, right) / longer if longer else 1.0


def levenshtein(left: str, right: str) -> int:
    """The least number of characters to insert, drop or replace."""
    start = _n_common(left, right)
    left, right = left[start:], right[start:]
    end = _n_common(left[::-1], right[::-1])
    left, right = left[: len(left) - end], right[: len(right) - end]
    wanted = np.array([ord(character) for character in right], dtype=np.int64)
    columns = np.arange(len(right) + 1, dtype=np.int64)
    row = columns.copy()
    for character in left:
        above = row
        row = above + 1
        row[1:] = np.minimum(row[1:], above[:-1] + (wanted != ord(character)))
        # An insertion goes on from any earlier column.
        row = np.minimum.accumulate(row - columns) + columns
    return int(row[-1])


def delta_chrf(before: str, expected: str, suggested: str) -> float:
    """The chrF of what changed: on the differences of n-gram counts before → expected and before → suggested.

    White space is collapsed; precision and recall are averaged over the orders that changed at all.
    """
    old, new, made = (" ".join(text.split()) for text in (before, expected, suggested))
    precisions, recalls = [], []
    for order in range(1, MAX_ORDER + 1):
        wanted, found = _delta(old, new, order), _delta(old, made, order)
        if not wanted and not found:
            continue
        n_right = sum(min(abs(n), abs(found[gram])) for gram, n in wanted.items() if n * found[gram] > 0)
        n_found, n_wanted = sum(map(abs, found.values())), sum(map(abs, wanted.values()))
        precisions.append(n_right / n_found if n_found else 0.0)
        recalls.append(n_right / n_wanted if n_wanted else 0.0)
    if not precisions:
        return 1.0
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    weighted = BETA**2 * precision + recall
    return (1 + BETA**2) * precision * recall / weighted if weighted else 0.0


def kept_rate(before: str, suggested: str, final: str) -> float | None:
    """Of the characters that the suggestion introduces, the share that still stands in the final text.

    By tokens: introduced are those outside a longest common subsequence with the text before, kept are those of them
    inside one with the final text.  None where nothing is introduced.
    """
    tokens = _tokens(suggested)
    stood, stands = _in_common(tokens, _tokens(before)), _in_common(tokens, _tokens(final))
    introduced = [i for i in range(len(tokens)) if i not in stood]
    n_introduced = sum(len(tokens[i]) for i in introduced)
    return sum(len(tokens[i]) for i in introduced if i in stands) / n_introduced if n_introduced else None


def reversal_ratio(base: str, current: str, suggested: str) -> float:
    """The share of the characters that a suggestion changes which takes back what led from ``base`` to ``current``.

    That is: it removes tokens that the user had brought in, or brings in tokens that the user had removed.
    """
    old, now, made = _tokens(base), _tokens(current), _tokens(suggested)
    stays, stays_made = _in_common(now, made), _in_common(made, now)
    from_user = set(range(len(now))) - _in_common(now, old)
    from_base = _in_common(made, old)
    removed = [i for i in range(len(now)) if i not in stays]
    added = [i for i in range(len(made)) if i not in stays_made]
    n_changed = sum(len(now[i]) for i in removed) + sum(len(made[i]) for i in added)
    if not n_changed or old == now:
        return 0.0
    n_back = sum(len(now[i]) for i in removed if i in from_user) + sum(len(made[i]) for i in added if i in from_base)
    return n_back / n_changed


def _delta(old: str, new: str, order: int) -> Counter[str]:
    """How often each n-gram comes (positive) or goes (negative)."""
    delta = _grams(new, order)
    delta.subtract(_grams(old, order))
    return Counter({gram: n for gram, n in delta.items() if n})


def _grams(text: str, order: int) -> Counter[str]:
    return Counter(text[i : i + order] for i in range(len(text) - order + 1))


def _tokens(text: str) -> list[str]:
    """The tokens that say something: white space is not one of them."""
    return [token.text for token in tokenized(text) if not token.text.isspace()]


def _in_common(left: Sequence[str], right: Sequence[str]) -> set[int]:
    """The indices in ``left`` of a longest common subsequence, the one that matches as late as it can."""
    start = _n_common(left, right)
    end = _n_common(left[start:][::-1], right[start:][::-1])
    common = {*range(start), *range(len(left) - end, len(left))}
    rows, columns = left[start : len(left) - end], right[start : len(right) - end]
    if not rows or not columns or len(rows) * len(columns) > MAX_LCS_CELLS:
        return common
    table = [[0] * (len(columns) + 1)]
    for token in rows:
        above, row = table[-1], [0]
        for (diagonal, up), other in zip(pairwise(above), columns, strict=True):
            row.append(diagonal + 1 if token == other else max(up, row[-1]))
        table.append(row)
    i, j = len(rows), len(columns)
    while i and j:
        if rows[i - 1] == columns[j - 1]:
            i, j = i - 1, j - 1
            common.add(start + i)
        elif table[i - 1][j] >= table[i][j - 1]:
            i -= 1
        else:
            j -= 1
    return common


def _n_common(left: Sequence[str], right: Sequence[str]) -> int:
    """How many items the two share at their start."""
    for index, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return index
    return min(len(left), len(right))
