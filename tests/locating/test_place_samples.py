"""What the ranking is taught: the rows that remaining hunks touch, from the project's own episodes."""

from __future__ import annotations

import numpy as np
import pytest

from nextedit_lsp.evaluation import episodes, rounds
from nextedit_lsp.locating.ranking import ranker, scene
from tools import place_samples


def own_episodes() -> list[episodes.Episode]:
    return list(episodes.read([episodes.OWN_EPISODES], episodes.Filter()))


@pytest.mark.parametrize("episode", own_episodes(), ids=lambda episode: episode.id)
def test_right_rows_are_those_that_remaining_hunks_touch(episode):
    for round_ in rounds.rounds(episode, rounds.file_order(episode)):
        of = scene.scene_of(round_.snapshot, round_.snapshot.history.intentions())
        right = place_samples.labels(round_, of)
        assert right.any() == (not round_.is_complete)
        touched = {(hunk.uri, hunk.start + i) for hunk in round_.remaining for i in range(len(hunk.old))}
        found = {(of.documents[of.document_of[i]].uri, of.row[i]) for i in np.flatnonzero(right)}
        assert touched <= found


def test_samples_have_a_column_for_every_feature_and_a_weight_for_what_was_left_out():
    found = [place_samples.samples_of(episode) for episode in own_episodes()]
    assert any(found)
    for samples in filter(None, found):
        assert samples.x.shape == (len(samples.row), len(ranker.learned().names))
        assert len(samples.is_right) == len(samples.weight) == len(samples.group) == len(samples.document)
        assert (samples.weight[samples.is_right] == 1).all()
        assert np.isfinite(samples.x).all()


def test_crowded_episodes_have_files_in_which_nothing_is_to_be_done():
    listed = own_episodes()
    crowded = list(place_samples.crowded(listed * 20))
    grown = [(was, is_) for was, is_ in zip(listed * 20, crowded, strict=True) if len(is_.files) > len(was.files)]
    assert grown
    for was, is_ in grown:
        assert is_.files[: len(was.files)] == was.files
        assert not any(file.hunks for file in is_.files[len(was.files) :])
