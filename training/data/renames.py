"""The first lesson: short made-up files in which a name is replaced, use by use.

In: source texts, a random generator, a difficulty.  Out: courses.
Not here: renaming by scope (``refactorings``).

Induction, the habit of going on as before after the same tokens, forms within minutes on short examples and hardly at
all on long ones.  So files are a few lines long at first, half of them without sense.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence

from nextedit_lsp.evaluation.episodes import Episode, EpisodeFile, Hunk
from nextedit_lsp.evaluation.rounds import file_order
from training.data.courses import Course
from training.data.names import KEYWORDS, NAME, Words

MAX_LINE_CHARS = 120
MADE_UP_SHARE = 0.5
MAX_USES = 8
# The old name is a made-up one in this share: so that it can't be told from what files like this hold.
FRESH_OLD_SHARE = 0.5


def course(rng: random.Random, lines: Sequence[str], path: str, words: Words, difficulty: float) -> Course | None:
    """A course cut out of a file's lines, or of made-up ones; None where no name was found.  ``difficulty``: 0 to 1."""
    if rng.random() < MADE_UP_SHARE * (1 - difficulty):
        cut, old = _made_up(rng, words, difficulty)
    else:
        found = _cut(rng, lines, words, difficulty)
        if found is None:
            return None
        cut, old = found
    new = words.fresh(rng, old, set(NAME.findall("\n".join(cut))) | {old})
    rows = [row for row, line in enumerate(cut) if re.search(rf"\b{old}\b", line)]
    if len(rows) < 2:
        return None
    hunks = tuple(Hunk(row, 1, (re.sub(rf"\b{old}\b", new, cut[row]),)) for row in rows)
    file = EpisodeFile(path, "plaintext", "\n".join((*cut, "")), hunks)
    episode = Episode("made up", "made/up", "0", "", (file,))
    order = file_order(episode)
    if rng.random() < 0.3:
        rng.shuffle(order)
    return Course(episode, order, "rename", 1)


def _made_up(rng: random.Random, words: Words, difficulty: float) -> tuple[list[str], str]:
    pool: list[str] = []
    for _ in range(rng.randint(3, 4 + round(10 * difficulty))):
        pool.append(words.fresh(rng, "", set(pool)))
    old = pool[0]

    def line(has_old: bool) -> str:
        names = [rng.choice(pool[1:]) for _ in range(rng.randint(1, 2 + round(4 * difficulty)))]
        if has_old:
            names.insert(rng.randint(0, len(names)), old)
        signs = rng.choices((" ", " = ", ".", "(", ", ", " + ", "[", ") ", ": "), k=len(names))
        return "    " * rng.randint(0, 2) + "".join(map(str.__add__, names, signs)).rstrip()

    return [line(rng.random() < 0.5) for _ in range(rng.randint(3, 6 + round(14 * difficulty)))], old


def _cut(rng: random.Random, lines: Sequence[str], words: Words, difficulty: float) -> tuple[list[str], str] | None:
    n_lines = rng.randint(4 + round(8 * difficulty), 6 + round(26 * difficulty))
    if len(lines) < n_lines:
        return None
    start = rng.randrange(len(lines) - n_lines + 1)
    cut = list(lines[start : start + n_lines])
    if any(not line.isascii() or len(line) > MAX_LINE_CHARS for line in cut):
        return None
    text = "\n".join(cut)
    counts = Counter(name for name in NAME.findall(text) if name not in KEYWORDS and not name.startswith("__"))
    found = [
        name
        for name, count in counts.items()
        if 2 <= count <= MAX_USES and re.search(rf"\b{name}(?: *:?=|[(\[),:]|\.\w)", text)
    ]
    if not found:
        return None
    old = rng.choice(found)
    if rng.random() < FRESH_OLD_SHARE:
        other = words.fresh(rng, "", set(counts))
        cut, old = [re.sub(rf"\b{old}\b", other, line) for line in cut], other
    return cut, old
