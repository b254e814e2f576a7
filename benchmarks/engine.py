"""What running a model costs here, beside what others make of the same file on the same machine.

In: the copy-and-rename model, files of real shapes with random weights, generated text.  Out: a table,
``benchmarks/results/engine.json`` and the section of docs/performance.md between its markers.  Run by
``make bench-engine``.
Not here: the rows (``engine_rows``), the steps (``engine_steps``, ``engine_sizes``), the page (``engine_page``).

Nothing fails because a machine is slow: a step whose time is up says how far it came.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import engine_page, engine_rows, engine_sizes, engine_steps, llama_server, report

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "engine.json"
COPY_MODELS = (ROOT / "benchmarks" / "copy_model" / "copy-rename.gguf", ROOT / ".cache" / "copy-rename.gguf")


def main(argv: Sequence[str] | None = None) -> int:
    """Measures all and writes it down."""
    parser = argparse.ArgumentParser(description="Measure the engine.")
    parser.add_argument("--model", type=Path, help="the copy-and-rename model")
    parser.add_argument("--scale", type=float, default=1.0, help="the share of the repetitions to do")
    parser.add_argument("--minutes", type=float, default=10.5, help="steps are cut so that it takes no longer")
    parser.add_argument("--only", nargs="+", metavar="STEP", help="some steps; the rest as measured before")
    parser.add_argument("--no-write", action="store_true", help="leave the results and docs/performance.md as they are")
    parser.add_argument("--results", type=Path, default=RESULTS)
    arguments = parser.parse_args(argv)
    model = arguments.model or next(path for path in (*COPY_MODELS, COPY_MODELS[0]) if path.exists())
    began_at = time.monotonic()
    engine_steps.say(f"llama.cpp's server: {llama_server.built()}")
    loop = asyncio.new_event_loop()
    bench = engine_steps.Bench(
        model, loop, engine_rows.Vocabulary(model), began_at + 60 * arguments.minutes, arguments.scale
    )
    known = json.loads(arguments.results.read_text()) if arguments.only and arguments.results.exists() else {}
    results: dict[str, Any] = {**known, "machine": report.machine(), "copy_bytes": model.stat().st_size}
    results["load"] = os.getloadavg()[0]
    for name, step in STEPS.items():
        if not arguments.only or name in arguments.only:
            results[name] = step(bench, results)
            engine_steps.say(f"{name}: done after {time.monotonic() - began_at:.0f} s")
    loop.close()
    page = engine_page.written(results)
    print(page)
    if not arguments.no_write:
        arguments.results.parent.mkdir(exist_ok=True)
        arguments.results.write_text(json.dumps(results, indent=1) + "\n")
        report.TITLES.setdefault("engine", "Running a model")
        report.write_section("engine", page)
    return 0


def _typing(bench: engine_steps.Bench, _: dict[str, Any]) -> list[dict[str, Any]]:
    path = engine_steps.typing_model()
    return [
        engine_steps.typing(bench, "native", path, 4096, bench.share(45)),
        engine_steps.going_to_and_fro(bench, "native", path, 4096, bench.share(30)),
        engine_steps.typing(bench, "sweep", path, 12288, bench.share(70)),
    ]


STEPS: dict[str, Callable[[engine_steps.Bench, dict[str, Any]], Any]] = {
    "bandwidth": lambda bench, results: engine_steps.bandwidth(),
    "best": lambda bench, results: engine_steps.best_settings(bench),
    "rewriting": lambda bench, results: engine_steps.rewriting(bench, results["best"]),
    "taking_back": lambda bench, results: engine_steps.taking_back(bench),
    "moving": lambda bench, results: engine_steps.moving(bench),
    "typing": _typing,
    "waiting": lambda bench, results: engine_sizes.waiting(bench),
    "costs": lambda bench, results: engine_sizes.costs(),
    "cancelling": lambda bench, results: engine_sizes.cancelled(bench),
    "forced": lambda bench, results: engine_sizes.forced(bench),
    "reading": lambda bench, results: engine_sizes.reading(bench),
}


if __name__ == "__main__":
    sys.exit(main())
