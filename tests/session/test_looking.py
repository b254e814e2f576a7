"""What a prediction learns of files that are not open: the real index, a scripted predictor."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest

from nextedit_lsp.session import looking
from nextedit_lsp.session.closed_files import ClosedFiles
from nextedit_lsp.session.scripted import ScriptedPredictor
from nextedit_lsp.workspace import files
from tests.workspace.repositories import make_repository, run_git

PATIENCE_S = 20.0
SHAPES = "def area(size):\n    return size\n"
REPORT = "from shapes import area\n\nprint(area(2))\n"


@pytest.fixture
def root(tmp_path):
    folder = make_repository(tmp_path / "root")
    (folder / "shapes.py").write_text(SHAPES)
    (folder / "report.py").write_text(REPORT)
    for number in range(2):
        for name in ("shapes.py", "report.py"):
            (folder / name).write_text((folder / name).read_text() + f"# {number}\n")
        run_git(folder, "add", "-A")
        run_git(folder, "commit", "-q", "-m", "both")
    for name, text in (("shapes.py", SHAPES), ("report.py", REPORT)):
        (folder / name).write_text(text)
    return folder


async def started(bench, root, *opened):
    """A bench whose index is ready, with ``area`` renamed in the first of the opened files."""
    b = bench(ScriptedPredictor(), roots=(root,))
    b.session.start()
    for name in opened:
        b.open((root / name).read_text(), files.uri_of(root / name))
    b.replace("area", "surface", files.uri_of(root / opened[0]))
    deadline = time.monotonic() + PATIENCE_S
    while b.session.status().index.phase != "ready":
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    await b.clock.advance(10)
    return b


async def elsewhere(b, uri):
    """What the prediction saw, once the look-up has come in time."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        await b.next_edits(0, uri, is_explicit=True)
        seen = b.predictor.snapshots[-1].elsewhere
        if seen.n_files:
            return seen
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def test_a_prediction_sees_the_files_that_name_what_was_edited(bench, root):
    b = await started(bench, root, "shapes.py")
    seen = await elsewhere(b, files.uri_of(root / "shapes.py"))
    (report,) = seen.documents
    assert (report.uri, report.path, str(report.text)) == (files.uri_of(root / "report.py"), "report.py", REPORT)
    assert report.version < 0
    assert report.tree is not None
    assert (seen.n_files["area"], seen.n_files["surface"]) == (1, 1)
    assert seen.defined == {"surface"}


async def test_it_sees_which_files_change_together(bench, root):
    b = await started(bench, root, "shapes.py")
    uri = files.uri_of(root / "shapes.py")
    while not (seen := await elsewhere(b, uri)).companions:
        b.session._looking._key = None
        b.session.state.revision += 1
    assert seen.companions == {files.uri_of(root / "report.py"): 1.0}


async def test_open_files_are_not_seen_twice(bench, root):
    b = await started(bench, root, "shapes.py", "report.py")
    seen = await elsewhere(b, files.uri_of(root / "shapes.py"))
    assert seen.documents == ()
    assert seen.n_files["area"] == 1


async def test_a_file_that_is_opened_is_seen_as_the_editor_has_it(bench, root):
    b = await started(bench, root, "shapes.py")
    await elsewhere(b, files.uri_of(root / "shapes.py"))
    b.open(REPORT, files.uri_of(root / "report.py"))
    assert b.session.state.elsewhere.documents == ()


async def test_a_file_closed_without_being_saved_is_not_looked_at(bench, root):
    b = await started(bench, root, "shapes.py", "report.py")
    uri = files.uri_of(root / "report.py")
    b.replace("area(2)", "area(3)", uri)
    b.session.close_document(uri)
    seen = await elsewhere(b, files.uri_of(root / "shapes.py"))
    assert seen.documents == ()


async def test_a_file_that_changes_on_disk_is_read_again(bench, root):
    b = await started(bench, root, "shapes.py")
    uri = files.uri_of(root / "shapes.py")
    (before,) = (await elsewhere(b, uri)).documents
    (root / "report.py").write_text(REPORT + "# and area\n")
    deadline = time.monotonic() + PATIENCE_S
    while b.session.state.elsewhere.documents == (before,):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    (after,) = (await elsewhere(b, uri)).documents
    assert str(after.text).endswith("# and area\n")


async def test_nothing_is_kept_of_a_silence_that_came_before_what_was_looked_up(bench, root):
    b = await started(bench, root, "shapes.py")
    uri = files.uri_of(root / "shapes.py")
    b.session.state.look_begun()
    b.session._looking._key = (b.session.state.history, uri)
    await b.next_edits(0, uri, is_explicit=True)
    await b.next_edits(0, uri, is_explicit=True)
    n_predictions = len(b.predictor.snapshots)
    b.session.state.look_ended(None)
    await b.next_edits(0, uri, is_explicit=True)
    await b.next_edits(0, uri, is_explicit=True)
    assert (n_predictions, len(b.predictor.snapshots)) == (2, 3)


def test_a_closed_file_is_read_once_while_it_stays_as_it_is(tmp_path):
    closed = ClosedFiles(lambda uri: uri.rpartition("/")[2])
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    first = closed.load(path)
    assert closed.load(path) is first
    assert closed.is_current(first.uri, first.version)
    path.write_text("x = 12\n")
    assert not closed.is_current(first.uri, first.version)
    second = closed.load(path)
    assert (first.path, second.version < first.version < 0) == ("a.py", True)
    path.unlink()
    assert closed.load(path) is None
    assert not closed.is_current(second.uri, second.version)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.py", b"caf\xe9\n" * 3), (".env", b"KEY=1\n"), ("long.py", b"x = 1\n" * 50_000), ("nul.py", b"\0")],
)
def test_a_file_that_cannot_be_edited_safely_is_not_loaded(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert ClosedFiles(str).load(tmp_path / name) is None


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs a process that can be halted")
async def test_an_index_that_hangs_delays_an_answer_for_a_moment_only(bench, root, monkeypatch):
    monkeypatch.setattr(looking, "MAX_WAIT_EXPLICIT_S", 0.01)
    monkeypatch.setattr(looking, "GIVE_UP_S", 0.05)
    b = await started(bench, root, "shapes.py")
    uri = files.uri_of(root / "shapes.py")
    process = b.session._looking._index._process
    os.kill(process.pid, signal.SIGSTOP)
    await b.next_edits(0, uri, is_explicit=True)
    assert b.predictor.snapshots[-1].elsewhere.n_files == {}
    await b.session._looking._task
    os.kill(process.pid, signal.SIGCONT)
    b.replace("surface", "face", uri)
    assert (await elsewhere(b, uri)).n_files["area"] == 1
