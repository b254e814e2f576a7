from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest_asyncio

from tests.session.checks import Bench


@pytest_asyncio.fixture
async def bench() -> AsyncIterator[Callable[..., Bench]]:
    """Makes benches, and closes them."""
    made: list[Bench] = []

    def make(*arguments: object, **options: object) -> Bench:
        made.append(Bench(*arguments, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        await one.close()
