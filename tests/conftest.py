"""What all tests share: those that drive a real server run last."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def no_models_of_the_user(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for models that is nobody's: the model that the user of this machine has in use is not a test's."""
    home = tmp_path_factory.getbasetemp() / "nextedit-home"
    monkeypatch.setenv("NEXTEDIT_HOME", str(home))
    return home


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("e2e") is not None)
