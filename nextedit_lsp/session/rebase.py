"""A suggestion carried over what the user did to its document since it was made.

In: a suggestion, the text before a change, the change.  Out: the suggestion for the text after, or None
where it no longer fits.
Not here: whether it should be shown again.

Two ways.  *Typed through*: the change is a part of the suggestion; the same text results, a smaller
edit remains.  *Moved*: the change lies elsewhere; the same edit stands at another offset.
"""

from __future__ import annotations

from dataclasses import replace

from nextedit_lsp.predictor import Prediction
from nextedit_lsp.presenting.suggestion import Suggestion
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit, trimmed


def typed_through(suggestion: Suggestion, changes: Changes, before: Text, version: int) -> Suggestion | None:
    """What remains of ``suggestion`` after the user typed a part of it; None when it is done or does not fit."""
    changes = changes.simplified(before)
    if len(changes.edits) != 1:
        return None
    typed = changes.edits[0]
    hosts = [edit for edit in suggestion.changes.edits if edit.start <= typed.end and typed.start <= edit.end]
    if len(hosts) != 1 or not _is_part(typed, hosts[0], before):
        return None
    host, after = hosts[0], changes.apply(before)
    remaining = trimmed(Edit(host.start, host.end + typed.delta, host.text), after)
    edits = [
        edit if edit.end <= typed.start else Edit(edit.start + typed.delta, edit.end + typed.delta, edit.text)
        for edit in suggestion.changes.edits
        if edit is not host
    ]
    if remaining.text or remaining.start < remaining.end:
        edits.append(remaining)
    return _standing(suggestion, Changes.of(edits), after, version) if edits else None


def moved(suggestion: Suggestion, changes: Changes, before: Text, version: int) -> Suggestion | None:
    """``suggestion`` at its place after ``changes`` elsewhere in its document; None when they collide."""
    rebased = suggestion.changes.rebased(changes)
    if rebased is None:
        return None
    standing = _standing(suggestion, rebased, changes.apply(before), version)
    return replace(standing, cursor_after=suggestion.cursor_after + standing.edit.start - suggestion.edit.start)


def prediction_typed_through(
    prediction: Prediction, uri: str, changes: Changes, before: Text, version: int
) -> Prediction | None:
    """``prediction`` while the best suggestion is being typed; the others come along where they still fit."""
    if not changes:
        return in_version(prediction, uri, version)
    best = prediction.suggestions[0] if prediction.suggestions else None
    if best is None or best.uri != uri:
        return None
    remaining = typed_through(best, changes, before, version)
    if remaining is None:
        return None
    others = [
        other if other.uri != uri else moved(other, changes, before, version) for other in prediction.suggestions[1:]
    ]
    return replace(prediction, suggestions=(remaining, *(other for other in others if other is not None)))


def in_version(prediction: Prediction, uri: str, version: int) -> Prediction:
    """``prediction`` where a document has another version and the same text."""
    same = (replace(one, version=version) if one.uri == uri else one for one in prediction.suggestions)
    return replace(prediction, suggestions=tuple(same))


def _is_part(typed: Edit, host: Edit, before: Text) -> bool:
    """Whether ``typed`` does a part of what ``host`` does: it types the start, or deletes some of what goes."""
    if typed.start < host.start or typed.end > host.end:
        return False
    if not typed.text:
        return True
    return host.text.startswith(before.slice(host.start, typed.start) + typed.text)


def _standing(suggestion: Suggestion, changes: Changes, text: Text, version: int) -> Suggestion:
    edit = changes.hull(text)
    return replace(
        suggestion,
        version=version,
        changes=changes,
        edit=edit,
        old_text=text.slice(edit.start, edit.end),
        line=text.line_at(edit.start),
    )
