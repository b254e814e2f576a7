"""The models that are known: ``models/registry.toml`` as values.

In: the data file.  Out: ``KnownModel`` values, checked.
Not here: which of them are on this machine (``store``).
"""

from __future__ import annotations

import functools
import importlib
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nextedit_lsp.errors import ModelError

# In a wheel the file lies beside this one; in a checkout at the root of the repository.
PLACES = (Path(__file__).with_name("registry.toml"), Path(__file__).parents[2] / "models" / "registry.toml")

NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


class RegistryError(ModelError):
    """The list of known models is not what it should be."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """One GGUF file of a model.  ``bytes`` and ``memory`` are approximate; ``memory`` is what running it takes."""

    name: str
    quantisation: str
    bytes: int
    memory: int


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model that can be downloaded.

    ``repository`` is its place on the hub, and ``confirmed`` whether that and the file names were seen in public
    sources.  ``suits`` says in words for which machine it is.  ``files`` has at least one; the first is the usual one.
    """

    name: str
    title: str
    repository: str
    files: tuple[KnownFile, ...]
    format: str
    context: int
    licence: str
    licence_note: str
    base: str
    confirmed: bool
    suits: str

    @property
    def is_embedded(self) -> bool:
        """Whether it comes with the program: then it is in no repository of the hub."""
        return not self.repository

    @property
    def file(self) -> KnownFile:
        """The file that is taken when the user names no quantisation."""
        return self.files[0]

    def quantised(self, quantisation: str) -> KnownFile:
        """The file of a quantisation, in either case; raises ``RegistryError`` with those that there are."""
        for file in self.files:
            if file.quantisation.lower() == quantisation.lower():
                return file
        listed = ", ".join(file.quantisation for file in self.files)
        raise RegistryError(
            f"{self.name} is not known in the quantisation {quantisation}; known: {listed}. Or name the file: --file"
        )


@functools.cache
def known() -> tuple[KnownModel, ...]:
    """All known models, in the order of the file."""
    place = next((place for place in PLACES if place.is_file()), None)
    if place is None:
        raise RegistryError("the list of models is missing from this installation: install nextedit-lsp again")
    try:
        return parsed(place.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RegistryError(f"the list of models {place} can't be read: {error}; install nextedit-lsp again") from error


def find(name: str) -> KnownModel | None:
    """The known model of that name."""
    return next((model for model in known() if model.name == name.lower()), None)


def parsed(text: str) -> tuple[KnownModel, ...]:
    """The models of a registry's text; raises ``RegistryError`` that names the entry and the field."""
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        entries = toml.loads(text).get("models", [])
    except toml.TOMLDecodeError as error:
        raise RegistryError(f"the list of models is not TOML: {error}") from error
    models = tuple(_model(entry, f"models[{index}]") for index, entry in enumerate(entries))
    names = [model.name for model in models]
    for name in names:
        if names.count(name) > 1:
            raise RegistryError(f"the list of models has {name} twice")
    return models


def _model(entry: Mapping[str, Any], where: str) -> KnownModel:
    where = f"{where} ({entry['name']})" if isinstance(entry.get("name"), str) else where
    files = entry.get("files")
    if not isinstance(files, list) or not files:
        raise RegistryError(f"{where} has no files")
    model = KnownModel(
        name=_text(entry, "name", where),
        title=_text(entry, "title", where),
        repository="" if entry.get("embedded") is True else _text(entry, "repository", where),
        files=tuple(_file(file, f"{where}.files[{index}]") for index, file in enumerate(files)),
        format=_text(entry, "format", where),
        context=_count(entry, "context", where),
        licence=_text(entry, "licence", where),
        licence_note=str(entry.get("licence_note", "")),
        base=_text(entry, "base", where),
        confirmed=entry.get("confirmed") is True,
        suits=_text(entry, "suits", where),
    )
    if not NAME.fullmatch(model.name):
        raise RegistryError(f"{where}: the name must be of small letters, digits, '.', '_' and '-'")
    if not model.is_embedded and not REPOSITORY.fullmatch(model.repository):
        raise RegistryError(f"{where}: {model.repository} is not OWNER/REPOSITORY")
    return model


def _file(entry: Mapping[str, Any], where: str) -> KnownFile:
    file = KnownFile(
        name=_text(entry, "name", where),
        quantisation=_text(entry, "quantisation", where),
        bytes=_count(entry, "bytes", where),
        memory=_count(entry, "memory", where),
    )
    if not file.name.endswith(".gguf"):
        raise RegistryError(f"{where}: {file.name} is not a GGUF file")
    return file


def _text(entry: Mapping[str, Any], name: str, where: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not value:
        raise RegistryError(f"{where}: {name} must be a text")
    return value


def _count(entry: Mapping[str, Any], name: str, where: str) -> int:
    value = entry.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise RegistryError(f"{where}: {name} must be a number above 0")
    return value
