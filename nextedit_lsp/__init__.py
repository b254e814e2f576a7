"""nextedit-lsp: predicts where you will edit next and what you will write there."""

__version__ = "0.1.0"
