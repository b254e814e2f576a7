from pathlib import Path

import numpy as np
import pytest

from benchmarks import random_models
from training.loaded import loaded


@pytest.mark.parametrize("file_type", random_models.FILE_TYPES)
def test_a_random_model_loads_and_its_logits_are_sane(tmp_path: Path, file_type: str) -> None:
    path = tmp_path / "tiny.gguf"
    random_models.random_gguf(path, random_models.SHAPES["tiny"], file_type, seed=1)
    with loaded(path) as model:
        logits = model.logits(model.tokens("def area(radius):\n    return radius\n"))
    assert np.isfinite(logits).all()
    assert 0.01 < logits.std() < 10


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    paths = [tmp_path / "first.gguf", tmp_path / "second.gguf"]
    for path in paths:
        random_models.random_gguf(path, random_models.SHAPES["tiny"], "Q4_0", seed=7)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_control_tokens_are_single_and_never_plain_text(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    random_models.random_gguf(path, random_models.SHAPES["tiny"], "Q8_0", seed=1)
    with loaded(path) as model:
        for text in ("<|endoftext|>", "<|fim_prefix|>", "<|file_sep|>"):
            assert len(model.tokens(text, parse_special=True)) == 1
            assert len(model.tokens(text)) > 1
