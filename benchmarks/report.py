"""What the benchmarks share: percentiles, the machine's name, and the page that they write into.

In: numbers.  Out: sections of docs/performance.md, each between its markers.
Not here: measuring.
"""

from __future__ import annotations

import math
import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"

HEAD = """# Performance

What the server itself costs, without a model.
The sections between markers are written by `make bench`; change the benchmark, not the numbers.
"""

TITLES = {"latency": "Latency", "memory": "Memory", "neovim": "Neovim plugin", "index": "Workspace index"}


def percentiles(samples: Sequence[float]) -> tuple[float, float]:
    """The p50 and the p95."""
    ordered = sorted(samples)
    p50, p95 = (ordered[max(0, math.ceil(share * len(ordered)) - 1)] for share in (0.50, 0.95))
    return p50, p95


def machine() -> str:
    """The processor, its cores and Python's version, in words."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists() and (match := re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text())):
        model = match[1].strip()
    n_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{n_cores} cores of {model}, Python {platform.python_version()}"


def write_section(name: str, body: str) -> None:
    """Puts ``body`` between the markers of section ``name``, which is added where it is missing."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else HEAD
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    section = f"{begin}\n{body.strip()}\n{end}"
    if begin in page and end in page:
        before, rest = page.split(begin, 1)
        page = before + section + rest.split(end, 1)[1]
    else:
        page = f"{page.rstrip()}\n\n## {TITLES[name]}\n\n{section}\n"
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")
