"""Zeta 1 (``zed-industries/zeta`` on Qwen2.5-Coder-7B): an instruction, the edits as diffs, a marked excerpt.

In: a Snapshot and a spot; a completion.  Out: the task; the changes.
Not here: the rows to rewrite (``excerpts``), the history's diffs (``events``).

The prompt, here for ``x = 1`` with the cursor at its end, at the start of the file::

    ### Instruction:
    You are a code completion assistant and your task is to analyze user edits and then rewrite an excerpt that ...

    ### User Edits:

    User edited main.py:
    ```diff
    @@ -2 +2 @@
    -y = 1
    +x = 1
    ```

    ### User Excerpt:

    ```main.py
    <|start_of_file|>
    first()
    <|editable_region_start|>
    x = 1<|user_cursor_is_here|>
    <|editable_region_end|>
    last()
    ```

    ### Response:

The answer repeats the start marker, maybe, and is the new text of the region up to the end marker.  None of the
markers is one token.  The family's own failure is to write the end marker too early: old lines that are left out at
the end are kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from nextedit_lsp.editing.history import Intention
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.formats import events, excerpts
from nextedit_lsp.formats.answers import REJOIN_LINES, Dialect, window_reading
from nextedit_lsp.formats.format import Format, Reading, Refused, Spot, Task, Traits
from nextedit_lsp.formats.prompt import Completion, Question
from nextedit_lsp.formats.regions import Region, cursor_of, lines_text, rows_of, task_of, with_marker
from nextedit_lsp.formats.segments import prompt_of

START, END = "<|editable_region_start|>", "<|editable_region_end|>"
CURSOR, FILE_START = "<|user_cursor_is_here|>", "<|start_of_file|>"
MARKERS = (START, END, CURSOR, FILE_START)

EDITABLE, CONTEXT = 350, 150
MAX_EVENTS, EVENTS_BUDGET = 6, 500
MAX_ANSWER = 2048
# The excerpt, the edits and the instruction, counted generously: three bytes a token is a guess.
MAX_PROMPT = 1536

INSTRUCTION = (
    "### Instruction:\n"
    "You are a code completion assistant and your task is to analyze user edits and then rewrite an excerpt that the "
    "user provides, suggesting the appropriate edits within the excerpt, taking into account the cursor location.\n\n"
)

_DIALECT = Dialect(opens=(START,), ends=(END,), leaks=(FILE_START,), cursor=CURSOR, ends_early=True)


def prompt(edits: Sequence[str], path: str, before: str, marked: str, after: str, *, is_file_start: bool) -> str:
    """The prompt; ``before`` ends with a line end, ``after`` starts with one."""
    start_of_file = FILE_START + "\n" if is_file_start else ""
    excerpt = f"```{path}\n{start_of_file}{before}{START}\n{marked}\n{END}{after}\n```"
    edits_text = "\n\n".join(edits)
    return f"{INSTRUCTION}### User Edits:\n\n{edits_text}\n\n### User Excerpt:\n\n{excerpt}\n\n### Response:\n"


def task(snapshot: Snapshot, spot: Spot) -> Task | Refused:
    """The question to rewrite the rows that Zed would have rewritten."""
    document = spot.document
    editable, around = excerpts.editable_rows(document, rows_of(spot), EDITABLE, CONTEXT)
    region = Region(document, *editable)
    before = lines_text(document.text, around[0], editable[0])
    after = "".join("\n" + line for line in document.text.lines(editable[1], around[1]))
    if excerpts.is_bad_path(document.path, MARKERS) or excerpts.forged(before + region.text + after, MARKERS):
        return Refused("the text holds a marker of the format")
    if excerpts.n_tokens(before + region.text + after) > MAX_PROMPT - EVENTS_BUDGET:
        return Refused("the lines are too long for the format's budget")
    marked = with_marker(region.text, region.column(cursor_of(spot)), CURSOR)
    text = prompt(_edits(snapshot), document.path, before, marked, after, is_file_start=around[0] == 0)
    question = Question(
        prompt_of(text),
        draft=f"{START}\n{region.text}\n",
        stops=(END,),
        max_tokens=MAX_ANSWER,
        rejoin_lines=REJOIN_LINES,
    )
    return task_of(spot, region, question)


def read(task: Task, completion: Completion) -> Reading | Refused:
    """The changes of an answer."""
    return window_reading(task, completion, _DIALECT)


def fits(traits: Traits) -> bool:
    """Whether a model file says that it is a Zeta of the first generation."""
    return "zeta" in traits.label and "zeta-2" not in traits.label and "zeta2" not in traits.label


def _edits(snapshot: Snapshot) -> list[str]:
    """The last edits that fit, oldest first."""
    return [text for _, text in events.fitting(snapshot, MAX_EVENTS, EVENTS_BUDGET, MARKERS, _edit)]


def _edit(intention: Intention) -> str:
    return f"User edited {intention.path}:\n```diff\n{events.unified(intention)}```"


FORMAT = Format("zeta1", "Zeta 1 (Zed)", MAX_PROMPT + MAX_ANSWER, MARKERS, task, read, fits)
