import pytest

from nextedit_lsp.engine.drafting import Draft, looked_up, replaced_names

from .fake_decoder import END, FakeDecoder

WORDS = FakeDecoder()

LINES = ("    item = user(count)\n", "    print(name)\n", "    price = size + 1\n", "    return order.index\n")
TEXT = "".join(LINES)


def following(draft_text: str, written: str) -> Draft:
    draft = Draft.of(draft_text, [END], WORDS)
    for token in WORDS.tokens_of(written):
        draft.feed(token)
    return draft


def check_rest(draft_text: str, written: str, rest: str) -> None:
    draft = following(draft_text, written)
    assert not draft.departed
    assert draft.rest.decode() == rest
    expected = draft.expected(len(draft_text) + 2)
    assert expected[-1] == END
    assert b"".join(map(WORDS.piece, expected[:-1])).decode() == rest


def check_lost(draft_text: str, written: str) -> None:
    assert following(draft_text, written).expected(5) == []


def n_mispredicted(draft_text: str, target: str) -> int:
    draft = Draft.of(draft_text, [END], WORDS)
    n = 0
    for token in [*WORDS.tokens_of(target), END]:
        n += draft.expected(1) != [token]
        draft.feed(token)
    return n


def test_the_draft_is_expected_from_its_start_to_the_end_of_the_answer():
    check_rest(TEXT, "", TEXT)
    check_rest(TEXT, LINES[0] + "    print", "(name)\n" + LINES[2] + LINES[3])
    check_rest(TEXT, TEXT, "")
    assert Draft.of("", [END], WORDS).expected(3) == [END]
    assert Draft.of("item", [], WORDS).expected(3) == WORDS.tokens_of("item")


def test_at_a_departure_nothing_is_expected_until_the_place_is_found():
    check_lost(TEXT, LINES[0] + "    while")
    check_rest(TEXT, LINES[0] + "    total(name", ")\n" + LINES[2] + LINES[3])


@pytest.mark.parametrize(
    ("written", "rest"),
    [
        pytest.param("    item = total(count", ")\n" + "".join(LINES[1:]), id="replacement"),
        pytest.param("    item = user(None, count", ")\n" + "".join(LINES[1:]), id="insertion"),
        pytest.param("    item = count)\n", "".join(LINES[1:]), id="deletion"),
        pytest.param(LINES[0] + "    self.value\n    print", "(name)\n" + "".join(LINES[2:]), id="inserted line"),
        pytest.param(LINES[0] + "    self.value\n    ", TEXT[TEXT.index("print") :], id="behind an inserted line"),
        pytest.param(LINES[0] + LINES[2], LINES[3], id="deleted line"),
        pytest.param(LINES[0] + LINES[0] + "    print", "(name)\n" + "".join(LINES[2:]), id="doubled line"),
        pytest.param(LINES[0] + LINES[1] + LINES[1] + "    ", TEXT[TEXT.index("price") :], id="doubled second line"),
        pytest.param("# amount\n    item", " = user(count)\n" + "".join(LINES[1:]), id="line before the first"),
    ],
)
def test_behind_a_change_the_draft_is_found_again(written: str, rest: str):
    check_rest(TEXT, written, rest)


def test_behind_the_end_of_the_draft_more_may_be_written():
    draft = following(TEXT, TEXT + "    total")
    assert draft.departed
    assert draft.rest == b""


def test_a_place_that_proves_wrong_is_left_for_the_true_one_before_it():
    inserted = "    print(None)\n    price = None\n"
    draft = following(TEXT, LINES[0] + inserted + LINES[1])
    assert draft.rest.decode() == LINES[2] + LINES[3]
    assert n_mispredicted(TEXT, LINES[0] + inserted + "".join(LINES[1:])) < len(WORDS.tokens_of(inserted)) + 4


def test_a_replaced_name_is_expected_replaced():
    text = "    item = 1\n    print(item)\n    return item + items\n"
    check_rest(text, "    total = 1\n", "    print(total)\n    return total + items\n")


def test_a_name_replaced_in_part_is_expected_replaced_as_a_whole():
    text = "def order_id():\n    return order_id + order\n"
    check_rest(text, "def order_index():\n", "    return order_index + order\n")


def test_a_name_that_is_kept_after_all_is_expected_kept():
    text = "    item = 1\n    print(item)\n    return item\n    user(item)\n"
    check_rest(text, "    total = 1\n    print(item)\n", "    return item\n    user(item)\n")


def test_what_is_expected_replaced_is_told_from_the_draft_as_given():
    text = "    item = 1\n    print(item)\n    return user\n"
    assert not following(text, "    item").expects_changes
    assert following(text, "    total = 1\n").expects_changes
    assert not following(text, "    total = 1\n    print(total").expects_changes
    assert not following(text, "    total = 1\n    print(item)\n    return").expects_changes


def test_renaming_costs_one_departure():
    text = "    item = 1\n" + "    print(item, name)\n" * 6
    renamed = text.replace("item", "total")
    assert n_mispredicted(text, renamed) == 2
    assert n_mispredicted(text, text) == 0


def test_a_copy_goes_its_own_way():
    draft = following(TEXT, LINES[0])
    other = draft.copy()
    other.feed(WORDS.tokens_of("while")[0])
    assert (draft.departed, other.departed) == (False, True)
    assert draft.rest.decode() == "".join(LINES[1:])
    assert len(other.written) == len(draft.written) + 1


def test_a_character_may_be_cut_where_the_draft_goes_on():
    draft = following("    'ü'\n", "    '")
    draft.feed(WORDS.tokens_of("ü")[0])
    assert draft.rest == "ü".encode()[1:] + b"'\n"


def test_a_marker_in_the_user_s_text_is_never_drafted():
    assert not set(Draft.of("a <|added|> <|end|> b", [], WORDS).tokens) & WORDS.special.control


@pytest.mark.parametrize(
    ("before", "old", "new", "behind", "pairs"),
    [
        ("x = ", "item", "total", " + 1", {"item": "total"}),
        ("x = or", "der", "bit", "_id", {"order_id": "orbit_id"}),
        ("", "a + b", "c + d", "", {"a": "c", "b": "d"}),
        ("", "a + a", "c + d", "", {}),
        ("", "a + b", "c - d", "", {}),
        ("", "a + 1", "c + 2", "", {}),
        ("(", "a, b", ", b", ")", {}),
        ("(", "a", "", ")", {}),
        ("", "a b", "\0 \0", "", {}),
        ("", "a", "b" * 200, "", {}),
        ("", "żółw", "kot", "", {"żółw": "kot"}),
        ("", "a", "a", "", {}),
    ],
)
def test_names_are_replaced_if_nothing_else_differs(
    before: str, old: str, new: str, behind: str, pairs: dict[str, str]
):
    assert replaced_names(before, old, new, behind) == pairs


def test_text_is_looked_up_where_it_stood_last():
    assert looked_up([1, 2, 3, 4, 1, 2, 3, 5, 6, 1, 2, 3], 3, 2) == [5, 6]
    assert looked_up([1, 2, 3, 4], 3, 2) == []
    assert looked_up([1, 2, 3], 3, 2) == []
    assert looked_up([1, 1, 1, 1], 3, 9) == [1]
