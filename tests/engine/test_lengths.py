import pytest

from nextedit_lsp.engine.lengths import Lengths

# A pass costs the same however many tokens it has, as on a GPU; or as much for each of them.
FLAT = {1: 10.0, 128: 10.0}
STEEP = {1: 10.0, 2: 20.0, 128: 1280.0}


def taught(lengths: Lengths, n_drafted: int, n_held: int, times: int = 100, run: int = 1) -> Lengths:
    for _ in range(times):
        lengths.learn(run, n_drafted, n_held)
    return lengths


def test_nothing_is_drafted_where_drafts_fail_or_cost_what_they_save():
    assert taught(Lengths(), 4, 0).best(1, 8) == 0
    assert Lengths(STEEP).best(100, 127) == 0
    assert Lengths().best(100, 0) == 0


def test_drafts_are_long_where_they_hold_and_batches_are_cheap():
    assert taught(Lengths(), 127, 127, run=16).best(16, 127) == 127
    assert Lengths(FLAT).best(16, 127) == 127
    assert Lengths(FLAT).best(0, 127) == 127


def test_no_more_is_drafted_than_there_is():
    for n_available in range(1, 60):
        assert Lengths(FLAT).best(16, n_available) == n_available
        assert Lengths().best(16, n_available) <= n_available


def test_it_adapts_to_what_happens_and_back():
    lengths = Lengths()
    before = lengths.best(16, 127)
    after_failures = taught(lengths, 8, 0, 500, run=16).best(16, 127)
    after_success = taught(lengths, 127, 127, 500, run=16).best(16, 127)
    assert after_failures < before <= after_success


def test_chances_grow_with_the_run_at_first_and_stay_between_0_and_1():
    chances = [Lengths().chance(run) for run in range(40)]
    assert chances == sorted(chances)
    assert 0.0 < chances[0] < chances[-1] < 1.0
    for lengths in (taught(Lengths(), 127, 127, 1000), taught(Lengths(), 127, 0, 1000)):
        assert all(0.0 < lengths.chance(run) < 1.0 for run in range(40))


def test_what_is_learned_is_learned_for_runs_of_that_length():
    lengths = taught(Lengths(), 1, 0, run=4)
    assert lengths.chance(5) < 0.2
    assert (lengths.chance(1), lengths.chance(20)) == (Lengths().chance(1), Lengths().chance(20))


def test_only_the_first_failure_of_a_draft_is_counted():
    lengths = taught(Lengths(), 20, 0, run=1)
    assert lengths.chance(1) < 0.2
    assert lengths.chance(2) == Lengths().chance(2)


def test_higher_chances_never_shorten_a_draft_and_higher_costs_never_lengthen_it():
    drafts = [taught(Lengths(), 127, 127, times, run=16).best(16, 127) for times in range(0, 300, 20)]
    assert drafts == sorted(drafts)
    slopes = [Lengths({1: 10.0, 128: 10.0 + slope}).best(16, 127) for slope in range(0, 3000, 100)]
    assert slopes == sorted(slopes, reverse=True)
    assert slopes[-1] < slopes[0]


def test_a_pass_that_is_dear_anyway_carries_longer_drafts():
    costs = {1: 10.0, 4: 40.0, 128: 100.0}
    assert Lengths(costs).best(0, 4, n_beside=4) == 4
    assert Lengths(costs).best(0, 4, n_beside=1) == 0


@pytest.mark.parametrize(
    ("costs", "n", "cost"),
    [
        ({1: 2.0, 4: 8.0, 8: 10.0}, 1, 2.0),
        ({1: 2.0, 4: 8.0, 8: 10.0}, 2, 4.0),
        ({1: 2.0, 4: 8.0, 8: 10.0}, 6, 9.0),
        ({1: 2.0, 4: 8.0, 8: 10.0}, 12, 12.0),
        ({4: 8.0, 8: 10.0}, 1, 8.0),
        ({2: 8.0}, 8, 32.0),
        ({1: 2.0, 4: 8.0, 8: 1.0}, 30, 2.0),
    ],
)
def test_costs_between_those_measured_lie_on_straight_lines(costs: dict[int, float], n: int, cost: float):
    assert Lengths(costs).cost(n) == pytest.approx(cost)
