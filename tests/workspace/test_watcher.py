import errno
import importlib.util
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nextedit_lsp.workspace import observers
from nextedit_lsp.workspace.disk_changes import Change, ChangeKind, FileChanged, HeadMoved
from nextedit_lsp.workspace.git import HeadMove
from nextedit_lsp.workspace.watcher import Watcher

from .repositories import commit_file, make_repository, run_git

# Long enough for the busiest machine; a test that passes never waits that long.
TIMEOUT_S = 30.0

# On Python 3.10 there is only watchdog 6, which watches ignored directories too and is less sure of moved ones.
needs_pruning = pytest.mark.skipif(
    sys.platform != "linux" or importlib.util.find_spec("watchdog.observers.inotify_move_event_grouper") is None,
    reason="Linux with watchdog 7 or newer",
)


class Watched:
    """A watcher with what it said; waits for things instead of sleeping."""

    def __init__(self, **options: float) -> None:
        self._said = threading.Condition()
        self.changes: list[Change] = []
        self.notices: list[str] = []
        self.watcher = Watcher(self._on_notice, **options)  # type: ignore[arg-type]
        self._n_probes = 0

    def _on_notice(self, text: str) -> None:
        with self._said:
            self.notices.append(text)
            self._said.notify_all()

    def on_change(self, change: Change) -> None:
        with self._said:
            self.changes.append(change)
            self._said.notify_all()

    def wait_for(self, found: Callable[[], bool]) -> None:
        with self._said:
            assert self._said.wait_for(found, TIMEOUT_S), (self.changes, self.notices)

    def wait_for_change(self, path: Path, *kinds: ChangeKind) -> None:
        expected = [FileChanged(path, kind) for kind in kinds or ChangeKind]
        self.wait_for(lambda: any(change in self.changes for change in expected))

    def wait_for_move(self, root: Path, move: HeadMove) -> None:
        self.wait_for(lambda: HeadMoved(root, move) in self.changes)

    def watch(self, root: Path) -> None:
        """Watch a root, and return when changes below it are seen."""
        self.watcher.watch(root, self.on_change)
        self.probe(root)

    def probe(self, root: Path) -> None:
        """Return when all that happened before has been delivered, told by a file that is touched until it is seen."""
        self._n_probes += 1
        path = root / f"probe{self._n_probes}.txt"
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            path.write_text(str(time.monotonic()))
            with self._said:
                if self._said.wait_for(lambda: path in self.paths(), 0.3):
                    return
        raise AssertionError(f"{root} is not watched: {self.notices}")

    def paths(self) -> set[Path]:
        return {change.path for change in self.changes if isinstance(change, FileChanged)}


@pytest.fixture
def watched() -> Iterator[Watched]:
    watched = Watched()
    yield watched
    watched.watcher.stop()


@needs_pruning
def test_the_pruned_observer_suits_the_installed_watchdog():
    observer = observers.make_native(lambda _: True, 10, lambda: None, lambda: None)
    observer.start()
    observer.stop()
    observer.join()
    assert type(observer).__name__ == "PrunedObserver"


def test_files_made_changed_and_deleted_are_told(watched: Watched, tmp_path: Path):
    (tmp_path / "old.py").write_text("1")
    (tmp_path / "gone.py").write_text("1")
    watched.watch(tmp_path)
    (tmp_path / "new.py").write_text("1")
    (tmp_path / "old.py").write_text("2")
    (tmp_path / "gone.py").unlink()
    watched.wait_for_change(tmp_path / "new.py", ChangeKind.CREATED)
    watched.wait_for_change(tmp_path / "old.py", ChangeKind.MODIFIED)
    watched.wait_for_change(tmp_path / "gone.py", ChangeKind.DELETED)


def test_reading_a_file_is_no_change(watched: Watched, tmp_path: Path):
    (tmp_path / "a.py").write_text("1")
    watched.watch(tmp_path)
    (tmp_path / "a.py").read_text()
    watched.probe(tmp_path)
    assert tmp_path / "a.py" not in watched.paths()


