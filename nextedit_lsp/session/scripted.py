"""A predictor that plays a part, for tests and demonstrations of the session.

In: replacements.  Out: a function like ``predictor.predict`` that suggests each of them wherever its old text stands.
Not here: any prediction.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Iterator

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.predictor import Prediction, PredictorSettings
from nextedit_lsp.presenting.suggestion import Form, Suggestion, suggestion_id
from nextedit_lsp.text.changes import Changes, Edit, trimmed
from nextedit_lsp.vetting.silence import Silence

# A test that forgets to open the gate fails instead of hanging.
GATE_TIMEOUT_S = 10.0


class ScriptedPredictor:
    """Suggests ``old`` → ``new`` for each of its replacements, the focused document first.

    ``silences`` are given first, one a call.  While ``gate`` is closed a call waits, whether it was
    cancelled or not; ``n_started`` and ``n_ended`` count.
    """

    def __init__(self, *replacements: tuple[str, str], silences: tuple[Silence, ...] = ()) -> None:
        self.replacements = replacements
        self.silences = deque(silences)
        self.snapshots: list[Snapshot] = []
        self.gate = threading.Event()
        self.gate.set()
        self.started = threading.Event()
        self.n_ended = 0

    def __call__(
        self, snapshot: Snapshot, settings: PredictorSettings, is_cancelled: Callable[[], bool] = lambda: False
    ) -> Prediction:
        """What the script says."""
        self.snapshots.append(snapshot)
        self.started.set()
        try:
            if not self.gate.wait(GATE_TIMEOUT_S):
                raise TimeoutError("the gate was never opened")
        finally:
            self.n_ended += 1
        if self.silences:
            return Prediction(silence=self.silences.popleft())
        suggestions = tuple(self._suggestions(snapshot))[: settings.max_suggestions]
        return Prediction(suggestions, None if suggestions else Silence.NO_CANDIDATE)

    def _suggestions(self, snapshot: Snapshot) -> Iterator[Suggestion]:
        for document in (snapshot.document, *snapshot.others):
            for old, new in self.replacements:
                for match in re.finditer(re.escape(old), str(document.text)):
                    offset = match.start()
                    if document.text.slice(offset, offset + len(new)) != new:
                        yield suggested(document, offset, old, new)


def suggested(document: Document, offset: int, old: str, new: str) -> Suggestion:
    """The suggestion to replace ``old`` at ``offset`` by ``new``, narrowed to what differs."""
    edit = trimmed(Edit(offset, offset + len(old), new), document.text)
    old_text = document.text.slice(edit.start, edit.end)
    line = document.text.line_at(edit.start)
    return Suggestion(
        id=suggestion_id(document.uri, edit, old_text),
        uri=document.uri,
        path=document.path,
        version=document.version,
        edit=edit,
        old_text=old_text,
        changes=Changes((edit,)),
        line=line,
        form=Form.NEAR,
        what=f"change `{old}` to `{new}`",
        reason="the script says so",
        source="script",
        pattern=f"{old}→{new}",
        chance=0.9,
        cursor_after=edit.start + len(edit.text),
    )
