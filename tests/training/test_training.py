"""A run at toy size: it learns, goes on where it was stopped, and what it writes is what llama.cpp reads."""

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is no dependency of the language server: pip install '.[training]'")

import torch
import training_files as files

from training import adapting, export, model, reading, recipe, rejection, tokenizer, train
from training.__main__ import main
from training.data import packing, questions
from training.data.example import row_of
from training.feed import Feed
from training.loaded import loaded
from training.recipe import Recipe, Stage

MADE = tokenizer.load(tokenizer.FILE)
LESSONS = (Stage({"toy": 1}, 3e4, 2048), Stage({"toy": 1}, 3e4, 2048))
TOY = Recipe(files.TINY, LESSONS, warm_up_tokens=5e3, held_out=("toy",))


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards")
    rng = random.Random(1)
    rows = [
        row_of(example, MADE, rng)
        for name in ("surface", "extent", "size_of", "hull")
        for example in questions.examples(files.renaming(new=name), rng)
    ]
    packing.save(packing.packed(rows), folder / "toy-00.npz")
    return folder


def run(shards: Path, out: Path, toy: Recipe = TOY) -> train.Run:
    return train.Run(toy, len(MADE), shards, out, train.Process(0, 1, torch.device("cpu")))


def weights(of: train.Run) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in of.model.state_dict().items()}


def test_the_loss_falls_and_everything_is_logged(shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "REPORT_S", 0.0)
    run(shards, tmp_path).train()
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    losses = [line["loss"] for line in lines if "loss" in line]
    assert losses[-1] < 0.7 * losses[0]
    assert lines[-1]["held_out"] == "toy"
    assert sum(kind["n"] for kind in lines[-1]["kinds"].values()) > 5
    assert lines[-1]["stage"] == len(LESSONS)


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(shards: Path, tmp_path: Path) -> None:
    whole = run(shards, tmp_path / "whole")
    whole.train()
    first = run(shards, tmp_path / "parts")
    while first.state.n_tokens < 40_000:
        first.train(seconds=0)
    second = run(shards, tmp_path / "parts")
    second.resume(second.latest)
    second.train()
    assert second.state.n_tokens == whole.state.n_tokens
    for name, tensor in weights(whole).items():
        assert torch.equal(tensor, weights(second)[name]), name


def test_a_cool_down_ends_with_a_low_rate(shards: Path, tmp_path: Path) -> None:
    first = run(shards, tmp_path / "run")
    first.train(seconds=0)
    cooling = run(shards, tmp_path / "cooled")
    cooling.resume(first.latest)
    cooling.cool_down = train.CoolDown(cooling.state.n_tokens, 10_000)
    cooling.train()
    assert 10_000 <= cooling.state.n_tokens - first.state.n_tokens < 10_000 + 2 * LESSONS[0].batch_tokens
    assert cooling.optimizers[0].param_groups[0]["lr"] < 0.3 * TOY.matrix_rate


def test_processes_share_the_batches_of_a_window(shards: Path) -> None:
    feed = Feed(shards, {"toy": 1}, 1024, seed=1)
    one = [batch.ids for _, _, batch in _first(feed, 6)]
    two = [_first(feed, 3, rank, 2) for rank in range(2)]
    merged = [batch.ids for pair in zip(*two, strict=True) for _, _, batch in pair]
    assert all(torch.equal(a, b) for a, b in zip(one, merged, strict=True))


def _first(feed: Feed, n: int, rank: int = 0, world: int = 1) -> list:  # type: ignore[type-arg]
    batches = feed.from_(0, 0, rank, world)
    return [next(batches) for _ in range(n)]


@pytest.mark.parametrize(("file_type", "tolerance"), [("f16", 0.02), ("q8_0", 0.3)])
def test_llama_cpp_computes_what_was_trained(tmp_path: Path, file_type: str, tolerance: float) -> None:
    torch.manual_seed(1)
    made = model.Llama(TOY.shape_for(len(MADE)))
    for parameter in made.parameters():
        if parameter.ndim > 1:
            torch.nn.init.normal_(parameter, std=0.1)
    path = tmp_path / "toy.gguf"
    export.write(model.weights_of(made), made.shape, MADE, path, export.Card("toy", "a toy"), file_type)
    ids = MADE.encode(files.AREA)
    with torch.no_grad():
        here = made.logits(made(torch.tensor([ids])))[0].numpy()
    with loaded(path) as there:
        assert np.abs(there.logits(ids) - here).max() < tolerance * here.std()


