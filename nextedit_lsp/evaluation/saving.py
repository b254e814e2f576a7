"""Protocol 2: the keystrokes that suggestions save when a commit is replayed as a session.

In: an episode, an order of its hunks, a predictor.  Out: a Saving: what it cost by hand and with suggestions.
Not here: what typing costs (``keystrokes``), sums over episodes (``estimates``).

    make the first hunk by hand ──▶ ask ──▶ right? ──▶ accept: 1, with a jump 2 ────────────┐
                                     ▲        └─ wrong: 1 ──▶ make the next hunk by hand ──┤
                                     └─────────────────────────────────────────────────────┘

One suggestion is shown at a time, the best, as editors do.  *Strict*: right is what makes one remaining hunk and
nothing else.  *Lenient*: what makes a part of one, or several whole, is accepted as well, and the user types the rest.
What was wrong is turned down (the Esc), so the predictor knows; once the commit is complete, anything shown is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nextedit_lsp.editing.events import Origin
from nextedit_lsp.evaluation import judging
from nextedit_lsp.evaluation.episodes import Episode
from nextedit_lsp.evaluation.judging import Part
from nextedit_lsp.evaluation.keystrokes import JUMP, keystrokes
from nextedit_lsp.evaluation.rounds import HunkId, PlacedHunk, Replay, Round
from nextedit_lsp.presenting.suggestion import Form, Suggestion

ACCEPT = 1
ACCEPT_WITH_JUMP = 2
# The glance and the Esc.
WRONG = 1

Ask = Callable[[Round], Suggestion | None]


@dataclass(frozen=True, slots=True)
class Session:
    """Keystrokes spent, and what became of the suggestions; ``n_lines_accepted`` counts lines of hunks not typed."""

    keystrokes: int = 0
    n_accepted: int = 0
    n_wrong: int = 0
    n_lines_accepted: int = 0


@dataclass(frozen=True, slots=True)
class Saving:
    """One episode.  ``first`` is what the first hunk costs, which nothing can foretell; it is in all three sums."""

    episode: str
    language: str
    n_hunks: int
    n_lines: int
    by_hand: int
    first: int
    strict: Session
    lenient: Session


def saving(episode: Episode, order: Sequence[HunkId], ask: Ask) -> Saving:
    """What suggestions save in the episode; ``ask`` gives the best suggestion that is shown, if any."""
    remembered: dict[Hashable, Suggestion | None] = {}

    def asked(state: Hashable, round_: Round) -> Suggestion | None:
        # Both sessions go the same way until a suggestion is right in part.
        if state not in remembered:
            remembered[state] = ask(round_)
        return remembered[state]

    first = _typed(Replay(episode), order[0])
    strict, lenient = (_session(episode, order, asked, is_lenient=lenient) for lenient in (False, True))
    return Saving(
        episode=episode.id,
        language=episode.files[order[0].file].language_id,
        n_hunks=len(order),
        n_lines=sum(_n_lines(Replay(episode).placed(which)) for which in order),
        by_hand=_session(episode, order, lambda *_: None, is_lenient=False).keystrokes,
        first=first,
        strict=strict,
        lenient=lenient,
    )


def _session(
    episode: Episode,
    order: Sequence[HunkId],
    ask: Callable[[Hashable, Round], Suggestion | None],
    *,
    is_lenient: bool,
) -> Session:
    replay, pending = Replay(episode), list(order[1:])
    n_keys = _typed(replay, order[0])
    replay.make(order[0])
    n_accepted = n_wrong = n_lines = 0
    while True:
        round_ = replay.round(pending)
        suggestion = ask(replay.state, round_)
        parts = _accepted(suggestion, round_, is_lenient=is_lenient) if suggestion else []
        if suggestion and parts:
            n_accepted += 1
            n_keys += ACCEPT_WITH_JUMP if suggestion.form is Form.JUMP else ACCEPT
            n_keys += _rest(parts)
            n_lines += sum(_n_lines(part.hunk) for part in parts if part.lines == part.hunk.new)
            for which in [pending[i] for i in _indices(parts, round_.remaining)]:
                pending.remove(which)
                replay.make(which, Origin.ACCEPTED)
            continue
        if suggestion:
            n_wrong += 1
            n_keys += WRONG
            replay.reject(suggestion)
        if not pending:
            return Session(n_keys, n_accepted, n_wrong, n_lines)
        n_keys += _typed(replay, pending[0])
        replay.make(pending.pop(0))


def _accepted(suggestion: Suggestion, round_: Round, *, is_lenient: bool) -> list[Part]:
    exact = judging.exactly_made(suggestion, round_)
    if exact is not None:
        return [Part(exact, exact.new)]
    return judging.partly_made(suggestion, round_) if is_lenient else []


def _indices(parts: Sequence[Part], remaining: Sequence[PlacedHunk]) -> list[int]:
    return [i for i, hunk in enumerate(remaining) if any(part.hunk is hunk for part in parts)]


def _typed(replay: Replay, which: HunkId) -> int:
    """The keystrokes to make a hunk by hand from where the cursor is; the session begins with it far away."""
    hunk = replay.placed(which)
    distance = JUMP
    if replay.done:
        snapshot = replay.round(()).snapshot
        if snapshot.document.uri == hunk.uri:
            distance = abs(snapshot.document.text.line_start(hunk.start) - snapshot.cursor)
    return _keystrokes(hunk.old, hunk.new, min(distance, JUMP))


def _rest(parts: Sequence[Part]) -> int:
    """What is left to type of the hunks after a suggestion that was right in part, each from a jump away."""
    return sum(_keystrokes(part.lines, part.hunk.new, JUMP) for part in parts)


@lru_cache(maxsize=1024)  # A hunk is made in each of the sessions of its episode.
def _keystrokes(old: tuple[str, ...], new: tuple[str, ...], distance: int) -> int:
    return keystrokes("".join(line + "\n" for line in old), "".join(line + "\n" for line in new), distance)


def _n_lines(hunk: PlacedHunk) -> int:
    """The lines that a hunk changes: those that go and those that come."""
    return len(hunk.old) + len(hunk.new)
