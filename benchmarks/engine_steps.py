"""The steps of the engine's benchmark on the copy-and-rename model and on typing.

In: model files, how much to do.  Out: plain values, as they go into the JSON.
Not here: model files with random weights (``engine_sizes``), the table (``engine_page``).
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import engine_rows, random_models, report, typing_session
from benchmarks.copy_model import tasks
from benchmarks.engine_rows import Item, Outcome, Row, Vocabulary
from nextedit_lsp import predictor
from nextedit_lsp.editing import documents
from nextedit_lsp.engine.drafting import Draft
from nextedit_lsp.engine.interface import Effort, Judge, Partial
from nextedit_lsp.engine.tokens import n_common
from nextedit_lsp.formats.catalogue import FORMATS
from nextedit_lsp.formats.format import Refused, Spot
from nextedit_lsp.formats.native import AFTER, BEFORE, FROM, TO
from nextedit_lsp.formats.prompt import Question, Segment
from training import loaded

N_CONTEXT = 1024
STOPS = ("<|eot|>",)
SEED = 11
PLAIN, LOOKUP, PASSIVE, PASSIVE_LOOKUP, SERVER, SPECULATING, PASSIVE_SPECULATING, OURS, UNFLASHED, UNDRAFTED = (
    "llama-cpp-python",
    "llama-cpp-python, prompt lookup",
    "llama-cpp-python, waiting alike",
    "llama-cpp-python, prompt lookup, waiting alike",
    "llama.cpp's server",
    "llama.cpp's server, n-gram drafts",
    "llama.cpp's server, n-gram drafts, waiting alike",
    "ours",
    "ours, flash attention off",
    "ours, drafts off",
)
REUSING = "llama.cpp's server, --cache-reuse 32"
# Settings of the server's drafts that are tried; the best of them has a row.
SPECULATION: dict[str, tuple[str, ...]] = {
    "ngram-simple 12/48 (its default)": ("--spec-type", "ngram-simple"),
    **{
        f"ngram-simple {n}/{m}": (
            *("--spec-type", "ngram-simple"),
            *("--spec-ngram-simple-size-n", str(n), "--spec-ngram-simple-size-m", str(m)),
        )
        for n, m in ((2, 16), (3, 8), (3, 16), (3, 32), (3, 48))
    },
    "ngram-simple 3/16, flash attention off": (
        *("--spec-type", "ngram-simple", "--spec-ngram-simple-size-n", "3", "--spec-ngram-simple-size-m", "16"),
        *("--flash-attn", "off"),
    ),
    "ngram-map-k 3/16": (
        *("--spec-type", "ngram-map-k", "--spec-ngram-map-k-size-n", "3", "--spec-ngram-map-k-size-m", "16"),
    ),
    "ngram-mod 4, 4 to 64": (
        *("--spec-type", "ngram-mod", "--spec-ngram-mod-n-match", "4", "--spec-ngram-mod-n-min", "4"),
    ),
    "ngram-cache": ("--spec-type", "ngram-cache"),
}
LOOKUPS = (2, 10)
# Beside busy processes an answer is cut here: those who spin take seconds for it.
BUSY_TOKENS = 64
# Tokens of a draft that held in a row, as ``lengths`` tells them apart.
RUNS = (1, 2, 4, 8, 16)
# Between the best logit and the next: rounding can turn them round.
NEAR_TIE = 0.02


@dataclass(slots=True)
class Share:
    """A step's part of the time; what it has not done by then is left out, and the table says how much was done."""

    seconds: float
    began_at: float = field(default_factory=time.monotonic)

    @property
    def is_over(self) -> bool:
        """Whether to stop."""
        return self.left_s <= 0

    @property
    def left_s(self) -> float:
        """The seconds left."""
        return self.seconds - (time.monotonic() - self.began_at)


