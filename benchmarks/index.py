"""What the workspace's index costs: to build, to keep, to ask, and what a round of predictions takes beside it.

In: generated workspaces.  Out: lines in the terminal and the section of docs/performance.md.
Not here: assertions; what the index finds is tested in tests/workspace.

The index runs in its real process, with the priority that it has.  Memory is what Linux says of that process.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import report, sources
from nextedit_lsp import predictor
from nextedit_lsp.engine.scripted import ScriptedEngine
from nextedit_lsp.session.asking import Ask
from nextedit_lsp.session.clock import SteadyClock
from nextedit_lsp.session.documents import Received
from nextedit_lsp.session.listening import SilentListener
from nextedit_lsp.session.session import Session
from nextedit_lsp.session.settings import Settings
from nextedit_lsp.session.surroundings import Surroundings
from nextedit_lsp.text.changes import Changes
from nextedit_lsp.workspace import files
from nextedit_lsp.workspace.disk_changes import Change, FileChanged
from nextedit_lsp.workspace.index import Index, index_file
from nextedit_lsp.workspace.looking import Question
from nextedit_lsp.workspace.watcher import Watcher

SIZES = (1_000, 10_000, 50_000)
# What nobody here can measure is told from the slope.
EXTRAPOLATED = 1_000_000
FILES_A_FOLDER = 50
# So many different files; each copy has names of its own besides.
N_BODIES = 200
OWN_NAMES = 12
N_LOOK_UPS = 200
N_SAVES = 10
ROUND_FILES = 2_000
N_ROUNDS = 200
TIMEOUT_S = 3600.0


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured at one size; times in seconds, memory and disk in MB."""

    n_files: int
    n_chars: int
    build_s: float
    build_cpu_s: float
    start_s: float
    start_cpu_s: float
    memory: float
    disk: float
    look_up: tuple[float, float]
    save: tuple[float, float]


def main(argv: Sequence[str] | None = None) -> int:
    """Measures and writes down."""
    parser = argparse.ArgumentParser(description="Measure the workspace's index.")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--rounds", type=int, default=N_ROUNDS)
    parser.add_argument("--no-write", action="store_true", help="leave docs/performance.md as it is")
    arguments = parser.parse_args(argv)
    console = Console()
    rows = []
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory(prefix="nextedit-bench-") as folder:
            rows.append(asyncio.run(_measured(Path(folder).resolve(), size)))
            console.print(rows[-1], highlight=False)
    with tempfile.TemporaryDirectory(prefix="nextedit-bench-") as folder:
        rounds = asyncio.run(_rounds(Path(folder).resolve(), arguments.rounds))
    console.print(rounds, highlight=False)
    if not arguments.no_write:
        report.write_section("index", _section(rows, rounds))
    return 0


async def _measured(folder: Path, n_files: int) -> Row:
    root, cache = folder / "root", folder / "cache"
    n_chars = sum(_write(root, n_files))
    index = Index(print, folder=cache, start_delay_s=0)
    build_s = await _started(index, root)
    memory, build_cpu_s = _memory_mb(index), _cpu_s(index)
    await index.close()
    index = Index(print, folder=cache, start_delay_s=0)
    start_s = await _started(index, root)
    start_cpu_s = _cpu_s(index)
    look_ups = [await _timed_look_up(index, number) for number in range(N_LOOK_UPS)]
    saves = await _saves(index, root)
    await index.close()
    disk = index_file(root, cache).stat().st_size / 1e6
    return Row(
        n_files=n_files,
        n_chars=n_chars,
        build_s=build_s,
        build_cpu_s=build_cpu_s,
        start_s=start_s,
        start_cpu_s=start_cpu_s,
        memory=memory,
        disk=disk,
        look_up=report.percentiles(look_ups),
        save=report.percentiles(saves),
    )


def _write(root: Path, n_files: int) -> Iterator[int]:
    """Writes a workspace; the characters of each file."""
    rng = random.Random(5)
    bodies = [
        sources.generated(("python", "typescript")[number % 2], rng.randint(20, 300), number)
        for number in range(N_BODIES)
    ]
    for number in range(n_files):
        folder = root / f"package{number // FILES_A_FOLDER}"
        if number % FILES_A_FOLDER == 0:
            folder.mkdir(parents=True)
        body = number % N_BODIES
        names = "".join(f"name_{number}_{own} = {own}\n" for own in range(OWN_NAMES))
        text = f"{bodies[body]}\n{names}shared_{number // 4} = 1\n"
        (folder / f"module{number}.{('py', 'ts')[body % 2]}").write_text(text)
        yield len(text)


