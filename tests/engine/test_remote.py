import asyncio
import json
import math

import pytest

from nextedit_lsp.engine.interface import Effort, Engine, EngineError, EngineState, Partial, Usage
from nextedit_lsp.formats.prompt import Finish, Question, Segment

from .openai_stand_in import DONE, Answer, OpenAiStandIn, Then, in_json, message, models, piece, pieces
from .remote_checks import (  # noqa: F401 - pytest finds the fixtures by their names
    PROMPT,
    QUESTION,
    SECRET_CODE,
    TIMEOUT_S,
    Clock,
    MakeEngine,
    answered,
    check_ask_fails,
    check_load_fails,
    loaded,
    log_fixture,
    make_fixture,
    no_key_fixture,
    no_progress,
    server_fixture,
)


async def test_it_finds_the_only_model(make: MakeEngine, server: OpenAiStandIn):
    server.models = models("folder/tiny.gguf", owner="llamacpp", meta={"n_ctx": 4096, "n_params": 7, "n_vocab": 263})
    engine: Engine = make()
    shares: list[float] = []
    await engine.load(shares.append)
    assert engine.state is EngineState.READY, engine.reason
    assert shares == [1.0]
    assert engine.info is not None
    assert (engine.info.name, engine.info.n_params, engine.info.n_ctx_train) == ("tiny.gguf", 7, 4096)
    assert engine.info.chosen["server"] == "llama.cpp"
    assert engine.info.chosen["connection"] == f"{server.url}, on this machine"
    (request,) = server.received
    assert (request.method, request.path, request.body) == ("GET", "/v1/models", None)
    assert "authorization" not in request.headers


async def test_the_request_has_the_form_that_servers_expect(make: MakeEngine, server: OpenAiStandIn):
    server.answers = [Answer(pieces("x"))]
    await answered(await loaded(make()))
    (request,) = server.completions
    assert request.body == {
        "model": "some-model",
        "prompt": f"<|fim|>{SECRET_CODE}\n",
        "max_tokens": 64,
        "temperature": 0,
        "stop": ["<|end|>"],
        "stream": True,
        "stream_options": {"include_usage": True},
        "logprobs": 1,
    }
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept-encoding"] == "identity"


async def test_llama_cpp_and_vllm_are_asked_for_counts_on_the_way_and_for_control_tokens(
    make: MakeEngine, server: OpenAiStandIn
):
    server.answers = [Answer(pieces("x"))]
    server.models = models("m", owner="llamacpp")
    await answered(await loaded(make()))
    server.models = models("m", owner="vllm")
    await answered(await loaded(make()))
    llama_cpp, vllm = (request.body for request in server.completions)
    assert (llama_cpp["cache_prompt"], llama_cpp["timings_per_token"]) == (True, True)
    assert llama_cpp["preserved_tokens"] == ["<|end|>", "<|fim|>"]
    assert vllm["stream_options"] == {"include_usage": True, "continuous_usage_stats": True}
    assert vllm["skip_special_tokens"] is False


async def test_a_model_is_chosen_by_name(make: MakeEngine, server: OpenAiStandIn):
    server.models = models("a:latest", "b:7b", owner="library")
    server.answers = [Answer(pieces("x"))]
    await check_load_fails(make(), "several models", "a:latest, b:7b")
    await check_load_fails(make(model="c"), "does not offer the model c", "a:latest, b:7b")
    await answered(await loaded(make(model="b:7b")))
    await answered(await loaded(make(model="a")))
    assert [request.body["model"] for request in server.completions] == ["b:7b", "a:latest"]
    server.models = models()
    await check_load_fails(make(), "offers no model")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 100_000])
