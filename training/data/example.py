"""One example: a prompt and the right answer in the native format, and what each of its tokens weighs in the loss.

In: segments; a tokenizer.  Out: ``Example``, ``Row``.
Not here: how examples are made (``questions``), how rows are kept (``packing``).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from nextedit_lsp.formats import native
from nextedit_lsp.formats.prompt import Prompt, Segment
from training.tokenizer import Tokenizer

# The first token decides whether there is an edit at all, and where it begins.
FIRST_WEIGHT = 3.0
# Answer tokens that the old rows do not have, and the one behind them: what remains is copying.
CHANGED_WEIGHT = 3.0
COPIED_WEIGHT = 1.0
# The prompt teaches too, a little: new lines of edits, and of the rest of its text one token in so many.
NEW_LINE_WEIGHT = 0.2
TEXT_WEIGHT = 0.05
TEXT_EVERY = 3


@dataclass(frozen=True, slots=True)
class Example:
    """``old`` are the rows that the answer replaces, each with a line end; ``kind`` is for statistics.

    ``mistakes`` are the answer's segments that are shown and not taught: text that is taken back.
    """

    kind: str
    prompt: Prompt
    answer: Prompt
    old: str = ""
    mistakes: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Row:
    """An example as tokens; ``weights`` has one number for each, zero where nothing is taught.

    The answer are the last ``n_answer`` tokens.
    """

    kind: str
    ids: list[int]
    weights: list[float]
    n_answer: int


def row_of(example: Example, made: Tokenizer, rng: random.Random) -> Row:
    """The example's tokens and weights; ``rng`` draws the tokens of the prompt that are taught."""
    ids: list[int] = []
    weights: list[float] = []
    control = ""
    for segment in example.prompt:
        part = made.encode_prompt((segment,))
        ids += part
        if segment.is_control:
            control = segment.text
            weights.append(0.0)
        elif control == native.NEW.text:
            weights += [NEW_LINE_WEIGHT] * len(part)
        else:
            weights += [TEXT_WEIGHT if rng.randrange(TEXT_EVERY) == 0 else 0.0 for _ in part]
    answer, taught = _answer(example, made)
    return Row(example.kind, ids + answer, weights + taught, len(answer))


def with_mistake(example: Example, rng: random.Random) -> Example | None:
    """The example with a wrong line in its answer that is taken back at once; None where the answer is too short."""
    at = next((idx for idx, segment in enumerate(example.answer) if not segment.is_control), None)
    if at is None:
        return None
    rows = example.answer[at].text.splitlines(keepends=True)
    old_rows = [row for row in example.old.splitlines(keepends=True) if row not in rows]
    # What the model does wrong most often: it goes on with an old row, or with a row that is there already.
    wrong = rng.choice(old_rows or rows)
    line = rng.randrange(len(rows))
    right = rows[line].rstrip("\n")
    if wrong.rstrip("\n") == right:
        return None
    if rng.random() < 0.5:
        n_common = sum(1 for _ in _common(wrong, right))
        wrong = wrong[: n_common + rng.randint(1, 12)].rstrip("\n")
        if not wrong or right.startswith(wrong):
            return None
    before, behind = "".join(rows[:line]), "".join(rows[line:])
    pieces = [Segment(before)] if before else []
    answer = (*example.answer[:at], *pieces, Segment(wrong), native.BACK, Segment(behind), *example.answer[at + 1 :])
    return replace(example, kind="back", answer=answer, mistakes=frozenset({at + len(pieces)}))


def _answer(example: Example, made: Tokenizer) -> tuple[list[int], list[float]]:
    old = made.encode(example.old)
    ids: list[int] = []
    weights: list[float] = []
    for idx, segment in enumerate(example.answer):
        part = made.encode_prompt((segment,))
        if segment.is_control:
            weights += [CHANGED_WEIGHT]
        elif idx in example.mistakes:
            weights += [0.0] * len(part)
        elif example.mistakes:
            weights += [COPIED_WEIGHT] * len(part)
        else:
            weights += _text_weights(old, part)
        ids += part
    weights[0] = max(weights[0], FIRST_WEIGHT) if 0 not in example.mistakes else 0.0
    return ids, weights


def _text_weights(old: list[int], new: list[int]) -> list[float]:
    weights = [COPIED_WEIGHT] * len(new)
    for tag, _, _, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            weights[start : end + 1] = [CHANGED_WEIGHT] * len(weights[start : end + 1])
    return weights


def _common(left: str, right: str) -> list[str]:
    same: list[str] = []
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        same.append(a)
    return same
