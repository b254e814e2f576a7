"""Answers of a real llama.cpp with a small random model: they are what plain decoding says."""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nextedit_lsp.engine import answering, llama
from nextedit_lsp.engine.answering import Answerer
from nextedit_lsp.engine.cells import Cells
from nextedit_lsp.engine.interface import Effort
from nextedit_lsp.engine.machine import Plan
from nextedit_lsp.engine.stream import Stream
from nextedit_lsp.engine.tokens import Row, tokenized
from nextedit_lsp.formats.prompt import Finish, Question, Segment

from .tiny_gguf import write_tiny_adapter, write_tiny_gguf

CONTEXT = 512
COPY_MODEL = Path(__file__).resolve().parents[2] / "benchmarks" / "copy_model" / "copy-rename.gguf"
# As near as two logits may lie that a batch and a single token put in another order.
NEAR = 1e-2
ONE = Effort()


class LateFlag(llama.AbortFlag):
    """Is only looked at by native code, amid a batch."""

    is_set = False  # type: ignore[assignment]


def new_model(path: Path, flag: llama.AbortFlag | None = None, **plan: object) -> llama.Llama:
    llama.start()
    return llama.Llama(path, Plan(context_tokens=CONTEXT, batch_tokens=64, **plan), flag or llama.AbortFlag())  # type: ignore[arg-type]


def new_answerer(model: llama.Llama, min_moved: int = 0) -> Answerer:
    for sequence in range(12):
        model.drop(sequence, 0)
    cells = Cells(model, n_warm=3, n_cells=CONTEXT, scratch=3, min_moved=min_moved)
    return Answerer(model, cells, 64, CONTEXT, range(5, 12))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "sharp.gguf"
    write_tiny_gguf(path, sharpness=30.0)
    return path


@pytest.fixture(scope="module")
def model(path: Path) -> Iterator[llama.Llama]:
    model = new_model(path)
    yield model
    model.close()


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> list[Stream]:
    """The answers that are written, with their tokens."""
    found: list[Stream] = []

    class KeptStream(Stream):
        def __post_init__(self) -> None:
            super().__post_init__()
            found.append(self)

    monkeypatch.setattr(answering, "Stream", KeptStream)
    return found


def question(number: int, **more: object) -> Question:
    random_ = random.Random(number)
    text = "".join(random_.choices("abcdef (\n", k=random_.randrange(5, 150)))
    return Question((Segment(text),), **{"max_tokens": 60, **more})  # type: ignore[arg-type]


def ids(stream: Stream) -> list[int]:
    return [token.id for token in stream.written]


def plain_logprobs(model: llama.Llama, tokens: list[int]) -> NDArray[np.float64]:
    """The log-probabilities behind each token, each run alone in a sequence of its own."""
    model.drop(4, 0)
    rows = []
    for at, token in enumerate(tokens):
        logits = model.decode([Row(token, at, (4,), wants_logits=True)])[0].astype(np.float64)
        rows.append(logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max())
    model.drop(4, 0)
    return np.array(rows)


def check_near_ties(model: llama.Llama, asked: Question, left: list[int], right: list[int]) -> bool:
    """Whether two answers part; they may only where two logits lie near each other."""
    at = next((at for at, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]), None)
    if at is None:
        assert len(left) == len(right)
        return False
    row = plain_logprobs(model, tokenized(asked.prompt, model) + left[:at])[-1]
    assert abs(row[left[at]] - row[right[at]]) < NEAR
    return True


def test_drafted_answers_part_from_plain_ones_only_at_near_ties(model: llama.Llama, streams: list[Stream]):
    n_parted = n_accepted = 0
    for number in range(100):
        random_ = random.Random(number)
        plain = new_answerer(model)
        plain.is_drafting = False
        written = plain.ask(question(number), ONE).completions[0].text
        at = random_.randrange(len(written) + 1)
        draft = written[:at] + random_.choice(("", "ab", "\n")) + written[at + random_.randrange(8) :]
        drafted = new_answerer(model)
        usage = drafted.ask(question(number, draft=draft), ONE).usage
        n_accepted += usage.accepted_tokens
        n_parted += check_near_ties(model, question(number), ids(streams[-2]), ids(streams[-1]))
    assert n_accepted > 300
    assert n_parted < 10


