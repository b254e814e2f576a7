"""What a day of editing takes in memory: the documents and the history of 10,000 events over many files.

In: generated files.  Out: lines in the terminal and the section of docs/performance.md.
Not here: assertions; the bound on the history is tested in tests/editing.

Counted by tracemalloc, which sees the syntax trees too: tree_sitter takes its memory from Python.
"""

from __future__ import annotations

import argparse
import gc
import random
import re
import sys
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import report, sources
from nextedit_lsp.editing import documents, history
from nextedit_lsp.editing.events import origin_of
from nextedit_lsp.text.changes import Changes

N_EVENTS = 10_000
N_FILES = 60
MAX_LINES = 3_000
# Each event begins this long after the last one, so that none are joined.
PAUSE_S = 3.0

WORD = re.compile(r"[A-Za-z_]\w{3,}")


def main(argv: Sequence[str] | None = None) -> int:
    """Simulates the day and writes down what it took."""
    parser = argparse.ArgumentParser(description="Measure the memory of a day's history.")
    parser.add_argument("--events", type=int, default=N_EVENTS)
    parser.add_argument("--no-write", action="store_true", help="leave docs/performance.md as it is")
    arguments = parser.parse_args(argv)
    rng = random.Random(3)
    gc.collect()
    tracemalloc.start()
    opened = [_document(number, rng) for number in range(N_FILES)]
    n_chars = sum(len(document.text) for document in opened)
    gc.collect()
    after_opening = tracemalloc.get_traced_memory()[0]
    events, now, peak = history.History(), 0.0, 0
    for _ in track(range(arguments.events), description="editing", console=Console(stderr=True), transient=True):
        index = rng.randrange(N_FILES)
        changes = _edit(opened[index], rng)
        now += PAUSE_S
        origin = origin_of(opened[index].text, changes, n_received=1, is_whole_text=False)
        events = events.record(opened[index], changes, origin, now)
        opened[index] = opened[index].edited(changes, opened[index].version + 1)
        _ = opened[index].tree
        peak = max(peak, tracemalloc.get_traced_memory()[0])
    gc.collect()
    at_end, n_kept = tracemalloc.get_traced_memory()[0], len(events.events)
    # What goes with the history is what the history alone held.
    events = history.History()
    gc.collect()
    without_history = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    lines = [
        f"{arguments.events:,} edits in {N_FILES} open files of {n_chars / 1e6:.1f} million characters together",
        f"the history at the end: {(at_end - without_history) / 1e6:.1f} MB for {n_kept} events",
        f"the documents with their trees: {after_opening / 1e6:.1f} MB opened, {without_history / 1e6:.1f} MB after",
        f"at most in between, all together: {peak / 1e6:.1f} MB",
    ]
    for line in lines:
        Console().print(line, highlight=False)
    if not arguments.no_write:
        listed = "".join(f"* {line}\n" for line in lines)
        report.write_section("memory", f"A day of editing, measured on {report.machine()}.\n\n{listed}")
    return 0


def _document(number: int, rng: random.Random) -> documents.Document:
    language, extension = (("python", "py"), ("typescript", "ts"))[number % 2]
    path = f"file{number}.{extension}"
    text = sources.generated(language, rng.randint(50, MAX_LINES), number)
    document = documents.opened(f"file:///{path}", path, language, 1, text)
    _ = document.tree  # As a request leaves it.
    return document


def _edit(document: documents.Document, rng: random.Random) -> Changes:
    """A name changed, or a comment written, somewhere."""
    text = document.text
    while True:
        line = rng.randrange(text.n_lines - 1)
        start, content = text.line_start(line), text.line(line)
        words = list(WORD.finditer(content))
        if not words:
            continue
        if rng.random() < 0.3:
            indent = content[: len(content) - len(content.lstrip())]
            sign = "#" if document.language_id == "python" else "//"
            return Changes.replace(start, start, f"{indent}{sign} see note {rng.randrange(1000)}\n")
        word = rng.choice(words)
        return Changes.replace(start + word.start(), start + word.end(), f"{word.group()[:12]}_{rng.randrange(1000)}")


if __name__ == "__main__":
    sys.exit(main())
