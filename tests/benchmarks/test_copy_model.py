import difflib
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.copy_model import sources, tasks, verify, vocabulary
from training.loaded import Loaded, loaded
from training.tokenizer import Tokenizer

MODEL = Path(tasks.__file__).with_name("copy-rename.gguf")


@pytest.fixture(scope="module")
def model() -> Iterator[Loaded]:
    with loaded(MODEL) as one:
        yield one


@pytest.fixture(scope="module")
def made() -> Tokenizer:
    return vocabulary.load()


def test_ids_are_those_of_llama_cpp_on_real_files(model: Loaded, made: Tokenizer) -> None:
    assert verify.n_files_with_other_ids(model, made, sources.held_out_sources()[:12]) == 0


def test_llama_cpp_takes_no_marker_for_one_of_other_models(model: Loaded, made: Tokenizer) -> None:
    # It knows some tokens by their text, whatever the file says: gpt-oss' "start" becomes text, Phi-3's "end" an end.
    assert [text for text in vocabulary.CONTROL if model.ends(made.control(text))] == ["<|eot|>"]


def test_a_name_has_the_same_tokens_wherever_it_stands(made: Tokenizer) -> None:
    alone = made.encode("radius_of")
    for before in (" ", ".", "(", "\n    "):
        assert made.encode(f"x{before}radius_of")[-len(alone) :] == alone


def test_tasks_are_the_same_for_the_same_seed_and_change_little() -> None:
    some = tasks.rewrite_tasks(10, seed=3)
    assert some == tasks.rewrite_tasks(10, seed=3)
    assert some != tasks.rewrite_tasks(10, seed=4)
    for task in some:
        assert task.draft != task.answer
        assert difflib.SequenceMatcher(None, task.draft, task.answer, autojunk=False).ratio() > 0.6
        assert task.prompt[-1].text == "<|answer|>"
        assert all(segment.text in vocabulary.CONTROL for segment in task.prompt if segment.is_control)


def test_held_out_files_are_not_trained_on() -> None:
    trained = {source.path for source in sources.training_sources()}
    assert not trained & {source.path for source in sources.held_out_sources()}


def test_the_model_copies_and_renames(model: Loaded, made: Tokenizer) -> None:
    rate = verify.rate_of(model, made, tasks.rewrite_tasks(20, seed=5))
    assert rate.n_right >= 0.98 * rate.n_tokens
    assert rate.n_whole >= 0.2 * rate.n_tasks
