import random

import pytest

from nextedit_lsp.engine.cells import Cells, Run, Slot, moved_runs
from nextedit_lsp.engine.llama import NoRoom
from nextedit_lsp.engine.reading import read
from nextedit_lsp.engine.tokens import n_common

from .fake_decoder import FakeDecoder

N_WARM = 3


def new_cells(decoder: FakeDecoder, min_moved: int = 0) -> Cells:
    return Cells(decoder, n_warm=N_WARM, n_cells=decoder.n_cells, scratch=N_WARM, min_moved=min_moved)


def check_read(decoder: FakeDecoder, cells: Cells, tokens: list[int], n_spare: int = 0) -> tuple[Slot, int]:
    """Reads a prompt, and tells where it lies and what was evaluated of it."""
    n_before = decoder.n_evaluated
    found = read(decoder, cells, tokens, batch_tokens=16, n_spare=n_spare)
    assert decoder.held(found.slot.sequence) == found.slot.tokens == tokens[:-1]
    assert (found.tail, found.n_prompt) == ((tokens[-1],), len(tokens))
    assert found.n_evaluated == decoder.n_evaluated - n_before + 1
    assert not decoder.cells.get(cells.scratch)
    for slot in cells.slots:
        assert decoder.held(slot.sequence) == slot.tokens
    return found.slot, found.n_evaluated - 1


def tokens(n: int, seed: int) -> list[int]:
    return random.Random(seed).choices(range(300), k=n)


