"""What comes after this change: the next edits when A has become B, by files or by folders.

In: ``--before A --after B [--cursor [FILE:]L:C] [--model …]``.  Out: the suggestions as diffs with their reasons;
without any, why.  Not here: predicting (``predictor``).  It runs in this process; only a model has one of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text as Styled

from nextedit_lsp import predictor
from nextedit_lsp.cli import diffs, model_option
from nextedit_lsp.editing import documents, history, snapshot
from nextedit_lsp.editing.events import Origin
from nextedit_lsp.engine.interface import Effort
from nextedit_lsp.errors import NexteditError
from nextedit_lsp.presenting.suggestion import Suggestion
from nextedit_lsp.session import engines, writer
from nextedit_lsp.session.model import Target
from nextedit_lsp.text import diff
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit
from nextedit_lsp.workspace import files

# The hunks of a change are taken as typed one after the other, each an event of its own.
HUNK_PAUSE_S = 2 * history.COALESCE_PAUSE_S

# Folders that hold no source of the user's own.
SKIPPED_FOLDERS = frozenset({".git", ".hg", ".svn", ".venv", "node_modules", "__pycache__", "target", "dist", "build"})
# As many documents as an editor has open on a busy day.
MAX_FILES = 200

_CURSOR = re.compile(r"(?:(?P<file>.+):)?(?P<line>\d+):(?P<column>\d+)")


class BadInput(NexteditError):  # noqa: N818 - it names what is wrong.
    """The files or the cursor do not fit together."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A file before and after; ``before`` is None for a file that is new, ``after`` for one that is gone."""

    path: str
    before: str | None
    after: str | None

    @property
    def is_changed(self) -> bool:
        """Whether the user edited this file (files that come or go are not edits)."""
        return self.before is not None and self.after is not None and self.before != self.after


def run(parser: argparse.ArgumentParser, argv: Sequence[str]) -> int:
    """Predicts; exit code 0 with suggestions or without."""
    parser.add_argument("--before", type=Path, required=True, metavar="A", help="a file or a folder before the change")
    parser.add_argument("--after", type=Path, required=True, metavar="B", help="the same after the change")
    cursor_help = "where the cursor stands after the change, counted from 1 (default: the end of the last hunk)"
    parser.add_argument("--cursor", metavar="[FILE:]L:C", help=cursor_help)
    parser.add_argument("--all", action="store_true", help="also show what was considered and withheld")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    model_option.add_argument(parser)
    arguments = parser.parse_args(argv)

    state = snapshot_of(read_pairs(arguments.before, arguments.after), arguments.cursor)
    model = model_option.target(arguments)
    answer = asyncio.run(_with_model(state, model)) if model else _derived(state)
    if arguments.json:
        print(json.dumps(as_json(answer, state), ensure_ascii=False, indent=2))
    else:
        _show(answer, state, with_withheld=arguments.all)
    return 0


@dataclass(frozen=True, slots=True)
class Answered:
    """A prediction with the time that it took, and what the model's part cost, in words."""

    prediction: predictor.Prediction
    elapsed_ms: float
    model: str = ""


def _derived(state: snapshot.Snapshot) -> Answered:
    """What follows from the edits alone."""
    started_at = time.perf_counter()
    prediction = predictor.predict(state, predictor.PredictorSettings())
    return Answered(prediction, 1000 * (time.perf_counter() - started_at))


async def _with_model(state: snapshot.Snapshot, model: Target) -> Answered:
    """What the model expects as well; the time is without loading it."""
    with Console(stderr=True).status(f"loading {model.name} …") as status:
        async with engines.loaded(model, lambda share: status.update(f"loading {model.name}: {share:.0%}")) as one:
            status.update("asking the model …")
            started_at = time.perf_counter()
            quick = predictor.predict(state, predictor.PredictorSettings())
            effort = Effort(n_answers=writer.N_ANSWERS_EXPLICIT)
            work = await writer.write(state, quick, one, predictor.PredictorSettings(), effort, asyncio.to_thread)
            elapsed_ms = 1000 * (time.perf_counter() - started_at)
    cost = "; ".join(part for part in (writer.described(work.usages), work.problem) if part)
    return Answered(work.prediction, elapsed_ms, f"{model.name}: {cost}")


def read_pairs(before: Path, after: Path) -> list[Pair]:
    """The files on both sides, by their paths.  Raises ``BadInput`` when they do not fit together."""
    for path in (before, after):
        if not path.exists():
            raise BadInput(f"{path} does not exist")
    if before.is_dir() != after.is_dir():
        raise BadInput("--before and --after must both be files or both be folders")
    if not before.is_dir():
        return [Pair(after.name, _read_file(before), _read_file(after))]
    paths = sorted({*_source_files(before), *_source_files(after)})
    if len(paths) > MAX_FILES:
        raise BadInput(f"{len(paths)} files are too many: name a folder with at most {MAX_FILES} source files")
    return [Pair(path, _read_in(before, path), _read_in(after, path)) for path in paths]


