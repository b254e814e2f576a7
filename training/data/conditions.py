"""Conditions with an ``else`` that can be turned round.

In: a tree.  Out: where a condition and its branches stand, and the condition's opposite.
Not here: the edits (``refactorings``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from nextedit_lsp.syntax.trees import Tree

MAX_BRANCH_ROWS = 5
_OPPOSITES = {"==": "!=", "!=": "==", "<": ">=", ">": "<=", "<=": ">", ">=": "<", "===": "!==", "!==": "==="}

Rows = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Condition:
    """``span`` are the condition's offsets, ``first`` and ``second`` the rows inside its branches."""

    span: tuple[int, int]
    opposite: str
    first: Rows
    second: Rows


def found(tree: Tree, language: str) -> Iterator[Condition]:
    """Every ``if`` with a plain ``else`` whose condition is simple."""
    for node in _ifs(tree):
        branches, condition = _branches(tree, node), node.child_by_field_name("condition")
        if branches is None or condition is None:
            continue
        opposite = _opposite(tree.source(condition), language)
        if opposite is not None:
            yield Condition(tree.span(condition), opposite, *branches)


def _ifs(tree: Tree) -> Iterator[Node]:
    pending = [tree.root]
    while pending:
        node = pending.pop()
        if node.type in ("if_statement", "if_expression") and not node.has_error:
            yield node
        pending.extend(node.children)


def _branches(tree: Tree, node: Node) -> tuple[Rows, Rows] | None:
    """The rows inside both branches of an ``if`` with a plain ``else``; None for anything else."""
    first, other = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
    if first is None or other is None:
        return None
    second = other
    if other.type == "else_clause":
        second = other.child_by_field_name("body") or next(
            (child for child in other.named_children if "block" in child.type or "statement" in child.type), None
        )
    if second is None or second.type in ("if_statement", "if_expression", "elif_clause"):
        return None
    inner = [_inside(tree, one) for one in (first, second)]
    if inner[0] is None or inner[1] is None:
        return None
    return inner[0], inner[1]


def _inside(tree: Tree, block: Node) -> Rows | None:
    """The rows of a block without its braces; None where they are not rows of their own."""
    top, bottom = block.start_point[0], block.end_point[0] + 1
    if tree.text.line(top)[block.start_point[1] :].startswith("{"):
        top, bottom = top + 1, bottom - 1
    elif tree.language.name != "python":
        return None
    return (top, bottom) if 0 < bottom - top <= MAX_BRANCH_ROWS else None


def _opposite(condition: str, language: str) -> str | None:
    """The opposite of a simple condition; None for one that is not simple."""
    if "\n" in condition or re.search(r"&&|\|\||\band\b|\bor\b|\blet\b|:=", condition):
        return None
    found = re.fullmatch(r"(\(?[^=!<>]+ )(===|!==|==|!=|<=|>=|<|>)( [^=!<>]+)", condition)
    if found:
        return found[1] + _OPPOSITES[found[2]] + found[3]
    bare = condition[1:-1] if condition.startswith("(") and condition.endswith(")") else condition
    sign = "not " if language == "python" else "!"
    if bare.startswith(sign):
        new = bare[len(sign) :]
    elif re.fullmatch(r"[\w.]+(?:\([^()]*\))?", bare):
        new = sign + bare
    else:
        return None
    return f"({new})" if bare != condition else new
