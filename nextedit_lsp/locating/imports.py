"""Imports: a name that came into use is imported as other files import it; one that fell out of use is no longer.

In: the user's last edits and the open documents.  Out: places among the imports of a document.
Not here: what a name means; an import is a line that looks like one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.locating import lines as lines_
from nextedit_lsp.locating.evidence import Evidence
from nextedit_lsp.locating.place import Part, Place
from nextedit_lsp.patterns import analogy
from nextedit_lsp.patterns.examples import Example
from nextedit_lsp.text import tokens, words

# Edits further back have had their imports by now.
MAX_AGE = 3
# Names of one edit that are looked at.
MAX_NAMES = 8
MIN_NAME_CHARS = 2

_IMPORT = re.compile(r"(?:import|from|use|using|#include)\b|(?:const|let|var)\s.*\brequire\(")


def places(evidence: Evidence) -> Iterator[Place]:
    """Where an import is missing, or left over."""
    for block in evidence.blocks:
        if block.age >= MAX_AGE:
            continue
        document = evidence.snapshot.document_at(block.uri)
        if len(block.new) == 1 and not block.old and _is_import(block.new[0]):
            for other in evidence.documents:
                if other.uri != block.uri and other.language_id == (document.language_id if document else ""):
                    yield from _insertion(block, other, block.new[0], "import_again")
        elif document is not None:
            yield from _missing(evidence, block, document)
            yield from _left_over(block, document)


def imported_names(line: str) -> list[str]:
    """The names that an import brings in: all words but the path it takes them from; none where it is no import."""
    stripped = line.strip()
    if not _is_import(stripped):
        return []
    if stripped.startswith("from") and " import " in stripped:
        stripped = stripped.partition(" import ")[2]
    elif stripped.startswith("import") and re.search(r"\sfrom\s", stripped):
        stripped = stripped[len("import") :].partition(" from ")[0]
    elif "require(" in stripped:
        stripped = stripped.partition("=")[0]
    elif "{" not in stripped:
        found = [token.text for token in tokens.solid_of(stripped) if tokens.is_word(token.text)]
        return found[-1:]
    return [t.text for t in tokens.solid_of(stripped) if tokens.is_word(t.text) and not analogy.is_keyword(t.text)]


def _is_import(line: str) -> bool:
    return _IMPORT.match(line.strip()) is not None


def _words(lines: Sequence[str]) -> set[str]:
    return {token.text for line in lines for token in tokens.solid_of(line) if tokens.is_word(token.text)}


def _missing(evidence: Evidence, block: Example, document: Document) -> Iterator[Place]:
    """Imports of names that the edit brought into a document, as another one has them."""
    coming = sorted(_words(block.new) - _words(block.old), key=lambda word: -len(word))
    for name in [word for word in coming if len(word) >= MIN_NAME_CHARS and not analogy.is_keyword(word)][:MAX_NAMES]:
        n_here = words.count(str(document.text), name, at_most=len(block.new) * 4 + 1)
        if n_here > sum(words.count(line, name, at_most=4) for line in block.new):
            continue
        for other in evidence.documents:
            if other.uri == document.uri or other.language_id != document.language_id:
                continue
            line = next((line for line in lines_.lines_of(other.text).lines if imported_names(line) == [name]), None)
            if line is not None:
                yield from _insertion(block, document, line, "import_used")
                break


def _insertion(block: Example, document: Document, line: str, source: str) -> Iterator[Place]:
    """``line`` among the imports of ``document``: where it belongs in their order, else behind those most like it."""
    found, new = lines_.lines_of(document.text), line.strip()
    rows = [row for row, other in enumerate(found.lines) if other[:1].strip() and _is_import(other)]
    if not rows or found.rows_of(new):
        return
    head = new.split()[0]
    alike = [row for row in rows if found.lines[row].split()[0] == head]
    nearest = max(alike or rows, key=lambda row: (_n_shared(found.stripped[row], new), found.stripped[row] < new, row))
    row = nearest + (not alike or found.stripped[nearest] < new)
    ordered = [found.stripped[row] for row in alike]
    at = document.text.line_start(row)
    names = imported_names(new)
    n_uses = max((words.count(str(document.text), name, at_most=20) for name in names), default=0)
    yield Place(
        document=document,
        parts=(Part(at, at, new + "\n"),),
        source=source,
        pattern="\0".join(("import", new)),
        title=f"insert `{new}`",
        reason=f"imported so in {block.path}" if source == "import_again" else "used here, and imported so elsewhere",
        example=block,
        features={
            "n_uses": float(n_uses),
            "n_shared": float(_n_shared(found.stripped[nearest], new)),
            "is_sorted": float(ordered == sorted(ordered)),
            "next_is_import": float(row in rows),
            "is_first": float(row == rows[0]),
        },
    )


def _n_shared(left: str, right: str) -> int:
    """How many tokens two lines begin with alike."""
    n_shared = 0
    for a, b in zip(tokens.solid_of(left), tokens.solid_of(right), strict=False):
        if a.text != b.text:
            break
        n_shared += 1
    return n_shared


def _left_over(block: Example, document: Document) -> Iterator[Place]:
    """Imports of names that the edit took away and that stand nowhere else now."""
    text, found = document.text, lines_.lines_of(document.text)
    going = _words(block.old) - _words(block.new)
    for name in sorted(going, key=lambda word: -len(word))[:MAX_NAMES]:
        if len(name) < MIN_NAME_CHARS or analogy.is_keyword(name) or words.count(str(text), name, at_most=2) != 1:
            continue
        row = text.line_at(next(words.starts_of(str(text), name)))
        imported = imported_names(found.lines[row])
        if name not in imported:
            continue
        start, end = text.line_start(row), text.line_start(row + 1)
        if len(imported) > 1:
            listed = re.search(rf"\b{name}\s*,\s*|\s*,\s*{name}\b", found.lines[row])
            if listed is None:
                continue
            start, end = start + listed.start(), start + listed.end()
        yield Place(
            document=document,
            parts=(Part(start, end, ""),),
            source="import_unused",
            pattern="\0".join(("unused", name)),
            title=f"delete the import of `{name}`",
            reason=f"`{name}` was used in {block.path} and is no longer",
            example=block,
            features={
                "in_code": float(not _is_import(next((line for line in block.old if name in line), ""))),
                "next_is_import": float(row + 1 < text.n_lines and _is_import(found.lines[row + 1])),
                "n_imported": float(len(imported)),
            },
        )