def snapshot_of(pairs: Sequence[Pair], cursor: str | None) -> snapshot.Snapshot:
    """The state after all changes, made hunk by hunk, file by file.  Raises ``BadInput`` when there is none."""
    now, events = 0.0, history.History()
    opened: dict[str, documents.Document] = {}
    focus: tuple[str, int] | None = None
    for pair in pairs:
        text = pair.after if pair.before is None else pair.before
        if text is None or (pair.after is None and pair.before is not None):
            continue
        document = documents.opened(_uri(pair.path), pair.path, "", 1, text)
        if pair.is_changed:
            for hunk in hunks(document.text, Text.of(pair.after or "")):
                now += HUNK_PAUSE_S
                events = events.record(document, hunk, Origin.TYPED, now)
                *_, (_, end) = hunk.after_spans()
                focus = (pair.path, end)
                document = document.edited(hunk, document.version + 1)
        opened[pair.path] = document
    if focus is None:
        raise BadInput("--before and --after do not differ, so nothing follows from the change")
    path, offset = _cursor(cursor, opened, focus)
    others = tuple(document for other, document in opened.items() if other != path)
    return snapshot.Snapshot(opened[path], offset, events, others, now=now, explicit=True)


def hunks(before: Text, after: Text) -> Iterator[Changes]:
    """The changes from ``before`` to ``after``, top down; each in offsets of the text that the ones above left."""
    delta = 0
    for edit in diff.text_changes(before, after).edits:
        fine = diff.refined(Changes((edit,)), before).simplified(before)
        yield Changes(tuple(Edit(part.start + delta, part.end + delta, part.text) for part in fine.edits))
        delta += edit.delta


def as_json(answer: Answered, state: snapshot.Snapshot) -> dict[str, Any]:
    """The answer as plain values."""
    prediction = answer.prediction
    return {
        "milliseconds": round(answer.elapsed_ms, 1),
        "model": answer.model or None,
        "suggestions": [
            {
                "path": suggestion.path,
                "line": suggestion.line + 1,
                "title": suggestion.title,
                "reason": suggestion.reason,
                "source": suggestion.source,
                "chance": round(suggestion.chance, 3),
                "start": suggestion.edit.start,
                "end": suggestion.edit.end,
                "text": suggestion.edit.text,
                "diff": diffs.plain(_text_of(suggestion, state), suggestion.changes),
            }
            for suggestion in prediction.suggestions
        ],
        "silence": prediction.silence.value if prediction.silence else None,
        "withheld": [{"title": item.title, "reason": item.reason.value} for item in prediction.withheld],
    }


def _show(answer: Answered, state: snapshot.Snapshot, *, with_withheld: bool) -> None:
    console, prediction = Console(highlight=False), answer.prediction
    for suggestion in prediction.suggestions:
        place = f"{suggestion.path}:{suggestion.line + 1}"
        chance = f"  {suggestion.chance:.0%}"
        console.print(Styled.assemble((place, "cyan"), f"  {suggestion.title}", (chance, "dim")))
        diffs.show(console, _text_of(suggestion, state), suggestion.changes)
        console.print(Styled(f"    {suggestion.reason}\n", style="italic"))
    if not prediction.suggestions:
        because = prediction.silence.value if prediction.silence else "no reason was given"
        console.print(f"nothing to suggest: {because}", markup=False)
    if with_withheld:
        for item in prediction.withheld:
            console.print(Styled(f"withheld: {item.title}: {item.reason.value}", style="dim"))
    console.print(Styled(f"{len(prediction.suggestions)} suggestions in {answer.elapsed_ms:.0f} ms", style="dim"))
    if answer.model:
        console.print(Styled(answer.model, style="dim"), soft_wrap=True)


def _text_of(suggestion: Suggestion, state: snapshot.Snapshot) -> Text:
    document = state.document_at(suggestion.uri)
    assert document is not None, "suggestions are for open documents"
    return document.text


def _cursor(cursor: str | None, opened: dict[str, documents.Document], focus: tuple[str, int]) -> tuple[str, int]:
    """The file and the offset that ``cursor`` names; ``focus`` without one."""
    if cursor is None:
        return focus
    matched = _CURSOR.fullmatch(cursor)
    if matched is None:
        raise BadInput(f"--cursor {cursor!r} is not [FILE:]LINE:COLUMN, both counted from 1")
    path = matched["file"] or focus[0]
    if path not in opened:
        raise BadInput(f"--cursor names {path}, which is none of the files: {', '.join(sorted(opened))}")
    text, line, column = opened[path].text, int(matched["line"]), int(matched["column"])
    if not 1 <= line <= text.n_lines or column < 1:
        raise BadInput(f"--cursor {cursor}: {path} has lines 1 to {text.n_lines}, columns count from 1")
    return path, min(text.line_start(line - 1) + column - 1, text.line_end(line - 1))


def _source_files(folder: Path) -> Iterator[str]:
    """The source files below ``folder``, as relative paths."""
    for path in folder.rglob("*"):
        relative = path.relative_to(folder)
        if path.suffix in files.SOURCE_EXTENSIONS and path.is_file() and not SKIPPED_FOLDERS & set(relative.parts):
            yield relative.as_posix()


def _read_in(folder: Path, path: str) -> str | None:
    """The text of a file that may not be there, or is left alone."""
    if not (folder / path).exists():
        return None
    text = files.read_text(folder / path)
    return None if isinstance(text, files.Refused) else text


def _read_file(path: Path) -> str:
    text = files.read_text(path)
    if isinstance(text, files.Refused):
        raise BadInput(f"{path} is left alone: {text.reason}")
    return text


def _uri(path: str) -> str:
    """A URI that only has to tell the files apart."""
    return f"file:///{path}"
