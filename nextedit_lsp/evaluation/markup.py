"""The parts that a page is put together from; one file that loads nothing.

In: strings that nobody has escaped.  Out: HTML.
Not here: what a page says (``page``, ``page_sessions``), plots (``plots``).

All strings are escaped here.  The data for the page's script stands in an element of its own, as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from pathlib import Path

_ASSETS = Path(__file__).parent / "assets"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

# The heading of a column of words.
WORDS = "what"


def document(body: str, data: object = None) -> str:
    """The whole page; with ``data`` the script that shows rounds."""
    scripts = ""
    if data is not None:
        scripts = (
            f'<script type="application/json" id="rounds-data">{_as_data(data)}</script>\n'
            f"<script>\n{_asset('page.js')}</script>\n"
        )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>nextedit evaluate</title>\n<style>\n{_asset('page.css')}</style>\n</head>\n"
        f"<body>\n{body}\n{scripts}</body>\n</html>"
    )


def section(title: str, *parts: str) -> str:
    """A heading and what stands below it."""
    return f"<h2>{escape(title)}</h2>{''.join(parts)}"


def soft(words: str) -> str:
    """A paragraph of plain words."""
    return f'<p class="soft">{escape(words)}</p>'


def figures(*figures: str) -> str:
    """Figures side by side, as far as there is room."""
    return f'<div class="plots">{"".join(figures)}</div>'


def figure(content: str, caption: str) -> str:
    """A plot with its caption."""
    return f'<figure>{content}<figcaption class="soft">{escape(caption)}</figcaption></figure>'


def table(headings: Iterable[str], rows: Iterable[str]) -> str:
    """A table; a column with the heading ``WORDS`` holds words, the others numbers."""
    head = "".join(
        f'<th class="{"words" if heading == WORDS else "number"}">{escape(heading)}</th>' for heading in headings
    )
    return f'<div class="wide"><table><tr>{head}</tr>{"".join(rows)}</table></div>'


def row(cells: Iterable[str], words: str = "") -> str:
    """A row of cells, and last a cell of words."""
    last = f'<td class="words">{escape(words)}</td>' if words else ""
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}{last}</tr>"


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _as_data(values: object) -> str:
    """JSON that can stand in a script element: no character of it can end the element or begin a comment."""
    escapes = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}
    return json.dumps(values).translate(escapes)
