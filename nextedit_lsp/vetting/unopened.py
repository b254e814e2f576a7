"""When a file that nobody has open may be edited: where what was done elsewhere leaves it wrong, or where it is a twin.

In: a proposal, with the Snapshot and the evidence it came from.  Out: None, or why it is withheld.
Not here: files that are open (``checks``).

In a workspace there are many files that read a little like the edited one, and few that the user will go on to; an
open file has been chosen by the user, these have not.  ``tools/measure_closed.py``, on 250 episodes of the development
split: without this check 28 of 158 suggestions for closed files were right, and of 250 complete commits 52 had a
suggestion instead of 18; with it 20 of 33 are right, and 20 complete commits have one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from nextedit_lsp.editing.documents import CLOSED
from nextedit_lsp.editing.history import Intention
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.locating.evidence import file_name
from nextedit_lsp.proposing.synthesis import Proposal
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.vetting.silence import Silence

# A twin has the same name in another folder, and of the lines around the place it shares at least so many.
AROUND_LINES = 3
MIN_SHARED = 0.7


def is_unasked(proposal: Proposal, snapshot: Snapshot, intentions: Sequence[Intention]) -> Silence | None:
    """A proposal for a file that is not open, and that nothing says has to follow."""
    if proposal.document.version > CLOSED:
        return None
    if _is_left_wrong(proposal, snapshot) or any(_is_twin(proposal, one) for one in intentions):
        return None
    return Silence.NOT_OPEN


def _is_left_wrong(proposal: Proposal, snapshot: Snapshot) -> bool:
    """Whether a definition was edited so that what stands here no longer fits it."""
    features = proposal.features
    kind, *parts = proposal.pattern.split("\0")
    if kind == "rename" and proposal.source == "namesake":
        is_gone = bool(features.get("seed_declares")) and not features.get("old_is_declared")
        return is_gone and parts[0] not in snapshot.elsewhere.defined
    if kind == "argument":
        return bool(features.get("seed_is_definition")) and not features.get("is_definition")
    return False


def _is_twin(proposal: Proposal, intention: Intention) -> bool:
    """Whether the place reads as the edited file did, in a file of the same name."""
    if intention.uri == proposal.document.uri or file_name(intention.path) != file_name(proposal.document.path):
        return False
    first, end = proposal.rows
    around = [line for line in proposal.document.text.lines(first - AROUND_LINES, end + AROUND_LINES) if line.strip()]
    known = _lines(intention.before)
    return bool(around) and sum(line in known for line in around) >= MIN_SHARED * len(around)


@lru_cache(maxsize=8)  # Asked for each proposal, of the few files that were edited last.
def _lines(text: Text) -> frozenset[str]:
    return frozenset(text.lines(0, text.n_lines))
