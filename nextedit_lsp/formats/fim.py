"""Fill in the middle: an insertion at the cursor, by base models of code.

In: a Snapshot and a spot with a cursor; a completion.  Out: the task; the insertion.
Not here: rewriting lines, which these models never learned.

The families are rows of a table.  The prompt of Qwen2.5-Coder, with another open file::

    <|repo_name|>project
    <|file_sep|>lib.py
    def helper(): ...
    <|file_sep|>main.py
    <|fim_prefix|>x = hel<|fim_suffix|>
    last()
    <|fim_middle|>

and that of Codestral, which has the suffix first and nothing behind the prefix::

    [SUFFIX]
    last()
    [PREFIX]x = hel

All markers are single tokens, so text that looks like one stays text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.formats import excerpts
from nextedit_lsp.formats.answers import ENDS_OF_TEXT
from nextedit_lsp.formats.format import Format, Reading, Refused, Spot, Task, Traits
from nextedit_lsp.formats.prompt import Completion, Prompt, Question, Segment
from nextedit_lsp.formats.regions import lines_text
from nextedit_lsp.formats.segments import control, prompt_of
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes
from nextedit_lsp.text.line_ends import line_end_of, plain

PREFIX_BUDGET, SUFFIX_BUDGET, RELATED_BUDGET = 1536, 512, 1024
MAX_ANSWER = 128
# The prefix starts at a multiple of so many rows: typing on leaves its start, and the cache of it, alone.
STEP = 32


@dataclass(frozen=True, slots=True)
class Family:
    """The tokens of a family; ``file`` and ``repo`` head other files, "" where it never saw any.

    ``is_suffix_first``: suffix, prefix, middle.  ``has_path_inside``: the path of the file itself stands behind the
    prefix token.
    """

    name: str
    title: str
    prefix: str
    suffix: str
    middle: str = ""
    file: str = ""
    repo: str = ""
    is_suffix_first: bool = False
    has_path_inside: bool = False
    end: str = "<|endoftext|>"

    @property
    def tokens(self) -> tuple[str, ...]:
        """All of its control tokens."""
        return tuple(filter(None, (self.prefix, self.suffix, self.middle, self.file, self.repo, self.end)))


FAMILIES = (
    Family(
        name="fim-qwen",
        title="Qwen2.5-Coder, insertion at the cursor",
        prefix="<|fim_prefix|>",
        suffix="<|fim_suffix|>",
        middle="<|fim_middle|>",
        file="<|file_sep|>",
        repo="<|repo_name|>",
    ),
    Family(
        name="fim-starcoder2",
        title="StarCoder2, insertion at the cursor",
        prefix="<fim_prefix>",
        suffix="<fim_suffix>",
        middle="<fim_middle>",
        file="<file_sep>",
        repo="<repo_name>",
        has_path_inside=True,
    ),
    Family(
        name="fim-starcoder",
        title="StarCoder, insertion at the cursor",
        prefix="<fim_prefix>",
        suffix="<fim_suffix>",
        middle="<fim_middle>",
    ),
    Family(
        name="fim-codellama",
        title="CodeLlama, insertion at the cursor",
        prefix="▁<PRE>",
        suffix="▁<SUF>",
        middle="▁<MID>",
        end="▁<EOT>",
    ),
    Family(
        name="fim-codestral",
        title="Codestral, insertion at the cursor",
        prefix="[PREFIX]",
        suffix="[SUFFIX]",
        is_suffix_first=True,
        end="</s>",
    ),
)


# Blank lines between the cursor and the line that an answer may have run into.
MAX_REPEATED = 3
# What stands behind the cursor says nothing about where an answer should end when it is shorter.
MIN_REPEATED_CHARS = 3


def prompt(family: Family, related: Sequence[tuple[str, str]], path: str, before: str, after: str) -> Prompt:
    """The prompt; other files only where the family knows them."""
    parts: list[str | Segment] = []
    inside = ""
    if family.file and related:
        # What a repository is called can't be told from its open files, and hardly matters.
        parts += [control(family.repo), "project" if family.has_path_inside else "project\n"]
        for related_path, text in related:
            parts += [control(family.file), f"{related_path}\n{text}"]
        parts.append(control(family.file))
        inside = f"{path}\n" if family.has_path_inside else ""
        parts.append("" if family.has_path_inside else f"{path}\n")
    if family.is_suffix_first:
        parts += [control(family.suffix), after, control(family.prefix), before]
    else:
        parts += [control(family.prefix), inside + before, control(family.suffix), after]
    return prompt_of(*parts, *([control(family.middle)] if family.middle else []))


def task(snapshot: Snapshot, spot: Spot, *, family: Family) -> Task | Refused:
    """The question what to insert at the cursor."""
    if spot.cursor is None:
        return Refused("the format inserts at the cursor, which is not here")
    document, text = spot.document, spot.document.text
    row = text.line_at(spot.cursor)
    cursor = min(spot.cursor, text.line_end(row))
    line, column = text.line(row), cursor - text.line_start(row)
    first, rest = row, PREFIX_BUDGET - excerpts.n_tokens(line)
    while first and (rest := rest - max(1, excerpts.n_tokens(text.line(first - 1)))) >= 0:
        first -= 1
    first = min(row, -(-first // STEP) * STEP)
    end, rest = row + 1, SUFFIX_BUDGET
    while end < text.n_lines and (rest := rest - max(1, excerpts.n_tokens(text.line(end)))) >= 0:
        end += 1
    if excerpts.n_tokens(line) > SUFFIX_BUDGET:
        return Refused("the line is too long for the format's budget")
    if excerpts.is_bad_path(document.path, ()):
        return Refused("the file's path has a line end")
    before = lines_text(text, first, row) + line[:column]
    after = "\n".join([line[column:], *text.lines(row + 1, end)])
    related = excerpts.related(snapshot, document, RELATED_BUDGET, (), 3) if family.file else []
    question = Question(
        prompt(family, [(one.path, one.text) for one in related], document.path, before, after),
        stops=family.tokens,
        max_tokens=MAX_ANSWER,
    )
    return Task(question, spot, cursor, cursor)


def read(task: Task, completion: Completion, *, family: Family) -> Reading | Refused:
    """The insertion; of an answer that was cut its whole lines."""
    text = plain(completion.text)
    for end in (*family.tokens, *ENDS_OF_TEXT):
        text = text.split(end, 1)[0]
    if completion.is_cut:
        # A cut line may break off in the midst of a word; without its line end nothing is left open.
        text = text.rpartition("\n")[0]
        if not text.strip():
            return Refused("the answer was cut in its first line")
    document = task.spot.document.text
    text = _without_repeated(text, document, task.end)
    if not text:
        return Reading(Changes())
    changes = Changes.replace(task.start, task.end, text.replace("\n", line_end_of(document)))
    return Reading(changes, task.start + len(changes.edits[0].text))


def _without_repeated(text: str, document: Text, cursor: int) -> str:
    """The answer without what stands behind the cursor already: models that don't see an end write on through it.

    Brackets alone are left, as they may close what the answer opened.
    """
    row = document.line_at(cursor)
    behind = document.slice(cursor, document.line_end(row)).rstrip()
    tells = len(behind.strip()) >= MIN_REPEATED_CHARS and any(character.isalnum() for character in behind)
    if tells and text.rstrip().endswith(behind):
        return text.rstrip().removesuffix(behind)
    rows = text.split("\n")
    following = next((line for line in document.lines(row + 1, row + 1 + MAX_REPEATED) if line.strip()), None)
    if following is None or not any(character.isalnum() for character in following):
        return text
    repeated = next((place for place, line in enumerate(rows) if place and line.rstrip() == following.rstrip()), None)
    return text if repeated is None else "\n".join(rows[:repeated]).rstrip("\n")


def fits(traits: Traits, *, family: Family) -> bool:
    """Whether a model's vocabulary has the family's tokens."""
    asked = [token for token in family.tokens if token != family.end]
    if family.name == "fim-starcoder" and traits.has_token("<file_sep>"):
        return False
    return all(traits.has_token(token) for token in asked)


FORMATS = tuple(
    Format(
        family.name,
        family.title,
        PREFIX_BUDGET + 2 * SUFFIX_BUDGET + RELATED_BUDGET + MAX_ANSWER,
        (),
        partial(task, family=family),
        partial(read, family=family),
        partial(fits, family=family),
    )
    for family in FAMILIES
)
