"""The page on the extensions is true."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from nextedit_lsp.formats.catalogue import FORMATS
from nextedit_lsp.server import commands, extensions
from nextedit_lsp.session.settings import OPTION_NAMES

PAGE = (Path(__file__).parents[2] / "docs" / "lsp-extensions.md").read_text(encoding="utf-8")


def test_the_page_was_looked_at_since_the_extensions_changed():
    digest = hashlib.sha256(Path(extensions.__file__).read_bytes()).hexdigest()[:16]
    found = re.search(r"extensions\.py: ([0-9a-f]{16})", PAGE)
    assert found
    assert found.group(1) == digest, f"look at docs/lsp-extensions.md, then write {digest} on its first line"


def test_every_method_command_and_setting_is_on_the_page():
    for name in (*extensions.MESSAGES, *extensions.COMMANDS, *OPTION_NAMES):
        assert f"`{name}`" in PAGE or f'"{name}"' in PAGE, name


def test_every_prompt_format_is_on_the_page():
    for name in FORMATS:
        assert f"`{name}`" in PAGE, name


def test_every_command_has_a_handler():
    assert set(commands.HANDLERS) == set(extensions.COMMANDS)


def test_the_examples_are_json():
    for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL):
        decoder, rest = json.JSONDecoder(), block.strip()
        while rest:
            _, end = decoder.raw_decode(rest)
            rest = rest[end:].strip()
