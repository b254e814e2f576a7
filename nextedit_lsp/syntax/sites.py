"""One occurrence of a name by itself: what its place in the tree says that it is.

In: a tree and where the name stands.  Out: a ``Site``: its role, how and where it declares, the
scopes around it, the class that it belongs to.
Not here: which occurrences mean the same thing, which takes all of them together (``scopes``).

Positions in here are UTF-8 bytes, as in tree-sitter; only ``Site.start`` and ``Site.end`` are offsets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from tree_sitter import Node

from nextedit_lsp.syntax.languages import Bind, Language
from nextedit_lsp.syntax.nesting import Extent, Scope, class_name, file_scope, innermost_class, scopes_of
from nextedit_lsp.syntax.trees import Step, Tree

_SIGILS = "@$#:&"
# What a name belongs to that another file declares and that goes by an alias in this one.
EXTERNAL = ("external",)


class Role(Enum):
    """What an occurrence of a name is."""

    DEFINITION = "definition"
    REFERENCE = "reference"
    MEMBER = "member"
    KEYWORD = "keyword"
    TEXT = "text"
    COMMENT = "comment"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Site:
    """One occurrence, and what can be said of it alone."""

    start: int
    end: int
    byte: int
    role: Role
    scopes: tuple[Scope, ...]
    bind: Bind | None = None
    target: Scope | None = None  # The scope that it declares into.
    visible: int = 0  # From where on the declaration counts.
    leaf: str = ""
    space: str = ""  # Names in different spaces never mean the same.
    declares: bool = False  # Of a member: whether this is where the class gets it.
    klass: Scope | None = None  # Of a member: the class by position.
    receiver: str = ""  # Of a member: the text of the object; of a keyword: the callee.
    is_path: bool = False  # Of a member: whether the receiver can only be a class or a module.
    function: str = ""  # Of a parameter: its function, or its class for a constructor's.
    group: tuple[object, ...] | None = None  # What it is bound to, where that is plain from the place.


def site_at(tree: Tree, start: int, end: int, spellings: frozenset[str]) -> Site:
    """What stands at ``start:end``; the name is written in one of ``spellings``."""
    language, text = tree.language, tree.text
    written = text.slice(start, end)
    n_sigils = len(written) - len(written.lstrip(_SIGILS))
    steps = tree.steps_at(min(start + n_sigils, max(start, end - 1)))
    leaf = steps[-1]
    site = Site(start, end, leaf.node.start_byte, Role.OTHER, (file_scope(steps),), leaf=leaf.type)
    if any(step.type in language.comments for step in steps):
        return replace(site, role=Role.COMMENT)
    site = replace(site, scopes=scopes_of(tree, steps))
    is_whole = tree.source(leaf.node).lstrip(_SIGILS) == written[n_sigils:]
    if leaf.type in language.identifiers and is_whole:
        while steps[-2].type in language.identifiers:
            steps = steps[:-1]
        return _named(tree, steps, replace(site, leaf=steps[-1].type), spellings)
    if any(step.type in language.strings for step in steps):
        if is_whole and (found := _binding(language, steps)) and found[0] is Bind.MEMBER:
            return replace(site, role=Role.MEMBER)
        return replace(site, role=Role.TEXT)
    return site


def _named(tree: Tree, steps: list[Step], site: Site, spellings: frozenset[str]) -> Site:
    """The site of a whole identifier, the last of ``steps``."""
    language, leaf, parent = tree.language, steps[-1], steps[-2]
    edge = f"{parent.type}.{leaf.field}"
    space = "()" if edge in language.method_edges else leaf.type if leaf.type in language.apart else ""
    site = replace(site, role=Role.REFERENCE, space=space)
    if leaf.type == "word" and edge not in ("command_name.", "function_definition.name"):
        return replace(site, role=Role.TEXT)
    if parent.type in language.tags and (language.name == "html" or tree.source(leaf.node)[:1].islower()):
        return replace(site, group=("tag", steps[-3].node.start_byte))
    if edge in language.keywords and (callee := _keyword_owner(tree, steps)):
        return replace(site, role=Role.KEYWORD, receiver=callee)
    if _is_aliased(language, steps):
        return replace(site, group=EXTERNAL)
    if leaf.type in ("simple_symbol", "hash_key_symbol"):
        return _symbol(tree, steps, site)
    if (edge in language.keys or _is_initializer(steps)) and (owner := _literal_class(tree, steps)) is not None:
        return replace(site, role=Role.MEMBER, receiver=owner)
    found = _binding(language, steps)
    if found and (checked := _checked(tree, steps, *found)):
        site = _declared(tree, steps, site, checked, found[1])
        if (
            site.role is Role.MEMBER
            and found[0] in (Bind.OUTER, Bind.INNER)
            and site.klass
            and site.klass.name in spellings
        ):
            return replace(site, role=Role.REFERENCE, klass=None, declares=False)  # A constructor.
        if site.role is not Role.REFERENCE or site.bind or leaf.type not in language.member_leaves:
            return site
    return _member(tree, steps, site, edge)


def _binding(language: Language, steps: list[Step]) -> tuple[Bind, int] | None:
    """How the last of ``steps`` is declared, and the index of the declaring node."""
    found = None
    for index in range(len(steps) - 1, 0, -1):
        edge = f"{steps[index - 1].type}.{steps[index].field}"
        if bind := language.binds.get(edge):
            found = bind, index - 1
        if edge not in language.through:
            break
    return found


def _checked(tree: Tree, steps: list[Step], bind: Bind, index: int) -> Bind | None:
    """``bind`` after the oddities that the tables cannot say; None for no declaration at all."""
    language, (node, type_, _), leaf = tree.language, steps[index], steps[-1]
    if leaf.type in language.global_leaves and bind is Bind.ASSIGN:
        return Bind.GLOBAL
    if type_ in language.with_body and node.child_by_field_name("body") is None:
        return None
    if steps[-2].type == "qualified_identifier" and not any(step.type == "function_definition" for step in steps[:-2]):
        return None  # Of C++: ``int C::x = 1`` defines what the class declares.
    if type_ == "for_in_statement":  # ``for (x of xs)`` without a keyword assigns.
        kind = node.child_by_field_name("kind")
        return None if kind is None else Bind.FUNCTION if kind.type == "var" else bind
    if type_ == "declaration_command":  # Of bash: ``export x`` does not make x local.
        first = node.child(0)
        return bind if first is not None and first.type in ("local", "declare", "typeset") else Bind.ASSIGN_GLOBAL
    if steps[-2].type == "dotted_name" and (named := steps[-2].node.named_children) and len(named) > 1:
        # Of Python: ``import a.b`` binds a; ``case a.b`` binds nothing.
        if named[0].id != leaf.node.id:
            return Bind.OTHER
        return bind if bind in (Bind.IMPORT, Bind.ALIAS) else None
    return bind


def _declared(tree: Tree, steps: list[Step], site: Site, bind: Bind, index: int) -> Site:
    """The site of a name that its place declares with ``bind``, the declaring node being ``steps[index]``."""
    language = tree.language
    if bind is Bind.OTHER:
        return replace(site, role=Role.OTHER)
    if bind in (Bind.USE_GLOBAL, Bind.USE_OUTER):
        return replace(site, bind=bind)
    if site.leaf in language.member_leaves and bind is not Bind.MEMBER and bind is not Bind.OUTER:
        return site
    target = _target(steps, site.scopes, bind, index, language)
    if bind is Bind.MEMBER or (target.extent is Extent.CLASS and bind is not Bind.GENERIC):
        klass = target if target.extent is Extent.CLASS else None
        return replace(site, role=Role.MEMBER, bind=Bind.MEMBER, klass=klass, declares=klass is not None)
    visible = target.start
    if language.sequential and bind is Bind.INNER and target.extent is not Extent.FILE:
        node = steps[index].node
        if target.step == index:
            body = node.child_by_field_name("body")
            visible = body.start_byte if body else site.byte
        else:
            visible = node.end_byte
    function = _function_name(tree, steps, target) if bind is Bind.PARAMETER else ""
    return replace(site, role=Role.DEFINITION, bind=bind, target=target, visible=visible, function=function)


def _target(steps: list[Step], scopes: tuple[Scope, ...], bind: Bind, index: int, language: Language) -> Scope:
    """The scope that a name declared at ``steps[index]`` with ``bind`` goes to."""
    if bind in (Bind.GLOBAL, Bind.ASSIGN_GLOBAL):
        return scopes[0]
    if bind is Bind.PARAMETER:
        for above in range(index - 1, 0, -1):
            if any(scope.step == above and scope.extent is not Extent.BLOCK for scope in scopes):
                break
            if steps[above].type in language.prototypes or steps[above].type == "ERROR":
                node = steps[above].node
                return Scope(node.start_byte, node.end_byte, Extent.FUNCTION, node.type, above)
    for scope in reversed(scopes):
        if bind is Bind.OUTER or bind is Bind.MEMBER:
            method_class = scope.extent is Extent.CLASS and not scope.type
            if (scope.step < index or (method_class and scope.step == index)) and scope.type != "template_declaration":
                return scope
        elif scope.step <= index and (bind not in (Bind.FUNCTION, Bind.PARAMETER) or scope.extent is not Extent.BLOCK):
            return scope
    return scopes[0]


def _function_name(tree: Tree, steps: list[Step], target: Scope) -> str:
    """What callers of the function at ``target`` write: its name, the class for a constructor, or the variable."""
    if target.step == 0:
        return ""
    node, parent = steps[target.step].node, steps[target.step - 1].node
    name = function_name_node(node) or (parent.child_by_field_name("name") or parent.child_by_field_name("left"))
    written = tree.source(name) if name is not None else ""
    if written in ("__init__", "initialize", "__construct", "constructor", "__new__"):
        for step in reversed(steps[: target.step]):
            if step.type in tree.language.classes:
                held = step.node.child_by_field_name(tree.language.classes[step.type])
                return tree.source(held) if held is not None else ""
    return written


def function_name_node(node: Node) -> Node | None:
    """The node of a function's or class's own name."""
    if (name := node.child_by_field_name("name")) is not None:
        return name
    declarator = node.child_by_field_name("declarator")
    while declarator is not None:
        inner = declarator.child_by_field_name("declarator") or declarator.child_by_field_name("name")
        if inner is None:
            return declarator if declarator.child_count == 0 else None
        declarator = inner
    return None


def _is_aliased(language: Language, steps: list[Step]) -> bool:
    """Whether the name belongs to another file and has an alias in this one."""
    for index in range(len(steps) - 1, max(0, len(steps) - 4), -1):
        if steps[index - 1].type in language.aliasing and steps[index].field != "alias":
            return steps[index - 1].node.child_by_field_name("alias") is not None
    return False


def _symbol(tree: Tree, steps: list[Step], site: Site) -> Site:
    """Of Ruby: ``attr_reader :x`` declares a member; any other symbol or hash key stands for itself."""
    for step in reversed(steps[:-1]):
        if step.type == "call":
            method = step.node.child_by_field_name("method")
            if method is not None and tree.source(method).startswith("attr_"):
                klass = site.scopes[-1] if site.scopes[-1].extent is Extent.CLASS else None
                return replace(site, role=Role.MEMBER, klass=klass, declares=klass is not None)
            break
    return replace(site, role=Role.MEMBER, group=("key",))


def _member(tree: Tree, steps: list[Step], site: Site, edge: str) -> Site:
    """The site of a name that declares nothing: a member of some receiver, a key of a literal, or a reference."""
    language, leaf = tree.language, steps[-1]
    if edge in language.members:
        holder = receiver_node(steps[-2].node, language.members[edge])
        if holder is not None and holder.id != leaf.node.id:
            receiver = tree.source(holder).strip()
            is_left = len(steps) > 2 and steps[-2].field == "left"
            klass = _own_class(language, site.scopes, receiver)
            declares = klass is not None and is_left
            is_path = steps[-2].type.startswith(("scope", "qualified", "class_constant"))
            site = replace(site, role=Role.MEMBER, receiver=receiver, klass=klass, declares=declares)
            return replace(site, is_path=is_path)
    if site.leaf in ("instance_variable", "class_variable"):
        klass = innermost_class(site.scopes)
        return replace(site, role=Role.MEMBER, receiver="self", klass=klass, declares=klass is not None)
    if site.leaf in language.member_leaves:
        return replace(site, role=Role.MEMBER, receiver=_literal_class(tree, steps) or "")
    return site


def receiver_node(node: Node, field: str) -> Node | None:
    """The receiver of the member access ``node``; None for a bare name."""
    return node.child_by_field_name(field) if field else node.child(0)


def _own_class(language: Language, scopes: tuple[Scope, ...], receiver: str) -> Scope | None:
    """The class around, if ``receiver`` is how its methods name their object."""
    klass = innermost_class(scopes)
    own = klass is not None and (receiver == klass.receiver if klass.receiver else receiver in language.receivers)
    return klass if own else None


def _is_initializer(steps: list[Step]) -> bool:
    """Of C#: ``new C { x = 1 }``."""
    return (
        len(steps) > 2
        and steps[-1].field == "left"
        and steps[-2].type == "assignment_expression"
        and steps[-3].type == "initializer_expression"
    )


