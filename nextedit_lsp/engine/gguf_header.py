"""Whether a file can be a model at all, by its first bytes, said in words that help.

In: a path.  Out: why the file can't be loaded, or ``None``.
Not here: the model's content, which llama.cpp judges itself, in terms that few users can act upon.
"""

from __future__ import annotations

import struct
from pathlib import Path

MAGIC = b"GGUF"
# Magic, version, number of tensors, number of metadata entries.
HEADER = struct.Struct("<4sIQQ")
KNOWN_VERSIONS = (2, 3)

# What is found where a model should be, by how it begins.
_LOOKALIKES = (
    (b"version https://git-lfs", "it is a Git LFS pointer. Fetch the file itself with: git lfs pull"),
    (b"<", "it is a web page; the download went wrong. Download the model again"),
    (b"PK\x03\x04", "it is a zip or PyTorch archive. Convert it to GGUF, or download a GGUF of the same model"),
    (b"lmgg", "it is of a format older than GGUF. Download a GGUF of the same model"),
    (b"tjgg", "it is of a format older than GGUF. Download a GGUF of the same model"),
)


def file_problem(path: Path) -> str | None:
    """Why no model can be loaded from ``path``, with the remedy."""
    try:
        if not path.exists():
            return f"There is no file {path}. Check the path of the model in the settings."
        if not path.is_file():
            return f"{path} is not a file. Name the .gguf file itself in the settings."
        with path.open("rb") as file:
            head = file.read(64)
    except (OSError, ValueError) as error:
        return f"{path} can't be read: {getattr(error, 'strerror', None) or error}. Check its permissions."
    problem = _head_problem(head)
    return None if problem is None else f"{path} is not a usable GGUF file: {problem}."


def _head_problem(head: bytes) -> str | None:
    if not head:
        return "it is empty. Download the model again"
    if not head.startswith(MAGIC):
        for start, problem in _LOOKALIKES:
            if head.startswith(start):
                return problem
        return "it does not begin with 'GGUF'. Name a model in GGUF format in the settings"
    if len(head) < HEADER.size:
        return "it ends within its first bytes. Download the model again"
    _, version, n_tensors, _ = HEADER.unpack_from(head)
    if version not in KNOWN_VERSIONS:
        return f"its version {version} is unknown. Upgrade llama-cpp-python, or download a GGUF of version 3"
    if n_tensors == 0:
        return "it holds no weights. Download the complete model"
    return None
