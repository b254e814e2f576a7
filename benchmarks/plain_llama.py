"""llama-cpp-python as people call it, in a process of its own, counted but otherwise untouched.

In: requests, one JSON object a line: token ids and how many tokens to write.  Out: answers likewise, with counts.
Not here: what is compared with it (``engine_rows``).

    python -m benchmarks.plain_llama model.gguf --context 4096 --lookup 10
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import llama_cpp
from llama_cpp.llama_speculative import LlamaPromptLookupDecoding


class Counted:
    """A ``Llama`` whose evaluations and sampled tokens are counted."""

    def __init__(self, path: Path, n_context: int, n_threads: int, lookup: int) -> None:
        draft = LlamaPromptLookupDecoding(num_pred_tokens=lookup) if lookup else None
        self.llama = llama_cpp.Llama(
            str(path), n_ctx=n_context, n_threads=n_threads, n_threads_batch=n_threads, draft_model=draft,
            logits_all=bool(lookup), verbose=False,
        )  # fmt: skip
        self.evals: list[int] = []
        self.ids: list[int] = []
        evaluate: Any = self.llama.eval
        sample: Any = self.llama.sample

        def counted_eval(tokens: list[int]) -> None:
            self.evals.append(len(tokens))
            evaluate(tokens)

        def counted_sample(*arguments: Any, **named: Any) -> int:
            self.ids.append(sample(*arguments, **named))
            return self.ids[-1]

        self.llama.eval = counted_eval  # type: ignore[method-assign]
        self.llama.sample = counted_sample  # type: ignore[method-assign]

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """One greedy completion, timed in here, where its caller would be."""
        self.evals, self.ids = [], []
        began_at = time.perf_counter()
        self.llama.create_completion(request["prompt"], max_tokens=request["max_tokens"], temperature=0.0)
        elapsed = time.perf_counter() - began_at
        return {
            "ms": 1000 * elapsed,
            "n_evaluated": self.evals[0] if self.evals else 0,
            "passes": len(self.evals),
            "ids": self.ids[: request["max_tokens"]],
        }


def main() -> None:
    """Answer until the input ends."""
    parser = argparse.ArgumentParser(description="Run llama-cpp-python's own completion, counted.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--context", type=int, default=4096)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--lookup", type=int, default=0, help="tokens that LlamaPromptLookupDecoding drafts; 0: none")
    arguments = parser.parse_args()
    # Native code may print; the answers have a descriptor of their own.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    counted = Counted(arguments.model, arguments.context, arguments.threads, arguments.lookup)
    for line in sys.stdin:
        print(json.dumps(counted.answer(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
