"""Refactorings that a program makes: every edit but the first ones follows from those before it.

In: a source file, a random generator.  Out: courses.
Not here: what is asked about them (``questions``).

Each maker takes a ``Source`` and gives the edits in the order in which a person would make them, and after how many of
them the rest can be told; None where it finds nothing to do.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nextedit_lsp.editing import documents
from nextedit_lsp.evaluation.episodes import Episode, EpisodeFile, Hunk
from nextedit_lsp.evaluation.rounds import HunkId
from nextedit_lsp.syntax import context, scopes
from nextedit_lsp.syntax.languages import Language
from nextedit_lsp.syntax.trees import Tree
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit
from training.data import conditions
from training.data.courses import Course
from training.data.names import KEYWORDS, NAME, Words

MAX_FILE_CHARS = 30_000
MAX_USES = 10
# Names that are looked at before a maker gives up on a file.
N_TRIES = 6
# A parameter's argument is called like the parameter in this share, else it is one of these.
SAME_NAME_SHARE = 0.6
VALUES = ("None", "null", "nil", "0", "1", "true", "false", '""', "{}", "[]", "options", "ctx")
TYPES = {
    "go": ("{} context.Context", "{} string", "{} int", "{} bool"),
    "rust": ("{}: usize", "{}: &str", "{}: bool", "{}: Option<u32>"),
    "typescript": ("{}: string", "{}: number", "{}?: boolean", "{}: Options"),
    "tsx": ("{}: string", "{}?: boolean"),
    "java": ("int {}", "String {}", "boolean {}"),
    "c": ("int {}", "const char *{}", "size_t {}"),
    "cpp": ("int {}", "const std::string& {}", "bool {}"),
    "csharp": ("int {}", "string {}", "bool {}"),
    "kotlin": ("{}: Int", "{}: String"),
    "python": ("{}", "{}=None", "{}: str", "{}: int = 0"),
}
_IMPORT = re.compile(r"\s*(?:import|from|use|using|require|#include|export)\b|.*\brequire\(")
_PATH = re.compile(r"[\w.@-]+(?:/[\w.@-]+)+|\w+(?:\.\w+)+|\w+(?:::\w+)+")
_SIMPLE_ROW = re.compile(r"\s+\S.*[,;)\w\"']$")
_WRAPPERS = ("{0}({1})", "await {1}", "{1}.{0}()", "{0}.wrap({1})", "{0}({1}, {2})", "&{1}", "!{1}", "{1}?")

Made = tuple[Sequence[Edit], int]


@dataclass(frozen=True, slots=True)
class Source:
    """A file with its tree, and what fresh names are made of."""

    path: str
    language_id: str
    text: Text
    tree: Tree
    language: Language
    words: Words

    def fresh(self, rng: random.Random, like: str) -> str:
        """A name that the file does not have."""
        return self.words.fresh(rng, like, set(NAME.findall(str(self.text))))


def course(rng: random.Random, file: EpisodeFile, words: Words) -> Course | None:
    """A course that refactors ``file`` as it was before its commit; None where no maker finds anything."""
    if len(file.before) > MAX_FILE_CHARS:
        return None
    document = documents.opened("file:///made-up", file.path, file.language_id, 1, file.before)
    if document.language is None or document.tree is None:
        return None
    source = Source(file.path, file.language_id, document.text, document.tree, document.language, words)
    name = rng.choices(list(MAKERS), [weight for weight, _ in MAKERS.values()])[0]
    made = MAKERS[name][1](rng, source)
    return None if made is None else _course_of(name, source, *made)


def renamed(rng: random.Random, source: Source) -> Made | None:
    """A name and all that means the same; what declares it comes first."""
    for name in _names(rng, source, 2, MAX_USES):
        found = scopes.occurrences(source.tree, source.text, name, source.language)
        seeds = [one for one in found if one.declares and one.group is not None]
        if not seeds:
            continue
        seed = rng.choice(seeds)
        same = scopes.same_binding(found, (seed.start, seed.end))
        if len(same) < 2:
            continue
        new = source.fresh(rng, name)
        ordered = [seed, *(one for one in same if one is not seed)]
        return [Edit(one.start, one.end, new) for one in ordered], 1
    return None


def with_parameter(rng: random.Random, source: Source) -> Made | None:
    """A parameter more in a signature, then an argument more in the calls."""
    for name in _names(rng, source, 2, MAX_USES):
        calls = context.calls_named(source.tree, source.text, name, source.language)
        signatures = [call for call in calls if call.is_definition]
        uses = [call for call in calls if not call.is_definition]
        if not signatures or not uses or any(call.close >= len(source.text) for call in calls):
            continue
        new = source.fresh(rng, "")
        is_same = rng.random() < SAME_NAME_SHARE
        value = new if is_same else rng.choice(VALUES)
        parameter = rng.choice(TYPES.get(source.language.name, ("{}",))).format(new)
        edits = [_added(source.text, call, parameter) for call in signatures]
        return edits + [_added(source.text, call, value) for call in uses], len(edits) + (0 if is_same else 1)
    return None


def wrapped(rng: random.Random, source: Source) -> Made | None:
    """All calls of a function wrapped in the same way."""
    for name in _names(rng, source, 2, MAX_USES):
        spans = [
            span
            for call in context.calls_named(source.tree, source.text, name, source.language)
            if not call.is_definition and (span := _expression(source, call)) is not None
        ]
        if len(spans) < 2 or any(one[1] > other[0] for one, other in pairwise(spans)):
            continue
        pattern, other = rng.choice(_WRAPPERS), source.fresh(rng, "")
        head, _, tail = pattern.replace("{0}", other).replace("{2}", rng.choice(VALUES)).partition("{1}")
        edits = [Edit(start, end, head + source.text.slice(start, end) + tail) for start, end in spans]
        return edits, 1
    return None


def with_field(rng: random.Random, source: Source) -> Made | None:
    """Behind each row of a field one for a new field."""
    rows = str(source.text).split("\n")
    for name in _names(rng, source, 2, 6):
        word = re.compile(rf"\b{name}\b")
        at = [row for row, line in enumerate(rows) if word.search(line)]
        if len(at) < 2 or not all(_SIMPLE_ROW.match(rows[row]) and _is_balanced(rows[row]) for row in at):
            continue
        new = source.fresh(rng, name)
        edits = []
        for row in at:
            end = source.text.line_end(row)
            edits.append(Edit(end, end, "\n" + word.sub(new, rows[row])))
        return edits, 1
    return None


def moved_import(rng: random.Random, source: Source) -> Made | None:
    """A part of a module's path changed wherever it is imported or spelled out."""
    lines = str(source.text).split("\n")
    paths = Counter(
        path for line in lines if _IMPORT.match(line) for found in _PATH.findall(line) for path in _heads(found)
    )
    shared = [path for path, count in paths.items() if count >= 2]
    if not shared:
        return None
    old = rng.choice(shared)
    last = re.split(r"[./:]+", old)[-1]
    new = old[: len(old) - len(last)] + source.fresh(rng, last if last.isidentifier() else "")
    spans = [found.span() for found in re.finditer(rf"(?<![\w.]){re.escape(old)}(?!\w)", str(source.text))]
    return ([Edit(start, end, new) for start, end in spans], 1) if 2 <= len(spans) <= MAX_USES else None


