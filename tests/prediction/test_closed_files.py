"""Which files that nobody has open are edited, and which are left alone."""

from __future__ import annotations

import pytest

from nextedit_lsp.vetting.silence import Silence
from tests.prediction.checks import predicted

SHAPES = "def rectangle_area(width, height):\n    return width * height\n"
REPORT = "from shapes import rectangle_area\n\nprint(rectangle_area(1, 2))\n"
TWIN = """\
def connect(host):
    retries = 3
    timeout = 30
    return open_socket(host, retries, timeout)
"""


def check_edited(path, *steps, closed, then, **options):
    """The first suggestion is for the closed file, and what it does to it."""
    suggestion = predicted(path, *steps, closed=closed, **options).suggestions[0]
    (name, text), *_ = closed.items()
    assert (suggestion.path, suggestion.version < 0) == (name, True)
    assert suggestion.changes.apply(_text(text)) == _text(then)


def check_left_alone(path, *steps, closed, **options):
    prediction = predicted(path, *steps, closed=closed, **options)
    assert [one.path for one in prediction.suggestions if one.path in closed] == []
    return {one.reason for one in prediction.withheld}


def _text(string):
    from nextedit_lsp.text.buffer import Text

    return Text.of(string)


def test_uses_of_a_definition_that_was_renamed_follow():
    renamed = SHAPES.replace("rectangle_area", "area")
    prediction = predicted("shapes.py", SHAPES, renamed, closed={"report.py": REPORT})
    assert {one.path for one in prediction.suggestions} == {"report.py"}


def test_uses_of_a_name_that_another_file_defines_are_left_alone():
    renamed = SHAPES.replace("rectangle_area", "area")
    reasons = check_left_alone(
        "shapes.py", SHAPES, renamed, closed={"report.py": REPORT}, defined=frozenset({"rectangle_area"})
    )
    assert Silence.NOT_OPEN in reasons


def test_a_use_that_was_renamed_says_nothing_of_other_files():
    check_left_alone(
        "a.py",
        "from shapes import x\nx.rectangle_area(1)\n",
        "from shapes import x\nx.area(1)\n",
        closed={"report.py": REPORT},
    )


def test_calls_follow_a_signature():
    check_edited(
        "shapes.py",
        SHAPES,
        SHAPES.replace("(width, height)", "(height)"),
        closed={"report.py": "print(rectangle_area(width, 2))\n"},
        then="print(rectangle_area(2))\n",
    )


@pytest.mark.parametrize("path", ["client/connection.py", "sync/connection.py"])
def test_a_twin_is_edited_alike(path):
    check_edited(
        "aio/connection.py",
        TWIN,
        TWIN.replace("timeout = 30", "timeout = 60"),
        closed={path: "# The same without waiting.\n" + TWIN},
        then="# The same without waiting.\n" + TWIN.replace("timeout = 30", "timeout = 60"),
    )


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("sync/other.py", TWIN),
        ("sync/connection.py", "timeout = 30\nsomething = 1\nelse_here = 2\nand_more = 3\n"),
    ],
    ids=["another name", "another content"],
)
def test_a_file_that_only_reads_a_little_alike_is_left_alone(path, text):
    check_left_alone("aio/connection.py", TWIN, TWIN.replace("timeout = 30", "timeout = 60"), closed={path: text})


def test_an_open_file_is_edited_with_less():
    prediction = predicted(
        "aio/connection.py", TWIN, TWIN.replace("timeout = 30", "timeout = 60"), others={"sync/other.py": TWIN}
    )
    assert prediction.suggestions[0].path == "sync/other.py"
