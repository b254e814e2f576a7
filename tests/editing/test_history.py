"""The edit history: what joins, what vanishes, what is carried along."""

from __future__ import annotations

import random
import tracemalloc

from hypothesis import given, settings
from hypothesis import strategies as st

from nextedit_lsp.editing import documents, history
from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.events import Origin, origin_of
from nextedit_lsp.editing.history import History
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit

LINES = "".join(f"line {i}\n" for i in range(40))


class Typist:
    """A document and its history, edited step by step."""

    def __init__(self, text: str = LINES, uri: str = "file:///a.txt") -> None:
        self.document = documents.opened(uri, uri[8:], "plaintext", 1, text)
        self.history = History()
        self.documents: dict[str, Document] = {}

    def replace(self, old: str, new: str, now: float, origin: Origin = Origin.TYPED) -> None:
        start = str(self.document.text).index(old)
        self.edit(Changes.replace(start, start + len(old), new), now, origin)

    def edit(self, changes: Changes, now: float, origin: Origin = Origin.TYPED) -> None:
        self.history = self.history.record(self.document, changes, origin, now)
        self.document = self.document.edited(changes, self.document.version + 1)

    def switch(self, document: Document) -> None:
        self.documents[self.document.uri] = self.document
        self.document = self.documents.get(document.uri, document)

    def net(self) -> list[tuple[str, str]]:
        return [
            (event.before.slice(edit.start, edit.end), edit.text)
            for event in self.history.events
            for edit in event.changes.edits
        ]


def test_keystrokes_within_a_second_are_one_event():
    typist = Typist("a b\n")
    for index, char in enumerate("wide"):
        typist.edit(Changes.replace(2 + index, 3 if index == 0 else 2 + index, char), index * 0.9)
    assert typist.net() == [("b", "wide")]


def test_a_pause_of_a_second_ends_an_event():
    typist = Typist()
    typist.replace("line 3", "row 3", 0.0)
    typist.replace("line 4", "row 4", 1.0)
    assert len(typist.history.events) == 2


def test_far_away_is_another_event_however_soon():
    typist = Typist()
    typist.replace("line 3", "row 3", 0.0)
    typist.replace("line 30", "row 30", 0.1)
    assert len(typist.history.events) == 2


def test_an_edit_and_its_inverse_vanish():
    typist = Typist()
    typist.replace("line 3", "row 3", 0.0)
    typist.replace("row 3", "line 3", 5.0)
    assert typist.history.events == ()
    assert [event.origin for event in typist.history.undone] == [Origin.UNDONE]


def test_one_undo_of_several_events_takes_all_of_them_back():
    typist = Typist()
    typist.replace("line 3\n", "line 3 and\n", 0.0)
    typist.replace("line 3 and\n", "line 3 and more\n", 5.0)
    typist.replace("line 3 and more\n", "line 3\n", 10.0)
    assert typist.history.events == ()


def test_an_edit_undone_after_another_elsewhere_leaves_the_other():
    typist = Typist()
    typist.replace("line 3\n", "a much longer line 3\n", 0.0)
    typist.replace("line 30", "row 30", 5.0)
    typist.replace("a much longer line 3\n", "line 3\n", 10.0)
    assert typist.net() == [("line", "row")]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 6), st.text("ab\n", max_size=4)), max_size=15), st.data())
@settings(max_examples=150)
def test_events_lead_from_one_text_to_the_next_whatever_vanishes(steps, data):
    typist = Typist("some words\nand more\nlines\n")
    undoable: list[Changes] = []
    now = 0.0
    for start, length, text in steps:
        now += data.draw(st.sampled_from([0.2, 3.0]))
        if undoable and data.draw(st.booleans()):
            typist.edit(undoable.pop(), now)
            continue
        n_chars = len(typist.document.text)
        start = min(start, n_chars)
        changes = Changes.replace(start, min(start + length, n_chars), text)
        undoable.append(changes.inverted(typist.document.text))
        typist.edit(changes, now)
    for event, later in zip(typist.history.events, typist.history.events[1:], strict=False):
        assert event.after == later.before
    if typist.history.events:
        assert typist.history.events[-1].after == typist.document.text


def test_taking_back_a_part_is_not_an_intention_of_its_own():
    typist = Typist()
    typist.replace("line 3\n", "line 3 and more\n", 0.0)
    typist.replace(" and more", " and", 5.0)
    assert typist.history.events[-1].origin is Origin.UNDONE
    (intention,) = typist.history.intentions()
    assert [edit.text for edit in intention.changes.edits] == [" and"]


