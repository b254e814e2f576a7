"""Source files under permissive licences that are on this machine.

In: folders, or none for the defaults.  Out: sources to train on, and sources that no training sees.
Not here: what is made of them.

The defaults are the standard library of the running Python (PSF licence) and this project (Apache-2.0).
"""

from __future__ import annotations

import sysconfig
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.copy_model.data import Source

ENDINGS = (".py", ".ts", ".tsx", ".go", ".rs")
# Tests of the standard library are long and much alike, its encodings are tables; the rest is
# not this licence, or not code.
LEFT_OUT = {
    "test",
    "tests",
    "testdata",
    "site-packages",
    "lib2to3",
    "encodings",
    "node_modules",
    "vendor",
    "__pycache__",
    "pydoc_data",
}
MAX_BYTES = 200_000
# One file in so many is never trained on.
HELD_OUT_EVERY = 12
PROJECT = Path(__file__).parents[2]


def standard_library() -> Path:
    """The folder of the running Python's own modules."""
    return Path(sysconfig.get_paths()["stdlib"])


def training_sources(folders: Sequence[Path] = ()) -> list[Source]:
    """What is trained on: of the defaults and of ``folders``."""
    roots = (standard_library(), PROJECT / "nextedit_lsp", *folders)
    return [source for root in roots for source in _sources(root) if not is_held_out(source)]


def held_out_sources(folders: Sequence[Path] = ()) -> list[Source]:
    """What is never trained on, of the standard library and of ``folders``."""
    return [source for root in (standard_library(), *folders) for source in _sources(root) if is_held_out(source)]


def is_held_out(source: Source) -> bool:
    """Whether a source is kept from training, by its path: so in all versions of Python alike."""
    return zlib.crc32(source.path.encode()) % HELD_OUT_EVERY == 0


def _sources(root: Path) -> Iterator[Source]:
    for path in sorted(root.rglob("*")):
        inner = path.relative_to(root)
        if path.suffix not in ENDINGS or path.name.endswith(".d.ts") or LEFT_OUT & set(inner.parts):
            continue
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            continue
        text = path.read_text(encoding="utf-8", errors="replace").replace("\t", "    ")
        yield Source("/".join(inner.parts[-2:]), tuple(text.splitlines(keepends=True)))
