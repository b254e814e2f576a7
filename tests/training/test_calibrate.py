import random

from training.calibrate import Sample, fitted, levels


def noisy(n: int, seed: int) -> list[Sample]:
    """Samples that are right as often as ``sure`` says."""
    rng = random.Random(seed)
    found = []
    for _ in range(n):
        sure = rng.random()
        found.append(Sample({"sure": sure, "noise": rng.random()}, rng.random() < sure))
    return found


def test_weights_follow_what_is_right_more_often() -> None:
    weights = fitted(noisy(3000, 1))
    assert weights["sure"] > 3
    assert abs(weights["noise"]) < 0.5


def test_chances_hold_on_what_was_not_seen() -> None:
    weights = fitted(noisy(3000, 1))
    for level in levels(noisy(3000, 2), weights):
        assert abs(level.chance - level.right) < 0.08


def test_few_samples_make_nothing_sure() -> None:
    weights = fitted([Sample({"sure": 1.0}, True), Sample({"sure": 0.0}, False)])
    assert abs(weights["sure"]) < 2
