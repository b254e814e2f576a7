import random

import pytest

from nextedit_lsp.engine.answering import Answerer
from nextedit_lsp.engine.interface import Effort, Reply
from nextedit_lsp.engine.llama import Aborted, NoRoom
from nextedit_lsp.formats.prompt import Completion, Finish, Question

from .editing import asking, edited, new_answerer, new_region
from .fake_decoder import FakeDecoder

ONE = Effort()


def undrafted(decoder: FakeDecoder, question: Question, effort: Effort = ONE) -> Completion:
    """What a fresh model writes token by token."""
    answerer = new_answerer(FakeDecoder(answers=decoder.answers))
    answerer.is_drafting = False
    return answerer.ask(question, effort).completions[0]


def check_cache(answerer: Answerer, decoder: FakeDecoder) -> None:
    """The cache holds what the books say, and nothing of the answers."""
    for slot in answerer.cells.slots:
        assert decoder.held(slot.sequence) == slot.tokens
    assert not any(decoder.cells.get(sequence) for sequence in (answerer.cells.scratch, *answerer.alternatives))


def check_same(reply: Reply, expected: Completion) -> None:
    found = reply.completions[0]
    assert (found.text, found.n_tokens, found.finish) == (expected.text, expected.n_tokens, expected.finish)
    assert found.logprob == pytest.approx(expected.logprob, abs=1e-3)


@pytest.mark.parametrize("seed", range(20))
def test_a_drafted_answer_is_the_undrafted_one(seed: int):
    random_ = random.Random(seed)
    for number in range(50):
        decoder = FakeDecoder()
        answerer = new_answerer(decoder)
        lines = new_region(random_, random_.randrange(1, 16))
        target = edited(edited(lines, random_), random_)
        question = asking(decoder, "context\n", "".join(lines), "".join(target))
        reply = answerer.ask(question, ONE)
        assert reply.completions[0].text == "".join(target)
        if number % 10 == 0:
            check_same(reply, undrafted(decoder, question))
        check_cache(answerer, decoder)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("min_moved", [0, 4])
def test_warm_caches_moves_and_evictions_change_no_answer(seed: int, min_moved: int):
    random_ = random.Random(seed)
    decoder = FakeDecoder(n_cells=random_.choice((900, 1400, 4096)))
    answerer = new_answerer(decoder, min_moved=min_moved, context=900)
    documents = [new_region(random_, random_.randrange(3, 9)) for _ in range(4)]
    for _ in range(25):
        which = random_.randrange(len(documents))
        lines = documents[which]
        target = edited(lines, random_)
        question = asking(decoder, f"file {which}\n", "".join(lines), "".join(target), max_tokens=400)
        if random_.random() < 0.3:
            answerer.warm(question.prompt)
        assert answerer.ask(question, ONE).completions[0].text == "".join(target)
        check_cache(answerer, decoder)
        documents[which] = target if 3 < len(target) < 10 else lines


def test_a_prompt_is_not_evaluated_twice():
    decoder = FakeDecoder()
    answerer = new_answerer(decoder)
    region = "".join(new_region(random.Random(3), 8))
    question = asking(decoder, "context\n", region, region)
    n_prompt = answerer.warm(question.prompt).prompt_tokens
    usage = answerer.ask(question, ONE).usage
    assert (usage.prompt_tokens, usage.evaluated_tokens, usage.reused_tokens) == (n_prompt, 1, n_prompt - 1)
    longer = asking(decoder, "context\n", region + "def", region)
    n_new = answerer.ask(longer, ONE).usage.evaluated_tokens
    assert n_new == 2, "the new token and the marker behind it"


