import re

from nextedit_lsp.evaluation import profiling
from nextedit_lsp.text import tokens


def test_time_outside_the_package_counts_for_the_room_that_called() -> None:
    found = profiling.seconds_by_room(lambda: [tokens.tokenized("a + b * c" * 50) for _ in range(50)])
    assert max(found, key=lambda room: found[room]) == "text"
    assert found["text"] > 10 * found.get(profiling.OTHER, 0.0)


def test_what_no_room_called_is_told_apart() -> None:
    assert set(profiling.seconds_by_room(lambda: re.sub("a", "b", "a" * 1000))) == {profiling.OTHER}


def test_sums_come_largest_first() -> None:
    assert list(profiling.total([{"a": 1.0, "b": 1.0}, {"b": 2.0}]).items()) == [("b", 3.0), ("a", 1.0)]
