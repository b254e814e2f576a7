"""Zeta 2 (``zed-industries/zeta-2`` on Seed-Coder-8B-Base): the region between lines of a merge conflict.

In: a Snapshot and a spot; a completion.  Out: the task; the changes.
Not here: the prompt around the region (``seed_coder``).

The prompt, here for ``x = 1`` with the cursor at its end, between two other lines::

    <[fim-suffix]>
    last()
    <[fim-prefix]><filename>lib.py
    def helper(): ...

    <filename>edit_history
    --- a/main.py
    +++ b/main.py
    @@ -2 +2 @@
    -y = 1
    +x = 1

    <filename>main.py
    first()
    <<<<<<< CURRENT
    x = 1<|user_cursor|>
    =======
    <[fim-middle]>

The answer is the new text of the region, then ``>>>>>>> UPDATED``.  The region and the text behind it are cut
*before* the line end of their last row: that is why the suffix starts with a line end.
"""

from __future__ import annotations

from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.formats import seed_coder, zeta21
from nextedit_lsp.formats.answers import REJOIN_LINES, Dialect, padded, window_reading
from nextedit_lsp.formats.format import Format, Reading, Refused, Spot, Task, Traits
from nextedit_lsp.formats.prompt import Completion, Question
from nextedit_lsp.formats.regions import Region, cursor_of, task_of, with_marker

CURRENT, SEPARATOR, UPDATED = "<<<<<<< CURRENT\n", "=======\n", ">>>>>>> UPDATED\n"
MARKERS = (*seed_coder.MARKERS, CURRENT, SEPARATOR, UPDATED)

_DIALECT = Dialect(
    opens=(CURRENT,),
    ends=(UPDATED, seed_coder.END_OF_TEXT),
    leaks=tuple(marker for marker in seed_coder.MARKERS if marker != seed_coder.CURSOR),
    cursor=seed_coder.CURSOR,
    is_padded=True,
)


def marked(text: str, column: int) -> str:
    """The region as the prompt shows it, with the cursor at ``column``."""
    return CURRENT + padded(with_marker(text, column, seed_coder.CURSOR)) + SEPARATOR


def task(snapshot: Snapshot, spot: Spot) -> Task | Refused:
    """The question to rewrite the rows that Zed would have rewritten."""

    def section(region: Region) -> str:
        return marked(region.text, region.column(cursor_of(spot)))

    setting = seed_coder.setting(snapshot, spot, MARKERS, section)
    if isinstance(setting, Refused):
        return setting
    question = Question(
        setting.prompt,
        draft=padded(setting.region.text),
        stops=(UPDATED.strip(), seed_coder.END_OF_TEXT),
        max_tokens=seed_coder.MAX_ANSWER,
        rejoin_lines=REJOIN_LINES,
    )
    return task_of(spot, setting.region, question)


def read(task: Task, completion: Completion) -> Reading | Refused:
    """The changes of an answer."""
    return window_reading(task, completion, _DIALECT)


def fits(traits: Traits) -> bool:
    """Whether a model file says that it is a Zeta 2."""
    return any(name in traits.label for name in ("zeta-2", "zeta2")) and not zeta21.fits(traits)


FORMAT = Format("zeta2", "Zeta 2 (Zed)", seed_coder.BUDGET + seed_coder.MAX_ANSWER, MARKERS, task, read, fits)
