"""The protocol's places and edits ↔ offsets and suggestions.

In: protocol values with the text that they speak of.  Out: offsets in code points; and the other way round.
Not here: anything that decides.  UTF-8, UTF-16 and UTF-32 stop here.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from lsprotocol import types

from nextedit_lsp.editing import documents
from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.elsewhere import Diagnostic, Severity
from nextedit_lsp.presenting.suggestion import Suggestion
from nextedit_lsp.server import extensions
from nextedit_lsp.session.documents import Received
from nextedit_lsp.session.inline import Completion, Selected
from nextedit_lsp.text import diff, positions
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit, trimmed
from nextedit_lsp.text.positions import Encoding

# Composing changes one by one is quadratic in their number.  Beyond this many in one message that do
# not come from the end to the start, they are one block: it loses detail but no text.
MAX_COMPOSED = 500


def offset_at(text: Text, position: types.Position, encoding: Encoding) -> int:
    """The offset of a position, clamped to the text."""
    return positions.offset_at(text, position.line, position.character, encoding)


def position_at(text: Text, offset: int, encoding: Encoding) -> types.Position:
    """The position of an offset."""
    return types.Position(*positions.position_at(text, offset, encoding))


def range_of(text: Text, start: int, end: int, encoding: Encoding) -> types.Range:
    """The range of two offsets."""
    return types.Range(position_at(text, start, encoding), position_at(text, end, encoding))


def received(text: Text, changes: Sequence[types.TextDocumentContentChangeEvent], encoding: Encoding) -> Received:
    """The changes of one message, each in positions of the text after the one before, as one set."""
    is_whole = any(isinstance(change, types.TextDocumentContentChangeWholeDocument) for change in changes)
    if not is_whole:
        backwards = _backwards(text, changes, encoding)
        if backwards is not None:
            return Received(backwards, len(changes))
    net, current = Changes(), text
    for change in changes:
        edit = _edit_of(current, change, encoding)
        current = current.replaced(edit.start, edit.end, edit.text)
        if not is_whole and len(changes) <= MAX_COMPOSED:
            net = net.composed(Changes((edit,)))
    if is_whole:
        net = diff.text_changes(text, current)
    elif len(changes) > MAX_COMPOSED:
        net = Changes((trimmed(Edit(0, len(text), str(current)), text),))
    return Received(net, len(changes), is_whole)


def identifier(document: Document) -> types.OptionalVersionedTextDocumentIdentifier:
    """A document as the protocol names it: with its version if it is open."""
    version = document.version if document.version > documents.CLOSED else None
    return types.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=version)


def diagnostics(found: Iterable[types.Diagnostic], document: Document, encoding: Encoding) -> list[Diagnostic]:
    """Diagnostics of a document; one without a severity counts as an error."""
    return [
        Diagnostic(
            uri=document.uri,
            start=offset_at(document.text, one.range.start, encoding),
            end=offset_at(document.text, one.range.end, encoding),
            message=one.message,
            severity=Severity(int(one.severity or Severity.ERROR)),
        )
        for one in found
    ]


def inline_edit(suggestion: Suggestion, document: Document, encoding: Encoding) -> extensions.InlineEdit:
    """A suggestion for ``document`` as Copilot's front ends expect it."""
    text = document.text
    edit = _of_whole_words(suggestion.edit, text)
    return extensions.InlineEdit(
        text=_with_newlines(edit.text),
        text_document=identifier(document),
        range=range_of(text, edit.start, edit.end, encoding),
        command=accept_command([suggestion]),
    )


def inline_completion(completion: Completion, text: Text, encoding: Encoding) -> types.InlineCompletionItem:
    """A completion as an item; the range is always given, as editors guess differently without."""
    return types.InlineCompletionItem(
        insert_text=_with_newlines(completion.text),
        range=range_of(text, completion.start, completion.end, encoding),
        command=accept_command([completion.suggestion]),
    )


