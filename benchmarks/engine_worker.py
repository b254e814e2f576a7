"""The engine's worker process with one thing changed, for rows of the benchmark that the engine has no setting for.

In: the worker's own protocol; options on the command line.  Out: the same protocol.
Not here: the worker (``nextedit_lsp.engine.worker``), which is run as it is.

``--no-drafts``: every token is a pass of its own.  ``--forced FILE``: a JSON object of prompts and their answers.
Passes are run as ever, but the logits are raised where the answer's tokens are: so a model with random weights, which
can't copy, costs what a trained one would.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from nextedit_lsp.engine import worker

# Above any logit that a model of these shapes writes.
FORCED_LOGIT = 1e4


class Forced:
    """A decoder that runs the model's passes and then says what it is told to."""

    def __init__(self, llama: Any, answers: Mapping[str, str]) -> None:
        self._llama = llama
        self._answers = answers
        self._ids: list[int] = []
        self._first: int | None = None

    def begin(self, prompt: str) -> None:
        """From now on the answer of this prompt is written."""
        self._ids = [*self._llama.tokens_of(self._answers[prompt]), min(self._llama.special.ends)]
        self._first = None

    def decode(self, rows: Sequence[Any]) -> Any:
        """The model's own logits, but for the tokens of the answer."""
        logits = self._llama.decode(rows)
        asked = [row for row in rows if row.wants_logits]
        if asked and self._first is None and self._ids:
            self._first = asked[0].position
        for at, row in enumerate(asked):
            if self._first is not None:
                place = min(max(row.position - self._first, 0), len(self._ids) - 1)
                logits[at, self._ids[place]] = FORCED_LOGIT
        return logits

    def __getattr__(self, name: str) -> Any:
        return getattr(self._llama, name)


def main() -> None:
    """Serve as the worker does."""
    parser = argparse.ArgumentParser(description="Run the engine's worker for a benchmark.")
    parser.add_argument("--no-drafts", action="store_true")
    parser.add_argument("--forced", type=Path)
    arguments = parser.parse_args()
    make = worker._answerer

    def made(llama: Any, wishes: Any) -> Any:
        answerer = make(llama, wishes)
        answerer.is_drafting = not arguments.no_drafts
        if arguments.forced:
            answerer.decoder = Forced(llama, json.loads(arguments.forced.read_text(encoding="utf-8")))
        return answerer

    ask = worker._CALLS["ask"]

    def forced_ask(one: Any, request: dict[str, Any]) -> dict[str, Any]:
        if arguments.forced:
            segments = worker.wire.question_in(request["question"]).prompt
            one.answerer.decoder.begin("".join(segment.text for segment in segments))
        return ask(one, request)

    worker._answerer = made
    worker._CALLS["ask"] = forced_ask
    worker.main()


if __name__ == "__main__":
    main()