def inverted(rng: random.Random, source: Source) -> Made | None:
    """A condition turned into its opposite, then the branches swapped."""
    text = source.text
    found = list(conditions.found(source.tree, source.language.name))
    if not found:
        return None
    one = rng.choice(found)
    edits = [Edit(*one.span, one.opposite)]
    for (top, bottom), new in ((one.first, one.second), (one.second, one.first)):
        edits.append(Edit(text.line_start(top), text.line_end(bottom - 1), "\n".join(text.lines(*new))))
    return edits, 1


MAKERS: dict[str, tuple[float, Callable[[random.Random, Source], Made | None]]] = {
    "rename": (4.0, renamed),
    "parameter": (5.0, with_parameter),
    "wrap": (3.0, wrapped),
    "field": (1.5, with_field),
    "import": (3.0, moved_import),
    "invert": (2.0, inverted),
}


def _course_of(kind: str, source: Source, edits: Sequence[Edit], n_given: int) -> Course | None:
    """The course of edits in their order; those on the same rows make one hunk."""
    text = source.text
    groups: list[tuple[int, int, list[Edit]]] = []
    for edit in sorted(edits, key=lambda one: (one.start, one.end)):
        first, end = text.line_at(edit.start), text.line_at(edit.end) + 1
        if groups and first < groups[-1][1]:
            top, bottom, members = groups.pop()
            first, end = top, max(bottom, end)
            groups.append((first, end, [*members, edit]))
        else:
            groups.append((first, end, [edit]))
    hunks: list[Hunk] = []
    ranks: list[int] = []
    for first, end, members in groups:
        if any(a.end > b.start for a, b in pairwise(members)):
            return None
        after = Changes.of(members).apply(text)
        n_new = end - first + after.n_lines - text.n_lines
        hunks.append(_narrowed(Hunk(first, end - first, tuple(after.lines(first, first + n_new))), text))
        ranks.append(min(edits.index(member) for member in members))
    if len(hunks) < 2:
        return None
    n_given = sum(rank < n_given for rank in ranks)
    order = [HunkId(0, at) for at in sorted(range(len(hunks)), key=ranks.__getitem__)]
    file = EpisodeFile(source.path, source.language_id, str(text), tuple(hunks))
    return Course(Episode(f"made-up {kind}", "made/up", "0", "", (file,)), order, kind, max(1, n_given))


