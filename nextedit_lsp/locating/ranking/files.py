"""What the files are to each other: code and its test, header and source, prose, data; and which language.

In: a Scene.  Out: columns.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import numpy as np

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.locating.ranking.lines import Floats
from nextedit_lsp.locating.ranking.scene import Scene

# Kinds of files, as numbers.
CODE, TEST, PROSE, DATA = range(4)
_PROSE = frozenset({".md", ".rst", ".txt", ".adoc", ".markdown"})
_DATA = frozenset({".json", ".toml", ".yaml", ".yml", ".ini", ".cfg", ".lock", ".xml", ".gradle", ".properties"})
_HEADERS = frozenset({".h", ".hpp", ".hh"})
_TEST = re.compile(
    r"(^|[/_.-])(tests?|specs?|__tests__|features?)([/_.-]|$)|Tests?\.\w+$|_test\.|\.test\.|\.spec\.", re.I
)
_NOT_STEM = re.compile(r"(^tests?[_-]|[_.-](tests?|specs?)$|tests?$)", re.I)
_LANGUAGES = [
    "python",
    "ruby",
    "typescript",
    "go",
    "javascript",
    "c",
    "java",
    "rust",
    "json",
    "kotlin",
    "yaml",
    "markdown",
    "toml",
    "typescriptreact",
    "cpp",
    "csharp",
    "php",
    "shellscript",
    "css",
    "html",
    "javascriptreact",
]


def columns(scene: Scene) -> dict[str, Floats]:
    """The kind of each row's file, and how it goes with the file of the last edit."""
    edited = scene.last.uri
    origin = _stem(edited)
    companions = scene.snapshot.elsewhere.companions
    of_document = {
        "file_kind": [_file_kind(document.uri) for document in scene.documents],
        "same_stem": [float(_stem(document.uri) == origin) for document in scene.documents],
        "same_suffix": [float(_suffix(document.uri) == _suffix(edited)) for document in scene.documents],
        "same_folder": [float(_folder(document.uri) == _folder(edited)) for document in scene.documents],
        "is_header": [float(_suffix(document.uri) in _HEADERS) for document in scene.documents],
        "language": [_language(document) for document in scene.documents],
        "companion": [companions.get(document.uri, -1.0) for document in scene.documents],
    }
    result = {name: np.array(values, dtype=np.float32)[scene.document_of] for name, values in of_document.items()}
    result["edited_file_kind"] = np.full(scene.n_rows, _file_kind(edited), dtype=np.float32)
    return result


def _file_kind(uri: str) -> int:
    if _suffix(uri) in _PROSE:
        return PROSE
    if _TEST.search(uri.split("//", 1)[-1]):
        return TEST
    return DATA if _suffix(uri) in _DATA else CODE


def _stem(uri: str) -> str:
    return _NOT_STEM.sub("", PurePosixPath(uri).stem).lower()


def _suffix(uri: str) -> str:
    return PurePosixPath(uri).suffix.lower()


def _folder(uri: str) -> str:
    return uri.rpartition("/")[0]


def _language(document: Document) -> int:
    return _LANGUAGES.index(document.language_id) if document.language_id in _LANGUAGES else len(_LANGUAGES)
