"""Episodes that do again what others did: backports, reverts, the same fix in every release.

In: episodes.  Out: those of them that are new.
Not here: equal examples of different episodes, which ``build`` drops.

A hunk is known by the words and signs of its old and its new lines, with numbers and blanks left out.  An episode whose
hunks nearly all were there before is a near-duplicate.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

from nextedit_lsp.evaluation.episodes import Episode, EpisodeFile, Hunk

# From this share of known hunks on an episode is left out.
MAX_KNOWN_SHARE = 0.8
_NOISE = re.compile(r"\d+|\s+")


def without_duplicates(found: Iterable[Episode]) -> Iterator[Episode]:
    """The episodes without those that repeat earlier ones."""
    known: set[bytes] = set()
    for episode in found:
        prints = {_fingerprint(file, hunk) for file in episode.files for hunk in file.hunks}
        if len(prints & known) < MAX_KNOWN_SHARE * len(prints):
            yield episode
        known |= prints


def _fingerprint(file: EpisodeFile, hunk: Hunk) -> bytes:
    """The same for hunks that differ in numbers and white space only, and for one and its reversal."""
    old = file.before.split("\n")[hunk.start : hunk.start + hunk.n_old]
    sides = sorted(_NOISE.sub("", "\n".join(lines)) for lines in (old, hunk.new))
    return hashlib.blake2b("\0".join(sides).encode("utf-8", "surrogatepass"), digest_size=8).digest()
