from xml.etree import ElementTree

from training import plots

LOG = [
    {"tokens": 1_000_000, "loss": 3.0, "answer_loss": 3.5},
    {"tokens": 2_000_000, "loss": 2.0, "answer_loss": 2.5},
    {
        "tokens": 2_000_000,
        "held_out": "dev",
        "answer_loss": 2.7,
        "kinds": {"next": {"n": 4, "whole": 0.5, "right": 0.9}},
    },
]


def lines(svg: str) -> list[list[tuple[float, float]]]:
    found = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}polyline")
    return [[tuple(map(float, point.split(","))) for point in one.get("points", "").split()] for one in found]


def test_a_lower_loss_is_drawn_lower_and_later_further_right() -> None:
    _, training = sorted(lines(plots.losses(LOG)), key=len)
    (x1, y1), (x2, y2) = training
    assert x2 > x1 and y2 > y1


def test_answers_are_drawn_by_kind() -> None:
    svg = plots.answers(LOG, "dev")
    assert ">next</text>" in svg
    assert len(lines(svg)) == 1


def test_names_can_not_break_the_file() -> None:
    assert lines(plots.drawn({"<&>": [(1.0, 1.0)]}, "<title>", "x", "y")) == [[(490.0, 32.0)]]


def test_a_run_without_checks_has_an_empty_plot() -> None:
    assert lines(plots.answers([], "dev")) == []
