"""Other calls of a function whose arguments changed, its definition, and its namesakes' definitions.

In: the examples in which an argument was added, removed or wrapped.  Out: places in the argument
lists of the same function.
Not here: what stands in other lists by chance (``repeats``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.locating.evidence import Evidence, starts_in
from nextedit_lsp.locating.place import Part, Place
from nextedit_lsp.patterns import analogy
from nextedit_lsp.patterns.arguments import Action, ArgumentChange, argument_changes
from nextedit_lsp.patterns.examples import LineChange
from nextedit_lsp.syntax import context
from nextedit_lsp.text import tokens

_SELF = re.compile(r"&?\s*(?:mut\s+)?(?:self|cls|this)\b")
# A parameter that has a default need not be passed.
_DEFAULT = re.compile(r"[^=!<>]=[^=>]|\?\s*:|^\*|^\.\.\.")

# Languages in which a parameter's type stands before its name.
TYPE_FIRST = ("c", "cpp", "csharp", "java", "php")


@dataclass(frozen=True, slots=True)
class Lesson:
    """What an example says about a function's arguments; ``is_definition``: it changed the signature."""

    change: LineChange
    argument: ArgumentChange
    is_definition: bool
    examples: tuple[LineChange, ...]
    # Positions count from behind a method's own object.
    index: int
    n_before: int


def places(evidence: Evidence) -> Iterator[Place]:
    """The argument lists that should change as an example's did."""
    for lesson in _lessons(evidence):
        for document in evidence.all_documents:
            if document.tree is not None:
                yield from _places_in(document, lesson)


def _lessons(evidence: Evidence) -> list[Lesson]:
    found: dict[tuple[object, ...], Lesson] = {}
    for change in evidence.line_changes:
        document = evidence.snapshot.document_at(change.example.uri)
        for argument in argument_changes(change):
            is_definition = document is not None and _is_definition(document, change, argument)
            n_own = int(is_definition and argument.n_before > 0 and _has_own_object(change.new_line, argument))
            if argument.index < n_own:
                continue
            index, n_before = argument.index - n_own, argument.n_before - n_own
            key = (argument.action, argument.callee, index, argument.text, argument.tail, is_definition)
            known = found.get(key)
            if known is None:
                found[key] = Lesson(change, argument, is_definition, (change,), index, n_before)
            else:
                found[key] = replace(known, examples=(*known.examples, change))
    return list(found.values())


def _is_definition(document: Document, change: LineChange, argument: ArgumentChange) -> bool:
    if document.tree is None:
        return False
    offset = change.example.start + argument.callee_start + len(argument.callee)
    opener = document.text.slice(offset, offset + 200).find("(")
    call = context.call_at(document.tree, document.text, offset + opener + 1, document.tree.language)
    return call is not None and call.is_definition and call.callee == argument.callee


def _has_own_object(line: str, argument: ArgumentChange) -> bool:
    opener = line.find("(", argument.callee_start)
    return _SELF.match(line[opener + 1 :].lstrip()) is not None


def _places_in(document: Document, lesson: Lesson) -> Iterator[Place]:
    if document.tree is None:
        return
    near = lesson.change.example.start if lesson.change.example.uri == document.uri else 0
    tree, callee = document.tree, lesson.argument.callee
    calls = context.calls_named(tree, document.text, callee, tree.language, near)
    fitting = [(call, n_own) for call in calls if (n_own := _fits(document, lesson, call)) is not None]
    for call, n_own in fitting:
        part = _part(document, lesson, call, lesson.index + n_own)
        if part is not None:
            yield _place(document, lesson, call, part, len(fitting))


def _fits(document: Document, lesson: Lesson, call: context.Call) -> int | None:
    """How many parameters of the call come before those that count; None where the lesson does not apply."""
    texts = [document.text.slice(start, end) for start, end in call.arguments]
    n_own = int(call.is_definition and bool(texts) and _SELF.match(texts[0]) is not None)
    if len(texts) - n_own != lesson.n_before:
        return None
    added = lesson.argument.text
    return None if lesson.argument.action is Action.ADDED and added in texts else n_own


