import json
from dataclasses import replace
from pathlib import Path

import pytest

from nextedit_lsp.evaluation import run_file, runner
from nextedit_lsp.evaluation.metrics import Cost
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


def test_failing_predictor_is_reported(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(path, "fails", "--jobs", "1") == 1
    assert "out of ideas" in capsys.readouterr().err


def test_unreadable_episodes_are_reported(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_text("{")
    assert run(path, "silent") == 1
    assert "episodes.jsonl:1: not JSON" in capsys.readouterr().err
