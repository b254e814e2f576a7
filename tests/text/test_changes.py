"""The algebra of changes against plain strings."""

from hypothesis import given, settings
from hypothesis import strategies as st

from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit
from nextedit_lsp.text.diff import refined, text_changes

strings = st.text("ab\n\r", max_size=30)


@st.composite
def changes_of(draw, length):
    points = sorted(draw(st.lists(st.integers(0, length), max_size=8)))
    pairs = list(zip(points[::2], points[1::2], strict=False))
    return Changes.of(Edit(start, end, draw(st.text("xy\n", max_size=4))) for start, end in pairs)


@given(strings, st.data())
@settings(max_examples=400)
def test_composing_is_applying_one_after_the_other(string, data):
    text = Text.of(string)
    first = data.draw(changes_of(len(text)))
    middle = first.apply(text)
    second = data.draw(changes_of(len(middle)))
    composed = first.composed(second)
    assert str(composed.apply(text)) == str(second.apply(middle))
    assert str(composed.simplified(text).apply(text)) == str(second.apply(middle))


@given(strings, st.data())
def test_inverting_leads_back(string, data):
    text = Text.of(string)
    changes = data.draw(changes_of(len(text)))
    after = changes.apply(text)
    back = changes.inverted(text)
    assert str(back.apply(after)) == string
    assert not changes.composed(back).simplified(text)
    for edit, (start, end) in zip(changes.edits, changes.after_spans(), strict=True):
        assert after.slice(start, end) == edit.text


@given(strings, strings)
def test_the_difference_of_two_texts_leads_from_one_to_the_other(old, new):
    before, after = Text.of(old), Text.of(new)
    changes = text_changes(before, after)
    assert str(changes.apply(before)) == new
    assert str(refined(changes, before).apply(before)) == new


def test_offsets_are_carried_through_an_edit():
    changes = Changes.of([Edit(2, 4, "xyz"), Edit(6, 6, "!")])
    assert [changes.map_offset(offset) for offset in range(8)] == [0, 1, 2, 5, 5, 6, 8, 9][:8]
    assert [changes.map_offset(offset, stay_left=True) for offset in range(8)] == [0, 1, 2, 2, 5, 6, 7, 9]


def test_changes_elsewhere_are_rebased_and_colliding_ones_are_not():
    mine = Changes.replace(10, 12, "m")
    assert mine.rebased(Changes.replace(0, 1, "abc")) == Changes.replace(12, 14, "m")
    assert mine.rebased(Changes.replace(11, 11, "abc")) is None


def test_many_edits_at_once_give_the_same_text():
    string = "line\n" * 300
    changes = Changes.of(Edit(5 * i, 5 * i + 1, str(i)) for i in range(200))
    one_by_one = Text.of(string)
    for edit in reversed(changes.edits):
        one_by_one = one_by_one.replaced(edit.start, edit.end, edit.text)
    assert changes.apply(Text.of(string)) == one_by_one


def test_repetitive_texts_are_told_apart_as_well():
    before, after = Text.of("same\n" * 500), Text.of("same\n" * 700 + "other\n" + "same\n" * 300)
    assert text_changes(before, after).apply(before) == after
