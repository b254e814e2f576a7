"""One open document as a frozen value.

In: a text with its language, then changes.  Out: the next document, its tree kept incrementally.
Not here: reading files, positions of the protocol.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from nextedit_lsp.syntax import languages, trees
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes


@dataclass(frozen=True, slots=True)
class Document:
    """A document at one version.  ``path`` is for people, ``uri`` identifies; ``tree`` is None without a grammar."""

    uri: str
    path: str
    language_id: str
    language: languages.Language | None
    version: int
    text: Text
    tree: trees.Tree | None

    def edited(self, changes: Changes, version: int) -> Document:
        """The document after ``changes``."""
        text = changes.apply(self.text)
        tree = self.tree.edited(changes, self.text, text) if self.tree else None
        return replace(self, version=version, text=text, tree=tree)


def opened(uri: str, path: str, language_id: str, version: int, text: str) -> Document:
    """A document as it was just opened, parsed when its language has a grammar."""
    language = languages.language_for(language_id, path)
    buffer = Text.of(text)
    tree = trees.parse(language, buffer) if language else None
    return Document(uri, path, language_id, language, version, buffer, tree)
