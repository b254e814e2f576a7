"""What the disk, git and the model do to a session."""

from __future__ import annotations

import asyncio

import pytest

from nextedit_lsp.editing.events import Origin
from nextedit_lsp.engine.interface import EngineState
from nextedit_lsp.engine.scripted import ScriptedEngine
from nextedit_lsp.session.documents import Received
from nextedit_lsp.session.listening import Kind
from nextedit_lsp.session.scripted import ScriptedPredictor
from nextedit_lsp.session.settings import Settings
from nextedit_lsp.text.changes import Changes
from nextedit_lsp.workspace.disk_changes import ChangeKind, FileChanged, HeadMoved
from nextedit_lsp.workspace.git import HeadMove


def origins(b):
    return [event.origin for event in b.session.state.history.events]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\ntwo\n")
    return path


async def test_a_reload_from_disk_is_external(bench, file):
    b = bench(ScriptedPredictor(), roots=(file.parent,))
    b.open("one\ntwo\n", file.as_uri())
    file.write_bytes("one\nzwölf\n".encode())
    b.replace("two", "zwölf", file.as_uri())
    assert origins(b) == [Origin.EXTERNAL]


async def test_text_with_a_byte_order_mark_on_disk_is_the_same_text(bench, file):
    b = bench(ScriptedPredictor(), roots=(file.parent,))
    b.open("one\ntwo\n", file.as_uri())
    file.write_bytes(b"\xef\xbb\xbfone\nthree\n")
    b.replace("two", "three", file.as_uri())
    assert origins(b) == [Origin.EXTERNAL]


async def test_a_paste_and_a_key_are_the_users(bench, file):
    b = bench(ScriptedPredictor(), roots=(file.parent,))
    b.open("one\ntwo\n", file.as_uri())
    b.change(0, 0, "x" * 50, file.as_uri())
    file.write_bytes(("y" + b.text(file.as_uri())).encode())
    b.change(0, 0, "y", file.as_uri())
    assert origins(b) == [Origin.PASTED, Origin.TYPED]


async def test_a_checkout_folds_the_history_and_what_follows_is_external(bench, file):
    b = bench(ScriptedPredictor(), roots=(file.parent,))
    uri = file.as_uri()
    b.open("one\ntwo\n", uri)
    b.replace("one", "1", uri)
    b.session._on_disk_change(HeadMoved(file.parent, HeadMove.CHECKOUT))
    assert origins(b) == []
    b.replace("two", "other branch", uri)
    assert origins(b) == [Origin.EXTERNAL]
    await b.clock.advance(2.5)
    b.replace("other branch", "mine", uri)
    assert origins(b)[-1] is Origin.TYPED


@pytest.mark.parametrize(
    ("move", "n_kept"),
    [(HeadMove.COMMIT, 1), (HeadMove.REBASE, 0), (HeadMove.RESET, 0), (HeadMove.MERGE, 0), (HeadMove.OTHER, 1)],
)
async def test_only_moves_that_bring_other_texts_fold(bench, file, move, n_kept):
    b = bench(ScriptedPredictor(), roots=(file.parent,))
    b.open("one\ntwo\n", file.as_uri())
    b.replace("one", "1", file.as_uri())
    b.session._on_disk_change(HeadMoved(file.parent, move))
    assert len(origins(b)) == n_kept


async def test_a_checkout_elsewhere_leaves_the_history(bench, file, tmp_path):
    b = bench(ScriptedPredictor(), roots=(file.parent,))
    b.open("one\ntwo\n", file.as_uri())
    b.replace("one", "1", file.as_uri())
    b.session._on_disk_change(HeadMoved(tmp_path / "submodule", HeadMove.CHECKOUT))
    assert len(origins(b)) == 1


async def test_a_file_that_becomes_ignored_is_left_alone(bench, file):
    b = bench(ScriptedPredictor(), roots=(file.parent,))
    b.open("one\ntwo\n", file.as_uri())
    (file.parent / ".gitignore").write_text("*.txt\n")
    b.session._on_disk_change(FileChanged(file.parent / ".gitignore", ChangeKind.CREATED))
    assert b.session.state.documents.left_alone == {file.as_uri(): "ignored by .gitignore:1: *.txt"}


