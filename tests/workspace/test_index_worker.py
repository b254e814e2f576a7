"""What the index's process does when the disk refuses: the worker in this process, stepped by hand."""

import io
import json
import sqlite3

import pytest

from nextedit_lsp.workspace import index_store, index_worker
from nextedit_lsp.workspace.index_worker import Worker

QUESTION = {"removed": ["area"], "added": [], "called": [], "kin": [], "shingles": [], "focus": None}


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "root"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number}.py").write_text("".join(f"name_{number}_{n} = area\n" for n in range(400)))
    return folder


def started(root, file):
    worker = Worker(io.BytesIO())
    worker._handle({"call": "use", "roots": [[str(root), str(file)]], "max_files": 1000})
    return worker


def step(worker, n_steps=200):
    for _ in range(n_steps):
        worker._step()


def said(worker):
    return [json.loads(line) for line in worker._output.getvalue().splitlines()]


def found(worker):
    worker._handle({"call": "look_up", "id": 1, "question": QUESTION, "open": {}})
    return said(worker)[-1]["result"]["n_files"]["area"]


def test_a_root_is_indexed_step_by_step(root, tmp_path):
    worker = started(root, tmp_path / "i.sqlite")
    step(worker)
    assert said(worker)[-1] == {"state": {"phase": "ready", "n_files": 40, "problem": None}}
    assert found(worker) == 40


def test_a_full_disk_is_done_without_and_told(root, tmp_path, monkeypatch):
    monkeypatch.setattr(index_store, "MAX_DISK_BYTES", 20 * index_store.PAGE_BYTES)
    monkeypatch.setattr("nextedit_lsp.workspace.index_root.COMMIT_FILES", 5)
    worker = started(root, tmp_path / "i.sqlite")
    step(worker)
    state = said(worker)[-1]["state"]
    assert state["phase"] == "failed"
    assert "the disk is full" in state["problem"]
    worker._handle({"call": "look_up", "id": 1, "question": QUESTION, "open": {}})
    assert said(worker)[-1]["result"]["files"] == []


def test_an_index_that_another_server_writes_is_tried_again(root, tmp_path, monkeypatch):
    monkeypatch.setattr(index_store, "BUSY_TIMEOUT_S", 0.01)
    monkeypatch.setattr(index_worker, "RETRY_S", 0.0)
    file = tmp_path / "i.sqlite"
    index_store.opened(file).close()
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    worker = started(root, file)
    step(worker, 20)
    assert said(worker)[-1]["state"]["phase"] == "building"
    other.execute("COMMIT")
    other.close()
    step(worker)
    assert said(worker)[-1]["state"]["phase"] == "ready"
    assert found(worker) == 40


def test_damage_that_shows_late_is_mended_once(root, tmp_path):
    file = tmp_path / "i.sqlite"
    worker = started(root, file)
    step(worker)
    root_ = worker._roots[str(root)]
    worker._conclude(root_, sqlite3.DatabaseError("database disk image is malformed"))
    step(worker)
    assert said(worker)[-1]["state"]["phase"] == "ready"
    assert "built anew" in said(worker)[-1]["state"]["problem"]
    assert found(worker) == 40
    worker._conclude(root_, sqlite3.DatabaseError("database disk image is malformed"))
    step(worker, 2)
    assert said(worker)[-1]["state"]["phase"] == "failed"


def test_a_question_comes_before_the_building(root, tmp_path):
    worker = started(root, tmp_path / "i.sqlite")
    step(worker, 5)
    worker.messages.put({"call": "look_up", "id": 7, "question": QUESTION, "open": {}})
    worker.messages.put(None)
    worker.run()
    assert 0 < said(worker)[-1]["result"]["n_files"]["area"] < 40