def _narrowed(hunk: Hunk, text: Text) -> Hunk:
    """The hunk without rows at its start that stay as they were: an insertion behind a row is one."""
    old = text.lines(hunk.start, hunk.start + hunk.n_old)
    n_same = 0
    while n_same < min(len(old), len(hunk.new)) and old[n_same] == hunk.new[n_same]:
        n_same += 1
    return Hunk(hunk.start + n_same, hunk.n_old - n_same, hunk.new[n_same:])


def _names(rng: random.Random, source: Source, least: int, most: int) -> list[str]:
    """A few names of the file that stand in so many places, in any order."""
    counts = Counter(NAME.findall(str(source.text)))
    found = [name for name, n in counts.items() if least <= n <= most and name not in KEYWORDS and len(name) > 1]
    return rng.sample(found, min(N_TRIES, len(found)))


def _added(text: Text, call: context.Call, argument: str) -> Edit:
    inside = text.slice(call.open + 1, call.close)
    at = call.open + 1 + len(inside.rstrip().rstrip(","))
    return Edit(at, at, f", {argument}" if call.arguments else argument)


def _expression(source: Source, call: context.Call) -> tuple[int, int] | None:
    """Where the whole call stands, its receiver included, on one line."""
    for step in reversed(source.tree.steps_at(call.callee_span[0])):
        if step.type in source.language.calls:
            start, end = source.tree.span(step.node)
            is_one_line = source.text.line_at(start) == source.text.line_at(end)
            return (start, end) if end == call.close + 1 and is_one_line else None
    return None


def _is_balanced(line: str) -> bool:
    return all(line.count(left) == line.count(right) for left, right in ("()", "[]", "{}"))


def _heads(path: str) -> list[str]:
    """A path, and its longer beginnings."""
    parts = re.split(r"([./]|::)", path)
    return ["".join(parts[:n]) for n in range(3, len(parts) + 1, 2)]