async def _started(index: Index, root: Path) -> float:
    started_at = time.perf_counter()
    index.use([root], max(SIZES) * 2)
    index.wake()
    while index.state.phase != "ready":
        await asyncio.sleep(0.005)
        assert time.perf_counter() - started_at < TIMEOUT_S
    return time.perf_counter() - started_at


async def _timed_look_up(index: Index, number: int) -> float:
    """One question as an edit asks it: a name of a few files, its spellings, a common one, a new one."""
    question = Question(
        removed=(f"shared_{number}", "account"),
        added=(f"fresh_{number}", "cursor"),
        kin=(f"shared{number}", f"Shared{number}", f"SHARED_{number}"),
    )
    started_at = time.perf_counter()
    found = await index.look_up(question, {})
    assert found is not None
    assert found.files
    return time.perf_counter() - started_at


async def _saves(index: Index, root: Path) -> list[float]:
    """From the moment that another program has written a file until the index finds it by its new word."""
    loop = asyncio.get_running_loop()
    seen = asyncio.Event()

    def on_change(change: Change) -> None:
        if isinstance(change, FileChanged):
            index.changed([change.path])
            seen.set()

    watcher = Watcher(print)
    watcher.watch(root, lambda change: loop.call_soon_threadsafe(on_change, change))
    path = root / "package0" / "saved.py"
    while not seen.is_set():
        # The watch begins in the background, and takes its time in a large tree.
        path.write_text("begun = 1\n")
        await asyncio.sleep(0.3)
    times = []
    for number in range(N_SAVES):
        await asyncio.sleep(0.5)
        path.write_text(f"saved_word_{number} = 1\n")
        started_at = time.perf_counter()
        question = Question(removed=(f"saved_word_{number}",))
        while not ((found := await index.look_up(question, {})) and found.files):
            await asyncio.sleep(0.002)
        times.append(time.perf_counter() - started_at)
    watcher.stop()
    return times


def _memory_mb(index: Index) -> float:
    process = index._process
    assert process is not None
    status = Path(f"/proc/{process.pid}/status").read_text()
    match = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert match is not None
    return int(match[1]) / 1000


def _cpu_s(index: Index) -> float:
    """The processor time that the process has taken."""
    process = index._process
    assert process is not None
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Rounds:
    """Times of rounds and of keystrokes in milliseconds (p50, p95), and in which share of rounds the index answered.

    ``work`` is the processor time of the server with all its threads, ``index_work`` that of the index, on average.
    """

    n_rounds: int
    answer: tuple[float, float]
    work: tuple[float, float]
    index_work: float
    keystroke: tuple[float, float]
    informed: float


async def _rounds(folder: Path, n_rounds: int) -> Rounds:
    """Renames in an open file of a workspace, each with the question what is next."""
    root = folder / "root"
    list(_write(root, ROUND_FILES))
    n_informed = 0

    def predict(snapshot, settings, is_cancelled):  # type: ignore[no-untyped-def]
        nonlocal n_informed
        n_informed += bool(snapshot.elsewhere.n_files)
        return predictor.predict(snapshot, settings, is_cancelled)

    session = Session(
        predict=predict,
        clock=SteadyClock(),
        listener=SilentListener(),
        surroundings=Surroundings((root,)),
        make_engine=lambda *_: ScriptedEngine(),
        feedback_directory=None,
        settings=Settings(settle_ms=0, debounce_ms=0, model="none", feedback=False),
    )
    session.start()
    answers, works, keystrokes = [], [], []
    for number in range(n_rounds):
        path = next(root.glob(f"package*/module{number * 4}.*"))
        uri = files.uri_of(path)
        text = path.read_text()
        session.open(uri, "", 1, text)
        while session.status().index.phase != "ready":
            await asyncio.sleep(0.01)
        # A reader takes a moment before the first edit.
        await asyncio.sleep(0.02)
        if number == 0:
            index_began_s = _cpu_s(session._looking._index)
        start = text.index(f"shared_{number}")
        started_at = time.perf_counter()
        length = len(f"shared_{number}")
        session.change(uri, 2, Received(Changes.replace(start, start + length, f"common_{number}"), 1))
        keystrokes.append(1000 * (time.perf_counter() - started_at))
        started_at, work_began_s = time.perf_counter(), time.process_time()
        await session.next_edits(Ask(uri, start, "inline_edit"))
        answers.append(1000 * (time.perf_counter() - started_at))
        works.append(1000 * (time.process_time() - work_began_s))
        session.close_document(uri)
    index_s = _cpu_s(session._looking._index) - index_began_s
    await session.close()
    return Rounds(
        n_rounds=n_rounds,
        answer=report.percentiles(answers),
        work=report.percentiles(works),
        index_work=1000 * index_s / n_rounds,
        keystroke=report.percentiles(keystrokes),
        informed=n_informed / n_rounds,
    )


