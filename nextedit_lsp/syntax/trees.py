"""Syntax trees that follow the text.

In: a language and a ``Text``, then the ``Changes`` that make the next one.  Out: a ``Tree`` per
text, with nodes by offset and a count of syntax errors.  All offsets are in code points.
Not here: what the nodes mean (``scopes``, ``context``).

Trees can be read and edited from any thread, one tree by one thread at a time.  A grammar that is missing or broken means no tree.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import NamedTuple

import tree_sitter

from nextedit_lsp.syntax.languages import Language
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes

# The parser reports its progress about once for 64 bytes of sound code.  Sixteen times that, plus this for
# short texts, is far beyond any real file; a parse that takes longer is given up.
MAX_PROGRESS_CALLS = 10_000

# With more edits at once, what a formatter makes, a fresh parse is the cheaper one.
MAX_EDITS = 100


class Step(NamedTuple):
    """One node on the way from the root to a leaf, and the field of its parent that holds it."""

    node: tree_sitter.Node
    type: str
    field: str


class Tree:
    """The syntax tree of one text."""

    __slots__ = ("_tree", "language", "text")

    def __init__(self, language: Language, text: Text, tree: tree_sitter.Tree) -> None:
        self.language = language
        self.text = text
        self._tree = tree

    def edited(self, changes: Changes, before: Text, after: Text) -> Tree:
        """The tree of ``after``, which ``changes`` make of ``before``, this tree's text; this tree stays as it is."""
        if len(changes.edits) > MAX_EDITS:
            return Tree(self.language, after, _parsed(self.language, after, None) or self._tree)
        old, current = self._tree.copy(), before
        for edit in reversed(changes.edits):
            changed = current.replaced(edit.start, edit.end, edit.text)
            new_end = edit.start + len(edit.text)
            old.edit(
                current.byte_at(edit.start),
                current.byte_at(edit.end),
                changed.byte_at(new_end),
                current.point_at(edit.start),
                current.point_at(edit.end),
                changed.point_at(new_end),
            )
            current = changed
        tree = _parsed(self.language, after, old)
        # The grammar was there and the bound on operations only hits odd input: the outdated tree is kept.
        return Tree(self.language, after, tree or old)

    @property
    def root(self) -> tree_sitter.Node:
        """The node of the whole text."""
        return self._tree.root_node

    @property
    def has_error(self) -> bool:
        """Whether anything in the text does not parse."""
        return self._tree.root_node.has_error

    def n_errors(self, start: int, end: int) -> int:
        """The number of errors and missing tokens that overlap or touch ``start:end``."""
        first, last = self.text.byte_at(start), self.text.byte_at(end)
        count, pending = 0, [self._tree.root_node]
        while pending:
            node = pending.pop()
            if not node.has_error or node.end_byte < first or node.start_byte > last:
                continue
            count += node.is_error or node.is_missing
            pending.extend(node.children)
        return count

    def node_at(self, offset: int) -> tree_sitter.Node:
        """The smallest node that holds the character at ``offset``."""
        return self.steps_at(offset)[-1].node

    def path_at(self, offset: int) -> list[tree_sitter.Node]:
        """The nodes that hold the character at ``offset``, from the root to the leaf."""
        return [step.node for step in self.steps_at(offset)]

    def steps_at(self, offset: int) -> list[Step]:
        """The nodes that hold the character at ``offset``, each with its field, from the root to the leaf."""
        byte = self.text.byte_at(offset)
        root = self._tree.root_node
        cursor, steps = root.walk(), [Step(root, root.type, "")]
        while cursor.goto_first_child_for_byte(byte) is not None:
            node = cursor.node
            if node is None or node.start_byte > byte:
                break
            steps.append(Step(node, node.type, cursor.field_name or ""))
        return steps

    def span(self, node: tree_sitter.Node) -> tuple[int, int]:
        """Where ``node`` stands."""
        return self.text.offset_of_byte(node.start_byte), self.text.offset_of_byte(node.end_byte)

    def span_of_file(self) -> tuple[int, int]:
        """Where the whole text stands."""
        return 0, len(self.text)

    def source(self, node: tree_sitter.Node) -> str:
        """The characters of ``node``."""
        return self.text.slice(*self.span(node))


def parse(language: Language, text: Text) -> Tree | None:
    """The tree of ``text``; None when the grammar cannot be used."""
    tree = _parsed(language, text, None)
    return Tree(language, text, tree) if tree else None


@cache
def _grammar(module: str, function: str) -> tree_sitter.Language | None:
    try:
        return tree_sitter.Language(getattr(importlib.import_module(module), function)())
    except Exception:  # An extension module can fail in any way; all of them mean no tree.
        return None


def _parsed(language: Language, text: Text, old: tree_sitter.Tree | None) -> tree_sitter.Tree | None:
    """The tree-sitter tree of ``text``, re-using the parts of ``old`` that its edits left alone."""
    grammar = _grammar(*language.grammar)
    if grammar is None:
        return None
    # One parser a parse, which costs microseconds: the callbacks let other threads in.
    parser = tree_sitter.Parser(grammar)
    n_calls, limit = 0, MAX_PROGRESS_CALLS + text.n_bytes // 4

    def gives_up(_byte: int, _has_error: bool) -> bool:
        nonlocal n_calls
        n_calls += 1
        return n_calls > limit

    def read(byte: int, _point: tree_sitter.Point) -> bytes:
        return text.read_bytes(byte)

    try:
        if old is None:
            return parser.parse(read, progress_callback=gives_up)
        return parser.parse(read, old, progress_callback=gives_up)
    except ValueError:  # So it says that the parse was given up.
        return None
