"""The edits between two texts: by lines, then by tokens inside the lines that differ.

In: two texts, or two strings.  Out: changes.
Not here: composing changes (``changes``).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit, common_prefix
from nextedit_lsp.text.tokens import tokenized

# Beyond this many lines on one side the quadratic matcher is too slow for a keystroke; the
# difference is then one block, which loses detail but no text.
MAX_MATCHED_LINES = 2000


def text_changes(before: Text, after: Text) -> Changes:
    """The changes that turn ``before`` into ``after``, found line by line."""
    old, new = str(before), str(after)
    prefix = common_prefix(old, new)
    if prefix == len(old) == len(new):
        return Changes()
    start_line = min(before.line_at(prefix), after.line_at(prefix))
    start = before.line_start(start_line)
    suffix = common_prefix(old[start:][::-1], new[start:][::-1])
    end_line = before.line_at(len(old) - suffix) + 1
    n_kept = len(old) - before.line_start(end_line)
    if n_kept > suffix:
        n_kept = 0
    old_lines = _with_ends(old[start : len(old) - n_kept])
    new_lines = _with_ends(new[start : len(new) - n_kept])
    edits = []
    # Lines that recur all over a long text, such as braces, are no anchors: junk to the matcher.
    for (i1, i2), (j1, j2) in _differing(old_lines, new_lines, autojunk=True):
        edit_start = start + sum(map(len, old_lines[:i1]))
        edit_end = edit_start + sum(map(len, old_lines[i1:i2]))
        edits.append(Edit(edit_start, edit_end, "".join(new_lines[j1:j2])))
    return Changes.of(edits)


def token_edits(old: str, new: str, base: int = 0) -> list[Edit]:
    """The edits that turn ``old`` into ``new``, by whole tokens, in offsets counted from ``base``."""
    old_tokens, new_tokens = tokenized(old), tokenized(new)
    if max(len(old_tokens), len(new_tokens)) > MAX_MATCHED_LINES:
        return [Edit(base, base + len(old), new)]
    edits = []
    for (i1, i2), (j1, j2) in _differing([t.text for t in old_tokens], [t.text for t in new_tokens]):
        start = old_tokens[i1].start if i1 < len(old_tokens) else len(old)
        end = old_tokens[i2 - 1].end if i2 > i1 else start
        edits.append(Edit(base + start, base + end, "".join(token.text for token in new_tokens[j1:j2])))
    return edits


def refined(changes: Changes, before: Text) -> Changes:
    """``changes`` with every edit narrowed to the tokens that differ."""
    edits: list[Edit] = []
    for edit in changes.edits:
        edits.extend(token_edits(before.slice(edit.start, edit.end), edit.text, edit.start))
    return Changes.of(edits)


def _differing(
    old: Sequence[Hashable], new: Sequence[Hashable], *, autojunk: bool = False
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """The index ranges of ``old`` and ``new`` that differ, in order."""
    if max(len(old), len(new)) > MAX_MATCHED_LINES:
        yield (0, len(old)), (0, len(new))
        return
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=autojunk).get_opcodes():
        if tag != "equal":
            yield (i1, i2), (j1, j2)


def _with_ends(string: str) -> list[str]:
    """The lines of ``string`` with their line breaks."""
    text = Text.of(string)
    starts = [text.line_start(line) for line in range(text.n_lines)] + [len(string)]
    return [string[start:end] for start, end in pairwise(starts) if start < end]
