"""Where the time of a prediction goes, by the rooms of the package.

In: a function to call.  Out: seconds by room.
Not here: how long a prediction takes when nobody looks; a profiler slows small functions down more than large ones.

What runs outside the package, such as the standard library or a parser, counts for the room that called it.
"""

from __future__ import annotations

import cProfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import nextedit_lsp

_ROOT = Path(nextedit_lsp.__file__).parent
# A chain of calls outside the package that is longer than this is a recursion; the rest of its time is dropped.
_MAX_DEPTH = 30
OTHER = "other"

_Function = tuple[str, int, str]


def seconds_by_room(call: Callable[[], object]) -> dict[str, float]:
    """Calls ``call`` under a profiler."""
    profile = cProfile.Profile()
    profile.runcall(call)
    profile.create_stats()
    return _by_room(profile.stats)


def total(found: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The sums, the largest first."""
    sums: dict[str, float] = defaultdict(float)
    for one in found:
        for room, seconds in one.items():
            sums[room] += seconds
    return dict(sorted(sums.items(), key=lambda item: -item[1]))


def _by_room(stats: Mapping[_Function, tuple[int, int, float, float, Mapping[_Function, Any]]]) -> dict[str, float]:
    rooms = {function: _room(function[0]) for function in stats}
    sums: dict[str, float] = defaultdict(float)
    pending = {function: own for function, (_, _, own, _, _) in stats.items()}
    for _ in range(_MAX_DEPTH):
        outside: dict[_Function, float] = defaultdict(float)
        for function, seconds in pending.items():
            room = rooms.get(function)
            callers = stats[function][4]
            if room is not None:
                sums[room] += seconds
            elif not callers:
                sums[OTHER] += seconds
            else:
                # To each caller by the time that was spent here for it; by calls where that is too short to tell.
                spent = {caller: values[3] for caller, values in callers.items()}
                weights = spent if sum(spent.values()) else {caller: values[0] for caller, values in callers.items()}
                for caller, weight in weights.items():
                    outside[caller] += seconds * weight / sum(weights.values())
        pending = outside
    return dict(sums)


def _room(file: str) -> str | None:
    """The room of a source file; None outside the package."""
    path = Path(file)
    if not path.is_relative_to(_ROOT):
        return None
    return path.relative_to(_ROOT).parts[0].removesuffix(".py")