@dataclass(frozen=True, slots=True)
class Bench:
    """What all steps share."""

    copy_model: Path
    loop: asyncio.AbstractEventLoop
    vocabulary: Vocabulary
    ends_at: float
    scale: float = 1.0

    def n(self, whole: int) -> int:
        """How many of ``whole`` repetitions to do."""
        return max(2, round(whole * self.scale))

    def share(self, seconds: float) -> Share:
        """A step's part of the time, less where little is left of all."""
        return Share(min(seconds * max(self.scale, 0.25), self.ends_at - time.monotonic()))


def say(line: str) -> None:
    """One line of progress."""
    print(f"  {time.strftime('%H:%M:%S')}  {line}", file=sys.stderr, flush=True)


def bandwidth() -> dict[str, float]:
    """Bytes a second that two threads read and that one copies, the best of some."""
    halves = [np.ones(1 << 25), np.ones(1 << 25)]
    target = np.empty_like(halves[0])
    reads, copies = [], []
    for _ in range(5):
        began_at = time.perf_counter()
        threads = [threading.Thread(target=half.sum) for half in halves]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        reads.append(sum(half.nbytes for half in halves) / (time.perf_counter() - began_at))
        began_at = time.perf_counter()
        np.copyto(target, halves[0])
        copies.append(2 * target.nbytes / (time.perf_counter() - began_at))
    return {"read": max(reads), "copy": max(copies)}


def rewrite_items(bench: Bench, n: int) -> list[tuple[tasks.RewriteTask, Item]]:
    """Tasks, and what to ask for them."""
    some = tasks.rewrite_tasks(n, SEED)
    return [(task, bench.vocabulary.item(Question(task.prompt, task.draft, STOPS, 256))) for task in some]


def best_settings(bench: Bench) -> dict[str, Any]:
    """Which settings of the other engines' drafts are the fastest, on a few tasks; all threads wait as ours do."""
    some = [item for _, item in rewrite_items(bench, bench.n(10))]
    path, vocabulary = bench.copy_model, bench.vocabulary
    with contextlib.ExitStack() as stack:
        groups: dict[str, list[Row]] = {
            "server": [
                stack.enter_context(engine_rows.server(name, path, vocabulary, N_CONTEXT, *arguments, waits_alike=True))
                for name, arguments in SPECULATION.items()
            ],
            "lookup": [
                stack.enter_context(engine_rows.plain(str(n), path, vocabulary, N_CONTEXT, n, waits_alike=True))
                for n in LOOKUPS
            ],
        }
        rows = [row for group in groups.values() for row in group]
        outcomes = interleaved(rows, some, bench.share(40))
    tried = {
        kind: {row.name: statistics.median(one.ms for one in outcomes[row.name]) for row in group}
        for kind, group in groups.items()
    }
    return {"tried_ms": tried, **{kind: min(found, key=lambda one: found[one]) for kind, found in tried.items()}}


@contextlib.contextmanager
def all_rows(bench: Bench, best: dict[str, Any]) -> Iterator[list[Row]]:
    """Every row with the copy-and-rename model loaded."""
    path, vocabulary = bench.copy_model, bench.vocabulary
    no_drafts = (*engine_rows.VARIANT_COMMAND, "--no-drafts")
    speculation = SPECULATION[best["server"]]
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(one)
            for one in (
                engine_rows.plain(PLAIN, path, vocabulary, N_CONTEXT),
                engine_rows.plain(LOOKUP, path, vocabulary, N_CONTEXT, int(best["lookup"])),
                engine_rows.plain(PASSIVE, path, vocabulary, N_CONTEXT, waits_alike=True),
                engine_rows.plain(PASSIVE_LOOKUP, path, vocabulary, N_CONTEXT, int(best["lookup"]), waits_alike=True),
                engine_rows.server(SERVER, path, vocabulary, N_CONTEXT),
                engine_rows.server(SPECULATING, path, vocabulary, N_CONTEXT, *speculation),
                engine_rows.server(PASSIVE_SPECULATING, path, vocabulary, N_CONTEXT, *speculation, waits_alike=True),
                engine_rows.ours(OURS, path, bench.loop),
                engine_rows.ours(UNFLASHED, path, bench.loop, flash_attention="off"),
                engine_rows.ours(UNDRAFTED, path, bench.loop, command=no_drafts),
            )
        ]  # type: ignore[misc]


