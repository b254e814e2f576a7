"""The steps of the engine's benchmark on files of real shapes with random weights.

In: how much to do.  Out: plain values, as they go into the JSON.
Not here: the copy-and-rename model (``engine_steps``), the table (``engine_page``).
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import cancelling, engine_rows, random_models, report, sources
from benchmarks.copy_model import tasks
from benchmarks.engine_rows import Item, Outcome, Row, Vocabulary
from benchmarks.engine_steps import (
    OURS,
    PASSIVE,
    PLAIN,
    SEED,
    SERVER,
    UNDRAFTED,
    UNFLASHED,
    Bench,
    Share,
    interleaved,
    say,
    summary,
)
from nextedit_lsp.engine.interface import Speed
from nextedit_lsp.engine.machine import WAITING
from nextedit_lsp.engine.process import WORKER_COMMAND
from nextedit_lsp.formats.prompt import Question, Segment, text_of

N_CONTEXT = 5120
SMALL, HALF, LARGE = "llama-29m", "qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"
FORCED = ((SMALL, "Q4_0", 12, 30.0), (HALF, "Q4_0", 4, 75.0), (HALF, "BF16", 2, 75.0))
READ = ((HALF, "Q4_0", (1000, 4000)), (LARGE, "Q4_0", (1000,)), (HALF, "Q8_0", (1000, 4000)))
# How far from the end of a prompt the key is typed, in characters.
KEY_AT = 240
# Without the variable GOMP spins before it sleeps, which is what llama.cpp gets where nobody sets it.
SPINNING_COMMAND = ("env", "-u", "GOMP_SPINCOUNT", *WORKER_COMMAND)
PASSIVE_COMMAND = ("env", "-u", "GOMP_SPINCOUNT", "OMP_WAIT_POLICY=passive", *WORKER_COMMAND)


def forced(bench: Bench) -> list[dict[str, Any]]:
    """The rewrites with the right answers forced upon models that can't copy; see ``engine_worker``."""
    found = []
    for name, file_type, n, seconds in FORCED:
        path = random_models.cached_gguf(name, file_type)
        vocabulary = Vocabulary(path)
        some = tasks.rewrite_tasks(bench.n(n), SEED)
        items = []
        for task in some:
            n_tokens = len(vocabulary.tokens_of(task.answer)) + 1
            items.append(vocabulary.item(Question(task.prompt, task.draft, (), n_tokens), is_endless=True))
        outcomes = _forced(bench, path, vocabulary, some, items, bench.share(seconds))
        rows = [summary(row, outcomes) for row in outcomes]
        right = sum(one.text == task.answer for one, task in zip(outcomes[OURS], some, strict=False))
        found.append({"model": name, "type": file_type, "bytes": path.stat().st_size, "rows": rows, "forced": right})
        say(f"forced, {name}: {len(outcomes[PLAIN])} tasks")
    return found


def _forced(
    bench: Bench, path: Path, vocabulary: Vocabulary, some: list[tasks.RewriteTask], items: list[Item], share: Share
) -> dict[str, list[Outcome]]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        answers = folder / "answers.json"
        answers.write_text(json.dumps({text_of(task.prompt): task.answer for task in some}), encoding="utf-8")
        command = (*engine_rows.VARIANT_COMMAND, "--forced", str(answers))
        rows: list[Row] = [
            stack.enter_context(engine_rows.plain(PLAIN, path, vocabulary, N_CONTEXT)),
            stack.enter_context(engine_rows.plain(PASSIVE, path, vocabulary, N_CONTEXT, waits_alike=True)),
            stack.enter_context(engine_rows.server(SERVER, path, vocabulary, N_CONTEXT)),
            stack.enter_context(engine_rows.ours(OURS, path, bench.loop, command=command)),
            stack.enter_context(engine_rows.ours(UNFLASHED, path, bench.loop, command=command, flash_attention="off")),
            stack.enter_context(engine_rows.ours(UNDRAFTED, path, bench.loop, command=(*command, "--no-drafts"))),
        ]
        return interleaved(rows, items, share)


def reading(bench: Bench) -> list[dict[str, Any]]:
    """Prompts read from nothing, and again after one key."""
    found: list[dict[str, Any]] = []
    share = bench.share(135)
    for name, file_type, sizes in READ:
        path = random_models.cached_gguf(name, file_type)
        vocabulary = Vocabulary(path)
        with contextlib.ExitStack() as stack:
            rows: list[Row] = [
                stack.enter_context(engine_rows.plain(PLAIN, path, vocabulary, N_CONTEXT)),
                stack.enter_context(engine_rows.server(SERVER, path, vocabulary, N_CONTEXT)),
                stack.enter_context(engine_rows.ours(OURS, path, bench.loop)),
                stack.enter_context(engine_rows.ours(UNFLASHED, path, bench.loop, flash_attention="off")),
            ]
            token_s = 0.0
            for n_tokens in sizes:
                if share.left_s < n_tokens * token_s * len(rows):
                    found.append({"model": name, "type": file_type, "n": n_tokens, "skipped": True})
                    continue
                one = _read(rows, vocabulary, n_tokens)
                token_s = 1.1 * max(each["ms"] for each in one["rows"]) / 1000 / one["n"]
                found.append({"model": name, "type": file_type, "bytes": path.stat().st_size, **one})
                say(f"reading {n_tokens:,} tokens, {name} {file_type}")
    return found


