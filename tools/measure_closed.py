"""How right suggestions are for files that are not open: each commit among other files of its repository.

In: edit episodes (JSON lines).  Out: a table in the terminal.
For each episode a folder holds its files and those that other episodes of the repository tell of within some months.
The files that a round has touched are open, all others closed; the index is asked as the session asks it.

    python tools/measure_closed.py --episodes PATH.jsonl.xz --limit 300
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import track

from nextedit_lsp.editing import documents
from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.elsewhere import Elsewhere
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.evaluation import episodes, metrics, rounds
from nextedit_lsp.evaluation.episodes import Episode
from nextedit_lsp.predictor import PredictorSettings, predict
from nextedit_lsp.session.looking import question_of
from nextedit_lsp.vetting import checks, unopened
from nextedit_lsp.workspace import terms
from nextedit_lsp.workspace.index_root import RootIndex, Tally, best
from nextedit_lsp.workspace.looking import MAX_FILES_FOUND

# Files of commits this far apart are taken to have been there together.
MAX_DAYS_APART = 150
MAX_FILES = 10_000
MODES = ("open files alone", "closed files too, unchecked", "closed files too")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--episodes", type=Path, nargs="+", required=True)
    parser.add_argument("--limit", type=int, default=300)
    parser.add_argument("--seed", type=int, default=4)
    arguments = parser.parse_args()
    known = list(episodes.read(arguments.episodes, episodes.Filter((), (), ())))
    drawn = random.Random(arguments.seed).sample(known, min(arguments.limit, len(known)))
    by_repository: dict[str, list[Episode]] = defaultdict(list)
    for episode in known:
        by_repository[episode.repo].append(episode)
    counts: dict[str, Counter[str]] = {mode: Counter() for mode in MODES}
    for episode in track(drawn, console=Console(stderr=True)):
        _measure(episode, by_repository[episode.repo], counts)
    _print(counts)


def _measure(episode: Episode, others: list[Episode], counts: Mapping[str, Counter[str]]) -> None:
    with tempfile.TemporaryDirectory(prefix="nextedit-closed-") as folder:
        root = Path(folder).resolve()
        for other in (*_contemporaries(episode, others), episode):
            for file in other.files:
                (root / file.path).parent.mkdir(parents=True, exist_ok=True)
                (root / file.path).write_text(file.before, encoding="utf-8", newline="")
        index = RootIndex(str(root), None, (), MAX_FILES)
        while not index.is_idle:
            index.step()
        for round_ in rounds.rounds(episode, rounds.file_order(episode)):
            snapshot = _with_closed(round_, index, root)
            for mode in MODES:
                _count(round_, snapshot, mode, counts[mode])
        index.close()


def _contemporaries(episode: Episode, others: list[Episode]) -> Iterator[Episode]:
    today = date.fromisoformat(episode.date[:10])
    for other in others:
        if abs((date.fromisoformat(other.date[:10]) - today).days) <= MAX_DAYS_APART:
            yield other


def _with_closed(round_: rounds.Round, index: RootIndex, root: Path) -> Snapshot:
    """The round's Snapshot with the touched files open, and what the index finds of all others."""
    snapshot = round_.snapshot
    touched = {hunk.path for hunk in round_.done}
    opened = [snapshot.document, *(other for other in snapshot.others if other.path in touched)]
    untouched = {other.path: other for other in snapshot.others if other.path not in touched}
    tally = Tally()
    held = {document.path: terms.terms_of(str(document.text)) for document in opened}
    index.look_up(question_of(snapshot.history, root / snapshot.document.path), held, tally)
    found = [Path(path).relative_to(root).as_posix() for path in best(tally.scores, MAX_FILES_FOUND)]
    closed = tuple(_closed(path, untouched.get(path), root) for path in found)
    elsewhere = Elsewhere(closed, dict(tally.n_files), frozenset(tally.defined))
    return replace(snapshot, others=tuple(opened[1:]), elsewhere=elsewhere)


def _closed(path: str, untouched: Document | None, root: Path) -> Document:
    if untouched is not None:
        return replace(untouched, version=documents.CLOSED)
    text = (root / path).read_text(encoding="utf-8")
    return documents.opened((root / path).as_uri(), path, "", documents.CLOSED, text)


def _count(round_: rounds.Round, snapshot: Snapshot, mode: str, counts: Counter[str]) -> None:
    if mode == MODES[0]:
        snapshot = replace(snapshot, elsewhere=Elsewhere())
    every = checks.CHECKS
    if mode == MODES[1]:
        checks.CHECKS = tuple(check for check in every if check is not unopened.is_unasked)
    try:
        prediction = predict(snapshot, PredictorSettings())
    finally:
        checks.CHECKS = every
    row = metrics.judged(replace(round_, snapshot=snapshot), prediction, 0.0)
    kind = "complete" if round_.is_complete else "open"
    counts[kind] += 1
    counts[f"{kind} shown"] += bool(prediction.suggestions)
    counts["right"] += row.is_right
    if prediction.suggestions and prediction.suggestions[0].version <= documents.CLOSED:
        counts["closed shown"] += 1
        counts["closed right"] += row.is_right


def _print(counts: Mapping[str, Counter[str]]) -> None:
    for mode, found in counts.items():
        print(
            f"{mode}: of {found['open']} states {found['open shown']} with a suggestion, {found['right']} right;"
            f" {found['closed shown']} suggestions for closed files, {found['closed right']} right;"
            f" of {found['complete']} complete states {found['complete shown']} with a suggestion"
        )


if __name__ == "__main__":
    main()
