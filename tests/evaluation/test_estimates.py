import pytest

from nextedit_lsp.evaluation import curves, estimates
from nextedit_lsp.evaluation.estimates import Measure
from nextedit_lsp.evaluation.metrics import PlaceVerdict, Row, Verdict


def verdict(chance: float, *, is_exact: bool = False, is_located: bool = False, kept: float | None = None) -> Verdict:
    return Verdict("title", "test", "", "", "near", chance, "", is_located or is_exact, is_exact, kept=kept)


def row(k: int, *, complete: bool = False, shown: Verdict | None = None, withheld: Verdict | None = None) -> Row:
    rank = 1 if shown is not None and shown.is_located else 0
    n = k if complete else k + 1
    return Row(
        "e",
        k,
        n,
        "text",
        "a",
        complete,
        False,
        n_shown=int(shown is not None),
        rank_shown=rank,
        shown=shown,
        withheld=withheld,
    )


RIGHT, WRONG = verdict(0.9, is_exact=True, kept=1.0), verdict(0.6, is_located=True)
ROWS = [row(1), row(1), row(1, shown=RIGHT), row(1, shown=WRONG), row(2, complete=True, shown=verdict(0.5))]


@pytest.mark.parametrize(
    ("name", "value", "n"),
    [
        ("shown", 2 / 4, 4),
        ("loc_1", 2 / 4, 4),
        ("loc_1_shown", 2 / 4, 4),
        ("exact_1", 1 / 4, 4),
        ("right_1", 1 / 4, 4),
        ("precision_loc", 2 / 2, 2),
        ("precision_exact", 1 / 2, 2),
        ("no_edit", 0.0, 1),
        ("points", (0.75 - 2 * 0.25) / 5, 5),
        # Only what introduces characters has a say.
        ("kept", 1.0, 1),
        ("reversals", 0.0, 3),
        ("new_errors", None, 0),
    ],
)
def test_rates(name: str, value: float | None, n: int) -> None:
    found = estimates.estimates(ROWS, estimates.ROUNDS)[name]
    assert (found.value, found.n) == (value, n)


def test_nothing_to_count() -> None:
    assert estimates.estimates([], estimates.ROUNDS)["exact_1"].value is None


class Item:
    """A row of an episode that is right or not."""

    def __init__(self, episode: int, *, is_right: bool) -> None:
        self.episode, self.is_right = str(episode), is_right


SHARE: list[Measure[Item]] = [Measure("share", "", lambda item: (item.is_right, 1))]


def interval(items: list[Item]) -> tuple[float | None, float | None]:
    found = estimates.estimates(items, SHARE)["share"]
    return found.low, found.high


def test_intervals_know_that_rows_of_one_commit_hang_together() -> None:
    two = [Item(episode, is_right=episode == 0) for episode in range(2) for _ in range(50)]
    assert interval(two) == (0.0, 1.0)
    low, high = interval([Item(i, is_right=i % 2 == 0) for i in range(100)])
    # A hundred coins: 0.5 ± 1.96 · 0.05.
    assert low == pytest.approx(0.4, abs=0.02)
    assert high == pytest.approx(0.6, abs=0.02)
    assert interval([Item(i, is_right=True) for i in range(5)]) == (1.0, 1.0)


def test_intervals_are_the_same_each_time() -> None:
    items = [Item(i, is_right=i % 3 == 0) for i in range(30)]
    assert interval(items) == interval(items)


def test_curve_goes_below_the_threshold_of_the_run() -> None:
    asked = [row(1, shown=RIGHT), row(1, shown=WRONG), row(1, withheld=verdict(0.3, is_exact=True)), row(1)]
    points = curves.curve(asked, curves.exact)
    assert [(p.chance, p.coverage, p.precision) for p in points] == [
        (0.9, 0.25, 1.0),
        (0.6, 0.5, 0.5),
        (0.3, 0.75, 2 / 3),
    ]
    assert curves.curve([], curves.exact) == []


def test_operating_point() -> None:
    rows = [row(1, shown=RIGHT), row(1, withheld=verdict(0.3)), row(1, withheld=verdict(0.2)), row(2, complete=True)]
    at = curves.at(rows, curves.OPERATING_CHANCE)
    assert curves.OPERATING_CHANCE == 0.25
    assert at.exact is not None and (at.exact.coverage, at.exact.precision) == (2 / 3, 1 / 2)
    assert (at.no_edit, at.no_place, at.points) == (1.0, 1.0, (0.75 - 0.25) / 4)


def test_location_goes_by_the_chance_of_the_place() -> None:
    place = PlaceVerdict("a", 1, 1, 0.7, "test", "")
    found = Row("e", 1, 2, "text", "a", False, False, n_places=1, rank_places=1, place=place, shown=WRONG, n_shown=1)
    assert curves.location(found) == (0.7, True)
    assert curves.right(found) == (0.6, False)


def test_calibration_goes_by_tenths() -> None:
    rows = [
        row(1, shown=verdict(0.95, is_exact=True)),
        row(1, shown=verdict(0.93)),
        row(1, withheld=verdict(0.2)),
        row(1),
    ]
    tenths = curves.calibration([*rows, row(2, complete=True, shown=verdict(0.9))], curves.exact)
    assert tenths == [{"chance": 0.2, "share": 0.0, "n": 1}, {"chance": pytest.approx(0.94), "share": 0.5, "n": 2}]


def test_place_sizes() -> None:
    place = PlaceVerdict("a", 1, 3, 0.7, "test", "")
    found = estimates.place_sizes([Row("e", 1, 2, "text", "a", False, False, n_places=5, place=place), row(1)])
    assert found == {"mean_n": 5.0, "mean_rows": 3.0}
    assert estimates.place_sizes([row(1)]) is None


def test_groups() -> None:
    assert list(estimates.grouped(ROWS, lambda one: ["b", "a"] if one.is_complete else [])) == ["a", "b"]


def test_differences_take_the_same_commits_for_both() -> None:
    # Every commit is right in one row more: the difference is sure, though the rates are not.
    before = [Item(i, is_right=i % 2 == 0 and row == 0) for i in range(20) for row in range(2)]
    after = [Item(i, is_right=i % 2 == 0 or row == 0) for i in range(20) for row in range(2)]
    found = estimates.differences(before, after, SHARE)["share"]
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.5, 0.5))
    same = estimates.differences(before, before, SHARE)["share"]
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
    assert estimates.differences([], [], SHARE)["share"].value is None
