"""The edit history as prompts write it: hunks of whole lines, unified diffs.

In: the user's intentions.  Out: hunks with their rows; text.
Not here: what the edits are examples of (``intent``); telling one intention from another (``editing.history``).

Formats show intentions, not events: what was typed with pauses at one place reads as one edit, work taken back not at
all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from nextedit_lsp.editing.events import Origin
from nextedit_lsp.editing.history import Intention
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.formats.excerpts import forged, is_bad_path, n_rows, n_tokens
from nextedit_lsp.text.buffer import Text

# A block of more rows is not searched for what stayed the same within.
MAX_MATCHED_ROWS = 400


@dataclass(frozen=True, slots=True)
class Hunk:
    """Rows that became other rows, from ``old_first`` of the text before and ``new_first`` of the text after on."""

    old_first: int
    old: tuple[str, ...]
    new_first: int
    new: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        """Whether only white space differs."""
        return "".join("".join(self.old).split()) == "".join("".join(self.new).split())


def intentions(snapshot: Snapshot, most: int) -> list[Intention]:
    """The last intentions that changed whole rows, oldest first."""
    return [intention for intention in snapshot.history.intentions()[:most] if hunks(intention)][::-1]


def is_accepted(intention: Intention) -> bool:
    """Whether the intention is nothing but a suggestion that the user took."""
    return all(event.origin is Origin.ACCEPTED for event in intention.events)


def fitting(
    snapshot: Snapshot, most: int, budget: int, markers: Sequence[str], write: Callable[[Intention], str]
) -> list[tuple[Intention, str]]:
    """The last intentions as ``write`` makes them, as many as fit into ``budget`` tokens, oldest first."""
    shown: list[tuple[Intention, str]] = []
    for intention in reversed(intentions(snapshot, most)):
        text = write(intention)
        if not is_fit(intention, text, markers):
            continue
        budget -= n_tokens(text)
        if budget < 0:
            break
        shown.insert(0, (intention, text))
    return shown


def is_fit(intention: Intention, rendered: str, markers: Sequence[str]) -> bool:
    """Whether an intention may stand in a prompt: neither its path nor its text forges a marker."""
    return not is_bad_path(intention.path, markers) and not forged(rendered, markers)


def hunks(intention: Intention) -> list[Hunk]:
    """What changed, row by row, from the top down."""
    before, after = intention.before, intention.after
    found: list[Hunk] = []
    for old_rows, new_rows in intention.row_blocks(after):
        old, new = before.lines(*old_rows), after.lines(*new_rows)
        if max(len(old), len(new)) > MAX_MATCHED_ROWS:
            found.append(Hunk(old_rows[0], tuple(old), new_rows[0], tuple(new)))
            continue
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if tag != "equal":
                found.append(Hunk(old_rows[0] + i1, tuple(old[i1:i2]), new_rows[0] + j1, tuple(new[j1:j2])))
    return found


def unified(intention: Intention, context: int = 3) -> str:
    """The intention as hunks of a unified diff, each with its header, every line with a line end."""
    groups: list[list[Hunk]] = []
    for hunk in hunks(intention):
        last = groups[-1][-1] if groups else None
        if last is not None and hunk.old_first - (last.old_first + len(last.old)) <= 2 * context:
            groups[-1].append(hunk)
        else:
            groups.append([hunk])
    return "".join(_unified_group(group, intention.before, context) for group in groups)


def _unified_group(group: list[Hunk], before: Text, context: int) -> str:
    row = max(0, group[0].old_first - context)
    n_above = group[0].old_first - row
    lines: list[str] = []
    for hunk in group:
        lines += [" " + line for line in before.lines(row, hunk.old_first)]
        lines += ["-" + line for line in hunk.old] + ["+" + line for line in hunk.new]
        row = hunk.old_first + len(hunk.old)
    # The empty row behind a last line end is no line of a diff.
    lines += [" " + line for line in before.lines(row, min(row + context, n_rows(before)))]
    n_old = sum(line[0] != "+" for line in lines)
    n_new = sum(line[0] != "-" for line in lines)
    old_range = _range(group[0].old_first - n_above, n_old)
    new_range = _range(group[0].new_first - n_above, n_new)
    return f"@@ -{old_range} +{new_range} @@\n" + "".join(line + "\n" for line in lines)


def _range(first: int, length: int) -> str:
    """A hunk's rows as a unified diff counts them: an empty one is named by the row before it."""
    if length == 1:
        return str(first + 1)
    return f"{first + 1 if length else first},{length}"
