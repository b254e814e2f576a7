"""The syntactic setting of a place: the call or parameter list around it, the function, the expression.

In: a tree and offsets.  Out: plain spans in offsets.
Not here: what names mean (``scopes``).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from tree_sitter import Node

from nextedit_lsp.syntax.languages import Language
from nextedit_lsp.syntax.sites import function_name_node, receiver_node
from nextedit_lsp.syntax.trees import Step, Tree
from nextedit_lsp.text import words
from nextedit_lsp.text.buffer import Text

_OPENERS = ("(", "[", "{", "<", "|")
_CLOSERS = (")", "]", "}", ">", "|")
# A name is looked for so far from its argument list at most, in levels of the tree: ``a.b::<T>`` takes four.
_MAX_LEVELS = 6
# Places of one name that are looked at: with more the answer would come too late.
MAX_NAMED = 100


class Kind(Enum):
    """What can enclose a place."""

    FUNCTION = "function"
    CLASS = "class"


@dataclass(frozen=True, slots=True)
class Call:
    """A call with its arguments, or a definition with its parameters, in offsets."""

    callee: str  # The last part of the name; "" for a function without one.
    callee_span: tuple[int, int]
    arguments: tuple[tuple[int, int], ...]
    open: int  # Where the opening parenthesis starts.
    close: int  # Where the closing one starts, or the end of a list without it.
    argument_index: int | None  # Which argument holds the offset that was asked for.
    is_definition: bool


def call_at(tree: Tree, text: Text, offset: int, language: Language) -> Call | None:
    """The innermost call or signature whose list of arguments or parameters holds ``offset``."""
    for at in (offset, offset - 1) if offset else (offset,):
        steps = tree.steps_at(at)
        for index in range(len(steps) - 1, 0, -1):
            call = _call(tree, steps, index, language, offset)
            if call is not None and call.open < offset <= call.close:
                return call
    return None


def calls_named(tree: Tree, text: Text, name: str, language: Language, near: int = 0) -> list[Call]:
    """The calls and definitions of a function of that name, in order: the ``MAX_NAMED`` nearest to ``near``."""
    found = []
    for start in _nearest(list(words.starts_of(str(text), name)), near):
        steps = tree.steps_at(start)
        for index in range(len(steps) - 2, max(0, len(steps) - 2 - _MAX_LEVELS), -1):
            call = _call_of(tree, steps[: index + 1], language, start)
            if call is not None:
                found.append(call)
                break
    return found


def enclosing(tree: Tree, text: Text, offset: int, language: Language, kind: Kind) -> tuple[int, int] | None:
    """Where the innermost function or class around ``offset`` stands."""
    types = language.functions if kind is Kind.FUNCTION else language.classes.keys()
    for step in reversed(tree.steps_at(offset)):
        if step.type in types and step.node.is_named:
            return tree.span(step.node)
    return None


def expression_spans(tree: Tree, text: Text, start: int, end: int) -> tuple[int, int] | None:
    """``start:end`` if a named node covers exactly that, else None: whether a range is one whole thing."""
    node = node_covering(tree, start, end)
    return (start, end) if node is not None else None


def node_covering(tree: Tree, start: int, end: int) -> Node | None:
    """The smallest named node that covers exactly ``start:end``."""
    if not start < end:
        return None
    first, last = tree.text.byte_at(start), tree.text.byte_at(end)
    node = tree.root.named_descendant_for_byte_range(first, last)
    return (
        node if node is not None and (node.start_byte, node.end_byte) == (first, last) and not node.is_error else None
    )


def _nearest(starts: list[int], near: int) -> list[int]:
    """The ``MAX_NAMED`` of the sorted ``starts`` that are nearest to ``near``, in order."""
    index = bisect_left(starts, near)
    around = starts[max(0, index - MAX_NAMED) : index + MAX_NAMED]
    return sorted(sorted(around, key=lambda start: abs(start - near))[:MAX_NAMED])


def _call_of(tree: Tree, steps: list[Step], language: Language, name_start: int) -> Call | None:
    """The call that the last of ``steps`` is, if its callee stands at ``name_start``."""
    # ``f = (a) => a``: the list is that of the value.
    holder = steps[-1].node
    value = holder.child_by_field_name("value") or holder.child_by_field_name("right")
    paths = [steps]
    if value is not None and value.type in language.functions:
        paths.append([*steps, Step(value, value.type, "value")])
    for path in paths:
        for child in _lists_of(path[-1].node, language):
            call = _call(tree, [*path, Step(child, child.type, "")], len(path), language, None)
            if call is not None and call.callee_span[0] == name_start:
                return call
    return None


def _lists_of(node: Node, language: Language) -> Iterator[Node]:
    lists = language.argument_lists | language.parameter_lists
    for child in node.children:
        if child.type in lists:
            yield child


def _call(tree: Tree, steps: list[Step], index: int, language: Language, offset: int | None) -> Call | None:
    """The call whose list is ``steps[index]``; None where that is no list."""
    node, type_, _ = steps[index]
    is_definition = type_ in language.parameter_lists
    if not is_definition and type_ not in language.argument_lists:
        return None
    name = _defined_name(steps, index) if is_definition else _callee(steps[index - 1].node, language)
    children = node.children
    opens = [child for child in children[:1] if child.type in _OPENERS]
    closes = [child for child in children[-1:] if child.type in _CLOSERS and len(children) > 1 and not child.is_missing]
    start, end = tree.span(node)
    spans = tuple(tree.span(child) for child in children if child.is_named and child.type not in language.comments)
    where = None if offset is None else _index_at(tree, children, offset)
    return Call(
        callee=tree.source(name) if name is not None else "",
        callee_span=tree.span(name) if name is not None else (start, start),
        arguments=spans,
        open=start,
        close=end - len(tree.source(closes[0])) if closes else end,
        argument_index=where if opens or spans else None,
        is_definition=is_definition,
    )


def _index_at(tree: Tree, children: list[Node], offset: int) -> int:
    """How many commas of the list stand before ``offset``."""
    byte = tree.text.byte_at(offset)
    return sum(child.type == "," and child.start_byte < byte for child in children)


def _defined_name(steps: list[Step], index: int) -> Node | None:
    """The name of the function whose parameters are ``steps[index]``."""
    for above in range(index - 1, max(-1, index - _MAX_LEVELS), -1):
        node = steps[above].node
        if (name := function_name_node(node)) is not None:
            return name
        if node.type == "assignment":
            return node.child_by_field_name("left")
        if node.child_by_field_name("body") is not None and above < index - 1:
            return None
    return None


def _callee(node: Node, language: Language) -> Node | None:
    """The last part of the name that the call ``node`` calls."""
    if node.type not in language.calls:
        return None
    callee = receiver_node(node, language.calls[node.type])
    if callee is not None and callee.type == "new":
        callee = node.named_child(0)
    for _ in range(_MAX_LEVELS):
        if callee is None or callee.type in language.identifiers or not callee.named_child_count:
            return callee
        callee = _last_part(callee, language)
    return callee


def _last_part(node: Node, language: Language) -> Node | None:
    """One level down towards the name of a callee: the member of an access, the name of a generic."""
    for edge in language.members:
        type_, field = edge.split(".")
        if type_ == node.type:
            return node.child_by_field_name(field) if field else node.named_child(node.named_child_count - 1)
    for field in ("function", "name", "type"):
        if (child := node.child_by_field_name(field)) is not None:
            return child
    is_access = "access" in node.type or "qualified" in node.type
    return node.named_child(node.named_child_count - 1 if is_access else 0)