def test_an_atomic_save_is_told_under_the_file_s_own_name(watched: Watched, tmp_path: Path):
    (tmp_path / "a.py").write_text("1")
    watched.watch(tmp_path)
    (tmp_path / "a.py.tmp").write_text("2")
    (tmp_path / "a.py.tmp").rename(tmp_path / "a.py")
    watched.wait_for_change(tmp_path / "a.py")


@needs_pruning
def test_new_and_moved_directories_are_watched_too(watched: Watched, tmp_path: Path):
    (tmp_path / "in" / "a").mkdir(parents=True)
    (tmp_path / "out" / "deep").mkdir(parents=True)
    root = tmp_path / "in"
    watched.watch(root)
    (root / "b" / "c").mkdir(parents=True)
    (root / "b" / "c" / "x.py").write_text("1")
    watched.wait_for_change(root / "b" / "c" / "x.py")
    (root / "b").rename(root / "a" / "b")
    watched.wait_for_change(root / "a" / "b" / "c" / "x.py", ChangeKind.CREATED)
    watched.probe(root / "a" / "b" / "c")
    (tmp_path / "out").rename(root / "moved")
    watched.probe(root / "moved" / "deep")


def test_ignored_files_are_not_told_and_their_directories_not_watched(watched: Watched, tmp_path: Path):
    (tmp_path / ".gitignore").write_text("*.log\nbuild/\n")
    for name in ("src", "build/deep", "web/node_modules/x", ".git"):
        (tmp_path / name).mkdir(parents=True)
    watched.watch(tmp_path)
    (tmp_path / "new" / "node_modules").mkdir(parents=True)
    for name in ("src/a.log", "build/deep/a.py", "web/node_modules/x/a.js", "new/node_modules/b.js", ".git/x"):
        (tmp_path / name).write_text("1")
    watched.probe(tmp_path / "src")
    watched.probe(tmp_path / "new")
    assert {path.name for path in watched.paths()} == {"probe1.txt", "probe2.txt", "probe3.txt"}


@needs_pruning
def test_no_inotify_watch_is_spent_on_ignored_directories(watched: Watched, tmp_path: Path):
    before = count_inotify_watches()
    for n in range(50):
        (tmp_path / "node_modules" / f"package{n}").mkdir(parents=True)
    (tmp_path / "src" / "deep").mkdir(parents=True)
    watched.watch(tmp_path)
    assert count_inotify_watches() - before == 3


def count_inotify_watches() -> int:
    n_watches = 0
    for name in os.listdir("/proc/self/fdinfo"):  # noqa: PTH208
        try:
            n_watches += Path("/proc/self/fdinfo", name).read_text().count("inotify wd:")
        except OSError:  # noqa: PERF203 - the descriptor of the listing itself
            continue
    return n_watches


def test_a_changed_rule_is_followed(watched: Watched, tmp_path: Path):
    (tmp_path / ".gitignore").write_text("out/\n")
    (tmp_path / "out").mkdir()
    watched.watch(tmp_path)
    (tmp_path / ".gitignore").write_text("# nothing\n")
    watched.probe(tmp_path / "out")


def test_several_roots_are_told_apart_and_one_can_be_let_go(tmp_path: Path):
    one, two = Watched(), Watched()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    try:
        one.watch(tmp_path / "one")
        one.watcher.watch(tmp_path / "two", two.on_change)
        two.watcher = one.watcher
        two.probe(tmp_path / "two")
        assert {path.parent.name for path in one.paths()} == {"one"}
        assert {path.parent.name for path in two.paths()} == {"two"}
        one.watcher.unwatch(tmp_path / "one")
        (tmp_path / "one" / "late.py").write_text("1")
        two.probe(tmp_path / "two")
        assert tmp_path / "one" / "late.py" not in one.paths()
    finally:
        one.watcher.stop()


