"""Recordings: what is read of them, and how a file that is none is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nextedit_lsp.evaluation import recordings
from nextedit_lsp.evaluation.recordings import Changed, Closed, Opened, RecordingError, Selected


def log(*entries: dict[str, Any], content: str = "one two\n", path: str = "a.py") -> str:
    """A recording of one document with the given entries behind its opening."""
    head = [
        {"kind": "documentEncountered", "id": 0, "relativePath": path, "time": 1000},
        {"kind": "setContent", "id": 0, "v": 1, "content": content, "time": 1000},
    ]
    return json.dumps({"log": [*head, *entries]})


def changed(*edits: list[Any], time: int = 2000) -> dict[str, Any]:
    return {"kind": "changed", "id": 0, "v": 2, "edit": list(edits), "time": time}


def check_last_text(expected: str, *entries: dict[str, Any], content: str = "one two\n") -> None:
    last = recordings.parsed(log(*entries, content=content)).actions[-1]
    assert isinstance(last, Changed)
    assert str(last.after) == expected


def check_refused(content: str, *words: str) -> None:
    with pytest.raises(RecordingError) as caught:
        recordings.parsed(content)
    for word in words:
        assert word in str(caught.value)


def test_content_and_changes_become_actions_in_order():
    recording = recordings.parsed(log(changed([0, 3, "1"]), changed([1, 1, "!"], time=2500)))
    opened, first, second = recording.actions
    assert isinstance(opened, Opened)
    assert (opened.path, str(opened.text), opened.time_ms) == ("a.py", "one two\n", 1000)
    assert isinstance(first, Changed) and str(first.after) == "1 two\n"
    assert isinstance(second, Changed) and str(second.after) == "1! two\n"
    assert second.time_ms == 2500


def test_all_offsets_of_one_entry_are_in_the_same_content():
    check_last_text("uno dos\n", changed([0, 3, "uno"], [4, 7, "dos"]))


def test_offsets_count_utf16_code_units():
    check_last_text("a😀b!\n", changed([4, 4, "!"]), content="a😀b\n")


def test_a_content_set_anew_is_a_change():
    entry = {"kind": "setContent", "id": 0, "v": 2, "content": "one 2\n", "time": 3000}
    check_last_text("one 2\n", entry)


def test_cursor_and_focus_are_kept():
    moved = {"kind": "selectionChanged", "id": 0, "selection": [[2, 5]], "time": 2000}
    recording = recordings.parsed(log(moved, {"kind": "focused", "id": 0, "time": 2100}))
    assert recording.actions[1:] == (Selected(2000, "a.py", 5), Selected(2100, "a.py", None))


def test_a_closed_document_is_opened_anew_by_its_content():
    again = {"kind": "setContent", "id": 0, "v": 1, "content": "new\n", "time": 3000}
    recording = recordings.parsed(log({"kind": "closed", "id": 0, "time": 2500}, again))
    assert [type(action) for action in recording.actions] == [Opened, Closed, Opened]


def test_other_kinds_and_keys_are_passed_over_and_counted():
    meta = {"kind": "meta", "data": {"kind": "log-origin", "uuid": "x"}}
    recording = recordings.parsed(log({**meta}, {**meta}, {"kind": "bookmark", "time": 1}))
    assert recording.ignored == {"meta": 2, "bookmark": 1}


def test_a_change_of_nothing_is_no_action():
    assert len(recordings.parsed(log(changed(), changed([0, 3, "one"]))).actions) == 1


def test_a_path_can_not_lead_out_of_the_folder():
    (opened,) = recordings.parsed(log(path="..\\..\\/etc/passwd")).actions
    assert opened.path == "etc/passwd"


def test_no_json_is_refused():
    check_refused("{", "not JSON")


def test_json_without_a_log_is_refused():
    check_refused('{"entries": []}', 'no list named "log"')


def test_an_entry_without_a_kind_is_named():
    check_refused('{"log": [{"id": 1}]}', "entry 0", "kind")


def test_a_change_without_content_is_named():
    encountered = {"kind": "documentEncountered", "id": 0, "relativePath": "a.py"}
    check_refused(json.dumps({"log": [encountered, changed([0, 0, "x"])]}), "entry 1 (changed)", "no setContent")


def test_an_unknown_document_is_named():
    check_refused('{"log": [{"kind": "setContent", "id": 7, "content": ""}]}', "entry 0", "document 7")


def test_offsets_past_the_end_are_named():
    check_refused(log(changed([0, 99, ""])), "entry 2 (changed)", "0:99", "8 UTF-16 code units")


def test_overlapping_edits_are_named():
    check_refused(log(changed([0, 3, "x"], [2, 4, "y"])), "entry 2", "overlap")


def test_an_offset_inside_a_character_is_named():
    check_refused(log(changed([2, 2, "!"]), content="a😀b\n"), "entry 2", "surrogate pair")


def test_an_edit_of_another_shape_is_named():
    check_refused(log(changed([0, "3", "x"])), "entry 2", "not an edit")
    check_refused(log({"kind": "changed", "id": 0}), "entry 2", '"edit" is missing')
