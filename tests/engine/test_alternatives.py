"""Several answers to one question, their likelihoods, and texts that are scored."""

import random

import numpy as np
import pytest

from nextedit_lsp.engine.answering import MIN_ANSWER_TOKENS, Answerer, PromptTooLong, ranked
from nextedit_lsp.engine.interface import Effort
from nextedit_lsp.engine.tokens import Row, tokenized
from nextedit_lsp.formats.prompt import Completion, Finish, Question, Segment

from .editing import asking, new_answerer, new_region
from .fake_decoder import CURSOR, MARKERS, FakeDecoder

REGION = "    item = user(count)\n    return item\n"
THREE = (REGION.replace("user", "price"), REGION.replace("user", "order"), REGION.replace("user", "value"))


def plainly_scored(decoder: FakeDecoder, question: Question, text: str) -> float:
    """The log-probability of a text, token by token in a fresh cache."""
    fresh = FakeDecoder(answers=decoder.answers)
    tokens = tokenized(question.prompt, fresh)
    total, position = 0.0, 0
    for token in fresh.tokens_of(text):
        rows = [Row(one, position + at, (0,), at == len(tokens) - 1) for at, one in enumerate(tokens)]
        logits = fresh.decode(rows)[0].astype(np.float64)
        position += len(tokens)
        total += float(logits[token] - np.log(np.exp(logits).sum()))
        tokens = [token]
    return total


def check_tidy(answerer: Answerer, decoder: FakeDecoder) -> None:
    assert not any(decoder.cells.get(sequence) for sequence in (answerer.cells.scratch, *answerer.alternatives))


@pytest.mark.parametrize("n_answers", [1, 2, 3])
def test_the_likeliest_answers_come_first_and_no_two_are_alike(n_answers: int):
    decoder = FakeDecoder()
    answerer = new_answerer(decoder)
    found = answerer.ask(asking(decoder, "context\n", REGION, *THREE), Effort(n_answers)).completions
    assert {one.text for one in found} == set(THREE[:n_answers])
    assert found[0].text == THREE[0]
    assert [one.logprob for one in found] == sorted((one.logprob for one in found), reverse=True)
    check_tidy(answerer, decoder)


def test_alternatives_are_drafted_and_end_where_they_rejoin():
    decoder = FakeDecoder()
    more = "".join(f"    index.size{n}\n" for n in range(9))
    question = asking(decoder, "context\n", REGION + more, *(one + more for one in THREE), rejoin_lines=2)
    reply = new_answerer(decoder).ask(question, Effort(3))
    assert {one.text for one in reply.completions} == {one + more for one in THREE}
    assert {one.finish for one in reply.completions} == {Finish.REJOINED}
    assert reply.usage.passes < reply.usage.written_tokens / 4


def test_an_alternative_that_does_not_fit_into_the_cache_costs_only_itself():
    decoder = FakeDecoder()
    target = "    total = amount(None)\n" * 10
    question = asking(decoder, "context\n", REGION, target, *(f"    {word}.{target}" for word in ("if", "else", "in")))
    n_prompt = len(tokenized(question.prompt, decoder))
    decoder.n_cells = n_prompt + len(decoder.tokens_of(target)) + 20
    answerer = new_answerer(decoder)
    assert answerer.ask(question, Effort(4)).completions[0].text == target
    check_tidy(answerer, decoder)


def test_other_documents_make_room_for_alternatives():
    decoder = FakeDecoder()
    answerer = new_answerer(decoder)
    for n in range(2):
        answerer.warm((Segment(f"{n} " + "".join(new_region(random.Random(n), 12))),))
    n_others = decoder.n_used
    question = asking(decoder, "context\n", REGION, *THREE, max_tokens=40)
    # What is needed for one answer was counted and is free.
    decoder.n_cells = n_others + len(tokenized(question.prompt, decoder)) + len(decoder.tokens_of(THREE[0])) + 2
    answerer.cells._n_cells = 4096
    assert {one.text for one in answerer.ask(question, Effort(3)).completions} == set(THREE)


def test_every_answer_says_how_likely_a_watched_token_was_first():
    decoder = FakeDecoder()
    question = asking(decoder, "context\n", REGION, *THREE, watched=(MARKERS[CURSOR], "<|unknown|>"))
    decoder.answers[tuple(tokenized(question.prompt, decoder))].append([CURSOR])
    found = new_answerer(decoder).ask(question, Effort(3)).completions
    assert len(found) == 3
    tokens = tokenized(question.prompt, decoder)
    rows = [Row(one, at, (0,), at == len(tokens) - 1) for at, one in enumerate(tokens)]
    row = FakeDecoder(answers=decoder.answers).decode(rows)[0]
    share = float(np.exp(row[CURSOR]) / np.exp(row).sum())
    assert share > 0.05
    for one in found:
        assert dict(one.watched) == pytest.approx({MARKERS[CURSOR]: share, "<|unknown|>": 0.0}, rel=1e-4)


def test_scores_are_those_of_plain_decoding_however_many_batches_they_take():
    decoder = FakeDecoder()
    answerer = new_answerer(decoder)
    random_ = random.Random(4)
    texts = ["".join(new_region(random_, random_.randrange(1, 4)))[:80] for _ in range(11)] + ["", "x", *THREE]
    question = asking(decoder, "context\n", REGION, *THREE)
    scores, usage = answerer.score(question.prompt, texts)
    for text, score in zip(texts, scores, strict=True):
        assert score == pytest.approx(plainly_scored(decoder, question, text), abs=1e-3)
    assert usage.passes > 1
    check_tidy(answerer, decoder)
    assert answerer.score(question.prompt, texts)[1].evaluated_tokens == 1
    assert answerer.score(question.prompt, [])[0] == []


def test_many_texts_may_be_scored_though_they_would_not_fit_together():
    decoder = FakeDecoder(n_cells=256)
    answerer = new_answerer(decoder, context=256)
    scores, _ = answerer.score((Segment("context\n"),), [REGION] * 40)
    assert len(set(scores)) == 1


def test_what_does_not_fit_is_refused_with_the_numbers():
    decoder = FakeDecoder()
    answerer = new_answerer(decoder, context=100)
    with pytest.raises(PromptTooLong, match="a text to score has more than 64 tokens"):
        answerer.score((Segment("x"),), ["x" * 200])
    with pytest.raises(PromptTooLong, match="the prompt takes 151 tokens, the context has 100"):
        answerer.ask(Question((Segment("x" * 150),)), Effort())
    left = 100 - 1 - MIN_ANSWER_TOKENS
    answer = answerer.ask(Question((Segment("x" * left),), max_tokens=500), Effort()).completions[0]
    assert answer.n_tokens <= MIN_ANSWER_TOKENS


def test_an_answer_that_broke_off_comes_last_and_of_two_alike_the_likelier_stays():
    def made(text: str, logprob: float, finish: Finish = Finish.END) -> Completion:
        return Completion((Segment(text),), finish, logprob=logprob)

    cut, best, same, other = made("a", -1.0, Finish.LENGTH), made("b", -2.0), made("b", -3.0), made("c", -2.5)
    assert ranked([cut, same, other, best]) == [best, other, cut]