def test_a_root_behind_a_link_and_links_that_loop_are_harmless(watched: Watched, tmp_path: Path):
    (tmp_path / "real" / "a").mkdir(parents=True)
    (tmp_path / "real" / "a" / "loop").symlink_to(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    watched.watch(tmp_path / "link")
    watched.probe(tmp_path / "link" / "a")
    assert all(path.is_relative_to(tmp_path / "link") for path in watched.paths())


def test_a_root_that_is_missing_or_vanishes_is_harmless(watched: Watched, tmp_path: Path):
    for name in ("vanishing", "staying"):
        (tmp_path / name).mkdir()
    watched.watcher.watch(tmp_path / "missing", watched.on_change)
    watched.watch(tmp_path / "vanishing")
    for path in (tmp_path / "vanishing").iterdir():
        path.unlink()
    (tmp_path / "vanishing").rmdir()
    watched.watch(tmp_path / "staying")
    assert watched.notices == []


def test_an_error_in_the_callback_does_not_end_the_watching(tmp_path: Path, watched: Watched):
    n_calls = 0

    def on_change(change: Change) -> None:
        nonlocal n_calls
        n_calls += 1
        watched.on_change(change)
        raise RuntimeError("the callback's fault")

    watched.watcher.watch(tmp_path, on_change)
    watched.probe(tmp_path)
    watched.probe(tmp_path)
    assert n_calls >= 2


def test_moves_of_head_are_told_with_their_reason(watched: Watched, tmp_path: Path):
    root = make_repository(tmp_path)
    watched.watch(root)
    commit_file(root, "b.txt", "two\n")
    watched.wait_for_move(root, HeadMove.COMMIT)
    run_git(root, "checkout", "-q", "-b", "topic")
    watched.wait_for_move(root, HeadMove.CHECKOUT)
    run_git(root, "reset", "-q", "--hard", "HEAD~1")
    watched.wait_for_move(root, HeadMove.RESET)


def test_a_checkout_is_told_before_the_files_that_it_changed(watched: Watched, tmp_path: Path):
    root = make_repository(tmp_path)
    run_git(root, "checkout", "-q", "-b", "topic")
    commit_file(root, "a.txt", "two\n")
    watched.watch(root)
    watched.changes.clear()
    run_git(root, "checkout", "-q", "main")
    watched.wait_for_change(root / "a.txt")
    assert watched.changes[0] == HeadMoved(root, HeadMove.CHECKOUT)


def test_files_are_held_back_while_git_holds_its_lock(watched: Watched, tmp_path: Path):
    root = make_repository(tmp_path)
    watched.watch(root)
    lock = root / ".git" / "index.lock"
    lock.touch()
    (root / "a.txt").write_text("two\n")
    with watched._said:
        assert not watched._said.wait_for(lambda: root / "a.txt" in watched.paths(), 0.5)
    lock.unlink()
    watched.wait_for_change(root / "a.txt", ChangeKind.MODIFIED)


def test_head_is_watched_in_a_linked_work_tree_below_the_top_and_in_a_new_repository(watched: Watched, tmp_path: Path):
    root = make_repository(tmp_path / "repository")
    run_git(root, "worktree", "add", "-q", "-b", "other", str(tmp_path / "linked"))
    (tmp_path / "linked" / "below").mkdir()
    watched.watch(tmp_path / "linked" / "below")
    run_git(tmp_path / "linked", "checkout", "-q", "-b", "third")
    watched.wait_for_move(tmp_path / "linked" / "below", HeadMove.CHECKOUT)
    (tmp_path / "new").mkdir()
    watched.watch(tmp_path / "new")
    run_git(tmp_path / "new", "init", "-q")
    watched.probe(tmp_path / "new")
    watched.probe(tmp_path / "new")
    commit_file(tmp_path / "new", "a.txt", "one\n")
    watched.wait_for_move(tmp_path / "new", HeadMove.COMMIT)


def check_polling(watched: Watched, root: Path) -> None:
    (root / "src" / "node_modules").mkdir(parents=True)
    (root / "src" / "again").symlink_to(root)
    try:
        watched.watch(root)
        (root / "src" / "node_modules" / "a.js").write_text("1")
        (root / "src" / "a.py").write_text("1")
        watched.wait_for_change(root / "src" / "a.py")
        watched.probe(root)
        assert "a.js" not in {path.name for path in watched.paths()}
        assert len(watched.notices) == 1
        assert "fs.inotify" in watched.notices[0]
    finally:
        watched.watcher.stop()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EMFILE])
