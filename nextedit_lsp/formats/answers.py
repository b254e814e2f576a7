"""The text of a rewritten region, told from what a model wrote around it and in place of it.

In: a task, a completion, and what the format's answers may hold.  Out: a Reading, or why there is none.
Not here: answers that say which part they rewrite (``zeta21``, ``native``), insertions (``fim``).

Never read as "delete the region": an empty answer, a blank one, one of the words for "no edit".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nextedit_lsp.formats.format import Reading, Refused, Task
from nextedit_lsp.formats.prompt import Completion
from nextedit_lsp.formats.regions import reading, region_of
from nextedit_lsp.text.changes import Changes
from nextedit_lsp.text.line_ends import plain

# What models write for "no edit here": of Zed's formats both, and leaked by models that were trained with them.
SILENT = ("NO_EDITS", "KEEP_PREVIOUS")
# Ends of text that a server may leave in an answer; not ``</s>``, which is a tag of HTML too.
ENDS_OF_TEXT = ("<|endoftext|>", "<|im_end|>", "<|eot_id|>", "<[end▁of▁sentence]>")

# So many lines with text have to agree before the rest of the old text is put behind an answer that broke off.
MIN_AGREEING_LINES = 2

# An answer is back at the old text when so many lines with text follow a change as they were.  Two are not enough where
# lines repeat, as in the arms of a match: a new arm would pass for a changed one, and the old one be lost.
REJOIN_LINES = 3

_FENCE = re.compile(r"(`{3,})[^`\n]*(?:\n|$)")


@dataclass(frozen=True, slots=True)
class Dialect:
    """What an answer of a format may hold beside the region's text.

    ``opens`` may stand at its start, ``ends`` close it; ``leaks`` are the format's other markers: text behind one is
    no answer, and one in the midst means that the model lost its way.  With ``ends_early`` the model is known to end
    before the region does: old lines that an answer leaves out at its end are kept.  With ``is_padded`` prompts add a
    line end only where the region has none, so a region's last blank row can't be told from it.
    """

    opens: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    leaks: tuple[str, ...] = ()
    cursor: str = ""
    ends_early: bool = False
    is_padded: bool = False


def padded(text: str) -> str:
    """``text`` with a line end at its end."""
    return text if text.endswith("\n") else text + "\n"


def window_reading(task: Task, completion: Completion, dialect: Dialect) -> Reading | Refused:
    """What a completion means that rewrites the whole region."""
    region = region_of(task)
    old = region.text
    text, is_fenced = _unfenced(plain(completion.text), old)
    # What the region holds itself is no marker, or it would be refused: it only looks like another family's.
    ends = [end.strip() for end in (*dialect.ends, *ENDS_OF_TEXT) if end.strip() not in old]
    text, is_closed = _closed(_opened(text, dialect.opens), ends)
    text, cursor = without_cursor(text, dialect.cursor)
    if not text.strip() or text.strip() in SILENT:
        return Reading(Changes())
    markers = [marker.strip() for marker in (*dialect.opens, *dialect.leaks)]
    if any(marker in text and marker not in old for marker in markers):
        return Refused("the answer holds a marker where none belongs")
    if completion.is_cut and not is_closed and not is_fenced:
        whole = completed(old, text)
        if whole is None:
            return Refused("the answer was cut, and how it goes on can't be told")
        text = whole
    else:
        text = _ended(old, text, dialect)
    return reading(region, text, None if cursor is None else min(cursor, len(text)))


def completed(old: str, written: str) -> str | None:
    """``written``, which breaks off, with the rest of ``old`` behind its last whole line; None where that is unsure.

    It is none if all was written as it was, or if the last lines written stand in a row, and once only, in the old
    text.
    """
    lines, rows = written.split("\n")[:-1], old.split("\n")
    if lines == rows[: len(lines)]:
        return old if lines else None
    solid = [index for index, line in enumerate(lines) if line.strip()]
    if len(solid) < MIN_AGREEING_LINES:
        return None
    run = lines[solid[-MIN_AGREEING_LINES] :]
    found = _places(rows, run)
    if len(found) != 1 or len(_places(lines, run)) != 1:
        return None
    return "\n".join([*lines, *rows[found[0] + len(run) :]])


def without_cursor(text: str, marker: str) -> tuple[str, int | None]:
    """``text`` without the cursor's markers, and where the first one stood."""
    cursor = text.find(marker) if marker else -1
    return (text.replace(marker, ""), cursor) if cursor >= 0 else (text, None)


def _opened(text: str, opens: tuple[str, ...]) -> str:
    """``text`` behind a start marker that it repeats."""
    for marker in opens:
        rest = text.lstrip("\n")
        if rest.startswith(marker.strip()):
            return rest[len(marker.strip()) :].removeprefix("\n")
    return text


def _closed(text: str, ends: Sequence[str]) -> tuple[str, bool]:
    """``text`` before its end marker, and whether it has one; of several the last, for the others were misplaced."""
    stop = max((text.rfind(end) for end in ends), default=-1)
    if stop < 0:
        return text, False
    text = text[:stop]
    for end in ends:
        text = text.replace(end + "\n", "").replace(end, "")
    return text, True


def _unfenced(text: str, old: str) -> tuple[str, bool]:
    """``text`` out of its code fence, and whether the fence was closed; a text whose region has fences keeps them."""
    opening = _FENCE.match(text.lstrip("\n"))
    if opening is None or old.lstrip().startswith("```"):
        return text, False
    fence = opening.group(1)
    lines = text.lstrip("\n")[opening.end() :].split("\n")
    closing = [index for index, line in enumerate(lines) if line.rstrip() == fence]
    if not closing:
        return "\n".join(lines), False
    # What follows the fence is talk; a region with fences of its own ends at the last one.
    return "".join(line + "\n" for line in lines[: closing[-1 if fence in old else 0]]), True


def _ended(old: str, text: str, dialect: Dialect) -> str:
    """The whole answer as the region's new text, which ends before its last line end."""
    if dialect.ends_early and (whole := completed(old, padded(text))) is not None:
        return whole
    if dialect.is_padded:
        return padded(text) if old.endswith("\n") else padded(text)[:-1]
    text = text.removesuffix("\n")
    # Models forget the line end behind a last blank row far more often than they mean to delete that row.
    return text + "\n" if old.endswith("\n") and not text.endswith("\n") else text


def _places(rows: list[str], run: list[str]) -> list[int]:
    """Where ``run`` stands in ``rows``."""
    return [index for index in range(len(rows) - len(run) + 1) if rows[index : index + len(run)] == run]