def test_attention_written_out_is_attention() -> None:
    query, key, value = (torch.randn(2, 3, 40, 16) for _ in range(3))
    exact = model.attended(query, key, value)
    rough = model.attended(query.bfloat16(), key.bfloat16(), value.bfloat16())
    assert torch.allclose(exact, rough.float(), atol=0.05)


def test_the_command_line_goes_from_shards_to_a_file(shards: Path, tmp_path: Path) -> None:
    toy = tmp_path / "recipe.json"
    stages = [{"shares": {"toy": 1}, "tokens": 8000, "batch_tokens": 2048}]
    toy.write_text(json.dumps({"shape": files.TINY, "stages": stages}))
    folder = tmp_path / "run"
    common = ["--recipe", str(toy), "--shards", str(shards)]
    assert main(["train", *common, "--out", str(folder)]) == 0
    out = tmp_path / "model.gguf"
    assert main(["export", str(folder / "latest.pt"), "--out", str(out), "--data", "a test"]) == 0
    with loaded(out) as there:
        assert there.tokens("area(r)") == MADE.encode("area(r)")


def test_what_a_model_gets_wrong_becomes_a_place_to_be_silent_at(shards: Path) -> None:
    torch.manual_seed(1)
    untrained = model.Llama(TOY.shape_for(len(MADE)))
    shard, counts = rejection.rejected(untrained, MADE, shards, "toy", 1000)
    none = MADE.control("<|none|>")
    assert counts["right"] == 0 and counts["wrong"] > 10
    assert 0 < len(shard) < counts.total()
    answers = {tuple(shard.ids[end - n : end]) for end, n in zip(shard.starts[1:], shard.n_answer, strict=True)}
    assert answers == {(none,)}


def test_a_model_read_back_from_its_file_is_the_same(tmp_path: Path) -> None:
    made = model.Llama(TOY.shape_for(len(MADE)))
    path = tmp_path / "toy.gguf"
    export.write(model.weights_of(made), made.shape, MADE, path, export.Card("toy", "a toy"))
    again, vocabulary = reading.model_of(path)
    assert again.shape.n_heads == made.shape.n_heads
    assert (vocabulary.pre, vocabulary.controls, vocabulary.merges) == (MADE.pre, MADE.controls, MADE.merges)
    for name, tensor in made.state_dict().items():
        assert torch.allclose(again.state_dict()[name], tensor, atol=1e-3), name


def test_an_adapter_learns_and_llama_cpp_applies_it(shards: Path, tmp_path: Path) -> None:
    torch.manual_seed(1)
    made = model.Llama(TOY.shape_for(len(MADE)))
    path, adapter = tmp_path / "toy.gguf", tmp_path / "adapter.gguf"
    export.write(model.weights_of(made), made.shape, MADE, path, export.Card("toy", "a toy"))
    ids = MADE.encode(files.AREA)
    with torch.no_grad():
        before = made.logits(made(torch.tensor([ids])))[0].numpy()
    parameters = adapting.adapt(made)
    adapting.train(made, parameters, Feed(shards, {"toy": 1}, 2048, seed=1), n_tokens=30_000, seconds=60)
    with torch.no_grad():
        here = made.logits(made(torch.tensor([ids])))[0].numpy()
    export.write_adapter(adapting.weights_of(made), adapting.ALPHA, adapter, "own")
    with loaded(path, adapter) as there:
        logits = there.logits(ids)
    assert np.abs(here - before).max() > 0.1
    assert np.abs(logits - here).max() < 0.1 * np.abs(here - before).max()


def test_recipes_in_the_project_can_be_read() -> None:
    paths = list((Path(train.__file__).parent / "runs").glob("*.json"))
    assert paths
    for path in paths:
        found = recipe.load(path)
        assert found.stages[-1].tokens > 0
        assert replace(found.shape_for(len(MADE)), n_tokens=1).width % 256 == 0
