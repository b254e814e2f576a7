"""Zeta 2.1 (``zed-industries/zeta-2.1`` on Seed-Coder-8B-Base): a region cut into blocks by numbered markers.

In: a Snapshot and a spot; a completion.  Out: the task; the changes.
Not here: the prompt around the region (``seed_coder``).

The prompt ends, here for a region of two blocks with the cursor in the second one::

    <filename>main.py
    first()
    <|marker_1|>x = 1
    ...
    <|marker_2|>y = 2<|user_cursor|>
    ...
    z = 3<|marker_3|>
    <[fim-middle]>

The answer names the blocks that it rewrites, ``<|marker_2|>y = 3\\n...\\nz = 3<|marker_3|>``; the same marker twice
is no edit.

That is the layout of Zed's source, byte for byte.  The model card shows each marker on a line of its own; that is the
second format here, ``zeta21-lines``, and both read the answers of both.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from itertools import pairwise

from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.formats import seed_coder
from nextedit_lsp.formats.answers import ENDS_OF_TEXT, REJOIN_LINES, SILENT, completed, padded, without_cursor
from nextedit_lsp.formats.format import Format, Reading, Refused, Spot, Task, Traits
from nextedit_lsp.formats.prompt import Completion, Question
from nextedit_lsp.formats.regions import Region, cursor_of, reading, region_of, task_of
from nextedit_lsp.text.changes import Changes
from nextedit_lsp.text.line_ends import plain

MIN_BLOCK, MAX_BLOCK = 6, 16
# How far a cut may move down to a line that starts something.
MAX_NUDGE = 5

# Any text like a marker would be taken for one, whatever its number.
MARKER = re.compile(r"<\|marker_(\d{1,4})\|>")
MARKERS = (*seed_coder.MARKERS, "<|marker_")

_BAD_START = re.compile(r"\s*(?:[}\])]|;|(?:break|continue|return|throw|end)\b|$)")


def cuts(text: str) -> list[int]:
    """Where the markers stand in a region's text: at its start, between its blocks, at its end."""
    lines = text.split("\n")
    starts = [0]
    for line in lines[:-1]:
        starts.append(starts[-1] + len(line) + 1)
    rows = [0]
    while (row := _next_cut(lines, rows[-1])) is not None:
        rows.append(row)
    return [*(starts[row] for row in rows), len(text)]


def marked(text: str, column: int, *, on_lines: bool) -> str:
    """The region as the prompt shows it, with the cursor at ``column``."""
    parts = []
    places = cuts(text)
    for index, (start, end) in enumerate(pairwise(places)):
        block = text[start:end]
        is_last = index == len(places) - 2
        if start <= column < end or (is_last and column == end):
            block = block[: column - start] + seed_coder.CURSOR + block[column - start :]
        parts.append(f"<|marker_{index + 1}|>" + (f"\n{padded(block)}" if on_lines else block))
    return "".join(parts) + f"<|marker_{len(places)}|>\n"


def task(snapshot: Snapshot, spot: Spot, *, on_lines: bool) -> Task | Refused:
    """The question to rewrite blocks of the rows that Zed would have marked; the draft is the cursor's block."""

    def section(region: Region) -> str:
        return marked(region.text, region.column(cursor_of(spot)), on_lines=on_lines)

    setting = seed_coder.setting(snapshot, spot, MARKERS, section)
    if isinstance(setting, Refused):
        return setting
    text, column = setting.region.text, setting.region.column(cursor_of(spot))
    places = cuts(text)
    index = max(i for i, place in enumerate(places[:-1]) if place <= column)
    question = Question(
        setting.prompt,
        draft=span_answer(text, index, index + 1, text[places[index] : places[index + 1]], on_lines=on_lines),
        stops=(seed_coder.END_OF_TEXT,),
        max_tokens=seed_coder.MAX_ANSWER,
        rejoin_lines=REJOIN_LINES,
    )
    return task_of(spot, setting.region, question)


def span_answer(text: str, first: int, last: int, new: str, *, on_lines: bool) -> str:
    """The answer that makes ``new`` of the blocks between two markers, counted from 0."""
    inner = f"\n{padded(new)}" if on_lines else new
    return f"<|marker_{first + 1}|>{inner}<|marker_{last + 1}|>"