async def test_an_answer_cut_anywhere_is_put_together(make: MakeEngine, server: OpenAiStandIn, size: int):
    # With characters of two to four bytes, and with those that Python takes for line ends and the interface does not.
    texts = ["héllo ", "wörld 🎈\n", "\u2028 \x85 \r\n", "a\tb"]
    stream = b": keep-alive\n\nevent: message\r\n" + b"".join(pieces(*texts)).replace(b"\n\n", b"\r\n\r\n", 1)
    server.answers = [Answer([stream[at : at + size] for at in range(0, len(stream), size)])]
    assert await answered(await loaded(make())) == "".join(texts)


async def test_a_last_message_without_an_empty_line_and_without_done_counts(make: MakeEngine, server: OpenAiStandIn):
    server.answers = [Answer([piece("a"), piece("b", "stop").removesuffix(b"\n")])]
    assert await answered(await loaded(make())) == "ab"


async def test_a_server_that_does_not_stream_is_understood(make: MakeEngine, server: OpenAiStandIn):
    server.answers = [in_json({"choices": [{"index": 0, "text": "ab", "finish_reason": "length"}]})]
    reply = await (await loaded(make())).ask(QUESTION, Effort())
    assert (reply.completions[0].text, reply.completions[0].finish) == ("ab", Finish.LENGTH)


async def test_probabilities_and_counts_of_llama_cpp(make: MakeEngine, server: OpenAiStandIn):
    def token(text: str, logprob: float, written: int) -> bytes:
        # As the real server has it: without the text of a control token.
        top = [{"id": 7, "token": text, "logprob": logprob}, {"id": 263, "token": "", "logprob": math.log(0.25)}]
        probabilities = {"content": [{"token": text, "logprob": logprob, "top_logprobs": top}]}
        timings = {"prompt_n": 3, "cache_n": 7, "predicted_n": written, "prompt_ms": 2.0, "predicted_ms": 4.0}
        timings |= {"draft_n": 5, "draft_n_accepted": 1}
        return message({"choices": [{"index": 0, "text": text, "logprobs": probabilities}], "timings": timings})

    server.models = models("m", owner="llamacpp")
    server.answers = [Answer([token("a", -0.5, 1), token("b", -1.5, 2), piece("", "stop"), DONE])]
    server.tokens = {"<|none|>": [263], "<|other|>": [264], "<|text|>": [1, 2]}
    engine = await loaded(make())
    question = Question(PROMPT, watched=("<|none|>", "<|other|>", "<|text|>"))
    reply = await engine.ask(question, Effort())
    completion = reply.completions[0]
    assert (completion.logprob, completion.min_logprob, completion.n_tokens) == (-2.0, -1.5, 2)
    assert completion.watched == (("<|none|>", pytest.approx(0.25)),)
    assert server.completions[0].body["logprobs"] == 20
    await engine.ask(question, Effort())
    asked = [request.body for request in server.received if request.path == "/tokenize"]
    assert asked == [{"content": text, "add_special": False, "parse_special": True} for text in server.tokens]
    assert reply.usage == Usage(
        prompt_tokens=10,
        evaluated_tokens=3,
        reused_tokens=7,
        written_tokens=2,
        passes=1,
        drafted_tokens=5,
        accepted_tokens=1,
        prompt_ms=2.0,
        answer_ms=4.0,
    )


async def test_probabilities_and_counts_of_vllm(make: MakeEngine, server: OpenAiStandIn):
    first = {
        "tokens": ["a", "b"],
        "token_logprobs": [-0.25, -0.75],
        "top_logprobs": [{"a": -0.25, "<|none|>": -3.0}, {}],
    }
    usage = {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}
    server.answers = [
        Answer(
            [
                message({"choices": [{"index": 0, "text": "ab", "logprobs": first}]}),
                piece("", "stop"),
                message({"choices": [], "usage": usage}),
                DONE,
            ]
        )
    ]
    clock = Clock()
    reply = await (await loaded(make(clock=clock))).ask(Question(PROMPT, watched=("<|none|>",)), Effort())
    completion = reply.completions[0]
    assert (completion.logprob, completion.min_logprob, completion.n_tokens) == (-1.0, -0.75, 2)
    assert completion.watched == (("<|none|>", pytest.approx(math.exp(-3.0))),)
    assert reply.usage == Usage(
        prompt_tokens=9, evaluated_tokens=5, reused_tokens=4, written_tokens=2, passes=2, prompt_ms=0.0
    )


