"""``nextedit evaluate``: run a predictor over episodes and say how good it is.

In: command-line arguments.  Out: tables in the terminal and, where asked for, a run file.
Not here: asking (``evaluating``), rates (``estimates``), tables (``showing``).
"""

from __future__ import annotations

import argparse
import hashlib
import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from nextedit_lsp.errors import NexteditError
from nextedit_lsp.evaluation import (
    comparing,
    episodes,
    estimates,
    evaluating,
    orders,
    rounds,
    run_file,
    showing,
    with_model,
)
from nextedit_lsp.evaluation.evaluating import Outcome, Subject
from nextedit_lsp.evaluation.metrics import Row
from nextedit_lsp.predictor import PredictorSettings
from nextedit_lsp.session.model import Target

MIN_WIDTH = 150


def main(argv: Sequence[str] | None = None, model: Target | None = None) -> int:
    """The command line.  Returns 1 when the predictor raised or something cannot be read."""
    arguments = parser().parse_args(argv)
    console, errors = Console(), Console(stderr=True)
    # A table that is cut tells nothing; in a narrower window its lines wrap.
    console.width = max(console.width, MIN_WIDTH)
    try:
        return _evaluated(arguments, model, console, errors)
    except NexteditError as error:
        errors.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return 1


def _evaluated(arguments: argparse.Namespace, model: Target | None, console: Console, errors: Console) -> int:
    drawn = _drawn(arguments)
    jobs = arguments.jobs
    if model is not None:
        model, jobs = with_model.shared(model, jobs, os.cpu_count() or 1)
    subject = Subject(
        arguments.predictor, _settings(arguments), arguments.order, tuple(sorted(set(arguments.protocol))), model
    )
    before = run_file.load(arguments.compare)[1] if arguments.compare else []
    outcomes = _outcomes(arguments, drawn, subject, jobs, errors)
    rows = [row for outcome in outcomes for row in outcome.rows]
    _print(arguments, console, outcomes, rows)
    if arguments.compare:
        comparing.print_comparison(console, [row for outcome in before for row in outcome.rows], rows)
    _show_rounds(console, arguments, drawn, subject, rows)
    failures = [(f"{row.episode} k={row.k}", row.error) for row in rows if row.error]
    failures += [(outcome.episode, outcome.error) for outcome in outcomes if outcome.error]
    if failures:
        errors.print(f"the predictor raised {len(failures)} times; the first:", style="red")
        errors.print(f"{failures[0][0]}\n{failures[0][1]}", markup=False, soft_wrap=True)
    return 1 if failures else 0


def _drawn(arguments: argparse.Namespace) -> list[episodes.Episode]:
    wanted = episodes.Filter(tuple(arguments.lang), tuple(arguments.repo), tuple(arguments.id))
    try:
        return episodes.sampled(episodes.read(arguments.episodes, wanted), arguments.limit, arguments.seed)
    except OSError as error:
        raise episodes.EpisodeError(f"cannot read the episodes: {error}") from error


def _outcomes(
    arguments: argparse.Namespace,
    drawn: Sequence[episodes.Episode],
    subject: Subject,
    jobs: int,
    errors: Console,
) -> list[Outcome]:
    """All outcomes, in the order of the episodes; those that the run file has are taken from it."""
    file = run_file.RunFile(arguments.out, _header(drawn, subject)) if arguments.out else None
    outcomes = {outcome.episode: outcome for outcome in file.outcomes} if file else {}
    missing = [episode for episode in drawn if episode.id not in outcomes]
    try:
        with Progress(console=errors, transient=True) as progress:
            task = progress.add_task("episodes", total=len(drawn), completed=len(drawn) - len(missing))
            for outcome in evaluating.evaluate(missing, subject, jobs):
                outcomes[outcome.episode] = outcome
                if file:
                    file.append(outcome)
                progress.advance(task)
    finally:
        if file:
            file.close()
    return [outcomes[episode.id] for episode in drawn]


def _header(drawn: Sequence[episodes.Episode], subject: Subject) -> dict[str, Any]:
    """What makes a run that run."""
    ids = "\n".join(episode.id for episode in drawn)
    return {
        "code": run_file.code_fingerprint(),
        "episodes": len(drawn),
        "drawn": hashlib.blake2s(ids.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest(),
        "order": subject.order,
        "protocols": subject.protocols,
        "predictor": subject.predictor,
        "settings": asdict(subject.settings),
        "model": subject.model.name if subject.model else None,
    }


def _print(arguments: argparse.Namespace, console: Console, outcomes: Sequence[Outcome], rows: Sequence[Row]) -> None:
    savings = [outcome.saving for outcome in outcomes if outcome.saving is not None]
    if rows:
        showing.print_summary(console, rows)
        found = estimates.estimates(rows, estimates.ROUNDS)
        showing.print_intervals(console, found, {one.name: one.what for one in estimates.ROUNDS})
        if arguments.curve:
            showing.print_curve(console, rows)
        showing.print_cost(console, rows)
    if savings:
        showing.print_savings(console, savings)
        saved = estimates.estimates(savings, estimates.SAVINGS)
        showing.print_intervals(console, saved, {one.name: one.what for one in estimates.SAVINGS})


def _show_rounds(
    console: Console,
    arguments: argparse.Namespace,
    drawn: Sequence[episodes.Episode],
    subject: Subject,
    rows: Sequence[Row],
) -> None:
    wrong = [row for row in rows if row.is_wrong]
    missed = [row for row in rows if row.shown is None and row.is_repeat and not row.error]
    right = [row for row in rows if row.is_right]
    by_id = {episode.id: episode for episode in drawn}
    chosen = [
        (label, row)
        for label, found, n_wanted in (
            ("wrong", wrong, arguments.show),
            ("missed", missed, arguments.show_missed),
            ("right", right, arguments.show_right),
        )
        for row in episodes.sampled(found, n_wanted, arguments.seed)
    ]
    if not chosen:
        return
    with evaluating.predicting(subject) as predict:
        for label, row in chosen:
            order = orders.ORDERS[subject.order](by_id[row.episode])
            round_ = next(r for r in rounds.rounds(by_id[row.episode], order) if r.k == row.k)
            showing.print_round(console, label, row, round_, predict(round_.snapshot, subject.settings))


def _settings(arguments: argparse.Namespace) -> PredictorSettings:
    settings = PredictorSettings()
    return settings if arguments.min_chance is None else replace(settings, min_chance=arguments.min_chance)


def parser() -> argparse.ArgumentParser:
    """The arguments."""
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
    add(
        "--protocol",
        type=int,
        nargs="+",
        choices=(1, 2),
        default=[1],
        help="1: rounds, one question each (the default); 2: sessions, keystrokes saved",
    )
    add("--predictor", default="nextedit_lsp.predictor:predict", help="module:function to evaluate")
    add("--min-chance", type=float, help="show from this chance on, instead of the predictor's own")
    add("--out", type=Path, metavar="RUN", help="keep every round here as it comes; the same run again goes on")
    add("--compare", type=Path, metavar="RUN", help="say what changed since the run that was kept there")
    add("--curve", action="store_true", help="precision and coverage over the threshold of the chance")
    add("--show", type=int, default=0, metavar="N", help="print N rounds whose suggestion is wrong")
    add("--show-missed", type=int, default=0, metavar="N", help="print N silent rounds that repeat a change")
    add("--show-right", type=int, default=0, metavar="N", help="print N rounds whose suggestion is right")
    return parser