def read(task: Task, completion: Completion, *, on_lines: bool) -> Reading | Refused:
    """The changes of an answer in either layout."""
    region = region_of(task)
    old = region.text
    places = cuts(old)
    text = plain(completion.text)
    for end_of_text in ENDS_OF_TEXT:
        text = text if end_of_text in old else text.split(end_of_text, 1)[0]
    bare = without_cursor(text, seed_coder.CURSOR)[0].strip()
    if not bare or bare in SILENT:
        return Reading(Changes())
    found = list(MARKER.finditer(text))
    numbers = [int(match.group(1)) for match in found]
    # An answer that broke off may name no end: as far as it goes it may rewrite all that follows.
    is_open = completion.is_cut and len(found) == 1
    if len(found) < 2 and not is_open:
        return Refused("the answer has fewer than two markers")
    if any(a > b for a, b in pairwise(numbers)) or not 1 <= numbers[0] <= numbers[-1] <= len(places):
        return Refused("the answer's markers are out of order or out of range")
    if is_open:
        return _span_reading(region, places[numbers[0] - 1], len(old), text[found[0].end() :], on_lines, is_cut=True)
    if completion.is_cut and text[found[-1].end() :].strip():
        return Refused("the answer was cut, and how it goes on can't be told")
    if numbers[0] == numbers[-1]:
        return Reading(Changes())
    written = text[found[0].end() : found[-1].start()]
    start, end = places[numbers[0] - 1], places[numbers[-1] - 1]
    return _span_reading(region, start, end, written, on_lines, is_cut=False)


def _span_reading(
    region: Region, start: int, end: int, written: str, on_lines: bool, *, is_cut: bool
) -> Reading | Refused:
    """The changes that put what was written in place of ``start:end`` of the region's text."""
    old = region.text
    span, is_last = old[start:end], end == len(old)
    # Markers on lines of their own are told by the line end behind the first one, where the old text has none; the last
    # block ends without a line end in Zed's layout, so one that does so is not on lines.
    exact_for_sure = is_last and not written.endswith("\n") and not is_cut
    if on_lines or (written.startswith("\n") and not span.startswith("\n") and not exact_for_sure):
        written = re.sub(MARKER.pattern + r"\n?", "", written.removeprefix("\n"))
    else:
        written = MARKER.sub("", written)
    if "<|marker_" in written or "<[fim-" in written or "<filename>" in written:
        return Refused("the answer holds a marker where none belongs")
    new, cursor = without_cursor(written, seed_coder.CURSOR)
    if is_cut:
        whole = completed(span, new)
        if whole is None:
            return Refused("the answer was cut, and how it goes on can't be told")
        new = whole
    elif is_last:
        new = new.removesuffix("\n") if not span.endswith("\n") else new
    elif new:
        new = padded(new)
    whole_new = old[:start] + new + old[end:]
    if old.strip() and not whole_new.strip():
        return Refused("the answer would delete the whole region")
    return reading(region, whole_new, None if cursor is None else start + min(cursor, len(new)))


def fits(traits: Traits) -> bool:
    """Whether a model file says that it is a Zeta 2.1."""
    return any(name in traits.label for name in ("zeta-2.1", "zeta2.1", "zeta-2-1"))


def _next_cut(lines: list[str], start: int) -> int | None:
    """The row where the block that starts at ``start`` ends; None for the last block."""
    last = len(lines) - MIN_BLOCK
    row = next(
        (
            row
            for row in range(start + MIN_BLOCK, min(start + MAX_BLOCK, last) + 1)
            if lines[row].strip() and not lines[row - 1].strip()
        ),
        start + MAX_BLOCK,
    )
    if row > last:
        return None
    return next((at for at in range(row, min(row + MAX_NUDGE, last) + 1) if not _BAD_START.match(lines[at])), row)


FORMAT = Format(
    "zeta21",
    "Zeta 2.1 (Zed)",
    seed_coder.BUDGET + seed_coder.MAX_ANSWER,
    MARKERS,
    partial(task, on_lines=False),
    partial(read, on_lines=False),
    fits,
)

# Chosen by name only: a model file can't tell which layout it was trained with.
LINES_FORMAT = replace(
    FORMAT,
    name="zeta21-lines",
    title="Zeta 2.1, markers on lines of their own",
    task=partial(task, on_lines=True),
    read=partial(read, on_lines=True),
    fits=lambda traits: False,
)
