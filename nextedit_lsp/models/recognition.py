"""Which format a model file wants, by what it says of itself.

In: what an engine read of a file's metadata and vocabulary.  Out: the names of the formats that fit.
Not here: reading the file (``engine``), the rules of each family (``formats``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from nextedit_lsp.errors import ModelError
from nextedit_lsp.formats import catalogue
from nextedit_lsp.formats.format import Traits


class Described(Protocol):
    """What an engine knows of a file; its ``ModelInfo`` is one."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def name(self) -> str:
        """What it calls itself."""

    @property
    def architecture(self) -> str:
        """The family of its computation."""

    @property
    def has_chat_template(self) -> bool:
        """Whether it brings one."""

    @property
    def control_tokens(self) -> frozenset[str]:
        """The texts of its control tokens."""


class FormatError(ModelError):
    """A format is not known, or a file's can't be told."""


def traits(described: Described) -> Traits:
    """A file's description as the formats want it."""
    return Traits(
        name=described.name,
        architecture=described.architecture,
        file_name=described.path.name,
        has_chat_template=described.has_chat_template,
        has_token=described.control_tokens.__contains__,
    )


def fitting(described: Described) -> tuple[str, ...]:
    """The names of the formats that a file may want, the likeliest first; none where it doesn't tell."""
    return tuple(form.name for form in catalogue.recognised(traits(described)))


def names() -> tuple[str, ...]:
    """The names of all formats."""
    return tuple(catalogue.FORMATS)


def required(name: str) -> str:
    """The format's name as the catalogue has it; raises ``FormatError`` with all names."""
    if name.lower() not in catalogue.FORMATS:
        raise FormatError(f"no format is called {name!r}. There are: {', '.join(names())}")
    return name.lower()
