"""The time, passed in, so that tests turn it by hand.

In: nothing.  Out: seconds on a steady clock, and sleep.
Not here: what is waited for.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """What the session needs of a clock."""

    def now(self) -> float:
        """Seconds since some fixed moment."""

    async def sleep(self, seconds: float) -> None:
        """Returns after that long."""


class SteadyClock:
    """The machine's clock, which never goes back."""

    def now(self) -> float:
        """Seconds since some fixed moment."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Returns after that long."""
        await asyncio.sleep(seconds)


class FakeClock:
    """A clock that a test turns: sleepers wake in ``advance``."""

    def __init__(self, now: float = 1000.0) -> None:
        self._now = now
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> float:
        """The time it was turned to."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Returns once the clock was turned that far."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        sleeper = (self._now + seconds, asyncio.get_running_loop().create_future())
        self._sleepers.append(sleeper)
        try:
            await sleeper[1]
        finally:
            self._sleepers.remove(sleeper)

    @property
    def n_sleepers(self) -> int:
        """How many wait for the clock."""
        return len(self._sleepers)

    async def advance(self, seconds: float) -> None:
        """Turns the clock, letting those run that it wakes; what was only just begun may come to sleep first."""
        await self.settle()
        target = self._now + seconds
        while due := [sleeper for sleeper in self._sleepers if sleeper[0] <= target and not sleeper[1].done()]:
            moment, future = min(due, key=lambda sleeper: sleeper[0])
            self._now = moment
            future.set_result(None)
            await self.settle()
        self._now = target
        await self.settle()

    async def settle(self) -> None:
        """Lets every task run that can run without time passing."""
        # A woken task may wake another; a chain here is a handful of steps long.
        for _ in range(20):
            await asyncio.sleep(0)
