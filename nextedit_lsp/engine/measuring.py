"""What passes cost on this machine, measured when a model is loaded and when a person asks.

In: an answerer.  Out: milliseconds by the number of tokens in a pass; tokens a second.
Not here: what follows for drafts (``lengths``).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from nextedit_lsp.engine.answering import Answerer
from nextedit_lsp.engine.llama import Llama, NoRoom
from nextedit_lsp.engine.machine import FEW_TOKENS, Threads
from nextedit_lsp.engine.tokens import Row

# In this order, so that a slow machine, which stops early, has some of each kind.
SIZES = (1, 2, 64, 8, 16, 4, 32, 128)
# Measuring at load takes no longer than this, but for the pass that is running then.
BUDGET_S = 1.0
MAX_REPEATS = 3
# Passes are measured behind so many tokens, as they are in use: what stands before has its price too.
DEPTH = 256
# Reading up to there takes this part of the time at most.
DEPTH_SHARE = 0.3
# A pass that is expected to take longer than this is not tried.
MAX_PASS_S = 0.5
# A model whose single token takes longer is run by all threads; no need to try.
SLOW_S = 0.05
TRIED_BATCH = 32

# For a person: a batch of the size of a small change of the prompt, and single tokens.
SPEED_BATCH = 64
SPEED_SINGLES = 16
SPEED_BUDGET_S = 2.0


def threads(answerer: Answerer, llama: Llama) -> Threads:
    """The numbers of threads that are fastest for few tokens and for many, tried on this model: 1, 2, 4 ... all."""
    most = llama.plan.n_threads
    _pass_s(answerer, FEW_TOKENS, wants_logits=True)
    if _pass_s(answerer, 1, wants_logits=True) > SLOW_S:
        return Threads(most, most)
    tried = sorted({2**power for power in range(most.bit_length()) if 2**power <= most} | {most})
    deadline = time.monotonic() + BUDGET_S
    taken: dict[int, tuple[float, float]] = {}
    for n_threads in reversed(tried):
        if taken and time.monotonic() > deadline:
            break
        llama.threads = Threads(n_threads, n_threads)
        single = min(_repeated(answerer, 1, deadline, MAX_REPEATS, wants_logits=True))
        batch = min(_repeated(answerer, TRIED_BATCH, deadline, MAX_REPEATS, wants_logits=True))
        taken[n_threads] = (single, batch)
    few, many = (min(taken, key=lambda n_threads: taken[n_threads][kind]) for kind in (0, 1))
    return Threads(few, many)


def costs(answerer: Answerer) -> dict[int, float]:
    """Milliseconds of a pass by its number of tokens, with logits at every position; the least of some."""
    started_at = time.monotonic()
    deadline = started_at + BUDGET_S
    found: dict[int, float] = {}
    try:
        depth = _filled(answerer, started_at + DEPTH_SHARE * BUDGET_S)
        for _ in range(MAX_REPEATS):
            for n_tokens in SIZES:
                if n_tokens > answerer.batch_tokens or depth + n_tokens >= answerer.context_tokens:
                    continue
                # Half of what the same tokens cost one by one is what a batch of them takes on the slowest machines.
                expected_s = found.get(n_tokens, found.get(1, 0.0) * n_tokens / 2) / 1000
                if found and (time.monotonic() > deadline or expected_s > MAX_PASS_S):
                    continue
                taken_ms = 1000 * _pass_s(answerer, n_tokens, depth, wants_logits=True)
                found[n_tokens] = min(taken_ms, found.get(n_tokens, taken_ms))
    finally:
        answerer.decoder.drop(answerer.cells.scratch, 0)
    return found


def _filled(answerer: Answerer, deadline: float) -> int:
    """Reads tokens, any, into the sequence in which passes are measured; how many."""
    depth, step = 0, min(TRIED_BATCH, answerer.batch_tokens)
    while depth + step <= min(DEPTH, answerer.context_tokens // 2) and (not depth or time.monotonic() < deadline):
        _pass_s(answerer, step, depth, wants_logits=False, is_kept=True)
        depth += step
    return depth


def speed(answerer: Answerer) -> dict[str, Any]:
    """Tokens a second of a prompt, and milliseconds of a single token."""
    batch = min(SPEED_BATCH, answerer.batch_tokens, answerer.context_tokens - 1)
    _pass_s(answerer, 8, wants_logits=False)
    deadline = time.monotonic() + SPEED_BUDGET_S
    batches = list(_repeated(answerer, batch, deadline, 4, wants_logits=False))
    deadline = time.monotonic() + SPEED_BUDGET_S
    singles = list(_repeated(answerer, 1, deadline, SPEED_SINGLES, wants_logits=True))
    return {
        "prompt_tokens_per_s": batch * len(batches) / sum(batches),
        "token_ms": 1000 * sum(singles) / len(singles),
        "costs_ms": {str(n): round(ms, 3) for n, ms in sorted(answerer.lengths.costs.items())},
    }


def _repeated(
    answerer: Answerer, n_tokens: int, deadline: float, max_repeats: int, *, wants_logits: bool
) -> Iterator[float]:
    for repeat in range(max_repeats):
        if repeat and time.monotonic() > deadline:
            return
        yield _pass_s(answerer, n_tokens, wants_logits=wants_logits)


def _pass_s(answerer: Answerer, n_tokens: int, depth: int = 0, *, wants_logits: bool, is_kept: bool = False) -> float:
    """Run some tokens, any, behind ``depth`` others of a sequence of their own, and tell how long it took."""
    decoder, sequence = answerer.decoder, answerer.cells.scratch
    n_vocab = decoder.n_vocab
    # Only the last position is asked in a prompt; a backend that computes in the background is waited for by asking.
    rows = [
        Row(7919 * (depth + at) % n_vocab, depth + at, (sequence,), wants_logits or at == n_tokens - 1)
        for at in range(n_tokens)
    ]
    began_at = time.perf_counter()
    try:
        try:
            decoder.decode(rows)
        except NoRoom:
            for slot in answerer.cells.slots:
                answerer.cells.forget(slot)
            decoder.decode(rows)
        return max(time.perf_counter() - began_at, 1e-9)
    finally:
        if not is_kept:
            decoder.drop(sequence, depth)
