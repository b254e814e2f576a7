"""Examples of one task: an edit renamed something, and the marked lines still have the old name.

In: source texts, a random generator, a difficulty.  Out: examples: a prompt, the marked lines, what is to be written.
Not here: tokens; training.

A prompt looks like this, in the project's native layout:

    <|edit|>src/shape.py
    <|old|>def area(r):
    <|new|>def area(radius):
    <|file|>src/shape.py
    <|after|>
    def volume(size):
    <|before|>def area(radius):
    <|from|>    return 3 * r ** 2
    <|to|><|edit|>src/shape.py
    <|old|>def area(r):
    <|new|>def area(radius):
    <|answer|>

and its answer is ``    return 3 * radius ** 2``, a line end and <|eot|>.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from nextedit_lsp.formats.prompt import Prompt, Segment
from training.data.names import KEYWORDS, NAME, Words

END_OF_TEXT = "<|eot|>"
# What is left out: lines that no one writes by hand.
MAX_LINE_CHARS = 160
# How far from the marked lines the edit may lie, in lines.
EDIT_REACH = 40
MAX_USES = 8


@dataclass(frozen=True, slots=True)
class Example:
    """``draft`` are the marked lines; ``names`` are the old and the new name."""

    prompt: Prompt
    draft: str
    answer: str
    names: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """A file's path, as a prompt shows it, and its lines with their ends."""

    path: str
    lines: tuple[str, ...]


def renaming(rng: random.Random, source: Source, words: Words, difficulty: float) -> Example | None:
    """An example cut out of a source, or None if where it looked nothing can be renamed."""
    n_lines = rng.randint(1 + round(5 * difficulty), 2 + round(14 * difficulty))
    if len(source.lines) < n_lines + 4:
        return None
    start = rng.randint(1, len(source.lines) - n_lines - 1)
    first, last = max(0, start - EDIT_REACH), min(len(source.lines), start + n_lines + EDIT_REACH)
    lines, at = list(source.lines[first:last]), start - first
    marked = "".join(lines[at : at + n_lines])
    if not marked.strip() or not _is_plain(lines) or len(marked) > 60 + 640 * difficulty:
        return None
    old = _name_to_change(rng, marked, "".join(lines))
    if old is None:
        return None
    taken = set(NAME.findall("".join(lines)))
    if rng.random() < 0.5:
        other = words.fresh(rng, "", taken)
        lines, old = [_renamed(line, old, other) for line in lines], other
    new = words.fresh(rng, old, taken | {old})
    return _told(rng, source.path, _Cut(lines, at, at + n_lines), (old, new), words, difficulty)


def made_up(rng: random.Random, words: Words, difficulty: float) -> Example | None:
    """An example of lines without sense, in which nothing but the prompt helps."""
    pool: list[str] = []
    for _ in range(rng.randint(3, 4 + round(10 * difficulty))):
        pool.append(words.fresh(rng, "", set(pool)))
    old, new = pool[0], words.fresh(rng, pool[0], set(pool))
    n_lines = rng.randint(1, 2 + round(8 * difficulty))

    def line(has_old: bool) -> str:
        names = [rng.choice(pool[1:]) for _ in range(rng.randint(1, 2 + round(4 * difficulty)))]
        if has_old:
            names.insert(rng.randint(0, len(names)), old)
        marks = rng.choices((" ", " = ", ".", "(", ", ", " + ", "[", ") ", ": "), k=len(names))
        return "    " * rng.randint(0, 2) + "".join(map(str.__add__, names, marks)).rstrip() + "\n"

    n_context = rng.randint(0, round(4 * difficulty))
    lines = [line(True), *(line(rng.random() < 0.2) for _ in range(n_context))]
    lines += [line(rng.random() < 0.6) for _ in range(n_lines)]
    at = 1 + n_context
    return _told(rng, f"{rng.choice(words.words)}.py", _Cut(lines, at, at + n_lines), (old, new), words, difficulty)


@dataclass(frozen=True, slots=True)
class _Cut:
    """Lines before anything was renamed; ``start:end`` are to be marked."""

    lines: list[str]
    start: int
    end: int


