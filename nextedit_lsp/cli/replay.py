"""Replay a recorded editing session against the real server and show what it suggests.

In: a recording of VS Code's next-edit recordings.  Out: each edit typed and each edit suggested, and a count.
Not here: reading recordings (``recordings``), judging suggestions (``steps``).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from rich.console import Console

from nextedit_lsp.cli import display, live_server, model_option, replaying, summary
from nextedit_lsp.evaluation import recordings
from nextedit_lsp.evaluation.recordings import Opened, Recording


def run(parser: argparse.ArgumentParser, argv: Sequence[str]) -> int:
    """Replays a file."""
    parser.add_argument("file", type=Path, metavar="FILE", help='the recording, {"log": [{"kind": …}, …]}')
    add_display_arguments(parser)
    arguments = parser.parse_args(argv)
    recording = recordings.read(arguments.file)
    summarised = asyncio.run(replayed(recording, arguments))
    return 0 if summarised.n_steps else _nothing_to_show(arguments.file)


def add_display_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that ``replay`` and ``demo`` share."""
    pace = parser.add_mutually_exclusive_group()
    pace.add_argument("--fast", action="store_true", help="type without waiting, shorten the pauses (the default)")
    pace.add_argument("--real-time", action="store_true", help="type as fast as the user did")
    parser.add_argument("--json", action="store_true", help="print JSON lines instead: one a step, then the summary")
    model_option.add_argument(parser)


async def replayed(recording: Recording, arguments: argparse.Namespace) -> summary.Summary:
    """Replays ``recording`` in a folder of its own, shown as it goes; the count."""
    console = Console(highlight=False, stderr=False, quiet=arguments.json)
    answers: list[replaying.Answer] = []
    model = model_option.target(arguments)
    async with workspace(recording) as root, live_server.connected(root, Console(stderr=True), model) as editor:
        async for answer in replaying.replay(recording, editor, is_real_time=arguments.real_time):
            answers.append(answer)
            if arguments.json:
                print(json.dumps(summary.as_json(answer), ensure_ascii=False), flush=True)
            else:
                display.show_answer(console, answer)
    counted = summary.summarised(answers)
    if arguments.json:
        print(json.dumps({"summary": summary.summary_as_json(counted)}, ensure_ascii=False))
    else:
        display.show_summary(console, counted)
    return counted


@contextlib.asynccontextmanager
async def workspace(recording: Recording) -> AsyncIterator[Path]:
    """A folder that holds the documents as they were when the recording first saw them; gone at the end."""
    with tempfile.TemporaryDirectory(prefix="nextedit-replay-") as folder:
        root = Path(folder).resolve()
        for action in recording.actions:
            if isinstance(action, Opened):
                path = root / action.path
                path.parent.mkdir(parents=True, exist_ok=True)
                if not path.exists():
                    path.write_bytes(str(action.text).encode("utf-8", "surrogatepass"))
        yield root


def _nothing_to_show(path: Path) -> int:
    Console(stderr=True).print(f"{path} holds no changes: record while you edit", markup=False, highlight=False)
    return 1
