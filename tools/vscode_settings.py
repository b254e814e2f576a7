"""The server's settings → the part of the VS Code extension's manifest that describes them.

In: the definition (``session/settings.py``): names, defaults, what they take, their docstrings.
Out: the section ``server`` of ``contributes.configuration`` in ``client-vscode/package.json``.
Not here: the settings of the extension itself, which stand in the other sections.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import inspect
import itertools
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nextedit_lsp.session import settings

MANIFEST = Path(__file__).resolve().parent.parent / "client-vscode" / "package.json"
SECTION = "server"

# What the extension sets by itself: it always wants both.
OWN = frozenset({"statusNotification", "maxEdits"})
# Whoever sets these decides what is run and where source text is sent: never a folder that is not trusted.
RESTRICTED = frozenset({"model", "adapters", "server", "serverModel", "serverKeyFile", "linters"})


def main(argv: list[str]) -> int:
    """Writes the section, or with ``--check`` says whether it is as it should be; the exit code."""
    parser = argparse.ArgumentParser(description="Write the server's settings into the VS Code extension's manifest.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when something would change")
    options = parser.parse_args(argv)
    before = MANIFEST.read_text(encoding="utf-8")
    after = rewritten(before)
    if options.check:
        if before != after:
            print("client-vscode/package.json: run python -m tools.vscode_settings", file=sys.stderr)
        return int(before != after)
    MANIFEST.write_text(after, encoding="utf-8")
    return 0


def rewritten(manifest: str) -> str:
    """The manifest with the settings as they are defined now."""
    value = json.loads(manifest)
    section = next(one for one in value["contributes"]["configuration"] if one.get("id") == SECTION)
    section["properties"] = properties()
    restricted = [name for name in section["properties"] if name.removeprefix("nextedit.") in RESTRICTED]
    value["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"] = restricted
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def properties() -> dict[str, Mapping[str, Any]]:
    """The settings in VS Code's words."""
    meanings = descriptions()
    found: dict[str, Mapping[str, Any]] = {}
    for order, (option, field) in enumerate(
        zip(settings.OPTION_NAMES, dataclasses.fields(settings.Settings), strict=True)
    ):
        if option in OWN:
            continue
        found[f"nextedit.{option}"] = {
            **settings.schema_of(option),
            "default": _plain(getattr(settings.Settings(), field.name)),
            "scope": "window",
            "order": order,
            "markdownDescription": meanings[field.name],
        }
    return found


def descriptions() -> dict[str, str]:
    """The docstrings of the fields, by name, in Markdown."""
    (definition,) = ast.parse(inspect.getsource(settings.Settings)).body
    assert isinstance(definition, ast.ClassDef)
    found = {}
    for field, after in itertools.pairwise(definition.body):
        if isinstance(field, ast.AnnAssign) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            assert isinstance(field.target, ast.Name)
            found[field.target.id] = inspect.cleandoc(str(after.value.value)).replace("\n", " ").replace("``", "`")
    return found


def _plain(value: Any) -> Any:
    """A default as JSON has it."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return dict(value)
    return str(value) if isinstance(value, Path) else value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
