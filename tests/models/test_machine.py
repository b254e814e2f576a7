"""Whether a model fits into the memory of this machine."""

from __future__ import annotations

import pytest

from nextedit_lsp.models import machine
from nextedit_lsp.models.machine import Fit


@pytest.mark.parametrize(
    ("needed", "memory", "expected"),
    [(5, 10, Fit.FITS), (8, 10, Fit.TIGHT), (9, 10, Fit.TOO_BIG), (5, None, Fit.UNKNOWN)],
)
def test_how_it_fits(needed, memory, expected):
    assert machine.fit(needed, memory) is expected


def test_this_machine_has_memory():
    memory = machine.memory_bytes()
    assert memory is not None and memory > 100_000_000


def test_a_containers_limit_counts(tmp_path, monkeypatch):
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(machine, "LIMITS", (limit,))
    limit.write_text("1000\n")
    assert machine.memory_bytes() == 1000
    limit.write_text("max\n")
    assert machine.memory_bytes() == machine._physical()


def test_a_system_that_does_not_tell(monkeypatch):
    monkeypatch.setattr(machine, "_physical", lambda: None)
    monkeypatch.setattr(machine, "LIMITS", ())
    assert machine.memory_bytes() is None
