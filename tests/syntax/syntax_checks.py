"""Helpers of the syntax tests: text with markers in, findings out."""

from __future__ import annotations

import re
import textwrap

from nextedit_lsp.syntax.languages import Language, language_for
from nextedit_lsp.syntax.scopes import Occurrence, occurrences, same_binding
from nextedit_lsp.syntax.trees import Tree, parse
from nextedit_lsp.text.buffer import Text

_MARKED = re.compile("«(.*?)»", re.DOTALL)


def language_named(name: str) -> Language:
    language = language_for(name, "")
    assert language is not None
    return language


def tree_of(language: str, source: str) -> Tree:
    tree = parse(language_named(language), Text.of(source))
    assert tree is not None
    return tree


def unmarked(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without ``«»``, and where what they hold stands."""
    source, spans, end = "", [], 0
    for match in _MARKED.finditer(marked):
        source += marked[end : match.start()]
        spans.append((len(source), len(source) + len(match.group(1))))
        source += match.group(1)
        end = match.end()
    return source + marked[end:], spans


def with_marks(source: str, spans: list[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        source = f"{source[:start]}«{source[start:end]}»{source[end:]}"
    return source


def found_in(language: str, source: str, name: str, treat_as: list[tuple[int, int]] | None = None) -> list[Occurrence]:
    tree = tree_of(language, source)
    return occurrences(tree, tree.text, name, tree.language, treat_as or [])


def check_binding(language: str, marked: str, name: str = "", prelude: str = "") -> None:
    """The marked occurrences mean the same, whichever one asks from, and no other does.

    ``name`` is what they read; those that read otherwise are places that were just renamed.
    """
    source, spans = unmarked(prelude + textwrap.dedent(marked))
    name = name or source[slice(*spans[0])]
    renamed = [span for span in spans if source[slice(*span)] != name]
    found = found_in(language, source, name, renamed)
    for seed in spans:
        same = [(one.start, one.end) for one in same_binding(found, seed)]
        assert with_marks(source, same) == with_marks(source, spans), f"asked from {seed}"


def check_roles(language: str, marked: str, roles: str) -> None:
    """The marked occurrences of one name have ``roles``, in order."""
    source, spans = unmarked(textwrap.dedent(marked))
    found = {(one.start, one.end): one for one in found_in(language, source, source[slice(*spans[0])])}
    assert " ".join(found[span].role.value for span in spans) == roles