@pytest.mark.parametrize("n", [0, 1, 2, 7, 64, 1000])
def test_the_common_prefix(n: int):
    left = tokens(n, 0)
    assert n_common(left, left) == n
    assert n_common(left, [*left, 1]) == n_common([*left, 1], left) == n
    for at in {0, n // 2, n - 1} if n else set():
        assert n_common(left, [*left[:at], -1, *left[at + 1 :]]) == at


def test_only_what_is_new_is_evaluated():
    decoder = FakeDecoder()
    cells = new_cells(decoder)
    prompt = tokens(100, 1)
    slot, n = check_read(decoder, cells, prompt)
    assert n == 99
    assert check_read(decoder, cells, prompt) == (slot, 0)
    assert check_read(decoder, cells, [*prompt, 5]) == (slot, 1)
    assert check_read(decoder, cells, [*prompt[:80], 9, 9, 9]) == (slot, 2)
    assert check_read(decoder, cells, prompt[:50]) == (slot, 0)


def test_each_document_has_a_sequence_and_the_oldest_is_given_up():
    decoder = FakeDecoder()
    cells = new_cells(decoder)
    prompts = [tokens(50, seed) for seed in range(4)]
    slots = [check_read(decoder, cells, prompt)[0] for prompt in prompts[:3]]
    assert len({slot.sequence for slot in slots}) == 3
    check_read(decoder, cells, prompts[0])
    assert check_read(decoder, cells, prompts[3])[0] is slots[1]
    for prompt, slot in ((prompts[0], slots[0]), (prompts[2], slots[2]), (prompts[3], slots[1])):
        assert check_read(decoder, cells, prompt) == (slot, 0)


def test_a_common_beginning_is_shared_and_costs_no_cells():
    decoder = FakeDecoder()
    cells = new_cells(decoder)
    first = tokens(100, 1)
    other = [*first[:40], *tokens(60, 2)]
    slot, _ = check_read(decoder, cells, first)
    other_slot, n = check_read(decoder, cells, other)
    assert other_slot is not slot
    assert n == 59
    assert decoder.n_used == 99 + 59
    assert check_read(decoder, cells, first) == (slot, 0)


def test_an_empty_sequence_is_taken_before_any_is_given_up():
    decoder = FakeDecoder()
    cells = new_cells(decoder)
    prompts = [tokens(50, seed) for seed in range(3)]
    for prompt in prompts:
        check_read(decoder, cells, prompt)
    slot, _ = check_read(decoder, cells, prompts[1])
    cells.forget(slot)
    check_read(decoder, cells, prompts[2])
    assert check_read(decoder, cells, tokens(50, 9))[0] is slot


def test_sequences_are_given_up_where_room_is_needed():
    decoder = FakeDecoder(n_cells=200)
    cells = new_cells(decoder)
    for seed in range(12):
        check_read(decoder, cells, tokens(90, seed), n_spare=30)
        assert decoder.n_used + 30 <= 200


def test_everything_but_the_last_is_given_up():
    decoder = FakeDecoder()
    cells = new_cells(decoder)
    for seed in range(3):
        slot, _ = check_read(decoder, cells, tokens(30, seed))
    cells.forget_others()
    assert [bool(one.tokens) for one in cells.slots] == [one is slot for one in cells.slots]
    assert decoder.n_used == 29


def test_when_the_cache_is_fuller_than_thought_all_is_given_up_and_the_prompt_read():
    decoder = FakeDecoder(n_cells=100)
    cells = new_cells(decoder)
    check_read(decoder, cells, tokens(30, 1))
    decoder.cells[7] = {}
    stray = FakeDecoder()
    read(stray, new_cells(stray), tokens(41, 2), batch_tokens=64, n_spare=0)
    decoder.cells[7] = stray.cells[0]
    prompt = tokens(50, 3)
    found = read(decoder, cells, prompt, batch_tokens=16, n_spare=0)
    assert decoder.held(found.slot.sequence) == found.slot.tokens == prompt[:-1]
    assert decoder.n_used == 40 + 49
    with pytest.raises(NoRoom):
        read(decoder, cells, tokens(80, 4), batch_tokens=16, n_spare=0)
    for slot in cells.slots:
        assert decoder.held(slot.sequence) == slot.tokens


@pytest.mark.parametrize("drops_tails", [True, False])
def test_a_recurrent_state_is_only_continued_as_a_whole(drops_tails: bool):
    decoder = FakeDecoder(drops_tails=drops_tails)
    cells = new_cells(decoder, min_moved=4)
    prompt = tokens(100, 1)
    slot, _ = check_read(decoder, cells, prompt)
    assert check_read(decoder, cells, [*prompt, 5]) == (slot, 1)
    changed = [*prompt[:90], *tokens(10, 2)]
    assert check_read(decoder, cells, changed)[1] == (9 if drops_tails else 99)


def test_of_recurrent_states_the_one_that_the_prompt_begins_with_is_taken():
    decoder = FakeDecoder(drops_tails=False)
    cells = new_cells(decoder)
    prompt = tokens(100, 1)
    short, _ = check_read(decoder, cells, prompt[:40])
    check_read(decoder, cells, tokens(30, 2))
    check_read(decoder, cells, [*prompt[:30], *tokens(90, 3)])
    assert check_read(decoder, cells, prompt) == (short, 60)


def test_runs_that_moved_are_found_in_their_order():
    old = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert moved_runs(old, [1, 2, 5, 6, 7, 8, 9], 2, 3) == [(4, 2, 5)]
    assert moved_runs(old, [1, 0, 0, 2, 3, 4, 0, 7, 8, 9], 1, 3) == [(1, 3, 3), (6, 7, 3)]
    assert moved_runs(old, [7, 8, 9, 1, 2, 3], 0, 3) == [(6, 0, 3)], "what stands in another order is evaluated"
    assert moved_runs(old, [0, 2, 3, 0, 5], 0, 3) == []


def test_with_too_few_tokens_or_a_model_that_can_not_shift_nothing_is_moved():
    for decoder, min_moved in ((FakeDecoder(can_shift=False), 2), (FakeDecoder(), 0), (FakeDecoder(), 60)):
        cells = new_cells(decoder, min_moved)
        check_read(decoder, cells, tokens(60, 1))
        assert check_read(decoder, cells, [*tokens(60, 1)[:10], 7, *tokens(60, 1)[10:]])[1] == 50


def test_what_moved_is_not_evaluated_again():
    decoder = FakeDecoder()
    cells = new_cells(decoder, 8)
    prompt = tokens(100, 1)
    check_read(decoder, cells, prompt)
    assert check_read(decoder, cells, [*prompt[:30], 1, 1, 1, *prompt[30:]])[1] == 3
    assert check_read(decoder, cells, [*prompt[:50], *prompt[60:], 1])[1] == 1, "the last one was not read before"
    fit = cells.fit(prompt[:20], 0)
    assert fit.runs == ()


def test_shared_cells_are_never_moved():
    decoder = FakeDecoder()
    cells = new_cells(decoder, 8)
    prompt = tokens(100, 1)
    check_read(decoder, cells, prompt)
    check_read(decoder, cells, [*prompt[:45], *tokens(60, 2)])
    assert check_read(decoder, cells, [*prompt[:30], 1, *prompt[30:]])[1] == 70


@pytest.mark.parametrize("seed", range(40))
def test_after_any_edits_the_cache_holds_the_prompt(seed: int):
    random_ = random.Random(seed)
    decoder = FakeDecoder(n_cells=random_.choice((250, 500, 4096)))
    cells = new_cells(decoder, random_.choice((2, 5, 12)))
    prompts = [random_.choices(range(4 if seed % 2 else 200), k=random_.randrange(1, 150)) for _ in range(4)]
    n_read = n_evaluated = 0
    for _ in range(40):
        which = random_.randrange(4)
        prompt = prompts[which]
        for _ in range(random_.randrange(3)):
            start = random_.randrange(len(prompt) + 1)
            end = min(len(prompt), start + random_.choice((0, 1, 10, 40)))
            prompt = [*prompt[:start], *random_.choices(range(200), k=random_.choice((0, 1, 10))), *prompt[end:]]
        if random_.random() < 0.2:
            prompt = prompt[: random_.randrange(len(prompt) + 1)] + prompts[which - 1]
        prompts[which] = prompt = prompt[:200] or [1]
        n_evaluated += check_read(decoder, cells, prompt)[1]
        n_read += len(prompt)
    assert n_evaluated < n_read


def test_a_run_says_where_it_comes_from():
    decoder = FakeDecoder()
    cells = new_cells(decoder, 3)
    check_read(decoder, cells, [*range(1, 11)])
    assert cells.fit([1, 2, 0, 3, 4, 5, 6, 0], 0).runs == (Run(2, 3), Run(3, 7, is_moved=True), Run(7, 8))
