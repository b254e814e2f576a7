"""How much memory this machine has for a model.

In: what the system says.  Out: bytes, and how a model's need compares.
Not here: what is free at this moment, and graphics memory, which the engine asks for when it loads a model.
"""

from __future__ import annotations

import ctypes
import os
import sys
from enum import Enum
from pathlib import Path

# A container's limit, where there is one; the machine's memory is more than the container gets.
LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))

# What an editor, its other servers and the system take is not the model's.
COMFORTABLE_SHARE = 0.6
MAX_SHARE = 0.85


class Fit(str, Enum):
    """Whether a model's memory is there."""

    FITS = "fits"
    TIGHT = "tight"
    TOO_BIG = "too big"
    UNKNOWN = "unknown"


def memory_bytes() -> int | None:
    """The memory that processes here can have; None where the system doesn't tell."""
    sizes = [size for size in (_physical(), *map(_limit, LIMITS)) if size is not None and size > 0]
    return min(sizes) if sizes else None


def fit(needed: int, memory: int | None) -> Fit:
    """How ``needed`` bytes fit into ``memory``."""
    if memory is None:
        return Fit.UNKNOWN
    if needed <= COMFORTABLE_SHARE * memory:
        return Fit.FITS
    return Fit.TIGHT if needed <= MAX_SHARE * memory else Fit.TOO_BIG


def _physical() -> int | None:
    if sys.platform == "win32":
        kilobytes = ctypes.c_ulonglong()
        is_told = ctypes.windll.kernel32.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes))
        return kilobytes.value * 1024 if is_told else None
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None


def _limit(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None  # There is no such file, or it says "max".
