"""What the Neovim plugin costs: at start-up, at each keystroke, and when an answer comes.

In: Neovim, from ``make editors`` or ``NVIM_EXE``.  Out: the section of docs/performance.md between its markers, or
with ``--print`` the table alone.  The measuring itself is in ``neovim.lua``.  Run by ``make bench-editors``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import report

ROOT = Path(__file__).resolve().parent.parent
FETCHED = ROOT / ".cache" / "editors" / "bin" / "nvim"


def main(argv: Sequence[str] | None = None) -> int:
    """Measures and writes it down."""
    parser = argparse.ArgumentParser(description="What the Neovim plugin costs.")
    parser.add_argument("--keys", type=int, default=1000)
    parser.add_argument("--starts", type=int, default=40)
    parser.add_argument("--print", action="store_true", dest="is_only_printed")
    options = parser.parse_args(argv)
    nvim = os.environ.get("NVIM_EXE") or str(FETCHED)
    command = [nvim, "--clean", "-l", str(ROOT / "benchmarks" / "neovim.lua"), str(ROOT)]
    done = subprocess.run(
        [*command, str(options.keys), str(options.starts)], capture_output=True, text=True, check=True, timeout=600
    )
    measured = json.loads(done.stdout)
    table = "| | ms, p50 | ms, p95 |\n|---|---|---|\n" + "".join(
        f"| {name} | {row['median']:.3f} | {row['p95']:.3f} |\n" for name, row in measured["rows"]
    )
    text = (
        f"Neovim {measured['version']}, a file of 10,000 lines, {options.keys:,} keystrokes, {options.starts} starts, "
        f"on {report.machine()}.\nThe time that the plugin's own code takes; Neovim's drawing is not in it.\n\n{table}"
    )
    print(text)
    if not options.is_only_printed:
        report.write_section("neovim", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