def rewriting(bench: Bench, best: dict[str, Any]) -> dict[str, Any]:
    """The rewrites by every row, task by task, on an idle machine and on a busy one."""
    found: dict[str, Any] = {}
    n_idle, n_busy = bench.n(40), bench.n(15)
    first, *items = rewrite_items(bench, 1 + n_idle + n_busy)
    with all_rows(bench, best) as rows:
        for row in rows:
            row.ask(first[1])
        outcomes = interleaved(rows, [item for _, item in items[:n_idle]], bench.share(65))
        found["idle"] = [summary(row.name, outcomes, items) for row in rows]
        found["exactness"] = exactness(bench, items, outcomes)
        found["holding"] = holding(bench, items, outcomes[PLAIN])
        say(f"rewriting, idle: {len(outcomes[PLAIN])} tasks")
        with engine_rows.busy():
            short = [replace(item, max_tokens=BUSY_TOKENS) for _, item in items[n_idle:]]
            outcomes = interleaved(rows, short, bench.share(50))
        found["busy"] = [summary(row.name, outcomes) for row in rows]
        say(f"rewriting, busy: {len(outcomes[PLAIN])} tasks")
    return found


def interleaved(rows: Sequence[Row], items: Sequence[Item], share: Share) -> dict[str, list[Outcome]]:
    """Every row's outcomes, asked side by side, each time another row first.

    Each first reads the prompt (one token is asked), then writes the answer: in an editor the prompt was mostly read
    while the user typed, and what it takes to read says nothing about drafts.
    """
    outcomes: dict[str, list[Outcome]] = {row.name: [] for row in rows}
    for number, item in enumerate(items):
        if share.is_over and number:
            break
        at = number % len(rows)
        for row in (*rows[at:], *rows[:at]):
            first = row.ask(replace(item, max_tokens=1))
            outcome = row.ask(item)
            outcomes[row.name].append(replace(outcome, read_ms=first.ms, n_evaluated=first.n_evaluated))
    return outcomes


def summary(
    name: str, outcomes: dict[str, list[Outcome]], items: Sequence[tuple[tasks.RewriteTask, Item]] = ()
) -> dict[str, Any]:
    """A row of the table."""
    mine, plain = outcomes[name], outcomes[PLAIN]
    n_written = sum(one.n_written for one in mine)
    return {
        "name": name,
        "n": len(mine),
        "ms": statistics.median(one.ms for one in mine),
        "read_ms": statistics.median(one.read_ms for one in mine),
        "ratio": statistics.median(theirs.ms / one.ms for one, theirs in zip(mine, plain, strict=True)),
        "whole_ratio": statistics.median(
            (theirs.read_ms + theirs.ms) / (one.read_ms + one.ms) for one, theirs in zip(mine, plain, strict=True)
        ),
        "passes_per_token": sum(one.passes for one in mine) / n_written,
        "written": n_written / len(mine),
        "prompt": statistics.mean(one.n_prompt for one in mine),
        "evaluated": statistics.mean(one.n_evaluated for one in mine),
        "same_as_plain": sum(one.text == theirs.text for one, theirs in zip(mine, plain, strict=True)),
        "right": sum(one.text == task.answer for one, (task, _) in zip(mine, items, strict=False)),
    }


