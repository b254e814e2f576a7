"""The VS Code extension's manifest agrees with the server."""

from __future__ import annotations

import json

import pytest

import nextedit_lsp
from nextedit_lsp.session import settings
from tools import vscode_settings

MANIFEST = json.loads(vscode_settings.MANIFEST.read_text(encoding="utf-8"))
SECTIONS = MANIFEST["contributes"]["configuration"]
PROPERTIES = next(section["properties"] for section in SECTIONS if section["id"] == vscode_settings.SECTION)


def test_the_settings_are_those_of_the_server():
    text = vscode_settings.MANIFEST.read_text(encoding="utf-8")
    assert vscode_settings.rewritten(text) == text, "run: python -m tools.vscode_settings"


def test_the_extension_asks_for_the_server_of_its_own_version():
    assert MANIFEST["version"] == nextedit_lsp.__version__


@pytest.mark.parametrize("name", PROPERTIES)
def test_every_setting_has_a_meaning_and_a_default_that_the_server_takes(name):
    described = PROPERTIES[name]
    assert described["markdownDescription"].endswith(".")
    resolution = settings.resolved({name.removeprefix("nextedit."): described["default"]}, settings.Settings())
    assert (resolution.problems, resolution.unknown, resolution.settings) == ((), (), settings.Settings())


@pytest.mark.parametrize(("option", "limit", "beyond"), [("threads", "minimum", -1), ("minChance", "maximum", 1)])
def test_the_limits_of_the_manifest_are_those_of_the_server(option, limit, beyond):
    schema = settings.schema_of(option)
    assert not settings.resolved({option: schema[limit]}, settings.Settings()).problems
    assert settings.resolved({option: schema[limit] + beyond}, settings.Settings()).problems


@pytest.mark.parametrize("option", ["cacheType", "flashAttention", "modelFormat"])
def test_the_choices_of_the_manifest_are_those_of_the_server(option):
    choices = settings.schema_of(option)["enum"]
    assert [name for name in choices if settings.resolved({option: name}, settings.Settings()).problems] == []
    assert settings.resolved({option: "other"}, settings.Settings()).problems


def test_a_definition_that_changes_shows(monkeypatch):
    text = vscode_settings.MANIFEST.read_text(encoding="utf-8")
    monkeypatch.setattr(vscode_settings, "descriptions", lambda: dict.fromkeys(settings.Settings.__slots__, "Other."))
    assert vscode_settings.rewritten(text) != text
