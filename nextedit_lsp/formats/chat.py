"""Any model that follows instructions: the task in plain words, what the edits mean, and the lines between two tags.

In: a Snapshot and a spot; a completion.  Out: the task; the changes.
Not here: what the edits mean (``intent``).

The prompt in ChatML; the last line is the start of the answer, so that the model goes straight to the code::

    <|im_start|>system
    You finish a programmer's edits. ...<|im_end|>
    <|im_start|>user
    Other open files:

    lib.py
    ```
    def helper(): ...
    ```

    The last edits, oldest first:

    main.py
    ```diff
    @@ -1 +1 @@
    -y = 1
    +x = 1
    ```

    What is known:
    - renaming `y` to `x`: 1 of 2 uses done, left are main.py line 2

    main.py from line 1:
    ```
    x = 1
    <edit_here>
    z = y<cursor_here/>
    </edit_here>
    ```

    Write the lines between <edit_here> and </edit_here> as they should be now.<|im_end|>
    <|im_start|>assistant
    ```

The same messages stand between other headers for models of Llama 3's kind, and under "###" headings for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.formats import events, excerpts, intent
from nextedit_lsp.formats.answers import REJOIN_LINES, Dialect, window_reading
from nextedit_lsp.formats.format import Format, Reading, Refused, Spot, Task, Traits
from nextedit_lsp.formats.prompt import Completion, Prompt, Question, Segment
from nextedit_lsp.formats.regions import Region, cursor_of, lines_text, region_of, rows_of, task_of, with_marker
from nextedit_lsp.formats.segments import control, prompt_of

OPEN, CLOSE, CURSOR = "<edit_here>", "</edit_here>", "<cursor_here/>"
MARKERS = (OPEN, CLOSE, CURSOR)

ABOVE, BELOW, AROUND = 3, 6, 25
MAX_EVENTS, EVENTS_BUDGET, RELATED_BUDGET, EXCERPT_BUDGET = 6, 768, 1024, 2048
MAX_ANSWER = 768

SYSTEM = (
    "You finish a programmer's edits. You see what they changed last, what is known about it, and a part of a file. "
    f"Between {OPEN} and {CLOSE} stand the lines that may have to change next; {CURSOR} is where the cursor is. "
    "Answer with these lines, all of them, as they should be now, in one code block and without the tags. "
    "Change only what follows from the edits, keep everything else exactly as it is, and never undo an edit. "
    "If nothing has to change, repeat the lines as they are."
)
REQUEST = f"Write the lines between {OPEN} and {CLOSE} as they should be now."


@dataclass(frozen=True, slots=True)
class Template:
    """How a kind of model marks who speaks: what stands before a role, behind it, and behind the message."""

    name: str
    title: str
    before_role: tuple[Segment, ...]
    behind_role: tuple[Segment, ...]
    behind: tuple[Segment, ...]
    roles: tuple[str, str, str] = ("system", "user", "assistant")

    @property
    def stops(self) -> tuple[str, ...]:
        """The tokens that end a message."""
        return tuple(segment.text for segment in self.behind if segment.is_control)


TEMPLATES = (
    Template(
        "chat-chatml",
        "Any chat model with ChatML",
        (control("<|im_start|>"),),
        (Segment("\n"),),
        (control("<|im_end|>"), Segment("\n")),
    ),
    Template(
        "chat-llama3",
        "Any chat model with the headers of Llama 3",
        (control("<|start_header_id|>"),),
        (control("<|end_header_id|>"), Segment("\n\n")),
        (control("<|eot_id|>"),),
    ),
    Template(
        "chat-plain",
        "Any other model that follows instructions",
        (Segment("### "),),
        (Segment(":\n"),),
        (Segment("\n\n"),),
        ("Instruction", "Input", "Response"),
    ),
)


def prompt(template: Template, system: str, user: str, answer: str) -> Prompt:
    """Both messages, and the start of the answer."""
    parts: list[Segment] = []
    for role, text in zip(template.roles, (system, user, answer), strict=True):
        parts += [*template.before_role, Segment(role), *template.behind_role, Segment(text)]
        parts += template.behind if role != template.roles[-1] else ()
    return prompt_of(*parts)


def message(
    related: Sequence[tuple[str, str]],
    edits: Sequence[tuple[str, str]],
    facts: Sequence[str],
    path: str,
    row: int,
    excerpt: str,
) -> str:
    """The user's message: what changes seldom first.  ``edits`` are paths with diffs."""
    fence = fence_of(excerpt)
    parts = []
    if related:
        files = "".join(f"\n{name}\n{fence_of(text)}\n{text}{fence_of(text)}\n" for name, text in related)
        parts.append(f"Other open files:\n{files}\n")
    if edits:
        diffs = "".join(f"\n{name}\n{fence_of(text)}diff\n{text}{fence_of(text)}\n" for name, text in edits)
        parts.append(f"The last edits, oldest first:\n{diffs}\n")
    if facts:
        known = "".join(f"- {fact}\n" for fact in facts)
        parts.append(f"What is known:\n{known}\n")
    return "".join(parts) + f"{path} from line {row + 1}:\n{fence}\n{excerpt}{fence}\n\n{REQUEST}"


