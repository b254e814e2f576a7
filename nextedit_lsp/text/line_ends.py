"""The line end of a text, for those who write lines into it.

In: a text.  Out: its line end; strings with ``\\n`` only.
Not here: cutting a text into lines (``buffer``).
"""

from __future__ import annotations

from nextedit_lsp.text.buffer import Text


def line_end_of(text: Text) -> str:
    """The line end that the text uses, told from its first line."""
    end = text.slice(text.line_end(0), text.line_start(1))
    return end if text.n_lines > 1 and end else "\n"


def plain(string: str) -> str:
    """``string`` with every line end written as ``\\n``."""
    return string.replace("\r\n", "\n").replace("\r", "\n") if "\r" in string else string
