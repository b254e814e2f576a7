"""Source texts to learn a tokenizer from: files of episodes before their commits, and what the commits wrote.

In: episode files, a sample size.  Out: texts.
Not here: learning (``tokenizer``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from nextedit_lsp.evaluation import episodes


def texts(paths: Sequence[Path], n_episodes: int, seed: int) -> Iterator[str]:
    """The first file of each drawn episode, and every hunk's new lines."""
    for path in paths:
        for episode in episodes.sampled(episodes.read([path], episodes.Filter()), n_episodes // len(paths), seed):
            yield episode.files[0].before
            for file in episode.files:
                yield from ("".join(f"{line}\n" for line in hunk.new) for hunk in file.hunks)
