"""How long the server works for a keystroke and for a request, and how that grows with the file.

In: generated files of 100 to 50,000 lines.  Out: a table, ``benchmarks/results/latency.json`` and the
section of docs/performance.md between its markers.  Run by ``make bench``.
Not here: assertions; nothing fails because a machine is slow.

Per keystroke: positions of the protocol become offsets, offsets become changes, the document gets
its next text, the history its event.  Per request: the prediction without a model, after one rename,
and after twenty different ones; its syntax tree is that of the request before, brought up to date.
The first request of a file makes the whole tree and has a row of its own.  All this in this process.
The last row asks the real server over stdio, after one rename.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import math
import random
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import report, sources
from nextedit_lsp import predictor
from nextedit_lsp.cli import live_server
from nextedit_lsp.editing import documents, history, snapshot
from nextedit_lsp.editing.events import origin_of
from nextedit_lsp.server.fake_editor import FakeEditor
from nextedit_lsp.text import positions
from nextedit_lsp.text.changes import Changes

SIZES = (100, 1_000, 10_000, 50_000)
LANGUAGES = {"python": ("bench.py", "python"), "typescript": ("bench.ts", "typescript")}
ENCODING = positions.Encoding.UTF16

# Enough for a p95 that holds still; keys and requests in as many places of the file.
N_KEYSTROKES = 300
N_REQUESTS = 40
N_FIRST_REQUESTS = 10
KEY_INTERVAL_S = 0.12
# How many edits the predictor looks back at, each another rename: at the start of a day and later.
HISTORIES = (1, 20)
# After this long what was typed counts as finished.
SETTLED_S = 0.5

# The names that are renamed: locals of methods.
RENAMED = {"python": r"^ +(\w+_\d+) = self", "typescript": r"^ +const (\w+\d+) = this"}

RESULTS = Path(__file__).resolve().parent / "results" / "latency.json"


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of work on one file."""

    language: str
    n_lines: int
    work: str
    p50_ms: float
    p95_ms: float
    n: int


@dataclass(frozen=True, slots=True)
class Typed:
    """The state after some typing."""

    document: documents.Document
    history: history.History
    now: float


