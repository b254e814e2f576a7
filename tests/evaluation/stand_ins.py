"""Predictors to evaluate in tests, and episodes in short."""

from __future__ import annotations

import json
from collections.abc import Callable

from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.evaluation.episodes import Episode, parsed
from nextedit_lsp.predictor import Prediction, PredictorSettings
from nextedit_lsp.presenting.suggestion import Form, Suggestion
from nextedit_lsp.session.scripted import ScriptedPredictor
from nextedit_lsp.text.changes import Changes, Edit


def suggestion(snapshot: Snapshot, old: str, new: str) -> Suggestion:
    """The first ``old`` of the focused document becomes ``new``."""
    document = snapshot.document
    start = str(document.text).index(old)
    edit = Edit(start, start + len(old), new)
    return Suggestion(
        id="id",
        uri=document.uri,
        path=document.path,
        version=document.version,
        edit=edit,
        old_text=old,
        changes=Changes((edit,)),
        line=document.text.line_at(start),
        form=Form.NEAR,
        what=f"{old} → {new}",
        reason="said so",
        source="test",
        pattern="",
        chance=0.5,
        cursor_after=start + len(new),
    )


def silent(snapshot: Snapshot, settings: PredictorSettings) -> Prediction:
    return Prediction()


def copies_down(snapshot: Snapshot, settings: PredictorSettings) -> Prediction:
    """Writes the line of the cursor over the next one."""
    text = snapshot.document.text
    line = text.line_at(snapshot.cursor)
    if line + 1 >= text.n_lines or not text.line(line + 1):
        return Prediction()
    return Prediction((suggestion(snapshot, text.line(line + 1), text.line(line)),))


def renames(snapshot: Snapshot, settings: PredictorSettings, is_cancelled: Callable[[], bool]) -> Prediction:
    """Every ``count`` becomes ``total``."""
    return ScriptedPredictor(("count", "total"))(snapshot, settings, is_cancelled)


def fails(snapshot: Snapshot, settings: PredictorSettings) -> Prediction:
    raise RuntimeError("out of ideas")


def episode(before: str, *hunks: tuple[int, int, list[str]], path: str = "a.txt") -> Episode:
    return parsed(json.dumps(fields((path, before, list(hunks)))), "test:1")


def fields(*files: tuple[str, str, list[tuple[int, int, list[str]]]]) -> dict[str, object]:
    named = [{"path": path, "lang": "text", "before": before, "hunks": hunks} for path, before, hunks in files]
    return {"repo": "some/repo", "commit": "0123456789abcdef", "date": "", "files": named}
