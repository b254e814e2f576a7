"""Answers that end once they have come back to their draft."""

import random

import pytest

from nextedit_lsp.engine.interface import Effort
from nextedit_lsp.formats.prompt import Finish

from .editing import asking, edited, new_answerer, new_region
from .fake_decoder import FakeDecoder


def check_rejoins(region: str, target: str, written: str, rejoin_lines: int = 2) -> None:
    decoder = FakeDecoder()
    question = asking(decoder, "context\n", region, target, rejoin_lines=rejoin_lines)
    found = new_answerer(decoder).ask(question, Effort()).completions[0]
    assert "".join(piece.text for piece in found.pieces) == written
    assert found.text == target
    assert found.finish is (Finish.REJOINED if written != target else Finish.END)


NAMES = ("item", "user", "count", "price", "size")
LINES = [f"    {name} = {name}_id({number})\n" for number, name in enumerate(NAMES)]
REGION = "".join(LINES)


def test_after_a_changed_line_and_as_many_as_it_says_the_answer_ends():
    target = REGION.replace("item = item_id(0)", "item = total_id(0)")
    check_rejoins(REGION, target, target[: target.index("    count")], 1)
    check_rejoins(REGION, target, target[: target.index("    price")], 2)
    check_rejoins(REGION, target, target, 0)


def test_an_inserted_and_a_deleted_line_are_rejoined():
    target = "".join([LINES[0], "    return result\n", *LINES[1:]])
    check_rejoins(REGION, target, target[: target.index("    size")])
    target = "".join([LINES[0], *LINES[2:]])
    check_rejoins(REGION, target, target[: target.index("    size")], 1)


def test_blank_lines_are_no_lines_to_rejoin_by():
    region = "".join([LINES[0], "\n", "    \n", *LINES[1:]])
    target = region.replace("item_id", "total_id")
    check_rejoins(region, target, target[: target.index("    count")], 1)


def test_the_unchanged_text_is_written_to_its_end():
    check_rejoins(REGION, REGION, REGION)


def test_an_answer_is_not_ended_while_a_name_is_expected_replaced():
    region = "    item = 1\n" + "".join(LINES[1:4]) + "    return item\n" + "".join(LINES[1:])
    target = region.replace("item", "total")
    end = target.index("    count", target.index("return"))
    check_rejoins(region, target, target[:end], 1)
    kept = region.replace("item = 1", "total = 1")
    check_rejoins(region, kept, kept[: kept.index("    count", kept.index("return"))], 1)


@pytest.mark.parametrize("rejoin_lines", [1, 2])
@pytest.mark.parametrize("seed", range(8))
def test_what_was_written_begins_the_answer_and_the_rest_ends_the_draft(seed: int, rejoin_lines: int):
    random_ = random.Random(seed)
    n_rejoined = 0
    for _ in range(25):
        decoder = FakeDecoder()
        lines = new_region(random_, random_.randrange(3, 12))
        region, target = "".join(lines), "".join(edited(edited(lines, random_), random_))
        question = asking(decoder, "context\n", region, target, rejoin_lines=rejoin_lines)
        found = new_answerer(decoder).ask(question, Effort()).completions[0]
        written = "".join(piece.text for piece in found.pieces)
        assert target.startswith(written)
        assert region.endswith(found.rest)
        if found.finish is Finish.END:
            assert written == target
        n_rejoined += found.finish is Finish.REJOINED
    assert n_rejoined > 3


def test_a_character_split_between_text_and_rest_stays_whole():
    decoder = FakeDecoder()
    region = "    item = 'ü'\n    user = 'ü'\n    żółw\n    count\n"
    target = region.replace("item", "total")
    question = asking(decoder, "context\n", region, target, rejoin_lines=1)
    for max_tokens in range(1, 40):
        found = new_answerer(decoder).ask(
            asking(decoder, "", region, target, rejoin_lines=1, max_tokens=max_tokens), Effort()
        )
        assert target.startswith(found.completions[0].text[:1])
        assert "\ufffd" not in found.completions[0].text
    assert new_answerer(decoder).ask(question, Effort()).completions[0].text == target
