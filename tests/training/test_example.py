import random

from nextedit_lsp.formats import native
from nextedit_lsp.formats.prompt import Segment, text_of
from training import tokenizer
from training.data.example import CHANGED_WEIGHT, COPIED_WEIGHT, Example, row_of, with_mistake

MADE = tokenizer.load(tokenizer.FILE)


def example() -> Example:
    page = native.Page("a.py", ("x = area(1)", "y = area(2)", "z = 3"), 1, 2)
    edit = native.Edit("a.py", ("x = area(0)",), ("x = surface(0)",))
    prompt = native.prompt((), (), page, (edit,))
    return Example("next", prompt, native.answer(page, 1, 2, ["y = surface(2)"]), "y = area(2)\n")


def test_the_answer_follows_the_prompt_and_ends() -> None:
    row = row_of(example(), MADE, random.Random(1))
    answer = row.ids[-row.n_answer :]
    assert MADE.decode(answer) == "y = surface(2)\n"
    assert answer[-1] == MADE.control("<|eot|>")
    assert row.ids[-row.n_answer - 1] == MADE.control("<|answer|>")


def test_changed_tokens_weigh_more_than_copied_ones() -> None:
    row = row_of(example(), MADE, random.Random(1))
    answer = list(zip(row.ids, row.weights, strict=True))[-row.n_answer :]
    weights = {MADE.decode([token]): weight for token, weight in answer}
    surface = MADE.decode([MADE.encode("surface")[0]])
    assert weights[surface] == CHANGED_WEIGHT
    assert weights["2"] == COPIED_WEIGHT
    assert answer[0][1] == CHANGED_WEIGHT


def test_most_of_the_weight_is_the_answers() -> None:
    row = row_of(example(), MADE, random.Random(1))
    assert sum(row.weights[-row.n_answer :]) > sum(row.weights[: -row.n_answer])


def test_a_mistake_is_shown_taken_back_and_not_taught() -> None:
    mistaken = [found for seed in range(20) if (found := with_mistake(example(), random.Random(seed))) is not None]
    assert mistaken
    for one in mistaken:
        wrong = next(segment.text for idx, segment in enumerate(one.answer) if idx in one.mistakes)
        assert text_of(one.answer).endswith("<|back|>y = surface(2)\n<|eot|>")
        row = row_of(one, MADE, random.Random(1))
        n_wrong = len(MADE.encode(wrong))
        assert set(row.weights[-row.n_answer :][:n_wrong]) == {0.0}
        assert row.weights[-row.n_answer :][n_wrong] > 0


def test_no_mistake_is_made_where_nothing_is_written() -> None:
    none = Example("done", (native.ANSWER,), (native.NONE,))
    assert with_mistake(none, random.Random(1)) is None
    assert with_mistake(Example("next", (), (Segment("x\n"), native.EOT), "x\n"), random.Random(1)) is None
