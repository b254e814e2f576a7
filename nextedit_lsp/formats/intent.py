"""What a colleague who watched would say about the edits so far, and about the place: for models that read plain words.

In: a Snapshot; a region.  Out: sentences such as "renaming `a` to `b`: 3 of 7 uses done".
Not here: predicting with that (``locating`` and ``proposing`` do so without a model).

Only what the syntax trees and the open files say for sure; where nothing is known, nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.history import Intention
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.formats.events import hunks
from nextedit_lsp.formats.regions import Region
from nextedit_lsp.syntax import context, scopes
from nextedit_lsp.syntax.languages import Language
from nextedit_lsp.text.tokens import is_word, solid_of

MAX_INTENTIONS = 8
MAX_NAMES = 6
MIN_USES = 2
MAX_LISTED = 8

_CALLED = re.compile(r"([^\W\d]\w*)\s*\(")
_NUMBERS = ("no arguments", "one argument", "two arguments", "three arguments", "four arguments")


@dataclass(frozen=True, slots=True)
class Rename:
    """One name that the user replaced with another in one document; ``spans`` are where the new one stands now."""

    document: Document
    old: str
    new: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """A function whose parameters changed."""

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    has_receiver: bool


def noticed(snapshot: Snapshot) -> list[str]:
    """What the last edits are about, the newest first."""
    return [*_renamings(snapshot), *_signatures(snapshot)]


def surroundings(snapshot: Snapshot, region: Region) -> list[str]:
    """Where the region stands, and the signatures of what it calls."""
    document = region.document
    said = []
    row = next((row for row in range(region.first, region.end) if document.text.line(row).strip()), region.first)
    for kind in (context.Kind.CLASS, context.Kind.FUNCTION):
        header = _header(document, row, kind)
        if header:
            said.append(f"the lines stand in the {kind.value} `{header}`")
    names = dict.fromkeys(name for line in region.rows for name in _CALLED.findall(line))
    for name in list(names)[:MAX_NAMES]:
        said += _defined(snapshot, region, name)
    return said


def renames(snapshot: Snapshot) -> list[Rename]:
    """Names replaced with others, word for word, in lines that else stayed as they were; the newest first."""
    found: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    for intention in snapshot.history.intentions()[:MAX_INTENTIONS]:
        for old, new, start in _replaced_words(intention):
            now = intention.since.map_offset(start, stay_left=True)
            found.setdefault((intention.uri, old, new), []).append((now, now + len(new)))
    listed = []
    for (uri, old, new), spans in found.items():
        document = snapshot.document_at(uri)
        if document is None:
            continue
        # What was changed again since, is no use of the new name any more.
        kept = tuple(span for span in sorted(set(spans)) if document.text.slice(*span) == new)
        if kept:
            listed.append(Rename(document, old, new, kept))
    return listed


def _replaced_words(intention: Intention) -> Iterator[tuple[str, str, int]]:
    """Words of changed lines that became other words: old, new, and where the new one stands after the intention."""
    after = intention.after
    for hunk in hunks(intention):
        if len(hunk.old) != len(hunk.new):
            continue
        for row, (old_line, new_line) in enumerate(zip(hunk.old, hunk.new, strict=True), hunk.new_first):
            old, new = solid_of(old_line), solid_of(new_line)
            for (i1, i2), (j1, j2) in _replaced([t.text for t in old], [t.text for t in new]):
                for a, b in zip(old[i1:i2], new[j1:j2], strict=False):
                    if not (is_word(a.text) and is_word(b.text)):
                        break
                    yield a.text, b.text, after.line_start(row) + b.start


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """The index ranges that were replaced, neither only added nor only removed."""
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "replace":
            yield (i1, i2), (j1, j2)


def _renamings(snapshot: Snapshot) -> Iterator[str]:
    for rename in renames(snapshot):
        left = _left(snapshot, rename)
        if left:
            n_left = sum(len(rows) for _, rows in left)
            n_done = len(rename.spans)
            done = f"{n_done} of {n_done + n_left} uses done"
            yield f"renaming `{rename.old}` to `{rename.new}`: {done}, left are {_places(left)}"


def _left(snapshot: Snapshot, rename: Rename) -> list[tuple[str, list[int]]]:
    """Where the old name still stands for the same thing: paths with rows; in other files if they may use it."""
    document = rename.document
    if document.tree is None or document.language is None:
        return []
    found = scopes.occurrences(document.tree, document.text, rename.old, document.language, rename.spans)
    bound = {
        one.start: one for span in rename.spans for one in scopes.same_binding(found, span) if one.group is not None
    }
    # One use that reads another name now may be meant so; the definition, or two uses, are a renaming.
    if len(rename.spans) < MIN_USES and not any(one.declares for one in found if (one.start, one.end) in rename.spans):
        return []
    done = {start for start, _ in rename.spans}
    left = [(document.path, [document.text.line_at(start) for start in sorted(bound) if start not in done])]
    if any(scopes.is_exported(document.tree, document.language, one) for one in bound.values()):
        for other in _documents(snapshot):
            if other.uri != document.uri and other.tree is not None and other.language is not None:
                uses = scopes.occurrences(other.tree, other.text, rename.old, other.language)
                left.append((other.path, [other.text.line_at(one.start) for one in uses if one.is_imported]))
    return [(path, rows) for path, rows in left if rows]


def _signatures(snapshot: Snapshot) -> Iterator[str]:
    said: set[str] = set()
    for intention in snapshot.history.intentions()[:MAX_INTENTIONS]:
        signature = _signature(snapshot, intention)
        if signature is None or signature.name in said:
            continue
        said.add(signature.name)
        change = _change_of(signature.before, signature.after)
        yield f"parameter {change} `{signature.name}`: {_callers(snapshot, signature)}"


def _change_of(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    """Which parameters came or went; of those that are not the same, the first ones became each other."""
    new = [text for text in after if text not in before]
    old = [text for text in before if text not in after]
    if len(after) > len(before):
        return f"`{', '.join(new[len(old) :])}` added to"
    return f"`{', '.join(old[len(new) :])}` gone from"


def _signature(snapshot: Snapshot, intention: Intention) -> Signature | None:
    """The function whose number of parameters the intention changed."""
    document = snapshot.document_at(intention.uri)
    if document is None or document.tree is None or document.language is None:
        return None
    back = intention.changes.composed(intention.since).simplified(intention.before).inverted(intention.before)
    for start, end in intention.changes.after_spans():
        for offset in (end, start):
            now = intention.since.map_offset(offset)
            call = context.call_at(document.tree, document.text, now, document.language)
            if call is None or not call.is_definition or not call.callee:
                continue
            # The list as it was is read off the text: to parse the whole file as it was takes far too long.
            was = intention.before.slice(back.map_offset(call.open + 1, stay_left=True), back.map_offset(call.close))
            before, after = _parted(was), _parted(document.text.slice(call.open + 1, call.close))
            if len(before) != len(after):
                return Signature(call.callee, before, after, _has_receiver(document.language, after))
    return None


def _parted(text: str) -> tuple[str, ...]:
    """A list of parameters cut at its own commas, not at those within brackets."""
    parts, depth, start = [], 0, 0
    for index, char in enumerate(text):
        # The ">" of an arrow closes nothing.
        if char in ")]}" or (char == ">" and text[index - 1 : index] not in ("-", "=")):
            depth -= 1
        elif char in "([{<":
            depth += 1
        elif char == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return tuple(part.strip() for part in (*parts, text[start:]) if part.strip())


def _has_receiver(language: Language, parameters: tuple[str, ...]) -> bool:
    return bool(parameters) and parameters[0].lstrip("&").split(":")[0].strip() in language.receivers


def _callers(snapshot: Snapshot, signature: Signature) -> str:
    """How many callers still pass as many arguments as before, and where."""
    n_before = len(signature.before) - signature.has_receiver
    n_calls, left = 0, []
    for document in _documents(snapshot):
        if document.tree is None or document.language is None:
            continue
        calls = context.calls_named(document.tree, document.text, signature.name, document.language)
        calls = [call for call in calls if not call.is_definition]
        n_calls += len(calls)
        rows = [document.text.line_at(call.open) for call in calls if len(call.arguments) == n_before]
        if rows:
            left.append((document.path, rows))
    if not left:
        return "no caller passes as many arguments as before"
    n_left = sum(len(rows) for _, rows in left)
    passed = _NUMBERS[n_before] if n_before < len(_NUMBERS) else f"{n_before} arguments"
    return f"{n_left} of {n_calls} callers still pass {passed}, {_places(left)}"


def _header(document: Document, row: int, kind: context.Kind) -> str:
    """The first line of the innermost function or class around a row, "" where there is none or the row is it."""
    if document.tree is None or document.language is None:
        return ""
    line = document.text.line(row)
    offset = document.text.line_start(row) + len(line) - len(line.lstrip())
    span = context.enclosing(document.tree, document.text, offset, document.language, kind)
    first = document.text.line_at(span[0]) if span else row
    return document.text.line(first).strip() if first != row else ""


def _defined(snapshot: Snapshot, region: Region, name: str) -> list[str]:
    """The line that defines a function, of the first open document that does, unless the region shows it."""
    for document in _documents(snapshot):
        if document.tree is None or document.language is None:
            continue
        for call in context.calls_named(document.tree, document.text, name, document.language):
            row = document.text.line_at(call.open)
            if call.is_definition:
                is_shown = document.uri == region.document.uri and region.first <= row < region.end
                line = document.text.line(document.text.line_at(call.callee_span[0])).strip()
                return [] if is_shown else [f"`{name}` is defined in {document.path}, line {row + 1}: `{line}`"]
    return []


def _documents(snapshot: Snapshot) -> tuple[Document, ...]:
    return (snapshot.document, *snapshot.others)


def _places(found: list[tuple[str, list[int]]]) -> str:
    """Paths with line numbers, counted from 1."""
    listed = []
    for path, rows in found:
        numbers = ", ".join(str(row + 1) for row in dict.fromkeys(rows[:MAX_LISTED]))
        more = ", ..." if len(rows) > MAX_LISTED else ""
        listed.append(f"{path} line{'s' if len(rows) > 1 else ''} {numbers}{more}")
    return "; ".join(listed)