def test_events_of_several_files_stand_in_order():
    typist = Typist()
    other = documents.opened("file:///b.txt", "b.txt", "plaintext", 1, LINES)
    typist.replace("line 3", "row 3", 0.0)
    typist.switch(other)
    typist.replace("line 4", "row 4", 0.2)
    typist.switch(documents.opened("file:///a.txt", "a.txt", "plaintext", 1, LINES))
    typist.replace("line 5", "row 5", 0.4)
    assert [event.uri[-5:] for event in typist.history.events] == ["a.txt", "b.txt", "a.txt"]


def test_what_formatters_and_other_programs_did_is_no_intention():
    typist = Typist()
    typist.replace("line 3", "row 3", 0.0)
    typist.replace("line 30", "  line 30", 5.0, Origin.FORMATTER)
    typist.replace("line 31", "other 31", 10.0, Origin.EXTERNAL)
    assert len(typist.history.events) == 3
    assert len(typist.history.intentions()) == 1


def test_intentions_are_carried_to_where_they_stand_now():
    typist = Typist()
    typist.replace("line 30", "row 30", 0.0)
    typist.replace("line 3\n", "several words in line 3\n", 5.0)
    older = typist.history.intentions()[1]
    start = older.since.map_offset(next(older.changes.after_spans())[0])
    assert typist.document.text.slice(start, start + 6) == "row 30"


def test_continued_after_a_pause_it_is_one_intention_and_two_events():
    typist = Typist("x = 1\n")
    typist.replace("x", "wid", 0.0)
    typist.replace("wid", "width", 5.0)
    assert len(typist.history.events) == 2
    (intention,) = typist.history.intentions()
    assert intention.changes == Changes.replace(0, 1, "width")


def test_a_checkout_folds_the_history_into_the_base():
    typist = Typist()
    typist.replace("line 3", "row 3", 0.0)
    assert typist.history.without_document(typist.document.uri).events == ()


def test_origins_are_told_from_the_shape():
    text = Text.of("f( a,b )\ng(  c )\n")
    tidy = Changes.of([Edit(2, 3, ""), Edit(11, 13, "")])
    assert origin_of(text, tidy, n_received=2, is_whole_text=False) is Origin.FORMATTER
    assert origin_of(text, Changes.replace(0, 0, "x"), n_received=1, is_whole_text=False) is Origin.TYPED
    pasted = Changes.replace(0, 0, "def f():\n    return 1\n")
    assert origin_of(text, pasted, n_received=1, is_whole_text=False) is Origin.PASTED
    rewritten = Changes.of([Edit(0, 1, "one"), Edit(9, 10, "two")])
    assert origin_of(text, rewritten, n_received=1, is_whole_text=True) is Origin.EXTERNAL


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 6), st.text("ab\n", max_size=4)), max_size=12), st.data())
@settings(max_examples=150)
def test_whatever_is_typed_and_undone_in_turn_leaves_nothing(steps, data):
    typist = Typist("some words\nand more\nlines\n")
    inverses: list[Changes] = []
    now = 0.0
    for start, length, text in steps:
        n_chars = len(typist.document.text)
        start = min(start, n_chars)
        changes = Changes.replace(start, min(start + length, n_chars), text)
        inverses.append(changes.inverted(typist.document.text))
        now += data.draw(st.sampled_from([0.2, 3.0]))
        typist.edit(changes, now)
    for inverse in reversed(inverses):
        now += 3.0
        typist.edit(inverse, now)
    assert str(typist.document.text) == "some words\nand more\nlines\n"
    # The events that are left lead from one to the next, and all together nowhere.
    text = Text.of("some words\nand more\nlines\n")
    for event in typist.history.events:
        assert event.before == text
        text = event.after
    assert text == typist.document.text


def test_a_day_of_editing_stays_small():
    rng = random.Random(1)
    opened = [
        documents.opened(f"file:///{i}.txt", f"{i}.txt", "plaintext", 1, f"word {i}\n" * 20_000) for i in range(12)
    ]
    typist = Typist()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for step in range(600):
        which = rng.randrange(len(opened))
        document = opened[which]
        at = rng.randrange(len(document.text))
        changes = Changes.replace(at, at, "x" * rng.randrange(1, 30))
        typist.history = typist.history.record(document, changes, Origin.TYPED, step * 3.0)
        opened[which] = document.edited(changes, step)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert len(typist.history.events) <= history.MAX_EVENTS
    assert grown < 20_000_000
