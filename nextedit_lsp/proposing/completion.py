"""The edit in progress: what would finish it, when it is another instance of a repeated change.

In: proposals for the text as it was before the user began to type here.  Out: what of them is
still missing, when all that was typed since leads there.
Not here: how the proposals were found.
"""

from __future__ import annotations

import math
from dataclasses import replace

from nextedit_lsp.editing.events import Origin
from nextedit_lsp.editing.history import Intention
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.proposing.synthesis import Proposal
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit, common_prefix, trimmed
from nextedit_lsp.text.tokens import is_word_char

# A new line may begin behind the line above it or before the one below: a line break apart.
MAX_APART = 2
# Having typed the beginning of a proposal says more than anything that it was found by.
RAISED_LOG_ODDS = 2.5


def intention_in_progress(snapshot: Snapshot, intentions: list[Intention]) -> Intention | None:
    """The newest intention, when the user is typing it: the cursor stands where it ends."""
    newest = intentions[0]
    last_event = snapshot.history.events[-1]
    if newest.uri != snapshot.document.uri or last_event.origin is not Origin.TYPED or newest.since:
        return None
    spans = newest.changes.after_spans()
    return newest if any(start <= snapshot.cursor <= end for start, end in spans) else None


def base_snapshot(snapshot: Snapshot, typing: Intention) -> Snapshot:
    """The snapshot as it was before the edit in progress, the cursor where that began."""
    document = snapshot.document.edited(typing.changes.inverted(typing.before), snapshot.document.version)
    return replace(
        snapshot, document=document, cursor=typing.changes.start, history=snapshot.history.without(typing.events)
    )


def completed(proposal: Proposal, snapshot: Snapshot, typing: Intention) -> Proposal | None:
    """What is still missing from ``proposal``, which is for the text before ``typing``.

    None where the typing leads elsewhere.  The line up to the cursor must be as the proposal would
    have it, and something of what the proposal changes must have been typed.
    """
    changes, begun = proposal.changes, typing.changes
    meets = changes.start <= begun.end + MAX_APART and begun.start <= changes.end + MAX_APART
    if proposal.document.uri != snapshot.document.uri or not meets:
        return None
    if not _takes_nothing_back(changes, begun, proposal.document.text):
        return None
    before, now = proposal.document.text, snapshot.document.text
    target = changes.apply(before)
    first, last = min(changes.start, begun.start), max(changes.end, begun.end)
    start = before.line_start(before.line_at(first))
    n_behind = len(before) - before.line_end(before.line_at(last))
    old = before.slice(start, len(before) - n_behind)
    wanted = target.slice(start, len(target) - n_behind)
    typed = now.slice(start, snapshot.cursor)
    whole = now.slice(start, len(now) - n_behind)
    is_deleting = all(not edit.text for edit in begun.edits) and first == changes.start and last == changes.end
    has_begun = len(typed) > common_prefix(old, wanted) or is_deleting
    if whole == wanted or not wanted.startswith(typed) or not has_begun:
        return None
    edit = trimmed(Edit(start, len(now) - n_behind, wanted), now)
    if edit.start < snapshot.cursor:
        # Trimming slid an insertion to the left of the cursor: what follows the cursor is what to write.
        edit = trimmed(Edit(snapshot.cursor, len(now) - n_behind, wanted[len(typed) :]), now)
    return replace(
        proposal,
        document=snapshot.document,
        changes=Changes((edit,)),
        title=f"finish: {proposal.title}",
    )


def _takes_nothing_back(changes: Changes, begun: Changes, before: Text) -> bool:
    """Whether all that the user deleted is what ``changes`` would replace, to whole words: none of it comes back."""
    start, end = changes.start, changes.end
    while start > 0 and is_word_char(before.slice(start - 1, start)):
        start -= 1
    while end < len(before) and is_word_char(before.slice(end, end + 1)):
        end += 1
    return all(edit.start == edit.end or (start <= edit.start and edit.end <= end) for edit in begun.edits)


def raised(probability: float) -> float:
    """The chance of a proposal whose beginning was typed."""
    probability = min(max(probability, 1e-3), 1 - 1e-3)
    log_odds = math.log(probability / (1 - probability)) + RAISED_LOG_ODDS
    return 1 / (1 + math.exp(-log_odds))


def is_disturbed(proposal: Proposal, snapshot: Snapshot, typing: Intention) -> bool:
    """Whether ``proposal`` would rewrite what is being typed."""
    if proposal.document.uri != snapshot.document.uri:
        return False
    return any(proposal.changes.touches(start, end) for start, end in typing.changes.after_spans())
