"""What a pass costs by its number of tokens, in an empty cache and behind a prompt, with flash attention and without.

In: a model file.  Out: milliseconds as one JSON object on standard output.
Not here: what follows for drafts (``nextedit_lsp.engine.lengths``).

    GOMP_SPINCOUNT=300 python -m benchmarks.pass_costs model.gguf
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from nextedit_lsp.engine import llama, machine
from nextedit_lsp.engine.tokens import Row

SIZES = (1, 2, 4, 8, 16, 32, 63, 64, 128)
CONTEXTS = (0, 512)
# Passes of one size are repeated for so long at most.
SIZE_S = 0.25
MAX_REPEATS = 5


def costs(path: Path, flash_attention: str, n_threads: int) -> dict[str, list[float]]:
    """The least time of each size, for each context; every position with logits."""
    wishes = machine.Wishes(n_threads=n_threads, flash_attention=flash_attention)
    model = llama.Llama(path, machine.planned(wishes, has_gpu=False), llama.AbortFlag())
    found: dict[str, list[float]] = {}
    for n_context in CONTEXTS:
        if n_context:
            model.decode([Row(7 * at % 2000, at, (0,)) for at in range(n_context)])
        found[str(n_context)] = [_least_ms(model, n_context, size) for size in SIZES]
    model.close()
    return found


def _least_ms(model: llama.Llama, n_context: int, size: int) -> float:
    rows = [Row(5 * at % 2000, n_context + at, (0,), wants_logits=True) for at in range(size)]
    times: list[float] = []
    while len(times) < MAX_REPEATS and (len(times) < 2 or sum(times) < SIZE_S):
        began_at = time.perf_counter()
        model.decode(rows)
        times.append(time.perf_counter() - began_at)
        model.drop(0, n_context)
    return 1000 * min(times)


def main() -> None:
    """Measure one file."""
    parser = argparse.ArgumentParser(description="Measure what passes cost.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    llama.start()
    print(json.dumps({flash: costs(arguments.model, flash, arguments.threads) for flash in ("on", "off")}))


if __name__ == "__main__":
    main()