async def test_odd_values_are_no_trouble(make: MakeEngine, server: OpenAiStandIn):
    odd = {"content": [{"token": 1, "logprob": float("-inf"), "top_logprobs": None}, {"logprob": float("nan")}, 3]}
    counts = {"timings": {"prompt_n": "x", "prompt_ms": -1}, "usage": {"prompt_tokens": None}}
    server.answers = [
        Answer([message({"choices": [{"text": "a", "logprobs": odd}, {"index": 1}], **counts}), piece("", "stop")])
    ]
    completion = (await (await loaded(make())).ask(QUESTION, Effort())).completions[0]
    assert (completion.text, completion.logprob) == ("a", -1000.0)


async def test_at_most_four_stops_are_sent_and_all_are_applied(make: MakeEngine, server: OpenAiStandIn):
    stops = ("one", "two", "three", "four", "FIVE!")
    server.answers = [Answer([piece("text FI"), piece("V"), piece("E! more"), piece("more")], then=Then.HANG)]
    engine = await loaded(make())
    reply = await engine.ask(Question(PROMPT, stops=stops), Effort())
    assert server.completions[0].body["stop"] == ["one", "two", "three", "four"]
    assert (reply.completions[0].text, reply.completions[0].finish) == ("text ", Finish.END)
    assert reply.usage.written_tokens == 3
    await asyncio.wait_for(server.left.wait(), TIMEOUT_S)


async def test_what_only_began_like_a_stop_is_text(make: MakeEngine, server: OpenAiStandIn):
    server.answers = [Answer(pieces("a EN", "X EN", "D"))]
    assert await answered(await loaded(make()), Question(PROMPT, stops=("END.",))) == "a ENX END"


async def test_the_markers_of_the_prompt_are_control_tokens_in_the_answer(make: MakeEngine, server: OpenAiStandIn):
    server.answers = [Answer(pieces("a<|fi", "m|>b"))]
    completion = (await (await loaded(make())).ask(QUESTION, Effort())).completions[0]
    assert completion.pieces == (Segment("a"), Segment("<|fim|>", is_control=True), Segment("b"))


async def test_an_answer_back_at_its_draft_is_judged_and_ends_the_stream(make: MakeEngine, server: OpenAiStandIn):
    partials: list[Partial] = []

    async def judge(partial: Partial) -> bool:
        partials.append(partial)
        return False

    draft = "a\nb\nc\n\nd\ne\nf\ng\n"
    sent = [piece("a\nB"), piece("B\nc\n\n"), piece("D\ne\n"), piece("f\ng"), piece("\n")]
    server.answers = [Answer(sent, then=Then.HANG)]
    engine = await loaded(make())
    question = Question(PROMPT, draft=draft, rejoin_lines=2)
    completion = (await engine.ask(question, Effort(takes_back=True, n_answers=3), judge)).completions[0]
    assert (completion.finish, completion.rest) == (Finish.REJOINED, "g\n")
    assert completion.text == "a\nBB\nc\n\nD\ne\nf\ng\n"
    assert partials == [Partial("a\nBB\nc\n", "\nd\ne\nf\ng\n"), Partial("a\nBB\nc\n\nD\ne\n", "f\ng\n")]
    await asyncio.wait_for(server.left.wait(), TIMEOUT_S)


