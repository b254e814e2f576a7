"""A download: whole and verified, taken up again after a break, and each failure with its remedy."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path
from typing import BinaryIO

import pytest

from nextedit_lsp.models import download, files, hub
from tests.models import hub_stand_in
from tests.models.hub_stand_in import COMMIT, CONTENT, FILE, REPOSITORY, Hub

SOURCE = hub.Source(REPOSITORY, FILE)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def quiet(n_done: int, n_bytes: int) -> None:
    pass


def fetched(folder: Path) -> download.Fetched:
    return download.fetch(hub.look_up(SOURCE), folder, download.Steps(quiet, quiet))


def check_refused(kind: type[hub.DownloadError], *words: str, source: hub.Source = SOURCE) -> None:
    with pytest.raises(kind) as caught:
        hub.look_up(source)
    for word in words:
        assert word in str(caught.value)


def test_the_hub_tells_size_checksum_and_revision(stand_in: Hub):
    found = hub.look_up(SOURCE)
    assert (found.commit, found.bytes, found.sha256) == (COMMIT, len(CONTENT), SHA256)


def test_a_file_comes_whole_and_nothing_else_is_left(stand_in: Hub, tmp_path):
    got = fetched(tmp_path / "m")
    assert got == download.Fetched(tmp_path / "m" / FILE, len(CONTENT), SHA256)
    assert got.path.read_bytes() == CONTENT
    assert sorted(path.name for path in (tmp_path / "m").iterdir()) == [".lock", FILE]
    assert stand_in.ranges() == [""]


def test_only_the_file_asked_for_is_asked_of_the_hub(stand_in: Hub, tmp_path):
    fetched(tmp_path)
    assert [(method, path) for method, path, _ in stand_in.asked] == [
        ("HEAD", f"/{REPOSITORY}/resolve/main/{FILE}"),
        ("GET", f"/{REPOSITORY}/resolve/{COMMIT}/{FILE}"),
    ]


def test_progress_is_told_up_to_the_end(stand_in: Hub, tmp_path):
    came: list[int] = []
    checked: list[int] = []
    steps = download.Steps(lambda done, _: came.append(done), lambda done, _: checked.append(done))
    download.fetch(hub.look_up(SOURCE), tmp_path, steps)
    assert came[0] == 0 and came == sorted(came) and len(came) > 1
    assert came[-1] == checked[-1] == len(CONTENT)


def test_a_broken_connection_is_taken_up_where_it_broke(stand_in: Hub, tmp_path):
    stand_in.breaks_after = [50_000, 20_000]
    assert fetched(tmp_path).path.read_bytes() == CONTENT
    assert stand_in.ranges() == ["", "bytes=50000-", "bytes=70000-"]


def test_a_connection_that_always_breaks_is_given_up_and_taken_up_by_the_next_pull(stand_in: Hub, tmp_path):
    stand_in.breaks_after = [30_000, *[0] * download.MAX_ATTEMPTS]
    with pytest.raises(download.Interrupted, match=r"30,000 of 102,404.*pull again"):
        fetched(tmp_path)
    assert not (tmp_path / FILE).exists()
    stand_in.asked.clear()
    assert fetched(tmp_path).path.read_bytes() == CONTENT
    assert stand_in.ranges() == ["bytes=30000-"]


def test_what_was_stopped_by_hand_goes_on(stand_in: Hub, tmp_path):
    def stop(n_done: int, n_bytes: int) -> None:
        if n_done:
            raise KeyboardInterrupt

    remote = hub.look_up(SOURCE)
    with pytest.raises(KeyboardInterrupt):
        download.fetch(remote, tmp_path, download.Steps(stop, quiet))
    n_here = download.bytes_here(remote, tmp_path)
    assert 0 < n_here < len(CONTENT)
    stand_in.asked.clear()
    assert fetched(tmp_path).path.read_bytes() == CONTENT
    assert stand_in.ranges() == [f"bytes={n_here}-"]


def test_a_server_without_ranges_sends_all_of_it_again(stand_in: Hub, tmp_path):
    stand_in.breaks_after, stand_in.knows_ranges = [50_000], False
    assert fetched(tmp_path).path.read_bytes() == CONTENT


def test_a_part_of_another_version_is_not_gone_on_with(stand_in: Hub, tmp_path):
    stand_in.breaks_after = [50_000, *[0] * download.MAX_ATTEMPTS]
    with pytest.raises(download.Interrupted):
        fetched(tmp_path)
    newer = b"GGUF" + b"n" * 60_000
    stand_in.files[f"{REPOSITORY}/{FILE}"] = newer
    stand_in.asked.clear()
    assert fetched(tmp_path).path.read_bytes() == newer
    assert stand_in.ranges() == [""]
    assert not list(tmp_path.glob("*.part"))


def test_what_is_here_and_whole_is_not_downloaded_again(stand_in: Hub, tmp_path):
    fetched(tmp_path)
    stand_in.asked.clear()
    assert fetched(tmp_path).was_there
    assert stand_in.ranges() == []


def test_what_is_here_and_changed_is_downloaded_again(stand_in: Hub, tmp_path):
    fetched(tmp_path).path.write_bytes(b"GGUF" + bytes(len(CONTENT) - 4))
    assert not fetched(tmp_path).was_there
    assert (tmp_path / FILE).read_bytes() == CONTENT


def test_a_wrong_checksum_deletes_what_came(stand_in: Hub, tmp_path):
    stand_in.told_sha256 = "0" * 64
    with pytest.raises(download.Mismatch, match=r"SHA-256.*000000.*pull again"):
        fetched(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_a_wrong_checksum_leaves_the_file_of_before(stand_in: Hub, tmp_path):
    (tmp_path / FILE).write_bytes(b"GGUF before")
    stand_in.told_sha256 = "0" * 64
    with pytest.raises(download.Mismatch):
        fetched(tmp_path)
    assert (tmp_path / FILE).read_bytes() == b"GGUF before"


def test_what_is_no_gguf_file_is_refused(stand_in: Hub, tmp_path):
    stand_in.files[f"{REPOSITORY}/{FILE}"] = b"<html>" * 100
    with pytest.raises(download.Mismatch, match="not a GGUF file"):
        fetched(tmp_path)


def test_a_full_disk_is_told_before_anything_comes(stand_in: Hub, tmp_path, monkeypatch):
    class Usage:
        free = 1000

    monkeypatch.setattr(download.store.shutil, "disk_usage", lambda _: Usage)
    with pytest.raises(download.DiskProblem, match=r"no space left.*NEXTEDIT_HOME"):
        fetched(tmp_path)
    assert stand_in.ranges() == []


def test_a_disk_that_fills_up_meanwhile_keeps_what_came(stand_in: Hub, tmp_path, monkeypatch):
    writing, n_written = download.write, []

    def write(file: BinaryIO, piece: bytes) -> None:
        if n_written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        writing(file, piece)
        n_written.append(len(piece))

    monkeypatch.setattr(download, "write", write)
    with pytest.raises(download.DiskProblem, match=r"no space left.*goes on where it was"):
        fetched(tmp_path)
    assert [download.bytes_here(hub.look_up(SOURCE), tmp_path)] == n_written


def test_two_processes_do_not_write_one_file(stand_in: Hub, tmp_path):
    with files.held(tmp_path / ".lock") as is_held:
        assert is_held
        with pytest.raises(download.Busy, match="another nextedit"):
            fetched(tmp_path)


def test_the_token_stays_behind_when_another_host_has_the_bytes(stand_in: Hub, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with hub_stand_in.serving() as elsewhere:
        stand_in.sends_on_to = elsewhere.url
        assert fetched(tmp_path).path.read_bytes() == CONTENT
        assert all(headers["authorization"] == "Bearer hf_secret" for _, _, headers in stand_in.asked)
        assert elsewhere.asked and all("authorization" not in headers for _, _, headers in elsewhere.asked)


def test_a_file_that_is_not_there_is_told_with_those_that_are(stand_in: Hub):
    missing = hub.Source(REPOSITORY, "other.gguf")
    check_refused(hub.NotFound, "no file other.gguf", FILE, "--file", source=missing)


def test_a_repository_that_is_not_there(stand_in: Hub):
    check_refused(hub.NotFound, "no repository no/body", "private", "HF_TOKEN", source=hub.Source("no/body", FILE))


def test_terms_to_be_accepted(stand_in: Hub):
    stand_in.refuses = (403, "GatedRepo")
    check_refused(hub.Denied, "terms", f"{stand_in.url}/{REPOSITORY}", "HF_TOKEN")


def test_a_token_that_is_refused(stand_in: Hub):
    stand_in.refuses = (403, "")
    check_refused(hub.Denied, "403", "HF_TOKEN")


@pytest.mark.parametrize(("status", "words"), [(503, "Try again later"), (429, "Wait a few minutes")])
def test_a_hub_in_trouble(stand_in: Hub, status, words):
    stand_in.refuses = (status, "")
    check_refused(hub.Unreachable, words)


def test_an_answer_of_something_else_than_the_hub(stand_in: Hub, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", f"{stand_in.url}/api/models")
    check_refused(hub.Unreachable, "HF_ENDPOINT", "proxy")


def test_no_network(stand_in: Hub, monkeypatch):
    # Port 9 discards; nothing listens there.
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    check_refused(hub.Unreachable, "http://127.0.0.1:9 can't be reached", "HTTPS_PROXY", "models import")


def test_a_proxy_that_does_not_answer(stand_in: Hub, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    hub._library().utils.close_session()
    check_refused(hub.Unreachable, "can't be reached", "proxy")
    hub._library().utils.close_session()


def test_forbidden_downloads(stand_in: Hub, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    check_refused(hub.Unreachable, "HF_HUB_OFFLINE", "models import")
    assert stand_in.asked == []
