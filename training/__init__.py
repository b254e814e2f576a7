"""How the project's own models are made: git history → examples → tokens → training → GGUF.

Not here: anything that the language server runs; it is the sole importer of PyTorch.
"""