@pytest.mark.parametrize(
    ("sent", "finish", "expected"),
    [
        (pieces("a\nB"), Finish.END, [Partial("a\nB")]),
        (pieces("a\nB\n"), Finish.END, [Partial("a\nB\n")]),
        # The last line is not as the draft has it.
        (pieces("A\nb\nx"), Finish.END, [Partial("A\nb\n", "c\n"), Partial("A\nb\nx")]),
        (pieces("A\nb\n"), Finish.END, [Partial("A\nb\n", "c\n")]),
        (pieces("a\nB", finish="length"), Finish.LENGTH, []),
    ],
)
async def test_an_answer_is_judged_at_its_end_and_not_twice(
    make: MakeEngine, server: OpenAiStandIn, sent: list[bytes], finish: Finish, expected: list[Partial]
):
    partials: list[Partial] = []

    async def judge(partial: Partial) -> bool:
        partials.append(partial)
        raise ValueError(SECRET_CODE)

    server.answers = [Answer(sent)]
    engine = await loaded(make())
    completion = (await engine.ask(Question(PROMPT, draft="a\nb\nc\n"), Effort(), judge)).completions[0]
    assert completion.finish is finish
    assert partials == expected


async def test_the_time_cuts_an_answer(make: MakeEngine, server: OpenAiStandIn):
    server.answers = [Answer([piece("half an ans")], then=Then.HANG)]
    engine = await loaded(make())
    completion = (await engine.ask(QUESTION, Effort(max_ms=50.0))).completions[0]
    assert completion.finish is Finish.TIME
    # A busy machine may not have come to the first piece.
    assert completion.text in ("", "half an ans")
    assert engine.state is EngineState.READY


async def test_half_a_surrogate_pair_is_no_trouble(make: MakeEngine, server: OpenAiStandIn):
    server.answers = [Answer([b'data: {"choices": [{"text": "\\ud83c-", "finish_reason": "stop"}]}\n\n'])]
    assert await answered(await loaded(make()), Question((Segment("a\ud83cb"),))) == "?-"
    assert server.completions[0].body["prompt"] == "a?b"


async def test_a_cancelled_request_is_seen_by_the_server(make: MakeEngine, server: OpenAiStandIn):
    server.answers = [Answer([piece("a")], then=Then.HANG), Answer(pieces("b"))]
    engine = await loaded(make())
    server.asked.clear()
    asking = asyncio.create_task(engine.ask(QUESTION, Effort()))
    await asyncio.wait_for(server.asked.wait(), TIMEOUT_S)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.wait_for(server.left.wait(), TIMEOUT_S)
    assert engine.state is EngineState.READY
    assert await answered(engine) == "b"


async def test_closing_fails_what_is_under_way(make: MakeEngine, server: OpenAiStandIn):
    server.answers = [Answer([piece("a")], then=Then.HANG)]
    engine = await loaded(make())
    server.asked.clear()
    asking = asyncio.create_task(engine.ask(QUESTION, Effort()))
    await asyncio.wait_for(server.asked.wait(), TIMEOUT_S)
    await engine.close()
    with pytest.raises(EngineError, match="closed"):
        await asyncio.wait_for(asking, TIMEOUT_S)
    assert (engine.state, engine.reason) == (EngineState.CLOSED, None)
    await engine.load(no_progress)
    await check_ask_fails(engine, "closed")


@pytest.mark.parametrize(
    ("prompt", "stops"),
    [
        ((*PROMPT, Segment("x <|fim|> y")), ()),
        ((*PROMPT, Segment("<|f"), Segment("im|>")), ()),
        ((*PROMPT, Segment("</s>")), ("</s>",)),
        ((*PROMPT, Segment("<|endoftext|>")), ("<|endoftext|>",)),
        ((*PROMPT, Segment("<[end\u2581of\u2581sentence]>")), ("<[end\u2581of\u2581sentence]>",)),
    ],
)
async def test_a_prompt_with_a_forged_control_token_is_not_sent(
    make: MakeEngine, server: OpenAiStandIn, prompt: tuple[Segment, ...], stops: tuple[str, ...]
):
    engine = await loaded(make())
    await check_ask_fails(engine, "Nothing was sent", question=Question(prompt, stops=stops))
    assert server.completions == []
    assert engine.state is EngineState.READY


