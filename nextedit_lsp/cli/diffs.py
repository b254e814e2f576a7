"""A change as a coloured diff for the terminal, and as plain text.

In: a text and the changes of it.  Out: lines with their numbers, the words that differ set off.
Not here: where and when they are shown (``display``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text as Styled

from nextedit_lsp.text import diff
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes

# More lines than this of one change are cut, in the terminal.
MAX_SHOWN_LINES = 14

STYLES = {"-": ("red", "bold white on dark_red"), "+": ("green", "bold white on dark_green")}


@dataclass(frozen=True, slots=True)
class Line:
    """A removed (``-``) or added (``+``) line; ``marked`` are the columns that differ."""

    sign: str
    number: int
    content: str
    marked: tuple[tuple[int, int], ...]


def lines(before: Text, changes: Changes) -> Iterator[Line]:
    """The lines that ``changes`` remove and add, top down; numbers count from 1."""
    fine = diff.refined(changes, before).simplified(before)
    after = fine.apply(before)
    old_spans = [(edit.start, edit.end) for edit in fine.edits]
    new_spans = list(fine.after_spans())
    for first, last in _groups(before, old_spans):
        old_start, old_stop = before.line_at(old_spans[first][0]), before.line_at(old_spans[last][1]) + 1
        new_start, new_stop = after.line_at(new_spans[first][0]), after.line_at(new_spans[last][1]) + 1
        removed = list(_side("-", before, range(old_start, old_stop), old_spans[first : last + 1]))
        added = list(_side("+", after, range(new_start, new_stop), new_spans[first : last + 1]))
        yield from _without_common(removed, added)


def styled(before: Text, changes: Changes, indent: int = 4) -> Styled:
    """The diff in colours."""
    shown = Styled()
    all_lines = list(lines(before, changes))
    # The lines move to the left together, so that what differs is on the screen.
    filled = [line.content for line in all_lines if line.content.strip()]
    n_left = min((len(content) - len(content.lstrip()) for content in filled), default=0)
    for line in all_lines[:MAX_SHOWN_LINES]:
        style, mark_style = STYLES[line.sign]
        shown.append(" " * indent)
        shown.append(f"{line.number:>5} ", style="dim")
        start = len(shown) + 2 - n_left
        # A tab is one column here, so that the marks stand where they belong.
        shown.append(f"{line.sign} {line.content[n_left:]}\n".replace("\t", " "), style=style)
        for a, b in line.marked:
            shown.stylize(mark_style, start + max(a, n_left), start + max(b, n_left))
    if len(all_lines) > MAX_SHOWN_LINES:
        shown.append(f"{' ' * indent}      … {len(all_lines) - MAX_SHOWN_LINES} more lines\n", style="dim")
    shown.rstrip()
    return shown


def show(console: Console, before: Text, changes: Changes, indent: int = 4) -> None:
    """Prints the diff; on a terminal a line that is too long is cut, elsewhere nothing is."""
    shown = styled(before, changes, indent)
    if console.is_terminal:
        console.print(shown, no_wrap=True, overflow="ellipsis")
    else:
        console.print(shown, soft_wrap=True)


def plain(before: Text, changes: Changes) -> list[str]:
    """The diff as lines that begin with ``-`` or ``+``."""
    return [f"{line.sign}{line.content}" for line in lines(before, changes)]


def _groups(before: Text, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Index ranges of edits whose lines overlap or follow each other."""
    first = 0
    for index in range(1, len(spans) + 1):
        if index == len(spans) or before.line_at(spans[index][0]) > before.line_at(spans[index - 1][1]) + 1:
            yield first, index - 1
            first = index


def _side(sign: str, text: Text, numbers: range, spans: list[tuple[int, int]]) -> Iterator[Line]:
    for number in numbers:
        start, end = text.line_start(number), text.line_end(number)
        marked = [(max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and start < b]
        yield Line(sign, number + 1, text.slice(start, end), tuple(marked))


def _without_common(removed: list[Line], added: list[Line]) -> list[Line]:
    """Both sides without the lines that they begin or end with alike; a line all new needs no marks."""
    old, new = [line.content for line in removed], [line.content for line in added]
    head = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    removed, added = removed[head : len(removed) - tail], added[head : len(added) - tail]
    if removed and added:
        return [*removed, *added]
    return [Line(line.sign, line.number, line.content, ()) for line in (*removed, *added)]
