"""Words and spellings of names."""

import pytest

from nextedit_lsp.text import names


@pytest.mark.parametrize(
    ("old", "new", "spelling", "target"),
    [
        ("user_name", "full_name", "userName", "fullName"),
        ("user_name", "full_name", "UserName", "FullName"),
        ("userName", "fullTitle", "USER_NAME", "FULL_TITLE"),
        ("user_name", "full_title", "user_names", "full_titles"),
        ("user_name", "full_name", "user-name", "full-name"),
        ("entry", "item", "entries", "items"),
    ],
)
def test_other_spellings_follow(old, new, spelling, target):
    assert names.spellings(old, new)[spelling] == target


@pytest.mark.parametrize(
    ("longer", "old", "new", "expected"),
    [
        ("maxUserCount", "user_count", "user_total", "maxUserTotal"),
        ("get_widget", "widget", "gadget", "get_gadget"),
        ("WidgetFactory", "widget", "gadget", "GadgetFactory"),
        ("all_widgets", "widget", "gadget", "all_gadgets"),
        ("_widget_cache_", "widget", "gadget", "_gadget_cache_"),
        ("HTTPWidget", "widget", "gadget", None),
        ("prefix", "fix", "mend", None),
        ("index_of_ex", "ex", "y", None),
        ("widget", "widget", "gadget", None),
    ],
)
def test_part_of_a_longer_name(longer, old, new, expected):
    assert names.renamed_inside(longer, old, new) == expected


def test_a_single_letter_has_no_other_spellings():
    assert names.spellings("x", "width") == {"x": "width"}
