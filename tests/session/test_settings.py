from __future__ import annotations

from pathlib import Path

import pytest

from nextedit_lsp.session.settings import OPTION_NAMES, Resolution, Settings, resolved


def test_options_become_settings():
    options = {"enabled": False, "languages": {"Markdown": False}, "model": "/m.gguf", "minChance": 1, "maxEdits": 2.0}
    settings = resolved(options, Settings()).settings
    assert settings == Settings(
        enabled=False, languages={"markdown": False}, model="/m.gguf", min_chance=1.0, max_edits=2
    )


def test_options_of_the_model_become_settings():
    options = {"adapters": ["/a.gguf"], "threads": 2, "serverKeyFile": "/key", "modelFormat": "native", "server": ""}
    settings = resolved(options, Settings()).settings
    assert (settings.adapters, settings.threads, settings.server) == ((Path("/a.gguf"),), 2, None)
    assert (settings.server_key_file, settings.model_format) == (Path("/key"), "native")


def test_linters_become_settings():
    options = {"linters": [{"command": ["ruff", "check", "-"], "languages": ["Python"]}, {"command": ["typos"]}]}
    ruff, typos = resolved(options, Settings()).settings.linters
    assert (ruff.command, ruff.languages, typos.languages) == (("ruff", "check", "-"), {"python"}, frozenset())


@pytest.mark.parametrize("value", [None, {}])
def test_no_options_are_the_base(value):
    base = Settings(max_edits=3)
    assert resolved(value, base) == Resolution(base)


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("enabled", "yes", "must be true or false, not 'yes'"),
        ("enabled", 1, "must be true or false, not 1"),
        ("languages", ["markdown"], "must map language ids to true or false"),
        ("languages", {"markdown": 0}, "must map language ids to true or false"),
        ("model", 3, "must be the path of a GGUF file, the name of a model or null, not 3"),
        ("modelFormat", "word", "must be one of "),
        ("adapters", "/a.gguf", "must be a list of paths, not '/a.gguf'"),
        ("threads", 0, "must be a whole number from 1 to 256, not 0"),
        ("linters", {"command": ["ruff"]}, "must be a list of linters, not an object"),
        ("linters", ["ruff"], "must hold objects such as "),
        ("linters", [{"command": []}], "must hold objects such as "),
        ("linters", [{"command": ["ruff"], "languages": "python"}], "must hold objects such as "),
        ("server", "ftp://host", "must be an address that begins with http:// or https://, not 'ftp://host'"),
        ("serverKeyFile", 7, "must be the path of a file or null, not 7"),
        ("minChance", 1.5, "must be a number from 0 to 1, not 1.5"),
        ("minChance", True, "must be a number from 0 to 1, not true"),
        ("minChance", float("nan"), "must be a number from 0 to 1, not nan"),
        ("maxEdits", 0, "must be a whole number from 1 to 32, not 0"),
        ("maxEdits", 1.5, "must be a whole number from 1 to 32, not 1.5"),
        ("maxEdits", None, "must be a whole number from 1 to 32, not null"),
        ("debounceMs", float("inf"), "must be a whole number from 0 to 30, not inf"),
        ("settleMs", {}, "must be a whole number from 0 to 10000, not an object"),
        ("settleMs", "x" * 99, "must be a whole number from 0 to 10000, not a long text"),
    ],
)
def test_a_wrong_value_is_named_and_the_rest_is_kept(option, value, said):
    resolution = resolved({option: value, "feedback": False}, Settings())
    (problem,) = resolution.problems
    assert problem.startswith(f"nextedit.{option} {said}")
    assert resolution.settings == Settings(feedback=False)


def test_options_of_the_wrong_shape_are_named():
    assert resolved([1], Settings()).problems == ("the settings must be an object, not a list",)


def test_unknown_names_are_told_apart():
    assert resolved({"editorInfo": {}, "maxEdits": 2}, Settings()).unknown == ("editorInfo",)


def test_every_setting_can_be_given():
    assert not resolved(dict.fromkeys(OPTION_NAMES), Settings()).unknown
