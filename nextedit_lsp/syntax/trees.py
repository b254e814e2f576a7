"""Syntax trees that follow the text.

In: a language and a ``Text``, then the ``Changes`` that make the next one.  Out: a ``Tree`` per
text, with nodes by offset and a count of syntax errors.  All offsets are in code points.
Not here: what the nodes mean (``scopes``, ``context``).

A ``Later`` stands for the tree of a text until somebody needs it: keystrokes make one, which costs no parse.
Trees can be read and edited from any thread, one tree by one thread at a time.  A grammar that is missing or
broken means no tree.  How long a parse may take has no bound of its own: the texts are bounded (``workspace.files``).
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import tree_sitter

from nextedit_lsp.syntax.languages import Language
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit

# How far the range that counts as changed may reach beyond an edit on either side, in characters.
MAX_WIDENED = 300

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
            start, end = _widened(edit, current)
            new_end = end + edit.delta
            old.edit(
                current.byte_at(start),
                current.byte_at(end),
                changed.byte_at(new_end),
                current.point_at(start),
                current.point_at(end),
                changed.point_at(new_end),
            )
            current = changed
        # The grammar was there: a parse of bytes always ends with a tree.
        return Tree(self.language, after, _parsed(self.language, after, old) or old)

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
        return sum(1 for _ in self._errors(self.text.byte_at(start), self.text.byte_at(end)))

    def error_spans(self) -> list[tuple[int, int]]:
        """Where the errors and missing tokens stand, from top to bottom."""
        return sorted(self.span(node) for node in self._errors(0, self._tree.root_node.end_byte))

    def _errors(self, first: int, last: int) -> Iterator[tree_sitter.Node]:
        pending = [self._tree.root_node]
        while pending:
            node = pending.pop()
            if not node.has_error or node.end_byte < first or node.start_byte > last:
                continue
            if node.is_error or node.is_missing:
                yield node
            pending.extend(node.children)

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


class Later:
    """The tree of a text, made when it is first asked for: from an older one by the changes since, or anew.

    It holds the last tree that was made and the changes since as one set, never the texts in
    between.  Two threads that ask at once may both parse, with the same result.
    """

    __slots__ = ("_made", "language", "text")

    def __init__(self, language: Language, text: Text, base: Tree | None = None, since: Changes | None = None) -> None:
        self.language = language
        self.text = text
        # Either the tree or what it is to be made of, in one attribute that is only ever replaced as a whole.
        self._made: _Recipe | Tree | None = _Recipe(base, since or Changes())

    @property
    def tree(self) -> Tree | None:
        """The tree; None when the grammar cannot be used."""
        made = self._made
        if isinstance(made, _Recipe):
            made = self._made = _followed(made, self.language, self.text)
        return made

    def edited(self, changes: Changes, after: Text) -> Later:
        """The same for ``after``, which ``changes`` make of this text."""
        made = self._made
        if isinstance(made, _Recipe):
            made = _Recipe(made.base, made.since.composed(changes) if made.base else Changes())
        else:
            made = _Recipe(made, changes)
        # A fresh parse needs no base, and what need not be remembered does not grow.
        is_fresh = len(made.since.edits) > MAX_EDITS
        return Later(self.language, after, None if is_fresh else made.base, None if is_fresh else made.since)


class _Recipe(NamedTuple):
    """What a tree is to be made of; without a base, of nothing but the text."""

    base: Tree | None
    since: Changes


def parse(language: Language, text: Text) -> Tree | None:
    """The tree of ``text``; None when the grammar cannot be used."""
    tree = _parsed(language, text, None)
    return Tree(language, text, tree) if tree else None


def _followed(recipe: _Recipe, language: Language, text: Text) -> Tree | None:
    if recipe.base is None:
        return parse(language, text)
    changes = recipe.since.simplified(recipe.base.text)
    return recipe.base.edited(changes, recipe.base.text, text) if changes else recipe.base


def _widened(edit: Edit, text: Text) -> tuple[int, int]:
    """The range of ``text`` that counts as changed by ``edit``: to the visible characters before and on the next line.

    Where the edit ends right at a line break or at an indentation, the tokens that a scanner makes
    of these stay as they were but for its state, and the parser would read all that follows anew.
    """
    before = text.slice(edit.start - MAX_WIDENED, edit.start)
    seen = before.rstrip()
    start = edit.start - len(before) + max(0, len(seen) - 1)
    behind = text.slice(edit.end, edit.end + MAX_WIDENED)
    n_of_line = behind.find("\n")
    if n_of_line < 0:
        return start, edit.end
    n_blank = len(behind) - n_of_line - len(behind[n_of_line:].lstrip())
    return start, min(edit.end + n_of_line + n_blank + 1, len(text))


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
    # One parser a parse, which costs microseconds: a parser is not for two threads.  All bytes at
    # once: tree_sitter 0.26 never frees what a callback returns, and only callbacks can be bounded.
    parser = tree_sitter.Parser(grammar)
    source = str(text).encode("utf-8", "surrogatepass")
    return parser.parse(source) if old is None else parser.parse(source, old)
