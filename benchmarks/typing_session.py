"""A person who types into a file of some hundred lines: the states after each key, and what formats ask in them.

In: a seed.  Out: snapshots, one a keystroke; questions.
Not here: asking.

The person goes to a function, types some lines at the end of one of its rows, now and then takes a letter back, pauses,
and goes to another place.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace

from benchmarks import sources
from nextedit_lsp.editing import documents, history
from nextedit_lsp.editing.events import Origin
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.formats.format import Format, Refused
from nextedit_lsp.formats.prompt import Question
from nextedit_lsp.proposing import writing
from nextedit_lsp.text.changes import Changes

N_KEYS, N_LINES = 200, 400
# Who goes to and fro between two files stays so long in each.
KEYS_A_TURN = 5
KEY_INTERVAL_S, PAUSE_S = 0.15, 4.0
# How often a letter is typed wrongly and taken back.
SLIP_RATE = 0.04
TYPED = (
    "\n        found = self.limit + retries",
    "\n        if retries > 3:\n            return None",
    "\n        log.info(retries)",
    "\n        # TODO: count the misses",
    "\n        self.limit -= 1",
    "\n            continue",
)


def snapshots(n_keys: int = N_KEYS, n_lines: int = N_LINES, seed: int = 5) -> Iterator[Snapshot]:
    """The state after each of ``n_keys`` keys."""
    rng = random.Random(seed)
    document = documents.opened(
        f"file:///work/store{seed}.py", f"store{seed}.py", "python", 1, sources.generated("python", n_lines, seed)
    )
    other = documents.opened(
        f"file:///work/other{seed}.py", f"other{seed}.py", "python", 1, sources.generated("python", 120, seed + 1)
    )
    past, now, n_typed = history.History(), 0.0, 0
    while True:
        now += PAUSE_S
        rows = [row for row in range(document.text.n_lines) if _is_statement(document.text.line(row))]
        row = rng.choice(rows)
        cursor = document.text.line_start(row) + len(document.text.line(row))
        for key in _keys(rng, rng.choice(TYPED)):
            now += KEY_INTERVAL_S
            start, end = (cursor, cursor) if key else (cursor - 1, cursor)
            changes = Changes.replace(start, end, key)
            past = past.record(document, changes, Origin.TYPED, now)
            document = document.edited(changes, document.version + 1)
            cursor = start + len(key)
            yield Snapshot(document, cursor, past, (other,), now=now)
            n_typed += 1
            if n_typed == n_keys:
                return


def to_and_fro(form: Format, max_tokens: int, n_keys: int = N_KEYS) -> Iterator[Question]:
    """What the format asks after each key of a person who writes in two files by turns."""
    sessions = [questions(form, max_tokens, n_keys // 2, seed) for seed in (5, 6)]
    for _ in range(0, n_keys, 2 * KEYS_A_TURN):
        for session in sessions:
            yield from itertools.islice(session, KEYS_A_TURN)


def questions(form: Format, max_tokens: int, n_keys: int = N_KEYS, seed: int = 5) -> Iterator[Question]:
    """What the format asks after each key, where it asks."""
    for snapshot in snapshots(n_keys, seed=seed):
        task = form.task(snapshot, writing.spot_at_cursor(snapshot))
        if not isinstance(task, Refused):
            yield replace(task.question, max_tokens=max_tokens)


def _keys(rng: random.Random, text: str) -> Iterator[str]:
    """The letters of a text; an empty one takes the last one back."""
    for letter in text:
        if letter.isalpha() and rng.random() < SLIP_RATE:
            yield rng.choice("aeiorst")
            yield ""
        yield letter


def _is_statement(line: str) -> bool:
    return line.startswith(" " * 8) and not line.rstrip().endswith((":", '"""'))