def _section(rows: Sequence[Row], rounds: Rounds) -> str:
    lines = [
        f"`make bench-index`, on {report.machine()}.",
        f"Generated Python and TypeScript files of {rows[-1].n_chars / rows[-1].n_files:,.0f} characters on average,"
        f" {N_BODIES} different ones, each copy with {OWN_NAMES} names of its own besides.",
        "The index runs in a process of its own that gives way to all others (`nice` 10).",
        f"Load average of the machine, other work included, at the end: {os.getloadavg()[0]:.0f};"
        " processor time says more than the clock where that is above the number of cores.",
        "",
        "| files | built in | of that processor time | files a second | next start | of that processor time"
        " | memory at most | on disk | a question, p50 / p95 | from a save to being found, p50 / p95 |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {row.n_files:,} | {row.build_s:.1f} s | {row.build_cpu_s:.1f} s | {row.n_files / row.build_s:,.0f}"
        f" | {row.start_s:.1f} s | {row.start_cpu_s:.1f} s"
        f" | {row.memory:.0f} MB | {row.disk:.1f} MB | {1000 * row.look_up[0]:.1f} / {1000 * row.look_up[1]:.1f} ms"
        f" | {1000 * row.save[0]:.0f} / {1000 * row.save[1]:.0f} ms |"
        for row in rows
    ]
    if len(rows) > 1:
        first, last = rows[-2], rows[-1]

        def slope(name: str) -> float:
            """What one more file adds."""
            grown: float = getattr(last, name) - getattr(first, name)
            return grown / (last.n_files - first.n_files)

        def at(name: str) -> float:
            return float(getattr(last, name)) + slope(name) * (EXTRAPOLATED - last.n_files)

        lines += [
            "",
            f"10,000 files more take {10_000 * slope('memory'):.1f} MB of memory"
            f" and {10_000 * slope('disk'):.1f} MB on disk.",
            f"From the slope between {first.n_files:,} and {last.n_files:,} files, {EXTRAPOLATED:,} files would be"
            f" built in {at('build_cpu_s') / 60:.0f} minutes of processor time, be looked over at the next start in"
            f" {at('start_cpu_s') / 60:.1f} minutes, and take {at('memory'):,.0f} MB of memory"
            f" and {at('disk'):,.0f} MB on disk; nobody has tried.",
        ]
    lines += [
        "",
        f"A round in a workspace of {ROUND_FILES:,} files, the index warm: a name of four files is renamed in one of"
        f" them that was just opened, and the next edit is asked for, without any pause ({rounds.n_rounds} rounds).",
        "",
        f"* the answer, which waits for the index for up to 20 ms: {rounds.answer[0]:.1f} ms (p50),"
        f" {rounds.answer[1]:.1f} ms (p95)",
        f"* of that the server's own work: {rounds.work[0]:.1f} ms of processor time (p50),"
        f" {rounds.work[1]:.1f} ms (p95);"
        f" the index's: {rounds.index_work:.1f} ms on average",
        f"* taking the change, which is all that a keystroke waits for: {rounds.keystroke[0]:.2f} ms (p50),"
        f" {rounds.keystroke[1]:.2f} ms (p95)",
        f"* rounds in which the index had answered in time: {rounds.informed:.0%}",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
