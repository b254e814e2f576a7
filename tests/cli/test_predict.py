"""``nextedit predict``: files and folders in, suggestions or the reason why not out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nextedit_lsp.cli import main, predict
from nextedit_lsp.text.buffer import Text

BEFORE = """\
def area(r):
    square = r * r
    return 3 * square


def volume(r):
    return area(r) * r
"""
AFTER = BEFORE.replace("def area(r)", "def area(radius)")


def written(folder: Path, **texts: str) -> Path:
    folder.mkdir()
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def answered(capsys: pytest.CaptureFixture[str], *arguments: Any) -> dict[str, Any]:
    assert main.main(["predict", "--json", *map(str, arguments)]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def check_refused(capsys: pytest.CaptureFixture[str], words: str, *arguments: Any) -> None:
    assert main.main(["predict", *map(str, arguments)]) == 1
    captured = capsys.readouterr()
    assert words in captured.err
    assert "Traceback" not in captured.err


def test_a_renamed_parameter_leads_to_its_uses(tmp_path, capsys):
    before, after = written(tmp_path / "a", shapes=BEFORE), written(tmp_path / "b", shapes=AFTER)
    answer = answered(capsys, "--before", before / "shapes.py", "--after", after / "shapes.py")
    assert {suggestion["line"] for suggestion in answer["suggestions"]} == {2}
    assert answer["suggestions"][0]["reason"]


def test_folders_lead_to_other_files(tmp_path, capsys):
    uses = "import shapes\n\nprint(shapes.area(2))\n"
    before = written(tmp_path / "a", shapes=BEFORE, uses=uses)
    after = written(tmp_path / "b", shapes=BEFORE.replace("area", "surface"), uses=uses)
    answer = answered(capsys, "--before", before, "--after", after)
    assert {(suggestion["path"], suggestion["line"]) for suggestion in answer["suggestions"]} == {("uses.py", 3)}


def test_silence_says_why(tmp_path, capsys):
    before, after = written(tmp_path / "a", one="x = 1\n"), written(tmp_path / "b", one="x = 2\n")
    arguments = ["--before", str(before / "one.py"), "--after", str(after / "one.py")]
    assert answered(capsys, *arguments)["silence"]
    assert main.main(["predict", *arguments]) == 0
    assert "nothing to suggest: " in capsys.readouterr().out


def test_each_hunk_is_an_event_in_the_text_that_the_ones_above_left():
    before, after = Text.of("one\ntwo\nthree\nfour\n"), Text.of("one and more\ntwo\nthree\n4\n")
    text = before
    for hunk in predict.hunks(before, after):
        assert hunk.start in (3, 23)
        text = hunk.apply(text)
    assert text == after


def test_the_cursor_is_where_it_is_put(tmp_path):
    pairs = [predict.Pair("a.py", "x = 1\n", "x = 22\n"), predict.Pair("b.py", "y\n", "y\n")]
    assert predict.snapshot_of(pairs, None).cursor == 6
    assert predict.snapshot_of(pairs, "1:2").cursor == 1
    in_other = predict.snapshot_of(pairs, "b.py:1:99")
    assert (in_other.document.path, in_other.cursor) == ("b.py", 1)


def test_input_that_does_not_fit_is_refused_with_words(tmp_path, capsys):
    before, after = written(tmp_path / "a", one="x\n"), written(tmp_path / "b", one="y\n")
    check_refused(capsys, "does not exist", "--before", tmp_path / "none", "--after", after)
    check_refused(capsys, "both be files or both be folders", "--before", before / "one.py", "--after", after)
    check_refused(capsys, "do not differ", "--before", before, "--after", before)
    check_refused(capsys, "is not [FILE:]LINE:COLUMN", "--before", before, "--after", after, "--cursor", "1")
    check_refused(capsys, "has lines 1 to 2", "--before", before, "--after", after, "--cursor", "9:1")
    check_refused(capsys, "none of the files", "--before", before, "--after", after, "--cursor", "z.py:1:1")


def test_a_binary_file_is_refused(tmp_path, capsys):
    (tmp_path / "a.py").write_bytes(b"\0\1\2")
    check_refused(capsys, "left alone", "--before", tmp_path / "a.py", "--after", tmp_path / "a.py")