def fence_of(text: str) -> str:
    """A code fence that is longer than any in the text."""
    return "`" * max([3, *(len(run) + 1 for run in re.findall(r"`{3,}", text))])


def task(snapshot: Snapshot, spot: Spot, *, template: Template) -> Task | Refused:
    """The question to rewrite the lines around the cursor."""
    document = spot.document
    row, rows = document.text.line_at(cursor_of(spot)), rows_of(spot)
    near = excerpts.window(document, (row, row + 1), ABOVE, BELOW)
    n_rows = excerpts.n_rows(document.text)
    region = Region(document, min(rows[0], near[0]), max(rows[1], min(near[1], n_rows)))
    around = excerpts.window(document, (region.first, region.end), AROUND, AROUND)
    before = lines_text(document.text, around[0], region.first)
    after = lines_text(document.text, region.end, min(around[1], n_rows))
    if excerpts.is_bad_path(document.path, MARKERS) or excerpts.forged(before + region.text + after, MARKERS):
        return Refused("the text holds a marker of the format")
    if excerpts.n_tokens(before + region.text + after) > EXCERPT_BUDGET:
        return Refused("the lines are too long for the format's budget")
    marked = with_marker(region.text, region.column(cursor_of(spot)), CURSOR)
    facts = [*intent.noticed(snapshot), *intent.surroundings(snapshot, region)]
    user = message(
        [(one.path, one.text) for one in excerpts.related(snapshot, document, RELATED_BUDGET, MARKERS, 3)],
        _edits(snapshot),
        [fact for fact in facts if not excerpts.forged(fact, MARKERS)],
        document.path,
        around[0],
        f"{before}{OPEN}\n{marked}\n{CLOSE}\n{after}",
    )
    fence = fence_of(region.text)
    question = Question(
        prompt(template, SYSTEM, user, fence + "\n"),
        draft=region.text + "\n",
        stops=("\n" + fence, *template.stops),
        max_tokens=MAX_ANSWER,
        rejoin_lines=REJOIN_LINES,
    )
    return task_of(spot, region, question)


def read(task: Task, completion: Completion, *, template: Template) -> Reading | Refused:
    """The changes of an answer, which began inside its code fence."""
    ends = (CLOSE, fence_of(region_of(task).text), *template.stops)
    return window_reading(task, completion, Dialect(opens=(OPEN,), ends=ends, cursor=CURSOR, is_padded=True))


def fits(traits: Traits, *, template: Template) -> bool:
    """Whether a model that was made to chat has the template's tokens; the plain one for those that have no other's."""
    if not traits.has_chat_template:
        return False
    if template.stops:
        return all(traits.has_token(segment.text) for segment in template.before_role if segment.is_control)
    return not any(fits(traits, template=other) for other in TEMPLATES if other.stops)


def _edits(snapshot: Snapshot) -> list[tuple[str, str]]:
    """The last edits that fit, oldest first: paths and diffs."""
    shown = events.fitting(snapshot, MAX_EVENTS, EVENTS_BUDGET, MARKERS, events.unified)
    return [(intention.path, text) for intention, text in shown]


FORMATS = tuple(
    Format(
        template.name,
        template.title,
        EXCERPT_BUDGET + RELATED_BUDGET + EVENTS_BUDGET + 2 * MAX_ANSWER,
        MARKERS,
        partial(task, template=template),
        partial(read, template=template),
        partial(fits, template=template),
    )
    for template in TEMPLATES
)
