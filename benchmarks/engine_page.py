"""The section of docs/performance.md on running a model, from what was measured.

In: the results, as they stand in the JSON.  Out: Markdown.
Not here: measuring.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from benchmarks import pass_costs
from benchmarks.engine_rows import N_THREADS
from benchmarks.engine_steps import BUSY_TOKENS, LOOKUP, NEAR_TIE, OURS, PLAIN, SPECULATING

# The aims, as the table is judged by them.
MAX_PASSES, MIN_RATIO, MAX_SHARE, MAX_CANCEL_MS = 0.25, 3.0, 0.15, 50.0
# What is run at once: of a prompt, and of an answer.
PROMPT_BATCH, ANSWER_BATCH = 512, 128

Results = Mapping[str, Any]


def written(results: Results) -> str:
    """All parts that were measured."""
    parts: dict[str, Callable[[Results], str]] = {
        "rewriting": _rewriting,
        "forced": _forced,
        "typing": _typing,
        "reading": _reading,
        "costs": _costs,
        "cancelling": _cancelling,
        "waiting": _waiting,
    }
    head = (
        f"Measured on {results['machine']}, the load average {results['load']:.1f} when it began; {N_THREADS} threads"
        " for every row but ours, which chooses; each row a process of its own. Greedy everywhere, the same token ids"
        " for every row. Times are medians; “times as fast” is the median of the quotients task by task, the rows asked"
        " in turn. A pass is one run of the model for the answer.\n"
        f"\nMemory: {results['bandwidth']['read'] / 1e9:.1f} GB/s read by two threads (numpy, sum), "
        f"{results['bandwidth']['copy'] / 1e9:.1f} GB/s copied by one, read and written counted. A floor in a table is"
        " the bytes of the weights over the first of these, for each of the fewest passes there could be: one for"
        f" {PROMPT_BATCH} tokens of a prompt, one for {ANSWER_BATCH} of an answer.\n"
    )
    body = [part(results) for name, part in parts.items() if name in results]
    return "\n".join([head, *body, "### In words\n", _words(results)])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|---|" + "--:|" * (len(head) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


def _floor_ms(results: Results, n_bytes: float, n_prompt: float, n_written: float) -> float:
    passes = math.ceil(n_prompt / PROMPT_BATCH) + math.ceil(n_written / ANSWER_BATCH)
    return 1000 * passes * n_bytes / float(results["bandwidth"]["read"])


def _rewriting(results: Results) -> str:
    found, best = results["rewriting"], results["best"]
    busy = {row["name"]: row for row in found["busy"]}
    head = (
        "row", "reading, ms", "writing, ms", "times as fast", "with reading", "passes per token", "same answer",
        "writing, ms, busy", "times as fast, busy",
    )  # fmt: skip
    rows = [
        (
            row["name"], f"{row['read_ms']:.0f}", f"{row['ms']:.0f}", f"{row['ratio']:.1f}",
            f"{row['whole_ratio']:.1f}", f"{row['passes_per_token']:.2f}", f"{row['same_as_plain']} of {row['n']}",
            f"{busy[row['name']]['ms']:.0f}", f"{busy[row['name']]['ratio']:.1f}",
        )
        for row in found["idle"]
    ]  # fmt: skip
    one = found["idle"][0]
    floor = _floor_ms(results, results["copy_bytes"], 0, one["written"])
    tried = ", ".join(f"{name} {ms:.0f} ms" for name, ms in best["tried_ms"]["server"].items())
    looked = ", ".join(f"{name} tokens {ms:.0f} ms" for name, ms in best["tried_ms"]["lookup"].items())
    return (
        "### Rewriting lines of which nine tenths stay\n\n"
        f"The copy-and-rename model ({results['copy_bytes'] / 1e6:.1f} MB), {one['n']} rewrites of"
        f" {one['written']:.0f} tokens behind prompts of {one['prompt']:.0f}, which every row has read before; beside"
        f" two busy processes {found['busy'][0]['n']} others, cut at {BUSY_TOKENS}"
        f" tokens. The floor of writing is {floor:.1f} ms.\n\n{_table(head, rows)}\n"
        f"Server drafts tried, waiting alike: {tried}; the best is in the table. Prompt lookup: {looked}.\n"
        "“Waiting alike” is `GOMP_SPINCOUNT=300`, which the engine gives its worker: see “How threads wait”.\n"
    )


def _forced(results: Results) -> str:
    head = (
        "model",
        "row",
        "reading, ms",
        "writing, ms",
        "times as fast",
        "with reading",
        "passes per token",
        "floor, ms",
    )
    rows = [
        (
            f"{model['model']} {model['type']}", row["name"], f"{row['read_ms']:,.0f}", f"{row['ms']:,.0f}",
            f"{row['ratio']:.1f}", f"{row['whole_ratio']:.1f}", f"{row['passes_per_token']:.2f}",
            f"{_floor_ms(results, model['bytes'], 0, row['written']):.0f}",
        )
        for model in results["forced"]
        for row in model["rows"]
    ]  # fmt: skip
    counts = ", ".join(f"{model['rows'][0]['n']} with {model['model']}" for model in results["forced"])
    return (
        "### The same rewrites by larger models\n\n"
        "Files of real shapes with random weights, which can't copy. So in our rows the passes are run as they are and"
        " the logits then raised at the right answer's tokens; the plain call and the server write as many tokens of"
        " nonsense, which cost them what any tokens cost. Nothing here is computed but the floor, but the answers are"
        f" given. Rewrites: {counts}.\n\n{_table(head, rows)}"
    )


def _typing(results: Results) -> str:
    head = ("format", "row", "prompt tokens", "evaluated", "share", "p50", "p95", "ms, p50", "ms, p95")
    rows = [
        (
            f"{each['format']}, {each['n']} keys", row["name"], f"{row['prompt']:,.0f}", f"{row['evaluated']:.1f}",
            f"{row['share']:.1%}", f"{row['p50']:.1%}", f"{row['p95']:.1%}", f"{row['ms']:.0f}", f"{row['ms95']:.0f}",
        )
        for each in results["typing"]
        for row in each["rows"]
    ]  # fmt: skip
    return (
        "### Typing\n\n"
        "A file of 400 lines, a prompt after each key, one token asked; a file's first key, for which nobody has"
        " anything in the cache, is left out. 29M parameters of random weights, Q4_0. Threads wait alike in every"
        " row. Rows with drafts keep prompts as those without, so they are not repeated.\n\n"
        f"{_table(head, rows)}"
    )


def _reading(results: Results) -> str:
    head = ("model", "tokens", "row", "ms", "floor, ms", "ms after one key", "evaluated then")
    rows: list[Sequence[str]] = []
    for each in results["reading"]:
        model = f"{each['model']} {each['type']}"
        if each.get("skipped"):
            rows.append((model, f"{each['n']:,}", "left out, its time was up", "", "", "", ""))
            continue
        floor = _floor_ms(results, each["bytes"], each["n"], 0)
        rows += [
            (
                model, f"{each['n']:,}", row["name"], f"{row['ms']:,.0f}", f"{floor:.0f}", f"{row['later_ms']:.0f}",
                f"{row['evaluated']:,}",
            )
            for row in each["rows"]
        ]  # fmt: skip
    return (
        "### Reading a prompt\n\n"
        "From an empty cache, and again after a key typed some 60 tokens before its end; one token is asked. Reading is"
        f" bound by arithmetic, not by memory: the floor is far below.\n\n{_table(head, rows)}"
    )


def _costs(results: Results) -> str:
    head = ("model", "cache", "flash attention", *(str(size) for size in pass_costs.SIZES))
    rows = [
        (
            f"{each['model']} {each['type']}",
            "empty" if n_context == "0" else f"{n_context} tokens",
            flash,
            *(f"{ms:.1f}" for ms in times),
        )
        for each in results["costs"]
        for n_context in map(str, pass_costs.CONTEXTS)
        for flash, times in ((flash, each["costs"][flash][n_context]) for flash in ("on", "off"))
    ]
    return (
        "### What a pass costs\n\n"
        "Milliseconds by the number of its tokens, each with logits, behind nothing and behind a prompt, in the context"
        " as the engine makes it. llama.cpp turns flash attention on by itself; on a CPU that has a fast way for 64"
        f" tokens and more, and a slow one for fewer.\n\n{_table(head, rows)}"
    )


def _cancelling(results: Results) -> str:
    found = results["cancelling"]
    rows = [
        (name, str(one["n"]), *(f"{one[key]:.1f}" for key in ("p50", "p95", "max")))
        for name, one in found.items()
        if isinstance(one, dict)
    ]
    return (
        "### Cancelling\n\n"
        f"{found['model']} {found['type']}: milliseconds from cancelling the asking task to the worker's word that it"
        " has stopped, after which it takes the next request. Prompts of 2,000 tokens.\n\n"
        f"{_table(('while', 'n', 'p50', 'p95', 'most'), rows)}"
    )


def _waiting(results: Results) -> str:
    rows = [
        (name, f"{one['token_ms']:.1f}", f"{one['worst_ms']:.1f}", f"{one['batch_ms']:.1f}")
        for name, one in results["waiting"].items()
    ]
    return (
        "### How threads wait\n\n"
        "29M parameters, Q4_0, two threads; ours is `GOMP_SPINCOUNT=300`, passive is `OMP_WAIT_POLICY=passive`,"
        " spinning is what llama.cpp gets where nobody sets anything; busy is beside two busy processes. Spinning"
        " beside them is fast as a rule and now and then hundreds of times slower: see the worst.\n\n"
        f"{_table(('waiting', 'a single token, ms', 'the worst mean of 16, ms', 'a pass over 64, ms'), rows)}"
    )


def _words(results: Results) -> str:
    words = [
        one for make in (_aim_words, _exact_words, _holding_words, _back_words, _moving_words) for one in make(results)
    ]
    return "\n".join(f"* {one}" for one in words)


def _aim_words(results: Results) -> Iterable[str]:
    if "rewriting" in results:
        rows = {row["name"]: row for row in results["rewriting"]["idle"]}
        mine = rows[OURS]
        yield (
            f"Rewriting, copy-and-rename: {mine['passes_per_token']:.2f} passes a token, aim {MAX_PASSES}:"
            f" {_met(mine['passes_per_token'] <= MAX_PASSES)}; {mine['ratio']:.1f} times as fast as the plain call, aim"
            f" {MIN_RATIO:.0f}: {_met(mine['ratio'] >= MIN_RATIO)}."
        )
        for state in ("idle", "busy"):
            theirs = [row for row in results["rewriting"][state] if not row["name"].startswith("ours")]
            fastest = min(theirs, key=lambda row: row["ms"])
            ours = next(row for row in results["rewriting"][state] if row["name"] == OURS)
            yield (
                f"The fastest other row, {state}, is “{fastest['name']}” with {fastest['ms']:.0f} ms to our"
                f" {ours['ms']:.0f}: {_met(ours['ms'] < fastest['ms'], 'ahead', 'behind')}."
            )
    for model in results.get("forced", ()):
        mine = next(row for row in model["rows"] if row["name"] == OURS)
        yield (
            f"Rewriting, {model['model']} {model['type']}: {mine['passes_per_token']:.2f} passes a token; writing"
            f" {mine['ratio']:.1f} times as fast as the plain call, aim {MIN_RATIO:.0f}:"
            f" {_met(mine['ratio'] >= MIN_RATIO)}; with reading {mine['whole_ratio']:.1f} times."
        )
    for each in results.get("typing", ()):
        mine = next(row for row in each["rows"] if row["name"] == OURS)
        least = min(row["share"] for row in each["rows"] if not row["name"].startswith("ours"))
        yield (
            f"Typing, {each['format']}: {mine['share']:.1%} of the prompt a key, aim {MAX_SHARE:.0%}:"
            f" {_met(mine['share'] <= MAX_SHARE)}; the least of another row is {least:.1%}."
        )
    if "cancelling" in results:
        most = max(one["p95"] for one in results["cancelling"].values() if isinstance(one, dict))
        met = _met(most <= MAX_CANCEL_MS)
        yield f"Cancelling: {most:.1f} ms at p95 in the slowest case, aim {MAX_CANCEL_MS:.0f}: {met}."


def _exact_words(results: Results) -> Iterable[str]:
    if "rewriting" not in results:
        return
    found = results["rewriting"]["exactness"]
    gaps = found["gaps_where_different"]
    where = f", where the best two logits lay {', '.join(f'{gap:.3f}' for gap in gaps)} apart" if gaps else ""
    yield (
        f"Exactness: {found['n'] - len(gaps)} of {found['n']} answers are those of the plain call{where}."
        f" Of {found['n_tokens']:,} tokens written {found['near_ties']} were nearly tied (less than {NEAR_TIE} apart)."
    )
    rows = {row["name"]: row for row in results["rewriting"]["idle"]}
    yield f"Right answers: {rows[OURS]['right']} of {rows[OURS]['n']}, the plain call {rows[PLAIN]['right']}."
    yield (
        f"Of the others' drafts, prompt lookup takes {rows[LOOKUP]['passes_per_token']:.2f} passes a token and the"
        f" server's n-grams {rows[SPECULATING]['passes_per_token']:.2f}."
    )


def _holding_words(results: Results) -> Iterable[str]:
    found = results.get("rewriting", {}).get("holding", ())
    if found:
        shares = ", ".join(f"{one['share']:.1%} after {one['run']} and more ({one['n']})" for one in found)
        yield f"A drafted token holds, by how many held in a row before it: {shares}."


def _back_words(results: Results) -> Iterable[str]:
    if "taking_back" not in results:
        return
    found = results["taking_back"]
    where = " to ".join(f"{ms:.0f}" for ms in found["ms_where_fired"])
    cost = f" Where it was, the answer took from {where} ms (median)." if where else ""
    yield (
        f"Taking text back, the judge parsing what comes out: in {found['fired']} of {found['n']} rewrites something"
        f" was taken back; right {found['right']['on']}, without {found['right']['off']}; passes an answer"
        f" {found['passes']['on']:.1f} for {found['passes']['off']:.1f}, median {found['ms']['on']:.0f} ms for"
        f" {found['ms']['off']:.0f}.{cost}"
    )


def _moving_words(results: Results) -> Iterable[str]:
    if "moving" in results:
        exact = results["moving"]["0"]
        for name in ("32", "64"):
            one = results["moving"][name]
            yield (
                f"Moving runs of {name} tokens and more in the cache, after a line more in the middle of the prompt:"
                f" {one['evaluated']:.0f} tokens evaluated for {exact['evaluated']:.0f} (of {one['prompt']:.0f});"
                f" something was moved in {one['moved']} of {one['n']} answers, {one['differ']} answers came out"
                f" differently, right {one['right']} for {exact['right']}."
            )
    for each in results.get("typing", ()):
        shares = ", ".join(
            f"{row['name']} {row['evaluated']:.1f}" for row in each["rows"] if row["name"].startswith("ours")
        )
        yield f"Tokens evaluated a key while typing, {each['format']}: {shares}."


def _met(is_met: bool, yes: str = "met", no: str = "not met") -> str:
    return yes if is_met else f"**{no}**"
