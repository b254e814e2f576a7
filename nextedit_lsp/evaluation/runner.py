"""Run a predictor over episodes: many processes, one row per round, a summary in the terminal.

In: command-line arguments.  Out: a table, and with ``--out`` a JSON file of all rows.
Not here: how a row is judged (``metrics``), how things are printed (``showing``).
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import os
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

from rich.console import Console
from rich.progress import Progress

from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.evaluation import episodes, metrics, orders, rounds, showing, with_model
from nextedit_lsp.predictor import Prediction, PredictorSettings
from nextedit_lsp.session.model import Target

# ``predictor.predict`` or a stand-in for it; a function at the top of a module, so that processes can share it.
Predict = Callable[[Snapshot, PredictorSettings], Prediction]

MIN_WIDTH = 124

# Episodes handed to a process at a time: few, so that the last ones do not wait for one process.
CHUNK_EPISODES = 4


@dataclass(frozen=True, slots=True)
class Subject:
    """What is evaluated, and how."""

    predict: Predict
    settings: PredictorSettings
    order: str


def evaluate(drawn: Sequence[episodes.Episode], subject: Subject, jobs: int) -> Iterator[list[metrics.Row]]:
    """The rows of each episode, as they come."""
    run = partial(evaluated, subject=subject)
    if jobs <= 1:
        yield from map(run, drawn)
        return
    # Forking a process that has threads (the progress bar's) is not safe, so processes start anew.
    with multiprocessing.get_context("spawn").Pool(min(jobs, max(1, len(drawn)))) as pool:
        yield from pool.imap_unordered(run, drawn, CHUNK_EPISODES)


def evaluated(episode: episodes.Episode, subject: Subject) -> list[metrics.Row]:
    """The rows of one episode."""
    return [_row(round_, subject) for round_ in rounds.rounds(episode, orders.ORDERS[subject.order](episode))]


def main(argv: Sequence[str] | None = None, model: Target | None = None) -> int:
    """The command line.  Returns 1 when the predictor raised or the episodes cannot be read.

    With a model it is asked as well, in this process alone.
    """
    arguments = _parser().parse_args(argv)
    if model is None:
        return _evaluated(arguments, _resolved(arguments.predictor))
    arguments.jobs = 1
    with with_model.loaded(model) as predict:
        code = _evaluated(arguments, predict)
        Console(stderr=True).print(predict.cost, style="dim", markup=False, highlight=False, soft_wrap=True)
        return code


def _evaluated(arguments: argparse.Namespace, predict: Predict) -> int:
    console, errors = Console(), Console(stderr=True)
    # A table that is cut tells nothing; in a narrower window its lines wrap.
    console.width = max(console.width, MIN_WIDTH)
    wanted = episodes.Filter(tuple(arguments.lang), tuple(arguments.repo), tuple(arguments.id))
    try:
        drawn = episodes.sampled(episodes.read(arguments.episodes, wanted), arguments.limit, arguments.seed)
    except (episodes.EpisodeError, OSError) as error:
        errors.print(f"cannot read the episodes: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        return 1
    subject = Subject(predict, _settings(arguments), arguments.order)
    rows = _rows(drawn, subject, arguments.jobs, errors)
    showing.print_summary(console, rows)
    if arguments.curve:
        showing.print_curve(console, rows)
    if arguments.compare:
        showing.print_comparison(console, _loaded(arguments.compare), rows)
    if arguments.out:
        _save(arguments.out, arguments, subject, rows)
    _show_rounds(console, arguments, drawn, subject, rows)
    failures = [row for row in rows if row.error]
    if failures:
        errors.print(f"the predictor raised in {len(failures)} rounds; the first:", style="red")
        errors.print(f"{failures[0].episode} k={failures[0].k}\n{failures[0].error}", markup=False, soft_wrap=True)
    return 1 if failures else 0


def _row(round_: rounds.Round, subject: Subject) -> metrics.Row:
    start = time.perf_counter()
    try:
        prediction = subject.predict(round_.snapshot, subject.settings)
    except Exception:  # A round that fails is a result like any other; the run goes on.
        return metrics.failed(round_, traceback.format_exc(), (time.perf_counter() - start) * 1000)
    return metrics.judged(round_, prediction, (time.perf_counter() - start) * 1000)


def _rows(drawn: Sequence[episodes.Episode], subject: Subject, jobs: int, errors: Console) -> list[metrics.Row]:
    """All rows, in the order of the episodes."""
    rows: list[metrics.Row] = []
    with Progress(console=errors, transient=True) as progress:
        task = progress.add_task("episodes", total=len(drawn))
        for of_episode in evaluate(drawn, subject, jobs):
            rows += of_episode
            progress.advance(task)
    places = {episode.id: index for index, episode in enumerate(drawn)}
    return sorted(rows, key=lambda row: (places[row.episode], row.k))


def _show_rounds(
    console: Console,
    arguments: argparse.Namespace,
    drawn: Sequence[episodes.Episode],
    subject: Subject,
    rows: Sequence[metrics.Row],
) -> None:
    wrong = [row for row in rows if row.n_shown and not row.is_right]
    missed = [row for row in rows if not row.n_shown and row.is_repeat and not row.error]
    right = [row for row in rows if row.is_right]
    by_id = {episode.id: episode for episode in drawn}
    for label, chosen, n_wanted in (
        ("wrong", wrong, arguments.show),
        ("missed", missed, arguments.show_missed),
        ("right", right, arguments.show_right),
    ):
        for row in episodes.sampled(chosen, n_wanted, arguments.seed):
            order = orders.ORDERS[subject.order](by_id[row.episode])
            round_ = next(r for r in rounds.rounds(by_id[row.episode], order) if r.k == row.k)
            showing.print_round(console, label, row, round_, subject.predict(round_.snapshot, subject.settings))


def _settings(arguments: argparse.Namespace) -> PredictorSettings:
    settings = PredictorSettings()
    return settings if arguments.min_chance is None else replace(settings, min_chance=arguments.min_chance)


def _resolved(name: str) -> Predict:
    module, _, function = name.partition(":")
    return cast(Predict, getattr(importlib.import_module(module), function))


def _save(path: Path, arguments: argparse.Namespace, subject: Subject, rows: Sequence[metrics.Row]) -> None:
    result: dict[str, Any] = {
        "episodes": [str(source) for source in arguments.episodes],
        "limit": arguments.limit,
        "seed": arguments.seed,
        "order": subject.order,
        "predictor": arguments.predictor,
        "settings": asdict(subject.settings),
        "summary": asdict(metrics.summarised(rows)),
        "rows": [asdict(row) for row in rows],
    }
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _loaded(path: Path) -> list[metrics.Row]:
    return [metrics.Row(**row) for row in json.loads(path.read_text(encoding="utf-8"))["rows"]]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nextedit evaluate", description="Measure predictions on commits.")
    add = parser.add_argument
    add("--episodes", type=Path, nargs="+", default=[episodes.OWN_EPISODES], help="JSON lines, plain or .xz")
    add("--lang", nargs="*", default=[], help="only episodes with a file in one of these languages")
    add("--repo", nargs="*", default=[], help="only episodes of these repositories")
    add("--id", nargs="*", default=[], help="only episodes whose id (repository@commit) starts so")
    add("--limit", type=int, help="draw this many episodes")
    add("--seed", type=int, default=0, help="draws episodes and the rounds to show")
    add("--jobs", type=int, default=os.cpu_count() or 1, help="processes; 1 runs in this one, for a profiler")
    add("--order", choices=sorted(orders.ORDERS), default="file", help="the order in which hunks are made")
    add("--predictor", default="nextedit_lsp.predictor:predict", help="module:function to evaluate")
    add("--min-chance", type=float, help="show from this chance on, instead of the predictor's own")
    add("--out", type=Path, help="write settings, summary and all rows here, as JSON")
    add("--compare", type=Path, metavar="OUT", help="say what changed since the run that wrote this")
    add("--curve", action="store_true", help="precision and coverage over the threshold of the chance")
    add("--show", type=int, default=0, metavar="N", help="print N rounds whose suggestion is wrong")
    add("--show-missed", type=int, default=0, metavar="N", help="print N silent rounds that repeat a change")
    add("--show-right", type=int, default=0, metavar="N", help="print N rounds whose suggestion is right")
    return parser
