from dataclasses import replace
from pathlib import Path

import pytest

from nextedit_lsp.engine.machine import Wishes
from nextedit_lsp.evaluation import evaluating, with_model
from nextedit_lsp.evaluation.evaluating import PredictorError, Subject
from nextedit_lsp.models import machine
from nextedit_lsp.predictor import PredictorSettings
from nextedit_lsp.session.model import Target
from tests.evaluation.stand_ins import episode

EPISODES = [
    replace(episode("1\n1\n1\n\n", (0, 1, ["two"]), (2, 1, ["two"])), id=f"some/repo@{number}") for number in range(3)
]


def subject(predictor: str, *protocols: int) -> Subject:
    return Subject(f"tests.evaluation.stand_ins:{predictor}", PredictorSettings(), "file", protocols)


@pytest.mark.parametrize("jobs", [1, 2])
def test_predictor_that_is_not_there_is_named(jobs: int) -> None:
    with pytest.raises(PredictorError, match="no predictor 'tests\\.evaluation\\.stand_ins:nobody'"):
        list(evaluating.evaluate(EPISODES, subject("nobody", 1), jobs))


def test_episode_that_fails_does_not_end_the_run() -> None:
    outcomes = list(evaluating.evaluate(EPISODES, subject("fails", 1, 2), jobs=1))
    assert len(outcomes) == 3
    assert all("out of ideas" in outcome.error and outcome.saving is None for outcome in outcomes)
    assert all("out of ideas" in row.error for outcome in outcomes for row in outcome.rows)


def test_first_episode_is_profiled() -> None:
    first, *others = evaluating.evaluate(EPISODES, subject("copies_down", 1), jobs=1)
    assert sum(first.profile.values()) > 0
    assert not any(outcome.profile for outcome in others)


def test_model_is_loaded_as_often_as_it_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"x" * 1000)
    target = Target(path=file)
    monkeypatch.setattr(machine, "memory_bytes", lambda: 10_000_000_000)
    shared, n_jobs = with_model.shared(target, 4, 8)
    assert (n_jobs, shared.wishes.n_threads) == (4, 2)
    assert with_model.shared(replace(target, wishes=Wishes(n_threads=3)), 4, 8)[0].wishes.n_threads == 3
    monkeypatch.setattr(machine, "memory_bytes", lambda: 500_000_000)
    assert with_model.shared(target, 4, 8) == (target, 1)
    monkeypatch.setattr(machine, "memory_bytes", lambda: None)
    assert with_model.shared(target, 4, 8) == (target, 1)


def test_model_behind_an_address_is_asked_by_one_process() -> None:
    target = Target(server="http://localhost:1")
    assert with_model.shared(target, 4, 8) == (target, 1)
