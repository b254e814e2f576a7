"""What is reported as wrong: by the editor, and by the parser since the last edit.

In: the Snapshot and the newest intention.  Out: diagnostics.
Not here: what a diagnostic is worth (``ranker``).
"""

from __future__ import annotations

from nextedit_lsp.editing.elsewhere import Diagnostic
from nextedit_lsp.editing.history import Intention
from nextedit_lsp.editing.snapshot import Snapshot

# One slip can leave errors all over a text.
MAX_SYNTAX_ERRORS = 4


def reported(snapshot: Snapshot, newest: Intention) -> tuple[Diagnostic, ...]:
    """The editor's diagnostics, and the syntax errors of a document that was sound before the newest edit."""
    return (*snapshot.diagnostics, *_syntax_errors(snapshot, newest))


def _syntax_errors(snapshot: Snapshot, newest: Intention) -> tuple[Diagnostic, ...]:
    document = snapshot.document_at(newest.uri)
    if document is None or document.tree is None or not document.tree.has_error or newest.since:
        return ()
    before = document.edited(newest.changes.inverted(newest.before), document.version)
    if before.tree is None or before.tree.has_error:
        return ()
    spans = document.tree.error_spans()[:MAX_SYNTAX_ERRORS]
    return tuple(Diagnostic(document.uri, start, end, "this does not parse any more") for start, end in spans)
