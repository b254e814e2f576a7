from dataclasses import replace

import training_files as files

from nextedit_lsp.evaluation.episodes import Episode, Hunk
from training.data.duplicates import without_duplicates

AREA = files.renaming().episode


def edited(episode: Episode, old: str, new: str) -> Episode:
    """The episode with other words, before and after."""
    file = episode.files[0]
    hunks = tuple(Hunk(h.start, h.n_old, tuple(line.replace(old, new) for line in h.new)) for h in file.hunks)
    return replace(episode, files=(replace(file, before=file.before.replace(old, new), hunks=hunks),))


def test_a_backport_is_left_out_and_another_change_is_not() -> None:
    other = files.renaming("volume", "space").episode
    assert list(without_duplicates([AREA, other, AREA])) == [AREA, other]


def test_white_space_makes_no_other_episode() -> None:
    assert list(without_duplicates([AREA, edited(AREA, "    ", "  ")])) == [AREA]


def test_other_words_do() -> None:
    other = edited(AREA, "height", "depth")
    other = edited(other, "(r", "(radius")
    assert list(without_duplicates([AREA, other])) == [AREA, other]
