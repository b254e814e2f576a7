"""What is suggested while a person types: the next hunk of a commit, character by character.

In: edit episodes.  Out: how many keystrokes had a suggestion, and how many of those at the cursor
were what was typed next.
The hunk before the last is done; of the last the old text is deleted and the new one typed, with
150 ms between keys.  After each key the predictor is asked.

    python benchmarks/keystrokes.py --episodes PATH.jsonl.xz --limit 150
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from nextedit_lsp import predictor
from nextedit_lsp.editing.events import Origin
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.evaluation import episodes, rounds
from nextedit_lsp.presenting.suggestion import Suggestion
from nextedit_lsp.text.changes import Changes, trimmed

KEY_INTERVAL_S = 0.15
# The predictor is asked so long after a key.
ASK_DELAY_S = 0.05
# Longer hunks are written by machines as often as by hand.
MAX_CHARS = 250


def typed(round_: rounds.Round) -> Iterator[tuple[Suggestion | None, str, bool]]:
    """After each key: the first suggestion, what will be typed from there, and whether it is at the cursor."""
    hunk = round_.remaining[0]
    documents = {one.uri: one for one in (round_.snapshot.document, *round_.snapshot.others)}
    document, history = documents.pop(hunk.uri), round_.snapshot.history
    edit = trimmed(rounds.line_edit(document.text, hunk.start, len(hunk.old), hunk.new), document.text)
    if not edit.text or len(edit.text) > MAX_CHARS:
        return
    now, others = round_.snapshot.now + 10.0, tuple(documents.values())
    keys = [Changes.replace(edit.start, edit.end, "")] if edit.end > edit.start else []
    keys += [Changes.replace(edit.start + i, edit.start + i, key) for i, key in enumerate(edit.text)]
    for key in keys:
        now += KEY_INTERVAL_S
        history = history.record(document, key, Origin.TYPED, now)
        document = document.edited(key, document.version + 1)
        cursor = key.start + len(key.edits[0].text)
        snapshot = Snapshot(document, cursor, history, others, now=now + ASK_DELAY_S)
        found = predictor.predict(snapshot, predictor.PredictorSettings()).suggestions
        first = found[0] if found else None
        is_here = first is not None and first.uri == document.uri and first.edit.start == cursor
        yield first, edit.text[cursor - edit.start :], is_here


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--episodes", nargs="+", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=150)
    arguments = parser.parse_args()
    counts: Counter[str] = Counter()
    for episode in episodes.sampled(episodes.read(arguments.episodes, episodes.Filter()), arguments.limit, seed=4):
        states = [one for one in rounds.rounds(episode, rounds.file_order(episode)) if not one.is_complete]
        for suggestion, rest, is_here in typed(states[-1]) if states else ():
            counts["keystrokes"] += 1
            if suggestion is not None:
                is_right = rest.rstrip().startswith(suggestion.edit.text.strip())
                counts["at the cursor" if is_here else "elsewhere"] += 1
                counts["at the cursor, right"] += is_here and is_right
    for name, count in counts.items():
        print(f"{name}: {count}")


if __name__ == "__main__":
    main()
