"""Edits of every shape are drawn so that a person can read them, and do what was drawn."""

from __future__ import annotations

import json

import pytest

from tests.editors.terminal import wait_until
from tests.editors.vscode.conftest import Open
from tests.editors.vscode.test_next_edits import SHAPES, both, rename_parameter, walk

pytestmark = [pytest.mark.e2e, pytest.mark.editors]

LINES = """\
import math


def ring(inner, outer):
    width = outer - inner
    area = math.pi * (outer ** 2 - inner ** 2)
    return area, width


def disc(radius):
    return ring(0, radius)
"""
NEW_LINES = """\
    if inner < 0:
        raise ValueError("inner must not be negative")
    if outer < inner:
        raise ValueError(f"outer must be at least {inner}")
"""
OTHER_LINES = """\
    difference = outer**2 - inner**2
    return math.pi * difference, outer - inner
"""
LONG = "    # " + "a sentence that is much longer than any window is wide, " * 4 + "\n"
# A text, the range of it that changes (from line and character to line and character), and to what.
Edit = tuple[str, tuple[int, int, int, int], str]
EDITS: dict[str, Edit] = {
    "word.py": (LINES, (4, 4, 4, 9), "breadth"),
    "gone.py": (LINES, (5, 22, 5, 27), ""),
    "end-of-line.py": (LINES, (6, 22, 6, 22), ", inner"),
    "new-lines.py": (LINES, (4, 0, 4, 0), NEW_LINES),
    "other-lines.py": (LINES, (4, 0, 7, 0), OTHER_LINES),
    "gone-lines.py": (LINES, (4, 0, 6, 0), ""),
    "first-line.py": (LINES, (0, 0, 0, 0), "from __future__ import annotations\n\n"),
    "long-line.py": (LINES, (4, 0, 4, 0), LONG),
    "beside-long.py": (LONG + LINES, (0, 0, 1, 0), LONG.replace("much ", "") + "    # and a short one\n"),
    "tabs.py": (LINES.replace("    ", "\t"), (4, 0, 5, 0), NEW_LINES.replace("    ", "\t")),
    "many-lines.py": (LINES, (4, 0, 7, 0), "".join(f"    step_{n} = outer * {n}\n" for n in range(40))),
    "wide.py": ('print("漢字 🎉", 1)\nprint("漢字 🎉", 1)\n', (1, 7, 1, 14), '"🎉🎉 漢"'),
    "last-line.py": (LINES.rstrip("\n"), (10, 26, 10, 26), "\n\n\ndef full():\n    return disc(1)"),
}


def applied(text: str, where: tuple[int, int, int, int], new: str) -> str:
    """The text with the edit; characters are UTF-16 units."""
    line, character, to_line, to_character = where
    lines = [one.encode("utf-16-le") for one in text.split("\n")]
    head = b"\n\0".join([*lines[:line], lines[line][: character * 2]])
    tail = b"\n\0".join([lines[to_line][to_character * 2 :], *lines[to_line + 1 :]])
    return (head + new.encode("utf-16-le") + tail).decode("utf-16-le")


# Numbers of VS Code's for the kinds of themes.
THEMES = {
    "Default Light Modern": 1,
    "Default Dark Modern": 2,
    "Default High Contrast": 3,
    "Default High Contrast Light": 4,
}
# The least contrast of text that people with weak sight can read, by WCAG 2.
READABLE = 4.5
# Colour of each text that is drawn, and what lies under it: the drawing's background over the editor's.
COLOURS = r"""() => {
  const numbers = (colour) => (colour.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const editor = numbers(getComputedStyle(document.querySelector(".monaco-editor")).backgroundColor);
  return [...document.querySelectorAll(".view-lines [class*='ced-']")]
    .map((one) => getComputedStyle(one, "::after")).filter((style) => /^"./.test(style.content))
    .map((style) => [numbers(style.color).slice(0, 3), numbers(style.backgroundColor), editor.slice(0, 3)]);
}"""


def contrast(text: list[float], drawn: list[float], editor: list[float]) -> float:
    """The contrast ratio of WCAG 2."""
    opacity = drawn[3] if len(drawn) > 3 else 1
    under = [one * opacity + other * (1 - opacity) for one, other in zip(drawn, editor, strict=False)]
    lightness = sorted(map(luminance, (text, under)))
    return (lightness[1] + 0.05) / (lightness[0] + 0.05)


def luminance(colour: list[float]) -> float:
    """The relative luminance of WCAG 2 of an sRGB colour."""
    parts = [one / 255 for one in colour]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@both
def test_edits_of_every_shape(open_in: Open, mode: str) -> None:
    script = {name: (where, new) for name, (_, where, new) in EDITS.items()}
    files = {name: text for name, (text, _, _) in EDITS.items()}
    window = open_in(files, f"scripted-{mode}", beside={"edits.json": json.dumps(script)})
    for name, (text, where, new) in EDITS.items():
        window.open(name)
        first_line = text.split("\n", 1)[0]
        window.select(first_line, cursor="after")
        window.type(" ")
        window.wait_for_edit()
        window.picture(f"{mode}-shape-{name}", n_lines=14)
        walk(window, applied(text.replace(first_line, first_line + " ", 1), where, new))


def test_what_is_drawn_is_readable_in_every_kind_of_theme(open_in: Open) -> None:
    window = open_in({"shapes.py": SHAPES})
    rename_parameter(window)
    for theme, kind in THEMES.items():
        window.configure({"workbench.colorTheme": theme})
        wait_until(lambda kind=kind: window.js("return vscode.window.activeColorTheme.kind") == kind, theme)
        window.picture(f"stable-theme-{kind}", n_lines=9)
        colours = wait_until(lambda: window.page.evaluate(COLOURS), "the change is drawn")
        assert [one for one in colours if contrast(*one) < READABLE] == [], theme
