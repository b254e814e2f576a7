"""Which of the words and runs of tokens that the last edits removed, brought in or kept a row holds.

In: a Scene.  Out: columns.
Rare words count more: each match weighs the logarithm of how few rows hold the word (inverse document frequency).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from nextedit_lsp.locating.ranking.edits import LineEdit
from nextedit_lsp.locating.ranking.kinds import Kind
from nextedit_lsp.locating.ranking.lines import Bools, Column, Floats, Ints, Lines, lines_of_strings
from nextedit_lsp.locating.ranking.position import between
from nextedit_lsp.locating.ranking.scene import Scene
from nextedit_lsp.locating.ranking.structure import definition_of, first_of_run, paragraph_of

# What an edit further back counts for, against the one after it.
DECAY = 0.8

# The signals whose rows are counted: which is the next one, how many are there.
COUNTED = ("gone_last", "gone_all", "gone_pairs_last", "gone_pairs_all", "fresh_last")


def columns(scene: Scene) -> dict[str, Floats]:
    """How much of what the edits changed each row holds."""
    sides = [(lines_of_strings(edit.old), lines_of_strings(edit.new)) for edit in scene.edits]
    lines = scene.lines
    words = _Index(lines.token, lines.token_row, lines.is_word)
    result: dict[str, Column] = {}
    kinds: tuple[tuple[str, _Index, Callable[[Lines], Ints]], ...] = (
        ("", words, lambda side: side.token[side.is_word]),
        ("pairs_", _Index(lines.pair, lines.token_row, lines.pair != 0), lambda side: side.pair[side.pair != 0]),
        ("triples_", _Index(lines.triple, lines.token_row, lines.triple != 0), lambda side: side.triple),
        ("folded_", _Index(lines.folded, lines.token_row, lines.is_word), lambda side: side.folded[side.is_word]),
        ("pieces_", _Index(lines.piece, lines.piece_row, lines.piece != 0), lambda side: side.piece),
    )
    indices = {name: index for name, index, _ in kinds}
    for name, index, of in kinds:
        result |= _held(scene, name, index, [(of(old), of(new)) for old, new in sides])
    result |= _names(scene, words, indices["pieces_"])
    result |= _beside(scene, words, sides)
    definition = definition_of(scene)
    for name in ("fresh_pieces_all", "around_pieces_last"):
        result[f"{name}_of_definition"] = first_of_run(result[name], definition)
    result["gone_share"] = result.pop("gone_all_count") / np.maximum(lines.n_distinct, 1)
    for name in ("gone_all", "fresh_all", "beside_all"):
        result[f"{name}_in_document"] = best_of_run(result[name], scene.document_of)
    result |= _ordered(scene, result)
    return {name: column.astype(np.float32) for name, column in result.items()}


@dataclass(frozen=True, slots=True)
class _Index:
    """What stands where: hashes by row."""

    key: Ints
    row: Ints
    counts: Bools


def _held(scene: Scene, name: str, index: _Index, sides: list[tuple[Ints, Ints]]) -> dict[str, Column]:
    gone = [set(old.tolist()) - set(new.tolist()) for old, new in sides]
    fresh = [set(new.tolist()) - set(old.tolist()) for old, new in sides]
    sets = {
        f"gone_{name}last": dict.fromkeys(gone[0], 1.0),
        f"fresh_{name}last": dict.fromkeys(fresh[0], 1.0),
        f"gone_{name}all": _decayed(gone),
        f"fresh_{name}all": _decayed(fresh),
    }
    if name in ("", "pieces_"):
        kept = [set(old.tolist()) & set(new.tolist()) for old, new in sides]
        # What a whole new or deleted line holds is neither kept nor replaced.
        sets[f"kept_{name}last"] = dict.fromkeys(kept[0], 1.0)
        sets[f"kept_{name}all"] = _decayed(kept)
    if not name:
        sets["gone_often"] = {key: n for key, n in Counter(key for one in gone for key in one).items() if n > 1}
        sets["fresh_often"] = {key: n for key, n in Counter(key for one in fresh for key in one).items() if n > 1}
    return _matched(scene, index, sets, rarest={f"gone_{name}last", f"gone_{name}all"})


def _decayed(sets: list[set[int]]) -> dict[int, float]:
    weights: dict[int, float] = {}
    for age, keys in enumerate(sets):
        for key in keys:
            weights.setdefault(key, DECAY**age)
    return weights


def _matched(
    scene: Scene, index: _Index, sets: dict[str, dict[int, float]], rarest: Iterable[str]
) -> dict[str, Column]:
    """For each set how much of it a row holds; of ``rarest`` also how many, and in how few rows the rarest stands."""
    keys = np.array(sorted({key for one in sets.values() for key in one}), dtype=np.int64)
    n = scene.n_rows
    if not len(keys) or not len(index.key):
        empty = {name: np.zeros(n) for name in sets}
        return empty | {f"{name}_{what}": np.zeros(n) for name in rarest for what in ("rarity", "count")}
    at = np.minimum(np.searchsorted(keys, index.key), len(keys) - 1)
    hit = (keys[at] == index.key) & index.counts
    pairs = np.unique(index.row[hit] * len(keys) + at[hit])
    row, which = pairs // len(keys), pairs % len(keys)
    n_holding = np.bincount(which, minlength=len(keys))
    weight = np.log((1 + n) / (1 + n_holding))
    result = {}
    for name, one in sets.items():
        of_key = np.array([one.get(key, 0.0) for key in keys.tolist()])
        result[name] = np.bincount(row, weights=(of_key * weight)[which], minlength=n)
        if name in rarest:
            rarity: Column = np.zeros(n)
            np.maximum.at(rarity, row, ((of_key > 0) / (1.0 + n_holding))[which])
            result[f"{name}_rarity"] = rarity
            result[f"{name}_count"] = np.bincount(row, weights=(of_key > 0)[which], minlength=n)
    return result


def _beside(scene: Scene, words: _Index, sides: list[tuple[Lines, Lines]]) -> dict[str, Column]:
    """Rows that hold words of the lines right above and right below the edits.

    Where things are listed twice, what is new stands beside the same things in both lists.
    """
    beside = []
    for edit, (old, new) in zip(scene.edits, sides, strict=True):
        around = lines_of_strings((*edit.above[-1:], *edit.below[:1]))
        known = {*old.token.tolist(), *new.token.tolist()}
        beside.append(set(around.token[around.is_word].tolist()) - known)
    sets = {"beside_last": dict.fromkeys(beside[0], 1.0), "beside_all": _decayed(beside)}
    return _matched(scene, words, sets, rarest=("beside_last", "beside_all"))


def _names(scene: Scene, words: _Index, pieces: _Index) -> dict[str, Column]:
    """Rows that hold names which the edits define, and the name of the function or class around the last ones."""
    lines = scene.lines
    defined, around = [], []
    for edit in scene.edits:
        old, new = _defined(edit.old), _defined(edit.new)
        defined.append(old | new)
        around.append(_around(scene, edit, lines))
    sets = {
        "defined_last": dict.fromkeys(defined[0], 1.0),
        "defined_all": _decayed(defined),
        "around_last": dict.fromkeys(around[0], 1.0),
        "around_all": _decayed(around),
    }
    around_pieces = set(pieces.key[_span(pieces.row, _start_above(scene, scene.last))].tolist())
    found = _matched(scene, words, sets, rarest=())
    return found | _matched(scene, pieces, {"around_pieces_last": dict.fromkeys(around_pieces, 1.0)}, rarest=())


def _defined(strings: tuple[str, ...]) -> set[int]:
    """The names on lines that define something."""
    side = lines_of_strings(strings)
    rows = np.flatnonzero((side.kind == Kind.FUNCTION) | (side.kind == Kind.CLASS))
    found: set[int] = set()
    for row in rows.tolist():
        found |= set(side.token[(side.token_row == row) & side.is_word].tolist()[:4])
    return found


def _around(scene: Scene, edit: LineEdit, lines: Lines) -> set[int]:
    """The words of the last line above the edit that starts a function or class."""
    span = _span(lines.token_row, _start_above(scene, edit))
    return set(lines.token[span][lines.is_word[span]].tolist()[:4])


def _start_above(scene: Scene, edit: LineEdit) -> int:
    """The index of that line, -1 without one."""
    starts = np.flatnonzero(scene.in_document(edit.uri) & (scene.row <= edit.row))
    starts = starts[np.isin(scene.lines.kind[starts], (Kind.FUNCTION, Kind.CLASS))]
    return int(starts[-1]) if len(starts) else -1


def _span(rows: Ints, row: int) -> slice:
    """Where ``row`` stands in the sorted ``rows``."""
    return slice(*np.searchsorted(rows, (row, row + 1)).tolist())


def _ordered(scene: Scene, found: dict[str, Column]) -> dict[str, Column]:
    """Which of the rows with a signal comes next, how many there are, and what the block around holds."""
    result: dict[str, Column] = {}
    paragraph, definition = paragraph_of(scene), definition_of(scene)
    for name in COUNTED:
        has = found[name] > 0
        inside = np.zeros(scene.n_rows, dtype=bool)
        for edit in scene.edits:
            inside |= scene.in_document(edit.uri) & (scene.row >= edit.row) & (scene.row < edit.end_row)
        has &= ~inside
        result[f"{name}_order"] = np.where(has, between(scene, has, scene.last), -60)
        result[f"{name}_rows"] = np.full(scene.n_rows, np.log1p(has.sum()))
        result[f"{name}_away"] = _away_from(scene, has)
        top = found[name].max(initial=0.0)
        result[f"{name}_share"] = found[name] / top if top > 0 else found[name]
    for name in ("gone_all", "fresh_all", "kept_all"):
        for what, run in (("paragraph", paragraph), ("definition", definition)):
            result[f"{name}_in_{what}"] = best_of_run(found[name], run)
    return result


def best_of_run(column: Column, run: Column) -> Column:
    """Of each row the highest value among the rows of the same run."""
    best = np.zeros(int(run[-1]) + 1)
    np.maximum.at(best, run, column)
    return best[run]


def _away_from(scene: Scene, has: Column) -> Column:
    """How many rows the nearest flagged row of the document is away, at most 20."""
    index = np.arange(scene.n_rows)
    before = np.maximum.accumulate(np.where(has, index, -1000))
    behind = np.minimum.accumulate(np.where(has, index, 10**9)[::-1])[::-1]
    return np.minimum(np.minimum(index - before, behind - index), 20)