def _read(rows: list[Row], vocabulary: Vocabulary, n_tokens: int) -> dict[str, Any]:
    text = text_of_tokens(vocabulary, n_tokens, seed=n_tokens)
    later = text[:-KEY_AT] + "q" + text[-KEY_AT:]
    items = [vocabulary.item(Question((Segment(one),), max_tokens=1), is_endless=True) for one in (text, later)]
    found = []
    for row in rows:
        first, second = (row.ask(item) for item in items)
        found.append({"name": row.name, "ms": first.ms, "later_ms": second.ms, "evaluated": second.n_evaluated})
    return {"n": len(items[0].ids), "rows": found}


def text_of_tokens(vocabulary: Vocabulary, n_tokens: int, seed: int) -> str:
    """Source text of about so many tokens; another seed begins differently."""
    lines = [f"# {random.Random(seed).random()}\n", *sources.generated("python", 1200, seed).splitlines(keepends=True)]
    text, n = "", 0
    for line in lines:
        text += line
        n += len(vocabulary.tokens_of(line))
        if n >= n_tokens:
            break
    return text


def costs() -> list[dict[str, Any]]:
    """What passes cost by their number of tokens."""
    found = []
    for name in (SMALL, HALF):
        path = random_models.cached_gguf(name, "Q4_0")
        command = [sys.executable, "-m", "benchmarks.pass_costs", str(path), "--threads", str(engine_rows.N_THREADS)]
        done = subprocess.run(
            command, capture_output=True, check=True, text=True, cwd=engine_rows.ROOT, env={**os.environ, **WAITING}
        )
        found.append({"model": name, "type": "Q4_0", "costs": json.loads(done.stdout)})
        say(f"costs of passes, {name}")
    return found


def cancelled(bench: Bench) -> dict[str, Any]:
    """How long a cancelled request still runs, idle and busy."""
    path = random_models.cached_gguf(HALF, "Q4_0")
    vocabulary, rng = Vocabulary(path), random.Random(SEED)
    found: dict[str, Any] = {"model": HALF, "type": "Q4_0"}
    with engine_rows.ours(OURS, path, bench.loop, kind=cancelling.Listening) as row:
        for state, load, n in (
            ("idle", contextlib.nullcontext(), bench.n(20)),
            ("busy", engine_rows.busy(), bench.n(10)),
        ):
            with load:
                long = [_prompt(vocabulary, 2000, seed) for seed in range(n)]
                read = cancelling.while_reading(row, long, rng)
                written = cancelling.while_writing(row, _prompt(vocabulary, 100, 99), n, rng)
            for what, times in (("reading", read), ("writing", written)):
                p50, p95 = report.percentiles(times)
                found[f"{what}, {state}"] = {"n": len(times), "p50": p50, "p95": p95, "max": max(times)}
            say(f"cancelling, {state}")
    return found


def _prompt(vocabulary: Vocabulary, n_tokens: int, seed: int) -> Item:
    return vocabulary.item(Question((Segment(text_of_tokens(vocabulary, n_tokens, seed)),), max_tokens=400))


def waiting(bench: Bench) -> dict[str, Any]:
    """Single tokens and passes over 64 by how ggml's threads wait for each other."""
    path = random_models.cached_gguf(SMALL, "Q4_0")
    commands = {"ours": WORKER_COMMAND, "passive": PASSIVE_COMMAND, "spinning": SPINNING_COMMAND}
    found: dict[str, dict[str, list[float]]] = {}
    share = bench.share(45)
    with contextlib.ExitStack() as stack:
        rows = [
            stack.enter_context(engine_rows.ours(name, path, bench.loop, command=command, n_threads=2))
            for name, command in commands.items()
        ]
        for state, make in (("idle", contextlib.nullcontext), ("busy", engine_rows.busy)):
            with make():
                for _ in range(bench.n(40)):
                    for row in rows:
                        if share.is_over and f"{row.name}, {state}" in found:
                            continue
                        speed: Speed = bench.loop.run_until_complete(row.engine.measure())
                        each = found.setdefault(f"{row.name}, {state}", {"token_ms": [], "batch_ms": []})
                        each["token_ms"].append(speed.token_ms)
                        each["batch_ms"].append(64_000 / speed.prompt_tokens_per_s)
            say(f"waiting, {state}")
    return {
        name: {kind: statistics.median(times) for kind, times in each.items()} | {"worst_ms": max(each["token_ms"])}
        for name, each in found.items()
    }