def exactness(
    bench: Bench, items: Sequence[tuple[tasks.RewriteTask, Item]], outcomes: dict[str, list[Outcome]]
) -> dict[str, Any]:
    """Where ours wrote something else than the plain call, and how near the best two logits lay there."""
    differing: list[float] = []
    n_near = n_tokens = 0
    with loaded.loaded(bench.copy_model) as model:
        for (_, item), ours, plain in zip(items, outcomes[OURS], outcomes[PLAIN], strict=False):
            logits = model.logits([*item.ids, *plain.ids[:-1]])[len(item.ids) - 1 :]
            top = np.sort(np.partition(logits, -2, axis=1)[:, -2:], axis=1)
            gaps = top[:, 1] - top[:, 0]
            n_near, n_tokens = n_near + int((gaps < NEAR_TIE).sum()), n_tokens + len(gaps)
            if ours.text != plain.text:
                differing.append(float(gaps[_first_difference(bench, ours.text, plain)]))
    n_asked = len(outcomes[OURS])
    return {"n": n_asked, "gaps_where_different": differing, "near_ties": n_near, "n_tokens": n_tokens}


def _first_difference(bench: Bench, text: str, plain: Outcome) -> int:
    """The index of the first token with which the answers are told apart."""
    for n in range(len(plain.ids)):
        if not text.startswith(bench.vocabulary.text(plain.ids[: n + 1]).rstrip("\ufffd")):
            return n
    return len(plain.ids) - 1


def holding(
    bench: Bench, items: Sequence[tuple[tasks.RewriteTask, Item]], written: Sequence[Outcome]
) -> list[dict[str, float]]:
    """How often the draft's next token is the one that is written, by how many held in a row before it."""
    tried, held = dict.fromkeys(RUNS, 0), dict.fromkeys(RUNS, 0)
    for (task, _), outcome in zip(items, written, strict=False):
        draft = Draft.of(task.draft, sorted(bench.vocabulary.special.ends), bench.vocabulary)
        for token in outcome.ids:
            expected = draft.expected(1)
            if expected:
                kind = max(run for run in RUNS if run <= max(1, draft.run))
                tried[kind] += 1
                held[kind] += expected[0] == token
            draft.feed(token)
    return [{"run": run, "n": tried[run], "share": held[run] / tried[run]} for run in RUNS if tried[run]]


def taking_back(bench: Bench) -> dict[str, Any]:
    """The rewrites with a judge who parses, and without."""
    found: dict[str, list[Outcome]] = {"off": [], "on": []}
    share = bench.share(30)
    items = rewrite_items(bench, bench.n(60))
    with engine_rows.ours(OURS, bench.copy_model, bench.loop) as row:
        for number, (task, item) in enumerate(items):
            if share.is_over:
                break
            ways: list[tuple[str, Callable[[], Outcome]]] = [
                ("off", lambda item=item: row.ask(item)),  # type: ignore[misc]
                ("on", lambda task=task, item=item: row.ask(item, Effort(takes_back=True), judge_of(task))),  # type: ignore[misc]
            ]
            # Either has the prompt in the cache from the start, so that only the answers are compared.
            row.ask(replace(item, max_tokens=1))
            for name, ask in ways if number % 2 else reversed(ways):
                found[name].append(ask())
    n = len(found["on"])
    pairs = list(zip(found["off"], found["on"], strict=True))
    fired = [(off, on) for off, on in pairs if on.taken_back]
    right = {
        name: sum(one.text == task.answer for one, (task, _) in zip(each, items, strict=False))
        for name, each in found.items()
    }
    say(f"taking back: {n} tasks")
    return {
        "n": n,
        "fired": len(fired),
        "right": right,
        "passes": {name: sum(one.passes for one in each) / n for name, each in found.items()},
        "ms": {name: statistics.median(one.ms for one in each) for name, each in found.items()},
        "ms_where_fired": [statistics.median(one.ms for one in each) for each in zip(*fired, strict=True)],
    }