def test_a_model_that_copies_writes_the_same_with_a_draft_in_fewer_passes(streams: list[Stream]):
    model = new_model(COPY_MODEL)
    lines = Path(answering.__file__).read_text(encoding="utf-8").splitlines(keepends=True)
    n_parted = n_passes = n_tokens = 0
    for number in range(25):
        at = random.Random(number).randrange(6, len(lines) - 6)
        before, region = "".join(lines[at - 6 : at]), "".join(lines[at : at + 5])
        marked = (Segment("<|old|>", is_control=True), Segment(region), Segment("<|new|>", is_control=True))
        asked = Question((Segment(before), *marked), draft=region, stops=("<|eot|>",), max_tokens=60)
        plain = new_answerer(model)
        plain.is_drafting = False
        plain.ask(asked, ONE)
        usage = new_answerer(model).ask(asked, ONE).usage
        n_passes += usage.passes
        n_tokens += usage.written_tokens
        n_parted += check_near_ties(model, asked, ids(streams[-2]), ids(streams[-1]))
    model.close()
    assert n_parted < 3
    assert n_passes < n_tokens * 0.75


def test_warm_answers_are_those_of_a_fresh_cache(model: llama.Llama, streams: list[Stream]):
    warm = new_answerer(model)
    found: list[list[int]] = []
    for number in [0, 1, 2, 3, 4, 0, 2, 4, 1, 3]:
        warm.warm(question(number).prompt)
        assert warm.ask(question(number), ONE).usage.evaluated_tokens == 1
        found.append(ids(streams[-1]))
    for number, written in zip([0, 1, 2, 3, 4, 0, 2, 4, 1, 3], found, strict=True):
        new_answerer(model).ask(question(number), ONE)
        check_near_ties(model, question(number), written, ids(streams[-1]))


def test_only_what_is_new_is_evaluated(model: llama.Llama):
    answerer = new_answerer(model)
    usage = answerer.warm((Segment("a(b" * 30),))
    assert (usage.prompt_tokens, usage.evaluated_tokens, usage.reused_tokens) == (91, 91, 0)
    usage = answerer.ask(Question((Segment("a(b" * 30 + "cd"),), max_tokens=5), ONE).usage
    assert (usage.prompt_tokens, usage.evaluated_tokens, usage.reused_tokens) == (93, 3, 90)
    usage = answerer.score((Segment("a(b" * 30 + "cd"),), ["a", "b"])[1]
    assert (usage.prompt_tokens, usage.evaluated_tokens, usage.reused_tokens) == (93, 1, 92)


def test_scores_are_sums_of_plain_log_probabilities(model: llama.Llama):
    prompt = (Segment("def a(b):\n"),)
    texts = ["    return b\n", "ab", "", "żółw", "(" * 50, *("abc"[:n] for n in range(1, 4)), *map(str, range(9))]
    scores, usage = new_answerer(model).score(prompt, texts)
    before = tokenized(prompt, model)
    for text, score in zip(texts, scores, strict=True):
        tokens = model.tokens_of(text)
        rows = plain_logprobs(model, before + tokens)
        expected = sum(rows[len(before) - 1 + at][token] for at, token in enumerate(tokens))
        assert score == pytest.approx(expected, abs=NEAR * max(1, len(tokens)))
    assert usage.passes == 3, "seven sequences and 64 tokens a pass"


def test_a_watched_token_s_share_is_that_of_the_first_position(model: llama.Llama):
    asked = question(1, watched=("</s>", "<|none|>"), max_tokens=3)
    found = new_answerer(model).ask(asked, Effort(2)).completions
    row = plain_logprobs(model, tokenized(asked.prompt, model))[-1]
    for one in found:
        assert dict(one.watched) == {"</s>": pytest.approx(np.exp(row[2]), rel=0.05), "<|none|>": 0.0}