@pytest.mark.parametrize("seed", range(10))
def test_an_answer_is_cut_where_it_would_be_without_a_draft(seed: int):
    random_ = random.Random(seed)
    decoder = FakeDecoder()
    answerer = new_answerer(decoder)
    for _ in range(15):
        lines = new_region(random_, 6)
        target = "".join(edited(lines, random_))
        stop = random_.choice(("print", "(", "\n    r", "'é", "\n\n"))
        limits = {"max_tokens": random_.randrange(1, 80), "stops": ("<|end|>", stop)}
        question = asking(decoder, "context\n", "".join(lines), target, **limits)
        reply = answerer.ask(question, ONE)
        check_same(reply, undrafted(decoder, question))
        found = reply.completions[0]
        assert stop not in found.text
        if found.finish is Finish.END:
            assert found.text == target.partition(stop)[0]
        else:
            assert target.startswith(found.text)
            assert found.n_tokens == limits["max_tokens"]
        check_cache(answerer, decoder)


@pytest.mark.parametrize("fault", [Aborted, NoRoom])
@pytest.mark.parametrize("seed", range(5))
def test_after_a_stopped_batch_the_same_question_has_the_same_answer(seed: int, fault: type[Exception]):
    random_ = random.Random(seed)
    decoder = FakeDecoder(fault=fault)
    answerer = new_answerer(decoder, min_moved=random_.choice((0, 4)))
    lines = new_region(random_, 8)
    n_faults = 0
    for _ in range(20):
        target = edited(lines, random_)
        question = asking(decoder, "context\n", "".join(lines), "".join(target))
        effort = Effort(n_answers=random_.choice((1, 3)))
        decoder.faults = random_
        try:
            found = answerer.ask(question, effort)
        except fault:
            n_faults += 1
            check_cache(answerer, decoder)
            decoder.faults = None
            found = answerer.ask(question, effort)
        assert "".join(target) in [one.text for one in found.completions]
        check_cache(answerer, decoder)
        lines = target if len(target) in range(4, 12) else lines
    assert n_faults


def test_most_of_an_unchanged_text_is_written_without_passes():
    random_ = random.Random(5)
    decoder = FakeDecoder()
    answerer = new_answerer(decoder)
    n_passes = n_tokens = 0
    for _ in range(20):
        lines = new_region(random_, 10)
        at = random_.randrange(10)
        target = "".join([*lines[:at], f"    {lines[at].strip()} + size\n", *lines[at + 1 :]])
        usage = answerer.ask(asking(decoder, "context\n", "".join(lines), target), ONE).usage
        n_passes += usage.passes
        n_tokens += usage.written_tokens
    assert n_passes / n_tokens < 0.25


def test_what_is_drafted_behind_the_end_of_an_answer_is_no_failed_draft():
    decoder = FakeDecoder()
    answerer = new_answerer(decoder)
    before = answerer.lengths.chance(20)
    region = "".join(new_region(random.Random(1), 12))
    for number in range(30):
        question = asking(decoder, f"context {number}\n", region, region, stops=("<|end|>", region[120:130]))
        assert answerer.ask(question, ONE).completions[0].text == region[: region.index(region[120:130])]
    assert answerer.lengths.chance(20) > before


def test_a_recurrent_model_answers_without_drafts_and_without_dropping_tails():
    random_ = random.Random(1)
    decoder = FakeDecoder(drops_tails=False, can_shift=False)
    answerer = new_answerer(decoder, min_moved=4)
    for _ in range(10):
        lines = new_region(random_, 5)
        target = "".join(edited(lines, random_))
        question = asking(decoder, "context\n", "".join(lines), target)
        answerer.warm(question.prompt)
        reply = answerer.ask(question, Effort(n_answers=3, takes_back=True))
        assert [one.text for one in reply.completions] == [target]
        assert reply.usage.evaluated_tokens == 1
        assert reply.usage.drafted_tokens == 0


def test_a_recurrent_model_that_was_stopped_answers_again():
    random_ = random.Random(2)
    decoder = FakeDecoder(drops_tails=False, can_shift=False)
    answerer = new_answerer(decoder)
    question = asking(decoder, "context\n" * 30, "total = amount\n", "total = price\n")
    decoder.faults = random_
    n_faults = 0
    for _ in range(30):
        try:
            assert answerer.ask(question, ONE).completions[0].text == "total = price\n"
        except Aborted:
            n_faults += 1
        check_cache(answerer, decoder)
    assert n_faults > 5
