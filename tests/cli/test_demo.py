"""The demo and the replay, end to end, and the honesty of the demo's recording."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nextedit_lsp.cli import demo, main
from nextedit_lsp.evaluation import steps
from nextedit_lsp.evaluation.recordings import Changed, Opened
from nextedit_lsp.evaluation.steps import Step
from tools import make_demo_session

MIN_RIGHT = 6
MIN_LANGUAGES = 3
MIN_FAR = 2


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_recording_holds_only_what_a_user_types():
    recording = demo.session()
    assert recording.ignored.keys() <= {"opened"}
    for action in recording.actions:
        if isinstance(action, Changed):
            assert all(len(edit.text) <= 1 for edit in action.changes.edits)


def test_the_recording_is_what_its_script_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(make_demo_session, "SESSION", tmp_path / "session.json")
    for action in demo.session().actions:
        if isinstance(action, Opened):
            (tmp_path / action.path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / action.path).write_bytes(str(action.text).encode())
    make_demo_session.main(["--sources", str(tmp_path)])
    committed = make_demo_session.COMMITTED.read_text(encoding="utf-8")
    assert (tmp_path / "session.json").read_text(encoding="utf-8") == committed


def test_every_edit_of_the_script_is_one_step():
    made = [item for item in steps.timeline(demo.session()) if isinstance(item, Step)]
    assert [step.path for step in made] == [path for path, _, _ in make_demo_session.EDITS]


@pytest.mark.e2e
def test_the_demo_shows_right_next_edits(capsys):
    assert main.main(["demo", "--json"]) == 0
    *answers, last = lines(capsys)
    summary = last["summary"]
    assert len(answers) == len(make_demo_session.EDITS)
    assert summary["n_right"] >= MIN_RIGHT
    assert len(summary["right_by_language"]) >= MIN_LANGUAGES
    assert summary["n_right_other_file"] + summary["n_right_off_screen"] >= MIN_FAR


@pytest.mark.e2e
def test_a_replay_shows_what_was_typed_and_suggested(tmp_path, capsys):
    before = "def area(r):\n    return 3 * r * r\n"
    log = [
        {"kind": "documentEncountered", "id": 0, "relativePath": "area.py", "time": 0},
        {"kind": "setContent", "id": 0, "v": 1, "content": before, "time": 0},
        {"kind": "changed", "id": 0, "v": 2, "edit": [[9, 10, "radius"]], "time": 2000},
    ]
    (tmp_path / "session.json").write_text(json.dumps({"log": log}))
    assert main.main(["replay", str(tmp_path / "session.json")]) == 0
    shown = capsys.readouterr().out
    assert "- def area(r):" in shown and "+ def area(radius):" in shown
    assert "area.py:2" in shown
    assert "the user never makes this edit" in shown
