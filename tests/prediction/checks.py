"""The one helper that runs the pipeline for the tests of prediction: text in, text out."""

from __future__ import annotations

import textwrap

from nextedit_lsp.editing import documents
from nextedit_lsp.editing.elsewhere import Elsewhere
from nextedit_lsp.editing.events import Origin
from nextedit_lsp.editing.history import History
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.predictor import Prediction, PredictorSettings, candidates, predict
from nextedit_lsp.proposing import synthesis
from nextedit_lsp.text.changes import Changes

CURSOR = "<CURSOR>"


def predicted(
    path: str,
    *steps: str,
    others: dict[str, str] | None = None,
    closed: dict[str, str] | None = None,
    defined: frozenset[str] = frozenset(),
    pause_s: float = 5.0,
) -> Prediction:
    """The prediction after the text of ``path`` went through ``steps``, one user edit each.

    ``others`` are open beside it, ``closed`` are files that the index has found; ``defined`` it knows to be defined.

    The last step may mark the ``<CURSOR>``, else it stands at the end of the last edit;
    ``pause_s`` is the time since then.
    """
    snapshot = snapshot_after(path, *steps, others=others, closed=closed, defined=defined, pause_s=pause_s)
    return predict(snapshot, PredictorSettings())


def snapshot_after(
    path: str,
    *steps: str,
    others: dict[str, str] | None = None,
    closed: dict[str, str] | None = None,
    defined: frozenset[str] = frozenset(),
    pause_s: float = 5.0,
) -> Snapshot:
    """The state in which ``predicted`` is asked."""
    texts = [textwrap.dedent(step) for step in steps]
    cursor = texts[-1].find(CURSOR)
    texts[-1] = texts[-1].replace(CURSOR, "")
    document = documents.opened(f"file:///{path}", path, "", 1, texts[0])
    history, now = History(), 0.0
    for text in texts[1:]:
        changes = one_edit(str(document.text), text)
        now += 5.0
        history = history.record(document, changes, Origin.TYPED, now)
        document = document.edited(changes, document.version + 1)
        cursor_after = changes.start + len(changes.edits[0].text)
        assert str(document.text) == text
    return Snapshot(
        document=document,
        cursor=cursor if cursor >= 0 else cursor_after,
        history=history,
        others=tuple(
            documents.opened(f"file:///{other}", other, "", 1, textwrap.dedent(text))
            for other, text in (others or {}).items()
        ),
        now=now + pause_s,
        elsewhere=Elsewhere(
            documents=tuple(
                documents.opened(f"file:///{other}", other, "", documents.CLOSED, textwrap.dedent(text))
                for other, text in (closed or {}).items()
            ),
            defined=defined,
        ),
    )


def derived(path: str, *steps: str, others: dict[str, str] | None = None) -> dict[str, list[str]]:
    """All that can be derived after ``steps``, likely or not: by source the texts that it leads to."""
    snapshot = snapshot_after(path, *steps, others=others)
    found: dict[str, list[str]] = {}
    for proposal in synthesis.united(candidates(snapshot, snapshot.history.intentions())):
        found.setdefault(proposal.source, []).append(str(proposal.changes.apply(proposal.document.text)))
    return found


def one_edit(old: str, new: str) -> Changes:
    """The one replacement that turns ``old`` into ``new``."""
    n_same = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    n_behind = 0
    while n_behind < min(len(old), len(new)) - n_same and old[-1 - n_behind] == new[-1 - n_behind]:
        n_behind += 1
    return Changes.replace(n_same, len(old) - n_behind, new[n_same : len(new) - n_behind])


def accepted(path: str, text: str, prediction: Prediction, others: dict[str, str] | None = None) -> str:
    """The text that the first suggestion leads to, of whichever file it is for."""
    suggestion = prediction.suggestions[0]
    source = text if suggestion.path == path else (others or {})[suggestion.path]
    source = textwrap.dedent(source).replace(CURSOR, "")
    return source[: suggestion.edit.start] + suggestion.edit.text + source[suggestion.edit.end :]


def check_next(path: str, *steps: str, then: str, others: dict[str, str] | None = None, pause_s: float = 5.0) -> None:
    """After ``steps`` the first suggestion leads to ``then`` (of the focused file, or of the other it is for)."""
    prediction = predicted(path, *steps, others=others, pause_s=pause_s)
    assert prediction.suggestions, f"nothing suggested: {prediction.silence}, {prediction.withheld[:3]}"
    assert accepted(path, steps[-1], prediction, others) == textwrap.dedent(then)


def check_silent(path: str, *steps: str, others: dict[str, str] | None = None, pause_s: float = 5.0) -> None:
    """After ``steps`` nothing is suggested."""
    prediction = predicted(path, *steps, others=others, pause_s=pause_s)
    assert not prediction.suggestions, [suggestion.title for suggestion in prediction.suggestions]
