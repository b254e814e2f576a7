from pathlib import Path

import pytest

from nextedit_lsp.workspace.disk_changes import Batch, ChangeKind, Touched, combined

ROOT = Path("/root")
CREATED, MODIFIED, DELETED = ChangeKind.CREATED, ChangeKind.MODIFIED, ChangeKind.DELETED


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([CREATED, MODIFIED, MODIFIED], CREATED),
        ([MODIFIED, MODIFIED], MODIFIED),
        ([CREATED, MODIFIED, DELETED], None),
        ([DELETED, CREATED], MODIFIED),
        ([DELETED, CREATED, MODIFIED, DELETED], DELETED),
        ([CREATED, DELETED, CREATED], CREATED),
        ([MODIFIED, DELETED], DELETED),
    ],
)
def test_changes_in_a_row_become_one(kinds: list[ChangeKind], expected: ChangeKind | None):
    kind: ChangeKind | None = None
    for now in kinds:
        kind = combined(kind, now)
    assert kind is expected


def touch(batch: Batch, name: str, now: float) -> None:
    batch.touch(Touched(ROOT, ROOT / name, MODIFIED), now)


def test_a_batch_is_due_after_a_quiet_moment():
    batch = Batch()
    assert batch.wait_s(0.0) is None
    touch(batch, "a", 10.0)
    assert batch.wait_s(10.0) == pytest.approx(0.1)
    touch(batch, "b", 10.06)
    assert batch.wait_s(10.1) == pytest.approx(0.06)
    assert batch.wait_s(12.0) == 0.0
    touched, heads = batch.take()
    assert [each.path.name for each in touched] == ["a", "b"]
    assert heads == []
    assert batch.wait_s(13.0) is None


def test_a_stream_of_changes_is_delivered_all_the_same():
    batch = Batch()
    for step in range(40):
        touch(batch, "a", 10.0 + step * 0.05)
    assert batch.wait_s(11.0) == 0.0


def test_a_batch_is_held_while_git_works_but_not_for_good():
    batch = Batch()
    batch.touch_head(ROOT, 10.0)
    assert batch.roots() == {ROOT}
    batch.hold(10.1)
    assert batch.wait_s(10.1) == pytest.approx(0.1)
    assert batch.may_wait_for_git(15.0)
    assert not batch.may_wait_for_git(20.0)
    assert batch.take() == ([], [ROOT])