def judge_of(task: tasks.RewriteTask) -> Judge:
    """A judge who parses what an answer makes of the page, as the session's does."""
    parts = {
        marker.text: body.text if not body.is_control else ""
        for marker, body in zip(task.prompt, (*task.prompt[1:], Segment("")), strict=True)
        if marker in (AFTER, BEFORE, FROM, TO)
    }
    path = next(segment.text for segment in task.prompt if not segment.is_control).strip()
    before, after = parts.get(BEFORE.text, ""), parts.get(AFTER.text, "")
    document = documents.opened(f"file:///{path}", path, "", 1, before + task.draft + after)
    first = before.count("\n")
    asked = FORMATS["native"].task(_snapshot(document), Spot(document, first, first + max(1, task.draft.count("\n"))))

    async def judge(partial: Partial) -> bool:
        return isinstance(asked, Refused) or predictor.is_sound(asked, partial.text, partial.rest, FORMATS["native"])

    return judge


def _snapshot(document: documents.Document) -> Any:
    from nextedit_lsp.editing.history import History
    from nextedit_lsp.editing.snapshot import Snapshot

    return Snapshot(document, 0, History())


def moving(bench: Bench) -> dict[str, Any]:
    """Rewrites whose prompt is edited in the middle between two asks, with what moved moved and without."""
    settings = {"0": 0, "32": 32, "64": 64}
    found: dict[str, list[Outcome]] = {name: [] for name in settings}
    right = dict.fromkeys(settings, 0)
    share, n_prompts = bench.share(30), 0
    with contextlib.ExitStack() as stack:
        rows = [
            stack.enter_context(engine_rows.ours(name, bench.copy_model, bench.loop, min_moved=n))
            for name, n in settings.items()
        ]
        for task, item in rewrite_items(bench, bench.n(600)):
            if share.is_over or len(found["0"]) >= bench.n(60):
                break
            edited = _edited(bench, task, item)
            if edited is None:
                continue
            n_prompts += 1
            for row in rows:
                row.ask(replace(item, max_tokens=1))
                found[row.name].append(row.ask(edited))
                right[row.name] += found[row.name][-1].text == task.answer
    say(f"moving: {n_prompts} tasks")
    return {name: _moved(each, found["0"], right[name]) for name, each in found.items()}


def _moved(mine: Sequence[Outcome], exact: Sequence[Outcome], n_right: int) -> dict[str, Any]:
    pairs = list(zip(mine, exact, strict=True))
    return {
        "n": len(mine),
        "moved": sum(one.n_evaluated < other.n_evaluated for one, other in pairs),
        "differ": sum(one.text != other.text for one, other in pairs),
        "right": n_right,
        "evaluated": statistics.mean(one.n_evaluated for one in mine),
        "prompt": statistics.mean(one.n_prompt for one in mine),
    }


def _edited(bench: Bench, task: tasks.RewriteTask, item: Item) -> Item | None:
    """The task with a line more before the marked ones, unless less than half of the prompt stands before that.

    What then begins alike is too little for the engine to take it for the same document.
    """
    for at, (marker, body) in enumerate(zip(task.prompt, task.prompt[1:], strict=False)):
        if marker == BEFORE and not body.is_control:
            changed = Segment(f"{body.text}    checked = first + 1\n")
            prompt = (*task.prompt[: at + 1], changed, *task.prompt[at + 2 :])
            edited = bench.vocabulary.item(Question(prompt, task.draft, STOPS, 256))
            return edited if 2 * n_common(edited.ids, item.ids) > len(item.ids) else None
    return None