def selected_of(text: Text, selected: types.SelectedCompletionInfo | None, encoding: Encoding) -> Selected | None:
    """The entry selected in the editor's completion list."""
    if selected is None:
        return None
    start, end = (offset_at(text, place, encoding) for place in (selected.range.start, selected.range.end))
    return Selected(start, max(start, end), selected.text)


def accept_command(suggestions: Iterable[Suggestion]) -> types.Command:
    """The command by which a client reports that it has applied suggestions."""
    ids = [suggestion.id for suggestion in suggestions]
    return types.Command(title="Accept next edit", command=extensions.ACCEPT, arguments=ids)


def workspace_edit(
    suggestions: Iterable[tuple[Suggestion, Document]], encoding: Encoding, *, is_versioned: bool
) -> types.WorkspaceEdit:
    """Suggestions, each with its document, as one edit; with versions where the client understands them."""
    identifiers: dict[str, types.OptionalVersionedTextDocumentIdentifier] = {}
    by_uri: dict[str, list[types.TextEdit | types.AnnotatedTextEdit | types.SnippetTextEdit]] = {}
    for suggestion, document in suggestions:
        text, edit = document.text, suggestion.edit
        identifiers[suggestion.uri] = identifier(document)
        text_edit = types.TextEdit(range_of(text, edit.start, edit.end, encoding), _with_newlines(edit.text))
        by_uri.setdefault(suggestion.uri, []).append(text_edit)
    if not is_versioned:
        plain = {uri: [edit for edit in edits if isinstance(edit, types.TextEdit)] for uri, edits in by_uri.items()}
        return types.WorkspaceEdit(changes=plain)
    return types.WorkspaceEdit(
        document_changes=[types.TextDocumentEdit(identifiers[uri], edits) for uri, edits in by_uri.items()]
    )


def _backwards(
    text: Text, changes: Sequence[types.TextDocumentContentChangeEvent], encoding: Encoding
) -> Changes | None:
    """Changes that come from the end of the text to its start, as most editors send several; None for others.

    The text before each of them is still the first one, so no text between is needed.
    """
    edits: list[Edit] = []
    limit: types.Position | None = None
    for change in changes:
        if not isinstance(change, types.TextDocumentContentChangePartial):
            return None
        if limit is not None and not _is_before(change.range.end, limit):
            return None
        edits.append(_edit_of(text, change, encoding))
        limit = min(change.range.start, change.range.end, key=lambda place: (place.line, place.character))
    edits.reverse()
    if any(edit.end >= later.start for edit, later in itertools.pairwise(edits)):
        return None
    return Changes(tuple(edits))


def _is_before(place: types.Position, limit: types.Position) -> bool:
    return (place.line, place.character) < (limit.line, limit.character)


def _edit_of(text: Text, change: types.TextDocumentContentChangeEvent, encoding: Encoding) -> Edit:
    if isinstance(change, types.TextDocumentContentChangeWholeDocument):
        return Edit(0, len(text), change.text)
    start, end = (offset_at(text, place, encoding) for place in (change.range.start, change.range.end))
    return Edit(min(start, end), max(start, end), change.text)


def _of_whole_words(edit: Edit, text: Text) -> Edit:
    """A replacement that ends within no word: front ends draw the old text beside the new one."""
    if not edit.text or edit.start == edit.end:
        return edit
    start, end = edit.start, edit.end
    if _is_word(edit.text[0]) or _is_word(text.slice(start, start + 1)):
        line_start = text.line_start(text.line_at(start))
        while start > line_start and _is_word(text.slice(start - 1, start)):
            start -= 1
    if _is_word(edit.text[-1]) or _is_word(text.slice(end - 1, end)):
        while _is_word(text.slice(end, end + 1)):
            end += 1
    return Edit(start, end, text.slice(start, edit.start) + edit.text + text.slice(edit.end, end))


def _is_word(character: str) -> bool:
    return character == "_" or character.isalnum()


def _with_newlines(text: str) -> str:
    """``text`` with ``\\n`` only: Neovim inserts a ``\\r`` as it is, and every editor turns ``\\n`` into the file's."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