def _literal_class(tree: Tree, steps: list[Step]) -> str | None:
    """The class that the literal or pattern around a key is of; None where it can't be told."""
    for index in range(len(steps) - 2, max(0, len(steps) - 7), -1):
        node, type_, _ = steps[index]
        if type_ in tree.language.literals:
            holder = receiver_node(node, tree.language.literals[type_])
            # Only Go's keys can be expressions, unless the literal is of a named type.
            if holder is None or holder.type in ("map_type", "array_type", "slice_type", "implicit_length_array_type"):
                return None
            return class_name(tree.source(holder))
        if type_ == "keyed_element" and steps[index + 1].field != "key":
            return None
    return None


def _keyword_owner(tree: Tree, steps: list[Step]) -> str:
    """The callee that a keyword argument is given to, "" for a key that is none."""
    language = tree.language
    for index in range(len(steps) - 2, 0, -1):
        node, type_, _ = steps[index]
        if type_ in ("jsx_opening_element", "jsx_self_closing_element"):
            name = node.child_by_field_name("name")
            return tree.source(name) if name is not None else ""
        if type_ in language.calls:
            callee = receiver_node(node, language.calls[type_])
            written = class_name(tree.source(callee)) if callee is not None else ""
            if written == "new" and (receiver := node.child_by_field_name("receiver")) is not None:
                return class_name(tree.source(receiver))
            return written
        if type_ in ("hash", "array"):
            return ""
    return ""
