from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tests.server.harness import Harness


@pytest_asyncio.fixture
async def harness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., Harness]]:
    """Makes servers in this process, and closes them."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    made: list[Harness] = []

    def make(*arguments: object) -> Harness:
        made.append(Harness(*arguments))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        await one.close()
