"""The model in use, and what a user means by the name of one.

In: the user's configuration file; a setting's text.  Out: a ``Model``: a file, and its format where that is known.
Not here: whether the file loads, which the engine finds out.
"""

from __future__ import annotations

import difflib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nextedit_lsp.errors import ModelError
from nextedit_lsp.models import files, homes, registry, store

KEY = "model"


class UnknownModel(ModelError):  # noqa: N818 - it names a state of the name.
    """A name that no model on this machine has."""


@dataclass(frozen=True, slots=True)
class Model:
    """A file to load.  ``format`` is None where it must be found out from the file; ``name`` is for a person."""

    path: Path
    format: str | None
    name: str


def resolve(named: str | Path | None) -> Model | None:
    """What the setting ``model`` means: a path, a name, or nothing, which is the model in use, or None.

    Raises ``ModelError`` with the remedy.  A path is taken as it is, so that the engine can say what is wrong with it.
    """
    text = str(named) if named is not None else ""
    if not text.strip():
        return _chosen()
    if is_path(text):
        return _by_path(Path(text).expanduser())
    return _by_name(text.strip())


def in_use() -> str | None:
    """The name that the user chose; None without a choice, or when the file with it makes no sense."""
    chosen = _configuration().get(KEY)
    return chosen if isinstance(chosen, str) and chosen else None


def use(name: str | None) -> None:
    """Makes a model the one in use, or none."""
    path = homes.choice_file()
    configuration = {**_configuration(), KEY: name}
    try:
        files.write_whole(path, json.dumps(configuration, indent=2) + "\n")
    except OSError as error:
        raise store.StoreError(store.disk_problem(path.parent, error)) from error


def installed(name: str) -> store.Stored:
    """The model of that name on this machine; raises ``UnknownModel`` with the remedy."""
    stored = store.find(name)
    if stored is not None:
        return stored
    if registry.find(name) is not None:
        raise UnknownModel(f"the model {name} is not on this machine: nextedit models pull {name.lower()}")
    raise UnknownModel(unknown(name))


def unknown(name: str) -> str:
    """What to say of a name that nothing has."""
    names = [model.name for model in registry.known()] + [model.name for model in store.all_models()]
    close = difflib.get_close_matches(name.lower(), dict.fromkeys(names), n=2)
    meant = f" Did you mean {' or '.join(close)}?" if close else ""
    return (
        f"no model is called {name!r}.{meant} All names: nextedit models list. A file of your own is named by its path"
    )


def is_path(text: str) -> bool:
    """Whether a text names a file, and no model."""
    separators = [separator for separator in (os.sep, os.altsep) if separator]
    return text.startswith("~") or text.lower().endswith(".gguf") or any(mark in text for mark in separators)


def _chosen() -> Model | None:
    name = in_use()
    try:
        return None if name is None else _by_name(name)
    except ModelError as error:
        raise UnknownModel(f"the model in use: {error}. To choose another: nextedit models use NAME") from error


def _by_name(name: str) -> Model:
    stored = installed(name)
    if stored.problem:
        raise store.StoreError(f"the model {stored.name} can't be used: {stored.problem}")
    return Model(stored.path, stored.format, stored.name)


def _by_path(path: Path) -> Model:
    """A path that is also a model's on this machine has that one's format."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - links are kept
    for stored in store.all_models():
        if stored.path == absolute:
            return Model(path, stored.format, stored.name)
    return Model(path, None, path.name)


def _configuration() -> dict[str, Any]:
    try:
        configuration = json.loads(homes.choice_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return configuration if isinstance(configuration, dict) else {}
