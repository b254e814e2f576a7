"""``nextedit evaluate``: run a predictor over episodes or sessions and say how good it is.

In: arguments.  Out: tables in the terminal and, where asked for, files.
Not here: the arguments (``arguments``), asking (``evaluating``), rates (``estimates``), tables (``showing``).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

from rich.console import Console
from rich.progress import Progress

from nextedit_lsp.errors import NexteditError
from nextedit_lsp.evaluation import (
    arguments as arguments_,
)
from nextedit_lsp.evaluation import (
    comparing,
    episodes,
    estimates,
    evaluating,
    memory,
    orders,
    page,
    page_sessions,
    recorded,
    recorded_summary,
    recordings,
    report,
    rounds,
    run_file,
    showing,
    sources,
    with_model,
)
from nextedit_lsp.evaluation.evaluating import Outcome, Subject
from nextedit_lsp.evaluation.metrics import Row
from nextedit_lsp.predictor import PredictorSettings
from nextedit_lsp.session.model import Target

MIN_WIDTH = 150


def main(argv: Sequence[str] | None = None) -> int:
    """The command line without a model."""
    return run(arguments_.parser().parse_args(argv), None)


def run(arguments: argparse.Namespace, model: Target | None) -> int:
    """Evaluates.  Returns 1 when the predictor raised or something cannot be read."""
    console, errors = Console(), Console(stderr=True)
    # A table that is cut tells nothing; in a narrower window its lines wrap.
    console.width = max(console.width, MIN_WIDTH)
    try:
        if arguments.recordings:
            return _replayed(arguments, model, console, errors)
        return _evaluated(arguments, model, console, errors)
    except NexteditError as error:
        errors.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return 1


def _evaluated(arguments: argparse.Namespace, model: Target | None, console: Console, errors: Console) -> int:
    before = _before(arguments) if arguments.compare else []
    drawn = sources.drawn(arguments, errors)
    jobs = arguments.jobs
    if model is not None:
        model, jobs = with_model.shared(model, jobs, os.cpu_count() or 1)
    subject = _subject(arguments, model)
    outcomes = _outcomes(arguments, drawn, subject, jobs, errors)
    rows = _rows(outcomes)
    _print(arguments, console, outcomes, rows)
    if before:
        comparing.print_comparison(console, before, rows)
    _write(arguments, _header(drawn, subject), drawn, outcomes, before)
    _show_rounds(console, arguments, drawn, subject, rows)
    failures = [(f"{row.episode} k={row.k}", row.error) for row in rows if row.error]
    failures += [(outcome.episode, outcome.error) for outcome in outcomes if outcome.error]
    if failures:
        errors.print(f"the predictor raised {len(failures)} times; the first:", style="red")
        errors.print(f"{failures[0][0]}\n{failures[0][1]}", markup=False, soft_wrap=True)
    return 1 if failures else 0


def _before(arguments: argparse.Namespace) -> list[Row]:
    """The rows of the run to compare with."""
    header, outcomes = run_file.load(arguments.compare)
    if header.get("order") != arguments.order:
        # The same number of hunks is another state there.
        raise run_file.RunFileError(
            f"{arguments.compare} is a run in {header.get('order')} order: compare with --order"
        )
    return _rows(outcomes)


def _replayed(arguments: argparse.Namespace, model: Target | None, console: Console, errors: Console) -> int:
    """Protocol 3."""
    sessions = [recordings.read(path) for path in arguments.recordings]
    subject = _subject(arguments, model)
    with evaluating.predicting(subject) as predict, Progress(console=errors, transient=True) as progress:
        start_bytes = memory.resident_bytes()
        found = [
            recorded.replayed(session, cast(recorded.Predict, predict), subject.settings)
            for session in progress.track(sessions, description="sessions")
        ]
    summary = recorded_summary.summarised(found, start_bytes, memory.resident_bytes())
    recorded_summary.print_summary(console, found, summary)
    if arguments.json:
        _save(arguments.json, json.dumps({"summary": asdict(summary), "sessions": list(map(asdict, found))}, indent=1))
    if arguments.html:
        _save(arguments.html, page_sessions.page(found, summary))
    return 0


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
        showing.print_intervals(console, estimates.estimates(rows, estimates.ROUNDS))
        if arguments.curve:
            showing.print_curve(console, rows)
        showing.print_cost(console, rows, [outcome.profile for outcome in outcomes])
    if savings:
        showing.print_savings(console, savings)
        showing.print_intervals(console, estimates.estimates(savings, estimates.SAVINGS))


def _write(
    arguments: argparse.Namespace,
    header: Mapping[str, Any],
    drawn: Sequence[episodes.Episode],
    outcomes: Sequence[Outcome],
    before: Sequence[Row],
) -> None:
    """The files that were asked for."""
    if not arguments.json and not arguments.html:
        return
    source = [str(arguments.git)] if arguments.git else [str(path) for path in arguments.episodes]
    made = report.report({"source": source, **header}, outcomes, before)
    if arguments.json:
        _save(arguments.json, json.dumps(made, indent=1))
    if arguments.html:
        _save(arguments.html, page.page(made, drawn, _rows(outcomes), before, arguments.page_rounds))


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


def _subject(arguments: argparse.Namespace, model: Target | None) -> Subject:
    settings = PredictorSettings()
    if arguments.min_chance is not None:
        settings = replace(settings, min_chance=arguments.min_chance)
    return Subject(arguments.predictor, settings, arguments.order, tuple(sorted(set(arguments.protocol))), model)


def _rows(outcomes: Sequence[Outcome]) -> list[Row]:
    return [row for outcome in outcomes for row in outcome.rows]


def _save(path: Path, content: str) -> None:
    try:
        path.write_text(content + "\n", encoding="utf-8", errors="surrogatepass")
    except OSError as error:
        raise ResultError(f"cannot write {path}: {error.strerror or error}") from error


class ResultError(NexteditError):
    """Results can't be written."""
