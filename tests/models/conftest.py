"""Every test here has a home of its own, and a hub on this machine where it asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.models import hub_stand_in


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEXTEDIT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[hub_stand_in.Hub]:
    with hub_stand_in.in_place_of_the_hub(monkeypatch) as hub:
        yield hub