def main(argv: Sequence[str] | None = None) -> int:
    """Measures all and writes it down."""
    parser = argparse.ArgumentParser(description="Measure latency.")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="LINES")
    parser.add_argument("--quick", action="store_true", help="a tenth of the samples, and nothing is written")
    arguments = parser.parse_args(argv)
    share = 10 if arguments.quick else 1
    rows: list[Row] = []
    console = Console()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("measuring", total=len(arguments.sizes) * len(LANGUAGES) + 1)
        for language in LANGUAGES:
            for n_lines in arguments.sizes:
                progress.update(task, description=f"{language}, {n_lines:,} lines")
                rows += measured(language, n_lines, N_KEYSTROKES // share, N_REQUESTS // share)
                progress.advance(task)
        progress.update(task, description="the real server")
        rows.append(asyncio.run(end_to_end("python", 10_000, N_REQUESTS // share)))
        progress.advance(task)
    console.print(table(rows))
    for line in growth(rows):
        console.print(line, highlight=False)
    if not arguments.quick:
        write(rows)
    return 0


def measured(language: str, n_lines: int, n_keystrokes: int, n_requests: int) -> list[Row]:
    """The rows of one file."""
    path, language_id = LANGUAGES[language]
    text = sources.generated(language, n_lines)
    document = documents.opened(f"file:///{path}", path, language_id, 1, text)
    rng = random.Random(n_lines)
    keys = keystrokes(document, rng, n_keystrokes)
    rows = [Row(language, n_lines, "keystroke", *report.percentiles(keys), len(keys))]
    first = first_requests(language, text, rng, max(1, n_requests * N_FIRST_REQUESTS // N_REQUESTS))
    rows.append(Row(language, n_lines, "first request", *report.percentiles(first), len(first)))
    settle(document)
    for n_events in HISTORIES:
        requests = predictions(document, rng, n_requests, n_events)
        work = f"request after {n_events} edit{'s' if n_events > 1 else ''}"
        rows.append(Row(language, n_lines, work, *report.percentiles(requests), len(requests)))
    return rows


def keystrokes(document: documents.Document, rng: random.Random, n_keystrokes: int) -> list[float]:
    """Milliseconds for each of many keys typed at many places."""
    typed = Typed(document, history.History(), 0.0)
    elapsed: list[float] = []
    gc.collect()
    while len(elapsed) < n_keystrokes:
        line = rng.randrange(document.text.n_lines)
        character = rng.randrange(len(document.text.line(line)) + 1)
        for key in "value":
            started_at = time.perf_counter()
            typed = key_typed(typed, line, character, key)
            elapsed.append(1000 * (time.perf_counter() - started_at))
            character += 1
        # The word goes again: a file with dozens of broken places at once is nobody's.
        typed = Typed(document, typed.history, typed.now + 2)
    return elapsed


def key_typed(typed: Typed, line: int, character: int, key: str) -> Typed:
    """The server's own work for one key: what its ``didChange`` does."""
    document, now = typed.document, typed.now + KEY_INTERVAL_S
    offset = positions.offset_at(document.text, line, character, ENCODING)
    changes = Changes.replace(offset, offset, key)
    after = document.edited(changes, document.version + 1)
    origin = origin_of(document.text, changes, n_received=1, is_whole_text=False)
    return Typed(after, typed.history.record(document, changes, origin, now), now)


def predictions(
    document: documents.Document, rng: random.Random, n_requests: int, n_events: int, *, is_first: bool = False
) -> list[float]:
    """Milliseconds for requests, each after ``n_events`` renames in methods of their own.

    Unless it ``is_first``, each comes after another request before the last rename.
    """
    text = str(document.text)
    places = [match.span(1) for match in re.finditer(RENAMED[document.language_id], text, re.MULTILINE)]
    elapsed = []
    for _ in range(n_requests):
        typed, cursor = Typed(document, history.History(), 0.0), 0
        # From the bottom up, so that the places above stay where they are.
        for start, end in sorted(rng.sample(places, min(n_events, len(places))), reverse=True):
            before, now = typed.document, typed.now + 2
            if not is_first:
                settle(before)
            changes = Changes.replace(start, end, "found")
            origin = origin_of(before.text, changes, n_received=1, is_whole_text=False)
            typed = Typed(before.edited(changes, 2), typed.history.record(before, changes, origin, now), now)
            cursor = start + len("found")
        state = snapshot.Snapshot(typed.document, cursor, typed.history, now=typed.now + 1)
        started_at = time.perf_counter()
        predictor.predict(state, predictor.PredictorSettings())
        elapsed.append(1000 * (time.perf_counter() - started_at))
    return elapsed


def first_requests(language: str, text: str, rng: random.Random, n_requests: int) -> list[float]:
    """Milliseconds for requests after one rename in a file that has just been opened."""
    path, language_id = LANGUAGES[language]
    elapsed = []
    for _ in range(n_requests):
        document = documents.opened(f"file:///{path}", path, language_id, 1, text)
        elapsed += predictions(document, rng, 1, 1, is_first=True)
    return elapsed


def settle(document: documents.Document) -> None:
    """Leaves the document as a request leaves it: with its tree."""
    _ = document.tree


async def end_to_end(language: str, n_lines: int, n_requests: int) -> Row:
    """From the request to the answer, through the real server over stdio, right after a key was typed."""
    path, language_id = LANGUAGES[language]
    text = sources.generated(language, n_lines)
    command = [*live_server.SERVER, "--log-level", "error"]
    elapsed: list[float] = []
    with tempfile.TemporaryDirectory(prefix="nextedit-bench-") as folder:
        root = Path(folder).resolve()
        (root / path).write_text(text, encoding="utf-8")
        async with FakeEditor.start(command, root) as editor:
            await editor.open(path, language_id=language_id)
            places = [match.span(1) for match in re.finditer(RENAMED[language], text, re.MULTILINE)]
            for start, end in random.Random(n_lines).sample(places, n_requests):
                await editor.replace(path, start, end, "found")
                await asyncio.sleep(SETTLED_S)
                started_at = time.perf_counter()
                await editor.next_edits(path, start + len("found"))
                elapsed.append(1000 * (time.perf_counter() - started_at))
                # Taken back, so that every request comes after one edit.
                await editor.replace(path, start, start + len("found"), text[start:end])
    return Row(language, n_lines, "request over stdio", *report.percentiles(elapsed), len(elapsed))


def table(rows: Sequence[Row]) -> Table:
    """The rows for the terminal."""
    shown = Table(title="milliseconds", title_justify="left")
    for name, justify in (
        ("language", "left"),
        ("lines", "right"),
        ("work", "left"),
        ("p50", "right"),
        ("p95", "right"),
    ):
        shown.add_column(name, justify=justify)  # type: ignore[arg-type]
    for row in rows:
        shown.add_row(row.language, f"{row.n_lines:,}", row.work, f"{row.p50_ms:.2f}", f"{row.p95_ms:.2f}")
    return shown


def growth(rows: Sequence[Row]) -> list[str]:
    """By what factor the p50 grows from 1,000 to 50,000 lines, fifty times as long a file."""
    found = {(row.language, row.work, row.n_lines): row.p50_ms for row in rows}
    lines = []
    for language, work in dict.fromkeys((row.language, row.work) for row in rows):
        small, large = found.get((language, work, 1_000)), found.get((language, work, 50_000))
        if small and large:
            exponent = math.log(large / small, 50) if large > small else 0.0
            lines.append(
                f"{language}, {work}: {large / small:.1f} times for 50 times the lines (about lines^{exponent:.2f})"
            )
    return lines


def write(rows: Sequence[Row]) -> None:
    """The JSON and the page."""
    RESULTS.parent.mkdir(exist_ok=True)
    machine = report.machine()
    RESULTS.write_text(json.dumps({"machine": machine, "rows": [asdict(row) for row in rows]}, indent=1) + "\n")
    head = "| language | lines | work | p50 ms | p95 ms |\n|---|--:|---|--:|--:|\n"
    body = "".join(
        f"| {row.language} | {row.n_lines:,} | {row.work} | {row.p50_ms:.2f} | {row.p95_ms:.2f} |\n" for row in rows
    )
    grown = "".join(f"* {line}\n" for line in growth(rows))
    report.write_section("latency", f"Measured on {machine}.\n\n{head}{body}\nGrowth of the p50:\n\n{grown}")


if __name__ == "__main__":
    sys.exit(main())
