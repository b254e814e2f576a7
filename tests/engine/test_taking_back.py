"""Answers that are judged while they are written, and lines that are taken back."""

import random

import pytest

from nextedit_lsp.engine.answering import MAX_TAKEN_BACK
from nextedit_lsp.engine.interface import Effort, Partial, Reply
from nextedit_lsp.formats.prompt import Finish

from .editing import asking, edited, new_answerer, new_region
from .fake_decoder import FakeDecoder
from .overseeing import FakeOverseer

NAMES = ("item", "user", "count", "price", "size")
LINES = [f"    {name} = {name}_id({number})\n" for number, name in enumerate(NAMES)]
REGION = "".join(LINES)
TAKES_BACK = Effort(takes_back=True)


def judged(
    target: str | list[str], overseer: FakeOverseer, effort: Effort = TAKES_BACK, region: str = REGION, **more: object
) -> Reply:
    decoder = FakeDecoder()
    answerer = new_answerer(decoder)
    targets = [target] if isinstance(target, str) else target
    reply = answerer.ask(asking(decoder, "context\n", region, *targets, **more), effort, overseer)
    for slot in answerer.cells.slots:
        assert decoder.held(slot.sequence) == slot.tokens
    return reply


def check_told(target: str, *expected: Partial, **more: object) -> None:
    overseer = FakeOverseer()
    judged(target, overseer, Effort(), **more)
    assert [partial for _, partial in overseer.told] == list(expected)


def test_an_unchanged_answer_is_not_judged():
    check_told(REGION)


def test_a_changed_answer_is_judged_once_when_it_has_rejoined():
    overseer = FakeOverseer()
    target = REGION.replace("user", "total", 1)
    judged(target, overseer)
    [(n_tokens, partial)] = overseer.told
    assert partial.text + partial.rest == target
    assert n_tokens < len(FakeDecoder().tokens_of(target))


def test_an_answer_that_ends_changed_is_judged_as_it_is():
    check_told("    total\n", Partial("    total\n"))
    check_told(REGION + "    total\n", Partial(REGION + "    total\n"))


def test_an_answer_that_leaves_out_the_end_is_judged():
    check_told("".join(LINES[:3]), Partial("".join(LINES[:3])))
    check_told("", Partial(""))


def test_an_answer_that_is_cut_amid_a_change_is_not_judged():
    check_told("    total = amount(None)\n", max_tokens=5)


def test_an_answer_that_is_cut_behind_a_change_may_be_judged_with_its_rest():
    target = REGION.replace("item", "total", 1)
    n_tokens = len(FakeDecoder().tokens_of("".join(LINES[:4]))) + 2
    overseer = FakeOverseer()
    assert judged(target, overseer, max_tokens=n_tokens).completions[0].finish is Finish.LENGTH
    assert [partial.text + partial.rest for _, partial in overseer.told] == [target]


def test_what_is_objected_to_is_taken_back_and_written_otherwise():
    bad = REGION.replace("user = user", "total = user")
    overseer = FakeOverseer(lambda partial: "total = user" not in partial.text)
    good = REGION.replace("user = user", "amount = user")
    reply = judged([bad, good], overseer)
    assert reply.completions[0].text == good
    assert reply.completions[0].finish is Finish.END
    assert reply.usage.taken_back == overseer.n_forgotten == 1
    assert [partial.text + partial.rest for _, partial in overseer.told] == [bad, good]


def test_without_leave_nothing_is_taken_back():
    bad = REGION.replace("user = user", "total = user")
    overseer = FakeOverseer(lambda partial: False)
    reply = judged(bad, overseer, Effort())
    assert (reply.completions[0].text, reply.usage.taken_back) == (bad, 0)
    assert overseer.told


def test_text_is_taken_back_twice_at_most():
    overseer = FakeOverseer(lambda partial: False)
    reply = judged(REGION.replace("user = user", "total = user"), overseer)
    assert reply.usage.taken_back == MAX_TAKEN_BACK
    assert reply.completions[0].finish is Finish.END


def test_what_was_fine_before_is_kept():
    region = REGION + "".join(new_region(random.Random(0), 20)) + "    order.index\n"
    fine = region.replace("item_id", "total")
    bad, good = fine.replace("order.index", "amount.index"), fine.replace("order.index", "value.index")
    overseer = FakeOverseer(lambda partial: "amount.index" not in partial.text)
    reply = judged([bad, good], overseer, region=region)
    assert reply.completions[0].text == good
    assert reply.usage.taken_back == 1
    assert [partial.text + partial.rest for _, partial in overseer.told] == [fine, bad, good]


@pytest.mark.parametrize("seed", range(10))
def test_random_objections_leave_the_cache_and_the_books_as_they_should_be(seed: int):
    random_ = random.Random(seed)
    decoder = FakeDecoder()
    answerer = new_answerer(decoder)
    n_taken_back = 0
    for _ in range(20):
        lines = new_region(random_, 8)
        target = "".join(edited(edited(lines, random_), random_))
        question = asking(decoder, "context\n", "".join(lines), target, rejoin_lines=random_.choice((0, 2)))
        overseer = FakeOverseer(lambda partial: random_.random() < 0.5)
        reply = answerer.ask(question, Effort(n_answers=random_.choice((1, 3)), takes_back=True), overseer)
        n_taken_back += reply.usage.taken_back
        assert reply.usage.taken_back <= MAX_TAKEN_BACK
        if not overseer.told:
            assert target in {one.text for one in reply.completions}
        for slot in answerer.cells.slots:
            assert decoder.held(slot.sequence) == slot.tokens
    assert n_taken_back > 3


def test_time_that_is_up_cuts_the_answer():
    decoder = FakeDecoder()
    question = asking(decoder, "context\n", REGION, REGION)
    found = new_answerer(decoder).ask(question, Effort(max_ms=0.0)).completions[0]
    assert (found.text, found.finish, found.n_tokens) == ("", Finish.TIME, 0)
    assert found.is_cut