def _told(
    rng: random.Random, path: str, cut: _Cut, names: tuple[str, str], words: Words, difficulty: float
) -> Example | None:
    old, new = names
    uses = [idx for idx, line in enumerate(cut.lines) if _uses(line, old)]
    outside = [idx for idx in uses if not cut.start <= idx < cut.end]
    inside = [idx for idx in uses if cut.start <= idx < cut.end]
    if outside and rng.random() < 0.8:
        edited = min(outside, key=lambda idx: abs(idx - cut.start)) if rng.random() < 0.6 else rng.choice(outside)
    elif len(inside) > 1:
        edited = inside[0]
    else:
        return None
    now = list(cut.lines)
    # A person renames from the top: what stands above is mostly done.
    done = [idx for idx in outside if idx < cut.start] if rng.random() < 0.7 else []
    for idx in {edited, *done}:
        now[idx] = _renamed(now[idx], old, new)
    earlier = _earlier_edits(rng, cut, [idx for idx in done if idx != edited], names, words, difficulty)
    parts = [part for edit in earlier for part in _edit(path, *edit)]
    n_before, n_after = rng.randint(0, round(6 * difficulty)), rng.randint(0, round(4 * difficulty))
    marked = "".join(now[cut.start : cut.end])
    cursor = None
    if cut.start <= edited < cut.end:
        cursor = len("".join(now[cut.start : edited])) + now[edited].index(new) + len(new)
    parts += [
        *_pair("<|file|>", f"{path}\n"),
        *_pair("<|after|>", "".join(now[cut.end : cut.end + n_after])),
        *_pair("<|before|>", "".join(now[max(0, cut.start - n_before) : cut.start])),
        *_pair("<|from|>", marked[:cursor]),
        *(() if cursor is None else _pair("<|cursor|>", marked[cursor:])),
        Segment("<|to|>", is_control=True),
        *_edit(path, cut.lines[edited], _renamed(cut.lines[edited], old, new)),
        Segment("<|answer|>", is_control=True),
    ]
    return Example(tuple(part for part in parts if part.text), marked, _renamed(marked, old, new), names)


def places_of(text: str, name: str) -> list[tuple[int, int]]:
    """Where a name stands in a text, from and to."""
    return [found.span() for found in re.finditer(rf"\b{name}\b", text)]


def _earlier_edits(
    rng: random.Random, cut: _Cut, done: list[int], names: tuple[str, str], words: Words, difficulty: float
) -> list[tuple[str, str]]:
    """The same renaming elsewhere, or another one of a name that the marked lines have not."""
    if rng.random() > 0.5 * difficulty:
        return []
    if done and rng.random() < 0.5:
        return [(cut.lines[done[-1]], _renamed(cut.lines[done[-1]], *names))]
    line = rng.choice(cut.lines)
    marked = set(NAME.findall("".join(cut.lines[cut.start : cut.end])))
    others = sorted(set(NAME.findall(line)) - marked - {names[0]} - KEYWORDS)
    if not others:
        return []
    other = rng.choice(others)
    return [(line, _renamed(line, other, words.fresh(rng, other, marked | set(names))))]


def _edit(path: str, old: str, new: str) -> tuple[Segment, ...]:
    return (*_pair("<|edit|>", f"{path}\n"), *_pair("<|old|>", old), *_pair("<|new|>", new))


def _pair(control: str, text: str) -> tuple[Segment, Segment]:
    return Segment(control, is_control=True), Segment(text)


def _is_plain(lines: Sequence[str]) -> bool:
    return all(line.isascii() and len(line) <= MAX_LINE_CHARS for line in lines)


def _name_to_change(rng: random.Random, marked: str, around: str) -> str | None:
    """A name of the marked lines, the rather the more uses it has; words of prose are no names."""
    counts = Counter(name for name in NAME.findall(marked) if name not in KEYWORDS and not name.startswith("__"))
    found = [(name, min(count, 4) ** 2) for name, count in counts.items() if count <= MAX_USES]
    name = rng.choices([name for name, _ in found], [weight for _, weight in found])[0] if found else ""
    is_name = name and re.search(rf"\b{name}(?: *:?=|[(\[),:]|\.\w)", around)
    # "%s" and "\n" are no names either.
    return name if is_name and not re.search(rf"[%\\]{name}\b", around) else None


def _uses(line: str, name: str) -> bool:
    return re.search(rf"\b{name}\b", line) is not None


def _renamed(text: str, old: str, new: str) -> str:
    return re.sub(rf"\b{old}\b", new, text)
