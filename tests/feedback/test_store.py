from __future__ import annotations

import json
from pathlib import Path

import pytest

from nextedit_lsp.feedback import store

ENTRY = store.Entry("accepted", "5f0c", "python", "repeat", "jump", 0.83, 4, 6)


def test_each_outcome_is_one_line(tmp_path):
    kept = store.Store(tmp_path / "new" / "folder")
    kept.append(ENTRY)
    kept.append(ENTRY)
    lines = (tmp_path / "new" / "folder" / store.FILE_NAME).read_text().splitlines()
    assert len(lines) == 2
    line = json.loads(lines[0])
    assert line.pop("at") > 0
    assert line == {
        "outcome": "accepted",
        "id": "5f0c",
        "language": "python",
        "source": "repeat",
        "form": "jump",
        "chance": 0.83,
        "n_old": 4,
        "n_new": 6,
    }


def test_a_disk_that_cannot_be_written_costs_the_lines_and_one_warning(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    kept = store.Store(tmp_path / "file" / "below")
    for _ in range(3):
        kept.count(ENTRY)
        kept.append(ENTRY)
    assert kept.counts == {"accepted": 3}
    assert len(caplog.records) == 1


def test_a_full_disk_is_harmless(tmp_path, monkeypatch, caplog):
    def full(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    store.Store(tmp_path).append(ENTRY)
    assert "No space left on device" in caplog.text


def test_a_large_file_starts_anew_and_the_old_one_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "MAX_BYTES", 200)
    kept = store.Store(tmp_path)
    for _ in range(5):
        kept.append(ENTRY)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["feedback.jsonl", "feedback.old.jsonl"]


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({"XDG_STATE_HOME": "/s"}, "linux", Path("/s/nextedit")),
        ({"XDG_STATE_HOME": "relative"}, "linux", Path.home() / ".local" / "state" / "nextedit"),
        ({}, "darwin", Path.home() / ".local" / "state" / "nextedit"),
        ({"LOCALAPPDATA": "/l"}, "win32", Path("/l/nextedit")),
    ],
)
def test_state_lives_where_the_system_keeps_it(environment, platform, expected):
    assert store.state_directory(environment, platform) == expected
