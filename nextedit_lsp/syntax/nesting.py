"""The scopes around a place: the file, its classes, functions and blocks.

In: the way through the tree to a place.  Out: its ``Scope``s, outermost first.
Not here: what is declared in them (``sites``, ``scopes``).

Positions in here are UTF-8 bytes, as in tree-sitter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from tree_sitter import Node

from nextedit_lsp.syntax.trees import Step, Tree

_WORD = re.compile(r"\w+")
_LAST_NAME = re.compile(r"(\w+)\s*(?:<.*>|\[.*\])?\s*$", re.DOTALL)
# Of a class's head, only so much is searched for the names of its bases.
_MAX_HEAD_CHARS = 400


class Extent(Enum):
    """What kind of node a scope is."""

    FILE = auto()
    FUNCTION = auto()
    CLASS = auto()
    BLOCK = auto()


@dataclass(frozen=True, slots=True)
class Scope:
    """A range of the file with names of its own."""

    start: int
    end: int
    extent: Extent
    type: str
    step: int  # The index of its node on the path.
    name: str = ""  # Of a class.
    bases: frozenset[str] = frozenset()  # Of a class: all words of its head.
    receiver: str = ""  # How the method that makes this its class names its object.

    @property
    def key(self) -> tuple[int, int, Extent]:
        """What makes it the same scope, seen from different occurrences."""
        return self.start, self.end, self.extent


def scopes_of(tree: Tree, steps: list[Step]) -> tuple[Scope, ...]:
    """The scopes that the last of ``steps`` sees, outermost first."""
    language, scopes = tree.language, [file_scope(steps)]
    for index in range(1, len(steps)):
        node, type_, field = steps[index]
        if f"{steps[index - 1].type}.{field}" in language.outside:
            _drop_innermost(scopes)
        if type_ in language.functions:
            if (method_class := _class_of_method(tree, node, index)) is not None:
                scopes.append(method_class)
            scopes.append(Scope(node.start_byte, node.end_byte, Extent.FUNCTION, type_, index))
        elif type_ in language.classes and not _is_plain_enum(node, type_):
            scopes.append(_class_scope(tree, node, index, language.classes[type_]))
        elif type_ in language.blocks and steps[index - 1].type not in language.functions:
            scopes.append(Scope(node.start_byte, node.end_byte, Extent.BLOCK, type_, index))
    return tuple(scopes)


def file_scope(steps: list[Step]) -> Scope:
    """The scope of the whole file."""
    # The root node of some grammars starts behind leading space.
    return Scope(0, steps[0].node.end_byte, Extent.FILE, steps[0].type, 0)


def _drop_innermost(scopes: list[Scope]) -> None:
    """Leave the innermost function or class, whose head does not see its names."""
    for index in range(len(scopes) - 1, 0, -1):
        if scopes[index].extent in (Extent.FUNCTION, Extent.CLASS):
            del scopes[index:]
            return


def _class_scope(tree: Tree, node: Node, index: int, name_field: str) -> Scope:
    name = node.child_by_field_name(name_field)
    body = node.child_by_field_name("body")
    start = tree.text.offset_of_byte(node.start_byte)
    end = tree.text.offset_of_byte(body.start_byte if body else node.end_byte)
    bases = frozenset(_WORD.findall(tree.text.slice(start, min(end, start + _MAX_HEAD_CHARS))))
    title = class_name(tree.source(name)) if name else f"@{node.start_byte}"
    return Scope(node.start_byte, node.end_byte, Extent.CLASS, node.type, index, title, bases)


def _class_of_method(tree: Tree, node: Node, index: int) -> Scope | None:
    """The class of a method that stands outside of it: Go's receivers, C++'s ``C::m``."""
    name = receiver = ""
    if node.type == "method_declaration" and (holder := node.child_by_field_name("receiver")):
        words = _WORD.findall(tree.source(holder))
        receiver = words[0] if len(words) > 1 else ""
        name = words[1 if len(words) > 1 else 0] if words else ""
    elif node.type == "function_definition" and tree.language.name == "cpp":
        declarator = node.child_by_field_name("declarator")
        while declarator is not None and declarator.type != "qualified_identifier":
            declarator = declarator.child_by_field_name("declarator")
        while declarator is not None and (inner := declarator.child_by_field_name("name")):
            if inner.type != "qualified_identifier":
                break
            declarator = inner
        if declarator is not None and (holder := declarator.child_by_field_name("scope")):
            name = class_name(tree.source(holder))
    if not name:
        return None
    return Scope(node.start_byte, node.end_byte, Extent.CLASS, "", index, name, receiver=receiver)


def _is_plain_enum(node: Node, type_: str) -> bool:
    """Of C++: an enum whose values are names of the scope around it."""
    return type_ == "enum_specifier" and not any(child.type in ("class", "struct") for child in node.children[:2])


def class_name(written: str) -> str:
    """The bare name of a class or function from the way it is written: ``a::S<T>`` is S."""
    match = _LAST_NAME.search(written)
    return match.group(1) if match else ""


def innermost_class(scopes: tuple[Scope, ...]) -> Scope | None:
    """The class closest around."""
    return next((scope for scope in reversed(scopes) if scope.extent is Extent.CLASS), None)
