"""The vocabulary of the copy-and-rename model.

In: nothing.  Out: its tokenizer and its control tokens.
Not here: how a tokenizer works (``training.tokenizer``).
"""

from __future__ import annotations

from pathlib import Path

from training import tokenizer

FILE = Path(__file__).with_name("tokenizer.json")


def load() -> tokenizer.Tokenizer:
    """The tokenizer."""
    return tokenizer.load(FILE)


CONTROL = load().controls