async def test_a_stop_that_is_ordinary_text_may_stand_in_the_prompt(make: MakeEngine, server: OpenAiStandIn):
    server.answers = [Answer(pieces("a"))]
    text = "```\n<b>>>>>>>\n<|editable_region_end|>"
    question = Question((*PROMPT, Segment(text)), stops=("```", "\n", ">>>>>>>", "<|editable_region_end|>"))
    assert await answered(await loaded(make()), question) == "a"


async def test_texts_are_rated_where_the_server_echoes(make: MakeEngine, server: OpenAiStandIn):
    def echo(index: int, *tokens: tuple[str, float | None]) -> dict[str, object]:
        told = {"tokens": [token for token, _ in tokens], "token_logprobs": [logprob for _, logprob in tokens]}
        return {"index": index, "logprobs": told}

    server.models = models("m", owner="vllm")
    start = ("<|fim|>" + SECRET_CODE + "\n", None)
    choices = [echo(1, start, ("b", -4.0)), echo(0, ("<s>", None), start, ("a", -1.0), ("a", -2.0))]
    server.answers = [in_json({"choices": choices, "usage": {"prompt_tokens": 9}})]
    engine = await loaded(make())
    scores, usage = await engine.score(PROMPT, ["aa", "b"])
    assert (scores, usage.prompt_tokens) == ([-3.0, -4.0], 9)
    body = server.completions[0].body
    assert body["prompt"] == [f"<|fim|>{SECRET_CODE}\naa", f"<|fim|>{SECRET_CODE}\nb"]
    assert (body["echo"], body["logprobs"], body["max_tokens"]) == (True, 1, 0)
    assert await engine.score(PROMPT, []) == ([], Usage())


async def test_texts_are_not_rated_by_servers_that_can_not(make: MakeEngine, server: OpenAiStandIn):
    server.models = models("m", owner="llamacpp")
    engine = await loaded(make())
    with pytest.raises(EngineError, match=r"llama.cpp's server can't rate"):
        await engine.score(PROMPT, ["a"])
    assert server.completions == []
    server.models = models("m")
    server.answers = [in_json({"choices": [{"index": 0, "text": "a", "logprobs": None}]})]
    engine = await loaded(make())
    with pytest.raises(EngineError, match="does not tell the probabilities"):
        await engine.score(PROMPT, ["a"])
    assert engine.state is EngineState.READY


async def test_only_llama_cpp_reads_ahead(make: MakeEngine, server: OpenAiStandIn):
    assert await (await loaded(make())).warm(PROMPT) == Usage()
    assert server.completions == []
    server.models = models("m", owner="llamacpp")
    server.answers = [in_json({"choices": [], "timings": {"prompt_n": 5, "cache_n": 1, "prompt_ms": 3}})]
    usage = await (await loaded(make())).warm(PROMPT)
    assert usage == Usage(prompt_tokens=6, evaluated_tokens=5, reused_tokens=1, prompt_ms=3.0)
    body = server.completions[0].body
    assert (body["max_tokens"], body["cache_prompt"]) == (0, True)


async def test_the_speed_is_measured_anew_each_time(make: MakeEngine, server: OpenAiStandIn):
    timings = {"prompt_n": 500, "cache_n": 0, "prompt_ms": 250.0, "predicted_n": 16, "predicted_ms": 160.0}
    server.answers = [Answer([piece("x", "length", timings=timings), DONE])]
    engine = await loaded(make())
    speed = await engine.measure()
    assert (speed.prompt_tokens_per_s, speed.token_ms) == (2000.0, 10.0)
    await engine.measure()
    first, second = (request.body["prompt"] for request in server.completions)
    assert first.splitlines()[0] != second.splitlines()[0]
    assert json.dumps(first)
