"""One document as a frozen value.

In: a text with its language, then changes.  Out: the next document, its tree made when it is first needed.
Not here: reading files, positions of the protocol.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from nextedit_lsp.syntax import languages, trees
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes

# The first version of files that are not open; editors count from 0 up.
CLOSED = -1


@dataclass(frozen=True, slots=True)
class Document:
    """A document at one version.  ``path`` is for people, ``uri`` identifies.

    A file that is not open has a version below zero, one for each time that it was read.
    """

    uri: str
    path: str
    language_id: str
    language: languages.Language | None
    version: int
    text: Text
    later_tree: trees.Later | None

    @property
    def tree(self) -> trees.Tree | None:
        """The syntax tree of ``text``, parsed when it is first asked for; None without a grammar."""
        return self.later_tree.tree if self.later_tree else None

    def edited(self, changes: Changes, version: int) -> Document:
        """The document after ``changes``; nothing is parsed yet."""
        text = changes.apply(self.text)
        later_tree = self.later_tree.edited(changes, text) if self.later_tree else None
        return replace(self, version=version, text=text, later_tree=later_tree)


def opened(uri: str, path: str, language_id: str, version: int, text: str) -> Document:
    """A document as it was just opened."""
    language = languages.language_for(language_id, path)
    buffer = Text.of(text)
    later_tree = trees.Later(language, buffer) if language else None
    return Document(uri, path, language_id, language, version, buffer, later_tree)
