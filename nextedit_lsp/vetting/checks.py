"""The checks that a proposal must pass, each small, named, and independent of the others.

In: a proposal, with the Snapshot and the evidence it came from.  Out: None, or why it is withheld.
Not here: the chance of acceptance (``chance``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from nextedit_lsp.editing.history import Intention
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.proposing.synthesis import Proposal
from nextedit_lsp.text import tokens
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit
from nextedit_lsp.vetting import unopened
from nextedit_lsp.vetting.silence import Silence

Check = Callable[[Proposal, Snapshot, list[Intention]], Silence | None]

# More than fits a glance.
MAX_CHANGED_LINES = 24
MAX_CHANGED_CHARS = 2000
# What may be parsed to vet the proposals of one request; each takes some milliseconds in a long file.
MAX_PARSES = 8


def first_objection(proposal: Proposal, snapshot: Snapshot, intentions: list[Intention]) -> Silence | None:
    """The first reason to withhold ``proposal``; None when it may be shown."""
    return first_cheap_objection(proposal, snapshot, intentions) or syntax_objections([proposal])[0]


def first_cheap_objection(proposal: Proposal, snapshot: Snapshot, intentions: list[Intention]) -> Silence | None:
    """The first reason to withhold ``proposal`` that is found without a parse."""
    for check in CHECKS:
        objection = check(proposal, snapshot, intentions)
        if objection is not None:
            return objection
    return None


def syntax_objections(proposals: Sequence[Proposal]) -> list[Silence | None]:
    """For each of ``proposals``, best first and apart from each other, whether it breaks syntax that is sound.

    Those of one pattern in one document are made together: where nothing breaks all are sound, else
    each half is looked at.  Behind ``MAX_PARSES`` what is still open counts as unvetted.
    """
    found: list[Silence | None] = [None] * len(proposals)
    groups: dict[tuple[str, str], list[int]] = {}
    for index, proposal in enumerate(proposals):
        if not _only_swaps_words(proposal.changes, proposal.document.text):
            groups.setdefault((proposal.document.uri, proposal.pattern), []).append(index)
    pending, n_parses = deque(groups.values()), 0
    while pending:
        group = pending.popleft()
        n_parses += 1
        if n_parses > MAX_PARSES:
            found = [Silence.UNVETTED if index in group else silence for index, silence in enumerate(found)]
        elif break_syntax([proposals[index] for index in group]):
            if len(group) == 1:
                found[group[0]] = Silence.BREAKS_SYNTAX
            else:
                # The better half at once, the other one after all other patterns.
                pending.appendleft(group[: len(group) // 2])
                pending.append(group[len(group) // 2 :])
    return found


def changes_nothing(proposal: Proposal, snapshot: Snapshot, intentions: list[Intention]) -> Silence | None:
    """A proposal whose result is the text as it is."""
    return None if proposal.changes.simplified(proposal.document.text) else Silence.NO_CHANGE


def is_too_large(proposal: Proposal, snapshot: Snapshot, intentions: list[Intention]) -> Silence | None:
    """A proposal that replaces or writes more than a person takes in at a glance."""
    first, last = proposal.rows
    n_new_lines = sum(edit.text.count("\n") for edit in proposal.changes.edits)
    n_chars = sum(len(edit.text) for edit in proposal.changes.edits)
    too_large = max(last - first, n_new_lines) > MAX_CHANGED_LINES or n_chars > MAX_CHANGED_CHARS
    return Silence.TOO_LARGE if too_large else None


def reverts_user(proposal: Proposal, snapshot: Snapshot, intentions: list[Intention]) -> Silence | None:
    """A proposal that brings back, at a place that the user has just changed, what stood there before."""
    text = proposal.document.text
    result = proposal.changes.apply(text)
    for intention in intentions:
        if intention.uri != proposal.document.uri:
            continue
        back = intention.changes.inverted(intention.before).rebased(intention.since)
        if back and _reaches(proposal.changes, back, text, result):
            return Silence.REVERTS_USER
    return None


def was_undone(proposal: Proposal, snapshot: Snapshot, intentions: list[Intention]) -> Silence | None:
    """A proposal for what the user has just taken back."""
    done = _line_changes(proposal.changes, proposal.document.text)
    for event in snapshot.history.undone:
        if event.uri == proposal.document.uri and done & _line_changes(event.changes, event.before):
            return Silence.UNDONE
    return None


def was_rejected(proposal: Proposal, snapshot: Snapshot, intentions: list[Intention]) -> Silence | None:
    """A proposal that was turned down at this place, wherever its lines have moved to."""
    text, changes = proposal.document.text, proposal.changes
    hull = changes.hull(text)
    for rejection in snapshot.rejections:
        if rejection.uri != proposal.document.uri:
            continue
        overlaps = rejection.start <= changes.end and changes.start <= rejection.end
        if overlaps and (rejection.old, rejection.new) == (text.slice(hull.start, hull.end), hull.text):
            return Silence.REJECTED
    return None


def break_syntax(proposals: Sequence[Proposal]) -> bool:
    """Whether more of their document fails to parse after ``proposals``, all at once, than before."""
    document = proposals[0].document
    changes = Changes.of(edit for proposal in proposals for edit in proposal.changes.edits)
    edited = document.edited(changes, document.version)
    if document.tree is None or edited.tree is None or not edited.tree.has_error:
        return False
    return edited.tree.n_errors(0, len(edited.text)) > document.tree.n_errors(0, len(document.text))


CHECKS: tuple[Check, ...] = (
    changes_nothing,
    is_too_large,
    unopened.is_unasked,
    reverts_user,
    was_undone,
    was_rejected,
)


def _only_swaps_words(changes: Changes, text: Text) -> bool:
    """Whether every edit makes one name of another: no tree needs to be parsed to see that this is sound."""
    for edit in changes.edits:
        old = text.slice(edit.start, edit.end)
        around = text.slice(edit.start - 1, edit.start) + text.slice(edit.end, edit.end + 1)
        swaps = not edit.text[:1].isdigit() and all(map(tokens.is_word_char, old + edit.text))
        if not swaps or not ((old and edit.text) or any(map(tokens.is_word_char, around))):
            return False
    return True


def _reaches(changes: Changes, back: Changes, text: Text, result: Text) -> bool:
    """Whether ``changes`` do all that an edit of ``back`` would do."""
    for edit in back.edits:
        if changes.touches(edit.start, edit.end):
            start, n_behind = _lines_of(edit, text)
            reverted = Changes((edit,)).apply(text)
            if result.slice(start, len(result) - n_behind) == reverted.slice(start, len(reverted) - n_behind):
                return True
    return False


def _line_changes(changes: Changes, text: Text) -> set[tuple[str, str]]:
    """The changed lines, each as it was and as it becomes."""
    found = set()
    for edit in changes.edits:
        start, n_behind = _lines_of(edit, text)
        after = Changes((edit,)).apply(text)
        found.add((text.slice(start, len(text) - n_behind), after.slice(start, len(after) - n_behind)))
    return found


def _lines_of(edit: Edit, text: Text) -> tuple[int, int]:
    """Where the lines that ``edit`` touches start, and how many characters stand behind them."""
    return text.line_start(text.line_at(edit.start)), len(text) - text.line_end(text.line_at(edit.end))
