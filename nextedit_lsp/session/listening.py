"""What the session tells its surroundings: the interface that ``server`` fills.

In: nothing.  Out: the ``Listener`` and the values that it hears.
Not here: how a client shows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from nextedit_lsp.workspace.looking import IndexState


class Kind(Enum):
    """How the session is, in the words of Copilot's ``didChangeStatus``."""

    NORMAL = "Normal"
    INACTIVE = "Inactive"
    WARNING = "Warning"


@dataclass(frozen=True, slots=True)
class Status:
    """The session at one moment; ``message`` is for a status bar."""

    kind: Kind
    is_busy: bool
    message: str
    model: str
    model_state: str
    model_problem: str | None = None
    paused_s: float | None = None
    """Seconds until the pause ends: 0 when there is none, None when it ends by hand."""
    documents: int = 0
    index: IndexState = field(default_factory=IndexState)
    left_alone: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


class Listener(Protocol):
    """Who is told."""

    def on_status(self, status: Status) -> None:
        """The session's kind, busyness or message changed."""

    def on_model_progress(self, share: float | None) -> None:
        """A model is loading: the share done from 0 to 1, None when it is over."""

    def on_warning(self, text: str) -> None:
        """Something that the user should know, once."""


class SilentListener:
    """Hears nothing, for tests and tools."""

    def on_status(self, status: Status) -> None:
        """The session's kind, busyness or message changed."""

    def on_model_progress(self, share: float | None) -> None:
        """A model is loading."""

    def on_warning(self, text: str) -> None:
        """Something that the user should know, once."""
