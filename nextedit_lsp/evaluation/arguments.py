"""The arguments of ``nextedit evaluate``.

In: nothing.  Out: a parser.
Not here: what is done with them (``runner``, ``sources``), which model (``cli.model_option``).
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from nextedit_lsp.evaluation import episodes, orders
from nextedit_lsp.evaluation.sources import MAX_COMMITS

# Rounds that a page can hold without becoming slow to open.
PAGE_ROUNDS = 400

_DESCRIPTION = """\
Measure how often suggestions are right: on the project's own episodes, on episode files, on any git repository, or on
recorded sessions."""


def parser() -> argparse.ArgumentParser:
    """The parser, in groups."""
    made = argparse.ArgumentParser(
        prog="nextedit evaluate", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    _add_sources(made.add_argument_group("what to measure on"))
    _add_subject(made.add_argument_group("what to measure"))
    _add_results(made.add_argument_group("what to do with the results"))
    return made


def _add_sources(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    source = group.add_mutually_exclusive_group()
    source.add_argument(
        "--episodes",
        type=Path,
        nargs="+",
        default=[episodes.OWN_EPISODES],
        metavar="FILE",
        help="JSON lines, plain or .xz (default: the project's own)",
    )
    source.add_argument("--git", type=Path, metavar="PATH", help="the small commits of a git repository")
    source.add_argument(
        "--recordings", type=Path, nargs="+", metavar="FILE", help="recorded sessions, as `nextedit replay` reads them"
    )
    add("--since", metavar="DATE", help="with --git: only commits since then, in any form that git knows")
    add(
        "--max-commits",
        type=_count,
        default=MAX_COMMITS,
        metavar="N",
        help=f"with --git: the newest N commits (default: {MAX_COMMITS})",
    )
    add("--write-episodes", type=Path, metavar="FILE", help="keep the episodes as JSON lines, plain or .xz")
    add("--lang", nargs="*", default=[], help="only episodes with a file in one of these languages")
    add("--repo", nargs="*", default=[], help="only episodes of these repositories")
    add("--id", nargs="*", default=[], help="only episodes whose id (repository@commit) starts so")
    add("--limit", type=_count, metavar="N", help="draw N episodes")
    add("--seed", type=int, default=0, help="draws episodes and the rounds to show")


def _add_subject(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add(
        "--protocol",
        type=int,
        nargs="+",
        choices=(1, 2),
        default=[1],
        help="1: rounds, one question each (the default); 2: sessions, keystrokes saved",
    )
    add("--order", choices=sorted(orders.ORDERS), default="file", help="the order in which hunks are made")
    add("--predictor", default="nextedit_lsp.predictor:predict", help="module:function to evaluate")
    add("--min-chance", type=float, help="show from this chance on, instead of the predictor's own")
    add("--jobs", type=_count, default=os.cpu_count() or 1, help="processes; 1 runs in this one, for a profiler")


def _add_results(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--out", type=Path, metavar="RUN", help="keep every round here as it comes; the same run again goes on")
    add("--compare", type=Path, metavar="RUN", help="say what changed since the run that was kept there")
    add("--json", type=Path, metavar="FILE", help="write all rates as JSON")
    add("--html", type=Path, metavar="FILE", help="write a page with plots and rounds to look through")
    add("--page-rounds", type=int, default=PAGE_ROUNDS, metavar="N", help="rounds on the page")
    add("--curve", action="store_true", help="precision and coverage over the threshold of the chance")
    add("--show", type=int, default=0, metavar="N", help="print N rounds whose suggestion is wrong")
    add("--show-missed", type=int, default=0, metavar="N", help="print N silent rounds that repeat a change")
    add("--show-right", type=int, default=0, metavar="N", help="print N rounds whose suggestion is right")


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number
