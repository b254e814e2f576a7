"""Overseers for tests: they keep what they are told, and object where they should."""

from collections.abc import Callable
from dataclasses import dataclass, field

from nextedit_lsp.engine.interface import Partial


@dataclass
class FakeOverseer:
    """Objects, once it is asked, to what ``is_fine`` says is not."""

    is_fine: Callable[[Partial], bool] = lambda partial: True
    told: list[tuple[int, Partial]] = field(default_factory=list)
    _open: list[int] = field(default_factory=list)
    n_forgotten: int = 0

    def on_settled(self, n_tokens: int, partial: Partial) -> None:
        self.told.append((n_tokens, partial))
        if not self.is_fine(partial):
            self._open.append(n_tokens)

    def objections(self, wait_s: float) -> list[int]:
        found, self._open = self._open, []
        return found

    def forget(self) -> None:
        self.n_forgotten += 1
        self._open.clear()
