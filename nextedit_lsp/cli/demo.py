"""Replay the project's own recorded session, on real source files in four languages.

In: the recording in ``demo_data``.  Out: as ``replay``; exit code 1 when the server suggested nothing right.
Not here: the replay itself.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from importlib import resources

from rich.console import Console

from nextedit_lsp.cli import replay
from nextedit_lsp.cli.replaying import language_of
from nextedit_lsp.evaluation import recordings
from nextedit_lsp.evaluation.recordings import Opened, Recording


def run(parser: argparse.ArgumentParser, argv: Sequence[str]) -> int:
    """Replays the demo."""
    replay.add_display_arguments(parser)
    arguments = parser.parse_args(argv)
    recording = session()
    if not arguments.json:
        _introduce(recording)
    counted = asyncio.run(replay.replayed(recording, arguments))
    return 0 if counted.n_right else 1


def session() -> Recording:
    """The demo's recording."""
    file = resources.files("nextedit_lsp.cli") / "demo_data" / "session.json"
    return recordings.parsed(file.read_text(encoding="utf-8"))


def _introduce(recording: Recording) -> None:
    opened = [action for action in recording.actions if isinstance(action, Opened)]
    by_language = sorted({language_of(action.path) for action in opened})
    console = Console(highlight=False)
    console.print("[bold]nextedit demo[/bold]: a recorded session is typed to the real language server, which answers.")
    console.print(f"{len(opened)} source files of open-source projects, in {', '.join(by_language)}.\n", style="dim")
