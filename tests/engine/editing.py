"""Random texts and edits of them, and answerers that write what they should."""

import random
from dataclasses import replace

from nextedit_lsp.engine.answering import Answerer
from nextedit_lsp.engine.cells import Cells
from nextedit_lsp.engine.tokens import tokenized
from nextedit_lsp.formats.prompt import Question, Segment

from .fake_decoder import BATCH, END, MARK, MARKERS, FakeDecoder

NAMES = ("total", "amount", "price", "item", "order_id", "user", "index", "result", "value", "count", "sizes", "żółw")


def new_answerer(decoder: FakeDecoder, *, min_moved: int = 0, context: int = 2048, n_warm: int = 3) -> Answerer:
    cells = Cells(decoder, n_warm=n_warm, n_cells=decoder.n_cells, scratch=n_warm, min_moved=min_moved)
    return Answerer(decoder, cells, BATCH, context, range(n_warm + 1, n_warm + 5))


def new_line(random_: random.Random, number: int) -> str:
    a, b, c = random_.choices(NAMES, k=3)
    return random_.choice(
        (
            f"    {a}{number} = {b}({c}, {number})\n",
            f"    if {a} in {b}.{c}{number}:\n",
            f"    print({a}, {b} + {number}, 'é→ü')\n",
            f"    return {a}.{b}_{number}\n",
        )
    )


def new_region(random_: random.Random, n_lines: int) -> list[str]:
    """Lines, no two of them alike."""
    return [new_line(random_, number) for number in random_.sample(range(100, 999), n_lines)]


def edited(lines: list[str], random_: random.Random) -> list[str]:
    """A change of one kind or another."""
    kind = random_.choice(("insert", "delete", "replace", "rename", "double", "start", "end", "cut", "empty", "none"))
    at = random_.randrange(max(1, len(lines)))
    new = new_line(random_, random_.randrange(100, 999))
    if kind == "insert":
        return [*lines[:at], new, *lines[at:]]
    if kind == "delete":
        return lines[:at] + lines[at + random_.randrange(1, 4) :]
    if kind == "replace":
        return [*lines[:at], new, *lines[at + 1 :]]
    if kind == "rename":
        old, name = random_.sample(NAMES, 2)
        return [line.replace(old, name) for line in lines]
    if kind == "double":
        return [*lines[: at + 1], *lines[at:]]
    if kind == "start":
        return [f"# {new}", *lines]
    if kind == "end":
        return [*lines, new]
    if kind == "cut":
        return [line[: len(line) // 2] if place == at else line for place, line in enumerate(lines)]
    return [] if kind == "empty" and random_.random() < 0.2 else lines


def asking(decoder: FakeDecoder, context: str, region: str, *targets: str, **more: object) -> Question:
    """A question for a rewrite of ``region``, which ``decoder`` answers with the first of ``targets``."""
    prompt = (Segment(context + region), Segment(MARKERS[MARK], is_control=True))
    decoder.answers[tuple(tokenized(prompt, decoder))] = [[*decoder.tokens_of(one), END] for one in targets]
    question = Question(prompt, draft=region, stops=(MARKERS[END],), max_tokens=700)
    return replace(question, **more)  # type: ignore[arg-type]
