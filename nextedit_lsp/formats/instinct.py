"""Instinct (``continuedev/instinct`` on Qwen2.5-Coder-7B): one user message in ChatML.

In: a Snapshot and a spot; a completion.  Out: the task; the changes.
Not here: the history's diffs (``events``), other chat models (``chat``).

The prompt, here for a region of one line::

    <|im_start|>user
    Reference the user excerpt, user edits, and the snippets to understand the developer's intent. Update the ...

    ### Context:
    <|context_file|>: lib.py
    <|snippet|>
    def helper(): ...

    ### User Edits:

    User edited file "main.py"

    ```diff
    @@ -1 +1 @@
    -y = 1
    +x = 1
    ```

    ### User Excerpt:
    main.py

    <|editable_region_start|>
    x = 1<|user_cursor_is_here|>
    <|editable_region_end|>
    ```
    ### Response:<|im_end|>
    <|im_start|>assistant

The answer is the region's new text.  The edits stand oldest first, the one in progress last.  Only the ``im`` markers
are tokens.
"""

from __future__ import annotations

from collections.abc import Sequence

from nextedit_lsp.editing.history import Intention
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.formats import events, excerpts
from nextedit_lsp.formats.answers import REJOIN_LINES, Dialect, window_reading
from nextedit_lsp.formats.format import Format, Reading, Refused, Spot, Task, Traits
from nextedit_lsp.formats.prompt import Completion, Prompt, Question
from nextedit_lsp.formats.regions import Region, cursor_of, lines_text, rows_of, task_of, with_marker
from nextedit_lsp.formats.segments import control, prompt_of

IM_START, IM_END = control("<|im_start|>"), control("<|im_end|>")
START, END, CURSOR = "<|editable_region_start|>", "<|editable_region_end|>", "<|user_cursor_is_here|>"
CONTEXT_FILE, SNIPPET = "<|context_file|>", "<|snippet|>"
MARKERS = (START, END, CURSOR, CONTEXT_FILE, SNIPPET)

AROUND, ABOVE, BELOW = 25, 1, 5
MAX_EVENTS, EVENTS_BUDGET, RELATED_BUDGET, EXCERPT_BUDGET = 6, 768, 1024, 2048
MAX_ANSWER = 1024

INSTRUCTION = (
    "Reference the user excerpt, user edits, and the snippets to understand the developer's intent. "
    "Update the editable region of the user excerpt by predicting and completing the changes they would have made "
    "next. This may be a deletion, addition, or modification of code."
)

_DIALECT = Dialect(opens=(START,), ends=(END, IM_END.text), leaks=(CONTEXT_FILE, SNIPPET, IM_START.text), cursor=CURSOR)


def prompt(
    related: Sequence[tuple[str, str]], edits: Sequence[str], path: str, before: str, marked: str, after: str
) -> Prompt:
    """The prompt; ``before`` and ``after`` are whole lines, ``marked`` is without its last line end."""
    context = "".join(f"{CONTEXT_FILE}: {related_path}\n{SNIPPET}\n{text}" for related_path, text in related)
    excerpt = f"{before}{START}\n{marked}\n{END}\n{after}"
    edits_text = "\n\n".join(edits)
    message = (
        f"{INSTRUCTION}\n\n### Context:\n{context}\n### User Edits:\n\n{edits_text}\n\n"
        f"### User Excerpt:\n{path}\n\n{excerpt}```\n### Response:"
    )
    return prompt_of(IM_START, f"user\n{message}", IM_END, "\n", IM_START, "assistant\n")


def task(snapshot: Snapshot, spot: Spot) -> Task | Refused:
    """The question to rewrite the line before the cursor, its own and five behind it."""
    document = spot.document
    row, rows = document.text.line_at(cursor_of(spot)), rows_of(spot)
    near = excerpts.window(document, (row, row + 1), ABOVE, BELOW)
    region = Region(document, min(rows[0], near[0]), max(rows[1], near[1]))
    around = excerpts.window(document, (row, row + 1), AROUND, AROUND)
    before = lines_text(document.text, min(around[0], region.first), region.first)
    after = lines_text(document.text, region.end, max(around[1], region.end))
    if excerpts.is_bad_path(document.path, MARKERS) or excerpts.forged(before + region.text + after, MARKERS):
        return Refused("the text holds a marker of the format")
    if excerpts.n_tokens(before + region.text + after) > EXCERPT_BUDGET:
        return Refused("the lines are too long for the format's budget")
    related = excerpts.related(snapshot, document, RELATED_BUDGET, MARKERS, 3)
    marked = with_marker(region.text, region.column(cursor_of(spot)), CURSOR)
    question = Question(
        prompt([(one.path, one.text) for one in related], _edits(snapshot), document.path, before, marked, after),
        draft=region.text + "\n",
        stops=(IM_END.text, END),
        max_tokens=MAX_ANSWER,
        rejoin_lines=REJOIN_LINES,
    )
    return task_of(spot, region, question)


def read(task: Task, completion: Completion) -> Reading | Refused:
    """The changes of an answer."""
    return window_reading(task, completion, _DIALECT)


def fits(traits: Traits) -> bool:
    """Whether a model file says that it is Instinct."""
    return "instinct" in traits.label


def _edits(snapshot: Snapshot) -> list[str]:
    """The last edits that fit, oldest first."""
    return [text for _, text in events.fitting(snapshot, MAX_EVENTS, EVENTS_BUDGET, MARKERS, _edit)]


def _edit(intention: Intention) -> str:
    return f'User edited file "{intention.path}"\n\n```diff\n{events.unified(intention)}```'


CONTEXT = EXCERPT_BUDGET + RELATED_BUDGET + EVENTS_BUDGET + 2 * MAX_ANSWER
FORMAT = Format("instinct", "Instinct (Continue)", CONTEXT, MARKERS, task, read, fits)
