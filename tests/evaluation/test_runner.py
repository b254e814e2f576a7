import json
from dataclasses import replace
from pathlib import Path

import pytest

from nextedit_lsp.evaluation import run_file, runner
from nextedit_lsp.evaluation.metrics import Cost
from tests.evaluation.repositories import Repo
from tests.evaluation.stand_ins import fields

REPEATED = fields(("a.txt", "1\n1\n1\n\n", [(0, 1, ["two"]), (1, 1, ["two"]), (2, 1, ["two"])]))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "episodes.jsonl"
    path.write_text("".join(json.dumps({**REPEATED, "commit": f"c{i}"}) + "\n" for i in range(5)))
    return path


def run(path: Path, predictor: str, *more: str) -> int:
    return runner.main(["--episodes", str(path), "--predictor", f"tests.evaluation.stand_ins:{predictor}", *more])


def test_processes_do_not_change_the_result(path: Path, tmp_path: Path) -> None:
    results = []
    for jobs in ("1", "2"):
        out = tmp_path / f"{jobs}.json"
        assert run(path, "copies_down", "--jobs", jobs, "--out", str(out)) == 0
        rows = [row for outcome in run_file.load(out)[1] for row in outcome.rows]
        results.append(sorted((replace(row, cost=Cost()) for row in rows), key=lambda row: (row.episode, row.k)))
    assert results[0] == results[1]
    assert [row.is_right for row in results[0][:3]] == [True, True, False]


def test_says_what_changed_since_another_run(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "before.json")
    run(path, "silent", "--jobs", "1", "--out", out, "--show-missed", "1")
    assert "nothing suggested" in capsys.readouterr().out
    run(path, "copies_down", "--jobs", "1", "--compare", out, "--curve", "--show-right", "1")
    printed = capsys.readouterr().out
    assert "right now: 10" in printed
    assert "suggested: 1 → two on line 3 · test · said so" in printed
    assert run(path, "copies_down", "--jobs", "1", "--compare", out, "--order", "flow") == 1
    assert "is a run in file order" in capsys.readouterr().err


def test_failing_predictor_is_reported(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(path, "fails", "--jobs", "1") == 1
    assert "out of ideas" in capsys.readouterr().err


def test_unreadable_episodes_are_reported(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_text("{")
    assert run(path, "silent") == 1
    assert "episodes.jsonl:1: not JSON" in capsys.readouterr().err


def test_run_goes_on_where_it_was_stopped(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run.jsonl"
    assert run(path, "copies_down", "--jobs", "1", "--out", str(out)) == 0
    whole = out.read_bytes()
    lines = whole.splitlines(keepends=True)
    out.write_bytes(b"".join(lines[:3]) + lines[3][:20])
    assert run(path, "copies_down", "--jobs", "1", "--out", str(out)) == 0
    assert [outcome.episode for outcome in run_file.load(out)[1]] == [f"some/repo@c{i}" for i in range(5)]
    assert out.read_bytes().startswith(b"".join(lines[:3]))
    assert run(path, "copies_down", "--jobs", "1", "--out", str(out), "--order", "flow") == 1
    assert "a run with other settings (order)" in capsys.readouterr().err


def test_both_protocols_and_all_files(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made, shown, kept = (str(tmp_path / name) for name in ("all.json", "all.html", "kept.jsonl.xz"))
    files = ("--json", made, "--html", shown, "--write-episodes", kept)
    assert run(path, "copies_down", "--jobs", "1", "--protocol", "1", "2", "--limit", "2", *files) == 0
    report = json.loads(Path(made).read_text())
    assert (report["run"]["episodes"], report["rounds"]["right_1"]["value"]) == (2, 1.0)
    assert report["keystrokes"]["all"]["precision"]["value"] == 1.0
    assert "gain_lenient" in capsys.readouterr().out
    assert Path(shown).read_text().startswith("<!doctype html>")
    assert run(Path(kept), "silent", "--jobs", "1") == 0


def test_mines_a_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Repo(tmp_path / "harbor")
    repo.commit({"a.py": "".join(f"{i}\n" for i in range(20))})
    repo.commit({"a.py": "".join(f"{i + (i % 9 == 0)}\n" for i in range(20))})
    arguments = ["--predictor", "tests.evaluation.stand_ins:silent", "--git", str(repo.root), "--jobs", "1"]
    assert runner.main(arguments) == 0
    assert "harbor: 1 episodes; 0 commits left out" in capsys.readouterr().err
    assert runner.main([*arguments, "--lang", "go"]) == 1
    assert "no episode" in capsys.readouterr().err
    assert runner.main(["--git", str(tmp_path / "nowhere")]) == 1
    assert "is no folder" in capsys.readouterr().err


def test_replays_sessions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session, made = tmp_path / "session.json", tmp_path / "sessions.json"
    log: list[dict[str, object]] = [
        {"kind": "documentEncountered", "id": 0, "relativePath": "a.py", "time": 0},
        {"kind": "setContent", "id": 0, "v": 1, "content": "count = 1\nprint(count)\n", "time": 0},
        {"kind": "changed", "id": 0, "edit": [[0, 5, "total"]], "time": 2000},
        {"kind": "changed", "id": 0, "edit": [[16, 21, "total"]], "time": 6000},
    ]
    session.write_text(json.dumps({"log": log}))
    predictor = ("--predictor", "tests.evaluation.stand_ins:renames")
    shown = tmp_path / "sessions.html"
    assert runner.main(["--recordings", str(session), "--json", str(made), "--html", str(shown), *predictor]) == 0
    assert "change `count` to `total` on line 2" in shown.read_text()
    summary = json.loads(made.read_text())["summary"]
    counts = [summary[f"n_{name}"] for name in ("sessions", "requests", "answered", "shown", "typed")]
    assert counts == [1, 3, 3, 2, 2]
    assert "2 suggestions shown, 2 of them then typed, 0 reversals" in capsys.readouterr().out
    (tmp_path / "none.json").write_text("{}")
    assert runner.main(["--recordings", str(tmp_path / "none.json")]) == 1
    assert "no list named" in capsys.readouterr().err


def test_unwritable_results_are_named(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(path, "silent", "--jobs", "1", "--json", str(tmp_path / "no" / "where.json")) == 1
    assert "cannot write" in capsys.readouterr().err