def typing(bench: Bench, name: str, path: Path, n_context: int, share: Share) -> dict[str, Any]:
    """200 keys in 400 lines, each asked about by every way to keep a prompt; all threads wait as ours do."""
    asked = list(typing_session.questions(FORMATS[name], max_tokens=1, n_keys=bench.n(typing_session.N_KEYS)))
    vocabulary, loop = Vocabulary(path), bench.loop
    reusing = ("--cache-reuse", "32")
    with contextlib.ExitStack() as stack:
        rows: list[Row] = [
            stack.enter_context(one)
            for one in (
                engine_rows.plain(PLAIN, path, vocabulary, n_context, waits_alike=True),
                engine_rows.server(SERVER, path, vocabulary, n_context, waits_alike=True),
                engine_rows.server(REUSING, path, vocabulary, n_context, *reusing, waits_alike=True),
                engine_rows.ours(OURS, path, loop, n_context=n_context),
                engine_rows.ours(UNFLASHED, path, loop, n_context=n_context, flash_attention="off"),
                engine_rows.ours("ours, moving 32", path, loop, n_context=n_context, min_moved=32),
                engine_rows.ours("ours, moving 64", path, loop, n_context=n_context, min_moved=64),
            )
        ]  # type: ignore[misc]
        return {"format": name, **_typed(rows, vocabulary, asked, 1, share)}


def going_to_and_fro(bench: Bench, name: str, path: Path, n_context: int, share: Share) -> dict[str, Any]:
    """As many keys in two files by turns."""
    asked = list(typing_session.to_and_fro(FORMATS[name], max_tokens=1, n_keys=bench.n(typing_session.N_KEYS)))
    vocabulary = Vocabulary(path)
    slots = ("--parallel", "4", "--kv-unified")
    with contextlib.ExitStack() as stack:
        rows: list[Row] = [
            stack.enter_context(one)
            for one in (
                engine_rows.plain(PLAIN, path, vocabulary, n_context, waits_alike=True),
                engine_rows.server(SERVER, path, vocabulary, n_context, waits_alike=True),
                engine_rows.server(f"{SERVER}, 4 slots", path, vocabulary, n_context, *slots, waits_alike=True),
                engine_rows.ours(OURS, path, bench.loop, n_context=n_context),
            )
        ]  # type: ignore[misc]
        # The first keys in both files, of which nobody has anything in the cache, are left out.
        found = _typed(rows, vocabulary, asked, typing_session.KEYS_A_TURN + 1, share)
    return {"format": f"{name}, two files by turns", **found}


def _typed(
    rows: Sequence[Row], vocabulary: Vocabulary, asked: Sequence[Question], n_cold: int, share: Share
) -> dict[str, Any]:
    outcomes: dict[str, list[Outcome]] = {row.name: [] for row in rows}
    for number, question in enumerate(asked):
        if share.is_over and number > n_cold:
            break
        # Without drafts, which no model of random weights follows: it is the prompts that are compared.
        item = vocabulary.item(replace(question, draft=""), is_endless=True)
        at = number % len(rows)
        for row in (*rows[at:], *rows[:at]):
            outcomes[row.name].append(row.ask(item))
    n = len(outcomes[OURS]) - n_cold
    say(f"typing: {n} keys")
    return {"n": n, "rows": [_kept(name, each[n_cold:]) for name, each in outcomes.items()]}


def _kept(name: str, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    shares = [one.n_evaluated / one.n_prompt for one in outcomes]
    p50, p95 = report.percentiles(shares)
    ms = report.percentiles([one.ms for one in outcomes])
    return {
        "name": name,
        "prompt": statistics.mean(one.n_prompt for one in outcomes),
        "evaluated": statistics.mean(one.n_evaluated for one in outcomes),
        "share": statistics.mean(shares),
        "p50": p50,
        "p95": p95,
        "ms": ms[0],
        "ms95": ms[1],
    }


def typing_model() -> Path:
    """A 29M model with room for whole files, whose vocabulary has the markers of the formats that are asked."""
    small = random_models.SHAPES["llama-29m"]
    special = (*small.special, "<|file_sep|>", "<|endoftext|>")
    shape = replace(small, special=special, n_plain=small.n_tokens - len(special), context=16384)
    path = random_models.CACHE / "llama-29m-long-q4_0.gguf"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        random_models.random_gguf(unfinished, shape, "Q4_0", seed=1)
        unfinished.replace(path)
    return path
