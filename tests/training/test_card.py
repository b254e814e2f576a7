import json
import re
from pathlib import Path

import pytest

from training import card


@pytest.fixture
def repositories(tmp_path: Path) -> Path:
    path = tmp_path / "repos.json"
    path.write_text(json.dumps({"dev": ["b/b"], "train": {"z/z": 3, "a/a": 12}}))
    return path


def facts() -> dict[str, str]:
    names = re.findall(r"\$(\w+)", card.TEMPLATE.read_text(encoding="utf-8"))
    return {name: f"the {name}" for name in names if name not in ("n_repositories", "repositories")}


def test_a_card_names_its_data_and_leaves_nothing_open(repositories: Path) -> None:
    text = card.card(facts(), repositories)
    assert "Commits of 2 public repositories" in text
    assert "a/a (12), z/z (3)" in text
    assert "$" not in text
    assert "b/b" not in text


def test_a_missing_result_is_an_error(repositories: Path) -> None:
    with pytest.raises(KeyError, match="results"):
        card.card({name: value for name, value in facts().items() if name != "results"}, repositories)