def _part(document: Document, lesson: Lesson, call: context.Call, index: int) -> Part | None:
    argument, spans = lesson.argument, call.arguments
    if argument.action is Action.ADDED:
        text = _added_text(document, lesson, call)
        if text is None:
            return None
        if not spans:
            return Part(call.open + 1, call.open + 1, text)
        if index < len(spans):
            return Part(spans[index][0], spans[index][0], text + ", ")
        gap = document.text.slice(spans[-2][1], spans[-1][0]) if len(spans) > 1 else ", "
        return Part(spans[-1][1], spans[-1][1], (gap if gap.strip() == "," else ", ") + text)
    if index >= len(spans):
        return None
    start, end = spans[index]
    if argument.action is Action.REMOVED:
        if index + 1 < len(spans):
            return Part(start, spans[index + 1][0], "")
        return Part(spans[index - 1][1] if index else start, end, "")
    here = document.text.slice(start, end)
    if call.is_definition or (here.startswith(argument.text) and here.endswith(argument.tail)):
        return None
    return Part(start, end, argument.text + here + argument.tail)


def _added_text(document: Document, lesson: Lesson, call: context.Call) -> str | None:
    """What to add: the example's argument; a parameter's name where that is known at the call; None else."""
    text = lesson.argument.text
    if call.is_definition == lesson.is_definition:
        return text
    if call.is_definition:
        return text if tokens.is_word(text) and not analogy.is_keyword(text) else None
    if document.tree is None:
        return None
    name = _parameter_name(text, is_type_first=document.tree.language.name in TYPE_FIRST)
    if name is None:
        return None
    span = context.enclosing(document.tree, document.text, call.open, document.tree.language, context.Kind.FUNCTION)
    if span is None:
        return None
    before = document.text.slice(span[0], call.open)
    return name if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", before) else None


def _parameter_name(parameter: str, *, is_type_first: bool) -> str | None:
    """The name declared by ``z``, ``z: int``, ``z int`` or ``int z``; None where there is a default."""
    if _DEFAULT.search(parameter):
        return None
    words = [token for token in tokens.tokenized(parameter) if tokens.is_word(token.text)]
    if not words:
        return None
    return words[-1].text if is_type_first else words[0].text


def _place(document: Document, lesson: Lesson, call: context.Call, part: Part, n_places: int) -> Place:
    argument = lesson.argument
    here = document.text.slice(part.start, part.end)
    verb = {
        Action.ADDED: f"add argument `{part.template.strip(', ')}` to",
        Action.REMOVED: f"remove argument `{here.strip(', ')}` of",
        Action.WRAPPED: f"wrap argument as `{argument.text}…{argument.tail}` of",
    }[argument.action]
    what = "the signature" if lesson.is_definition else "a call"
    return Place(
        document=document,
        parts=(part,),
        source=f"argument_{argument.action.value}",
        pattern="\0".join(("argument", argument.action.value, argument.callee, str(argument.index), argument.text)),
        title=f"{verb} `{argument.callee}`",
        reason=f"{what} of `{argument.callee}` was changed so in {lesson.change.example.path}",
        example=lesson.change.example,
        examples=starts_in(document, lesson.examples),
        features={
            "confirmed": float(argument.action is Action.WRAPPED and len(lesson.examples) > 1),
            "n_examples": min(len(lesson.examples), 4) / 4,
            "seed_is_definition": float(lesson.is_definition),
            "is_definition": float(call.is_definition),
            "same_kind": float(call.is_definition == lesson.is_definition),
            "same_text": float(argument.action is Action.REMOVED and here.strip(", \n") == argument.text),
            "n_places": math.log1p(n_places) / 4,
            "is_literal": float(not any(token.isalpha() for token in argument.text)),
            "n_before": min(lesson.n_before, 5) / 5,
            "is_keyword": float("=" in argument.text),
            "age": min(lesson.change.example.age, 4) / 4,
        },
    )