def test_without_an_observer_files_are_polled_and_it_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
):
    def refuse(*_: object) -> None:
        raise OSError(code, "limit reached")

    monkeypatch.setattr(observers, "make_native", refuse)
    check_polling(Watched(poll_interval_s=0.05), tmp_path)


@needs_pruning
@pytest.mark.parametrize("n_granted", [0, 1])
def test_when_the_watches_run_out_files_are_polled_and_it_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_granted: int
):
    inotify_c = importlib.import_module("watchdog.observers.inotify_c")
    genuine = inotify_c.InotifyFD.add_callback
    n_asked = 0

    def refuse(*args: object) -> object:
        nonlocal n_asked
        n_asked += 1
        if n_asked > n_granted:
            raise OSError(errno.ENOSPC, "inotify watch limit reached")
        return genuine(*args)

    monkeypatch.setattr(inotify_c.InotifyFD, "add_callback", refuse)
    check_polling(Watched(poll_interval_s=0.05), tmp_path)


def test_polling_sees_head_move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "limit reached")

    monkeypatch.setattr(observers, "make_native", refuse)
    watched = Watched(poll_interval_s=0.05)
    root = make_repository(tmp_path)
    try:
        watched.watch(root)
        commit_file(root, "b.txt", "two\n")
        watched.wait_for_move(root, HeadMove.COMMIT)
    finally:
        watched.watcher.stop()


@needs_pruning
def test_too_many_directories_are_left_unwatched_with_one_notice(tmp_path: Path):
    for n in range(20):
        (tmp_path / f"d{n:02}" / "deep").mkdir(parents=True)
    watched = Watched(max_directories=5)
    try:
        watched.watch(tmp_path)
        watched.wait_for(lambda: bool(watched.notices))
        (tmp_path / "late").mkdir()
        watched.probe(tmp_path)
        assert len(watched.notices) == 1
        assert ".nexteditignore" in watched.notices[0]
    finally:
        watched.watcher.stop()


@needs_pruning
def test_watching_does_not_block_and_stopping_is_quick_even_in_a_long_walk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for n in range(300):
        (tmp_path / f"d{n}").mkdir()
    watched = Watched()
    walking = threading.Event()
    genuine = Watcher._keep

    def slow(self: Watcher, directory: str) -> bool:
        walking.set()
        if not self._stopping.is_set():
            time.sleep(0.05)
        return genuine(self, directory)

    monkeypatch.setattr(Watcher, "_keep", slow)
    began_at = time.monotonic()
    watched.watcher.watch(tmp_path, watched.on_change)
    assert time.monotonic() - began_at < 1.0
    assert walking.wait(TIMEOUT_S)
    began_at = time.monotonic()
    watched.watcher.stop()
    assert time.monotonic() - began_at < 2.0
    watched.watcher._thread.join(TIMEOUT_S)
    assert not watched.watcher._thread.is_alive()


def test_stopping_ends_all_threads_and_may_be_repeated(tmp_path: Path):
    before = set(threading.enumerate())
    watched = Watched()
    watched.watcher.stop()
    watched = Watched()
    watched.watch(tmp_path)
    watched.watcher.stop()
    watched.watcher.stop()
    for thread in set(threading.enumerate()) - before:
        thread.join(TIMEOUT_S)
    assert set(threading.enumerate()) <= before