async def test_changes_on_disk_reach_a_started_session(bench, file):
    b = bench(ScriptedPredictor(), roots=(file.parent,))
    b.open("one\ntwo\n", file.as_uri())
    b.session.start()
    for attempt in range(500):
        # The watch begins in the background: what is written before it goes unseen.
        (file.parent / ".ignore").write_text(f"*.txt\n# {attempt}\n")
        await asyncio.sleep(0.02)
        if b.session.state.documents.left_alone:
            return
    raise AssertionError("the change was never seen")


async def test_paths_are_shown_relative_to_their_root(bench, file):
    b = bench(ScriptedPredictor(), roots=(file.parent,))
    b.open("x", file.as_uri())
    b.open("x", "file:///elsewhere/b.txt")
    b.open("x", "untitled:Untitled-1")
    paths = [document.path for document in b.session.state.documents.followed.values()]
    assert paths == ["a.txt", "/elsewhere/b.txt", "Untitled-1"]


async def test_the_cells_of_a_notebook_are_followed_as_their_notebook_is(bench, file):
    (file.parent / ".ignore").write_text("ignored.ipynb\n")
    b = bench(ScriptedPredictor(), roots=(file.parent,))
    folder = file.parent.as_uri().replace("file://", "vscode-notebook-cell:")
    cells = {name: f"{folder}/{name}#W0sZmlsZQ%3D%3D" for name in ("good.ipynb", "ignored.ipynb", "secrets.ipynb")}
    remote = cells["ignored.ipynb"].replace("cell:", "cell://host:8080")
    for uri in (*cells.values(), remote):
        b.open("x = 1\n", uri)
    assert list(b.session.state.documents.followed) == [cells["good.ipynb"]]
    assert b.session.state.documents.left_alone == {
        cells["ignored.ipynb"]: "ignored by .ignore:1: ignored.ipynb",
        remote: "ignored by .ignore:1: ignored.ipynb",
        cells["secrets.ipynb"]: "it may hold secrets (*secret*)",
    }


async def test_an_empty_change_is_only_a_new_version(bench):
    b = bench(ScriptedPredictor())
    b.open("x")
    b.session.change("untitled:one", 7, Received(Changes(), 0))
    assert b.session.state.documents.followed["untitled:one"].version == 7
    assert origins(b) == []


async def test_the_model_loads_in_the_background(bench):
    b = bench(ScriptedPredictor(), settings=Settings(model="/m.gguf", model_format="native"))
    b.session._model.use(b.session.settings)
    assert b.session.status().model_state == "absent"
    await b.session._model._task
    status = b.session.status()
    assert (status.model, status.model_state, status.kind) == ("Scripted", "ready", Kind.NORMAL)
    assert b.hearing.progress == [0.0, 0.5, 1.0, None]
    assert [one.message for one in b.hearing.statuses] == ["loading the model", "ready"]


async def test_a_model_that_fails_is_told_and_named(bench):
    engine = ScriptedEngine(failure="not a GGUF file")
    b = bench(ScriptedPredictor(), settings=Settings(model="/m.gguf", model_format="native"), engine=engine)
    b.session._model.use(b.session.settings)
    await b.session._model._task
    assert b.session.status().kind is Kind.WARNING
    assert b.hearing.warnings == ["nextedit: the model /m.gguf could not be loaded: not a GGUF file"]


async def test_another_model_replaces_the_one_before(bench):
    engine = ScriptedEngine()
    b = bench(ScriptedPredictor(), engine=engine)
    b.session.configure(Settings(model="/m.gguf", model_format="native"))
    await b.session._model._task
    b.session.configure(Settings())
    await b.session._model._task
    assert engine.state is EngineState.CLOSED
    assert b.session.status().model_state == "absent"


async def test_an_engine_that_raises_costs_the_model_only(bench):
    class Broken(ScriptedEngine):
        async def load(self, on_progress):
            raise RuntimeError("boom")

    b = bench(ScriptedPredictor(), engine=Broken())
    b.session.configure(Settings(model="/m.gguf", model_format="native"))
    await b.session._model._task
    assert b.hearing.warnings == ["nextedit: the model /m.gguf could not be loaded: boom"]
