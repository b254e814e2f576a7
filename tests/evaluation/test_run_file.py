from pathlib import Path

import pytest

from nextedit_lsp.evaluation import run_file
from nextedit_lsp.evaluation.evaluating import Outcome
from nextedit_lsp.evaluation.metrics import Row
from nextedit_lsp.evaluation.run_file import RunFile, RunFileError
from nextedit_lsp.evaluation.saving import Saving, Session

ROW = Row("e@1", 1, 2, "text", "ä.txt", is_complete=False, is_repeat=True, kinds=("near",), expected="\u2028 +x")
ONE = Outcome("e@1", (ROW,), Saving("e@1", "text", 2, 4, 20, 6, Session(18, 1, 0, 2), Session(18, 1, 0, 2)))
TWO = Outcome("e@2", (), None, "raised")


def test_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    first = RunFile(path, {"order": "file", "protocols": (1, 2)})
    first.append(ONE)
    first.close()
    second = RunFile(path, {"order": "file", "protocols": (1, 2)})
    assert second.outcomes == [ONE]
    second.append(TWO)
    second.close()
    header, outcomes = run_file.load(path)
    assert (header["order"], outcomes) == ("file", [ONE, TWO])


def test_line_cut_short_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    file = RunFile(path, {})
    file.append(ONE)
    file.close()
    whole = path.read_bytes()
    path.write_bytes(whole + whole.splitlines(keepends=True)[1][:50])
    again = RunFile(path, {})
    assert again.outcomes == [ONE]
    again.append(TWO)
    again.close()
    assert run_file.load(path)[1] == [ONE, TWO]


def test_other_settings_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    RunFile(path, {"order": "file", "seed": 1}).close()
    with pytest.raises(RunFileError, match=r"other settings \(order\): delete it"):
        RunFile(path, {"order": "flow", "seed": 1})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("not json\n", "is no line of a run"),
        ('{"rows": []}\n', "is no line of a run"),
        ('{"format": 0}\n', "another version"),
        ('{"format": 1}\n{"episode": 1}\n', ":2 is no line of a run"),
        ("cut short", "holds no run"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(content)
    with pytest.raises(RunFileError, match=message):
        run_file.load(path)
    with pytest.raises(RunFileError, match=message):
        RunFile(path, {})
    assert path.read_text() == content


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunFileError, match="can't be read"):
        run_file.load(tmp_path / "none.jsonl")
