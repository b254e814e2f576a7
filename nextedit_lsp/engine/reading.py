"""A prompt brought into the cache, evaluating only what is not there.

In: a prompt as tokens.  Out: the slot that holds all of it but its tail, and what that cost.
Not here: writing an answer (``answering``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nextedit_lsp.engine.cells import Cells, Fit, Slot
from nextedit_lsp.engine.llama import NoRoom
from nextedit_lsp.engine.tokens import Decoder, Row


@dataclass(frozen=True, slots=True)
class Read:
    """A prompt in the cache, but for its ``tail``, which is run in one pass with the first draft.

    ``n_evaluated`` counts the tail too.
    """

    slot: Slot
    tail: tuple[int, ...]
    n_prompt: int
    n_evaluated: int


def read(
    decoder: Decoder, cells: Cells, tokens: Sequence[int], *, batch_tokens: int, n_spare: int, max_tail: int = 1
) -> Read:
    """Brings a prompt into the cache, but for the last ``max_tail`` tokens of what is not there; one at least.

    When stopped on the way, what was evaluated until then stays there.
    """
    fit = cells.fit(tokens[:-1], n_spare)
    end = _tail_start(fit, len(tokens), max_tail)
    try:
        n_evaluated = _run(decoder, cells, fit, tokens[:end], batch_tokens)
    except NoRoom:
        # The count of what is free was wrong, as after a batch that was stopped.
        cells.forget_others()
        cells.forget(fit.slot)
        fit = cells.fit(tokens[:-1], n_spare)
        end = _tail_start(fit, len(tokens), max_tail)
        n_evaluated = _run(decoder, cells, fit, tokens[:end], batch_tokens)
    return Read(fit.slot, tuple(tokens[end:]), len(tokens), n_evaluated + len(tokens) - end)


def _tail_start(fit: Fit, n_tokens: int, max_tail: int) -> int:
    """Where the tail starts: what is in the cache, or is moved there, is not run again."""
    last = fit.runs[-1] if fit.runs else None
    in_cache = n_tokens - 1 if last is None or last.is_moved else last.start
    return max(in_cache, n_tokens - max_tail)


def _run(decoder: Decoder, cells: Cells, fit: Fit, tokens: Sequence[int], batch_tokens: int) -> int:
    slot, n_evaluated = fit.slot, 0
    try:
        for run in fit.runs:
            if run.is_moved:
                decoder.copy(cells.scratch, slot.sequence, run.start, run.end)
                slot.tokens += tokens[run.start : run.end]
                continue
            run_end = min(run.end, len(tokens))
            for start in range(run.start, run_end, batch_tokens):
                end = min(start + batch_tokens, run_end)
                decoder.decode([Row(tokens[at], at, (slot.sequence,)) for at in range(start, end)])
                slot.tokens += tokens[start:end]
                n_evaluated += end - start
    except BaseException:
        # A batch that was stopped may have left some of its tokens.
        cells.forget(slot, len(slot.tokens))
        raise
    finally:
        decoder.drop(cells.scratch, 0)
    return n_evaluated
