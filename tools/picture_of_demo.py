"""Draws the demo as a picture for the README: the terminal as it looks, in SVG.

In: the demo, run here and now.  Out: the file named, by default ``docs/demo.svg``.
Not here: the demo.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from nextedit_lsp.cli import demo, display, live_server, replay, replaying, summary

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "demo.svg"
WIDTH = 100
# The whole session is too long for a picture: these steps, and the count.
STEPS = range(9, 16)


async def drawn(console: Console) -> None:
    """Plays the demo; the chosen steps and the count are drawn."""
    recording = demo.session()
    answers = []
    async with replay.workspace(recording) as root, live_server.connected(root, Console(stderr=True)) as editor:
        async for answer in replaying.replay(recording, editor, is_real_time=False):
            answers.append(answer)
            if answer.index in STEPS:
                display.show_answer(console, answer)
    display.show_summary(console, summary.summarised(answers))


def main(argv: list[str]) -> int:
    """Draws the picture."""
    parser = argparse.ArgumentParser(description="Draw the demo.")
    parser.add_argument("file", type=Path, nargs="?", default=PICTURE)
    arguments = parser.parse_args(argv)
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, highlight=False)
    asyncio.run(drawn(console))
    picture = console.export_svg(title="nextedit demo", theme=MONOKAI)
    # The fonts would come from the network; a reader's own will do.
    arguments.file.write_text(re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