def test_alternatives_are_ranked_and_as_likely_as_plain_decoding_says(model: llama.Llama, streams: list[Stream]):
    n_several = 0
    for number in range(12):
        asked = question(number, max_tokens=12)
        streams.clear()
        found = new_answerer(model).ask(asked, Effort(4)).completions
        texts = [one.text for one in found]
        assert len(set(texts)) == len(texts) <= 4
        n_several += len(texts) > 1
        order = [(one.is_cut, -one.logprob) for one in found]
        assert order == sorted(order)
        before = tokenized(asked.prompt, model)
        for stream in streams:
            rows = plain_logprobs(model, before + ids(stream))
            each = [rows[len(before) - 1 + at][token] for at, token in enumerate(ids(stream))]
            assert stream.completion().logprob == pytest.approx(sum(each), abs=0.05)
            assert stream.completion().min_logprob == pytest.approx(min(each), abs=NEAR)
    assert n_several > 8


def test_a_batch_stopped_amid_native_code_leaves_a_cache_that_answers_as_before(path: Path, streams: list[Stream]):
    flag = LateFlag()
    model = new_model(path, flag)
    answerer = new_answerer(model)
    answerer.ask(question(3), ONE)
    for _ in range(3):
        flag.set()
        with pytest.raises(llama.Aborted):
            answerer.ask(question(4), ONE)
        with pytest.raises(llama.Aborted):
            answerer.score(question(3).prompt, ["a", "b"])
        flag.clear()
        answerer.ask(question(4), ONE)
        after = ids(streams[-1])
    new_answerer(model).ask(question(4), ONE)
    check_near_ties(model, question(4), after, ids(streams[-1]))
    model.close()


def test_what_moved_is_evaluated_no_more(model: llama.Llama):
    answerer = new_answerer(model, min_moved=16)
    text = "".join(random.Random(1).choices("abcdef (\n", k=150))
    answerer.warm((Segment(text),))
    reply = answerer.ask(Question((Segment(text[:70] + "\nxyz\n" + text[70:]),), max_tokens=10), ONE)
    assert reply.usage.evaluated_tokens < 20
    assert np.isfinite(reply.completions[0].logprob)


def test_a_text_of_any_characters_is_answered(model: llama.Llama):
    for text in ("\ud800", "a\0b", "\udfff\0\ud800", "\0" * 40, "😀" * 20, "\r\n\x1b[0m"):
        asked = Question((Segment(text),), draft=text + "\n" + text, max_tokens=10)
        assert new_answerer(model).ask(asked, ONE).completions[0].finish in (Finish.LENGTH, Finish.END)


def test_a_full_cache_makes_room_for_measuring(model: llama.Llama):
    from nextedit_lsp.engine import measuring

    answerer = new_answerer(model)
    answerer.warm((Segment("a(" * 250),))
    assert set(measuring.costs(answerer)) <= set(measuring.SIZES)
    assert measuring.speed(answerer)["token_ms"] > 0
    for slot in answerer.cells.slots:
        assert slot.tokens == []


def test_an_adapter_changes_the_answer(path: Path, model: llama.Llama, tmp_path: Path):
    write_tiny_adapter(tmp_path / "lora.gguf")
    adapted = new_model(path, adapters=(tmp_path / "lora.gguf",))
    texts = ["abc", "(b"]
    scores, _ = new_answerer(adapted).score(question(1).prompt, texts)
    plain, _ = new_answerer(model).score(question(1).prompt, texts)
    adapted.close()
    assert scores != pytest.approx(plain, abs=0.1)


def test_an_adapter_for_another_model_is_refused(path: Path, tmp_path: Path):
    write_tiny_adapter(tmp_path / "lora.gguf", width=32)
    with pytest.raises(llama.LlamaError, match=r"lora\.gguf beside this model .*fits only the model"):
        new_model(path, adapters=(tmp_path / "lora.gguf",))
    with pytest.raises(llama.LlamaError, match="fits only the model"):
        new_model(path, adapters=(path,))
