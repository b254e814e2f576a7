"""Every check on a proposal of its own."""

from dataclasses import replace

import pytest

from nextedit_lsp.editing import documents
from nextedit_lsp.editing.events import Origin
from nextedit_lsp.editing.history import History
from nextedit_lsp.editing.snapshot import Rejection, Snapshot
from nextedit_lsp.proposing.synthesis import Proposal
from nextedit_lsp.text.changes import Changes
from nextedit_lsp.vetting import chance, checks
from nextedit_lsp.vetting.silence import Silence

TEXT = "def f(a):\n    return a\n\n\nx = f(1)\n"


def objection(changes: Changes, *, history: History | None = None, rejections: tuple[Rejection, ...] = ()):
    document = documents.opened("file:///a.py", "a.py", "python", 1, TEXT)
    snapshot = Snapshot(document, 0, history or History(), rejections=rejections)
    proposal = Proposal(document, changes, "repeat", "p", "t", "r")
    return checks.first_objection(proposal, snapshot, snapshot.history.intentions())


def at(old: str, new: str) -> Changes:
    return Changes.replace(TEXT.index(old), TEXT.index(old) + len(old), new)


def test_a_sound_proposal_passes():
    assert objection(at("f(1)", "f(2)")) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (at("f(1)", "f(1)"), Silence.NO_CHANGE),
        (at("f(1)", "f(1"), Silence.BREAKS_SYNTAX),
        (at("x = f(1)", "x = 1\n" * 40), Silence.TOO_LARGE),
    ],
)
def test_what_is_withheld_by_itself(changes, reason):
    assert objection(changes) is reason


def history_of(before: str, changes: Changes, *more: Changes) -> History:
    document = documents.opened("file:///a.py", "a.py", "python", 1, before)
    history = History()
    for index, change in enumerate((changes, *more)):
        history = history.record(document, change, Origin.TYPED, 10.0 * index)
        document = document.edited(change, index + 2)
    assert str(document.text) == TEXT
    return history


def test_what_the_user_just_changed_is_not_changed_back():
    before = TEXT.replace("f(1)", "f(7)")
    start = before.index("7")
    assert objection(at("f(1)", "f(7)"), history=history_of(before, Changes.replace(start, start + 1, "1"))) is (
        Silence.REVERTS_USER
    )


def test_what_was_undone_is_not_suggested():
    start = TEXT.index("1)")
    done, undone = Changes.replace(start, start + 1, "7"), Changes.replace(start, start + 1, "1")
    assert objection(at("f(1)", "f(7)"), history=history_of(TEXT, done, undone)) is Silence.UNDONE


def test_what_was_turned_down_is_known_by_its_place_and_its_texts():
    start = TEXT.index("f(1)")
    rejection = Rejection("file:///a.py", start, start + 4, "f(1)", "f(2)", "p")
    assert objection(at("f(1)", "f(2)"), rejections=(rejection,)) is Silence.REJECTED
    assert objection(at("f(1)", "f(3)"), rejections=(rejection,)) is None
    assert objection(at("f(1)", "f(2)"), rejections=(replace(rejection, uri="file:///b.py"),)) is None


def test_a_change_repeated_in_turn_is_likelier():
    document = documents.opened("file:///a.py", "a.py", "python", 1, TEXT)
    once = Proposal(document, at("f(1)", "f(2)"), "repeat", "p", "t", "r", {})
    again = replace(once, features={"next": 1.0})
    likely, unsure = chance.chances([again, once])
    assert likely > unsure
    assert 0 < unsure < 1
