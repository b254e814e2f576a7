import asyncio
import socket
import ssl
from pathlib import Path

import httpx
import pytest

from nextedit_lsp.engine import remote_wire
from nextedit_lsp.engine.interface import Effort, EngineError, EngineState
from nextedit_lsp.engine.remote import RemoteEngine
from nextedit_lsp.formats.prompt import Finish

from .openai_stand_in import JSON, Answer, OpenAiStandIn, Then, in_json, message, models, piece, pieces
from .remote_checks import (  # noqa: F401 - pytest finds the fixtures by their names
    KEY,
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


async def test_a_server_that_never_begins_in_time_has_failed(make: MakeEngine, server: OpenAiStandIn):
    server.answers = [Answer(then=Then.HANG)]
    engine = await loaded(make())
    for _ in range(2):
        assert (await engine.ask(QUESTION, Effort(max_ms=1.0))).completions[0].finish is Finish.TIME
    with pytest.raises(EngineError, match="did not begin to answer 3 requests"):
        await engine.ask(QUESTION, Effort(max_ms=1.0))
    assert engine.state is EngineState.FAILED


async def test_before_it_is_loaded_nothing_is_sent(make: MakeEngine, server: OpenAiStandIn):
    await check_ask_fails(make(), "Load the model first")
    assert server.received == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("ftp://127.0.0.1/v1", "must begin with http:// or https://"),
        ("127.0.0.1:8080/v1", "must begin with http:// or https://"),
        ("http:///v1", "must begin with http:// or https://"),
        ("http://me:sk-very-secret@127.0.0.1/v1", "NEXTEDIT_API_KEY"),
        ("http://127.0.0.1/v1?key=sk-very-secret", "must end with its path"),
        ("http://[::1/v1", "can't be read"),
        ("http://127.0.0.1:99999/v1", "from 1 to 65535"),
        ("http://127.0.0.1:0/v1", "from 1 to 65535"),
        ("", "must begin with"),
    ],
)
async def test_urls_that_can_be_no_server_s_are_refused(make: MakeEngine, url: str, expected: str):
    await check_load_fails(RemoteEngine(url), expected)


async def test_a_slash_too_many_in_the_url_is_harmless(make: MakeEngine, server: OpenAiStandIn):
    await loaded(make(f" {server.url}/ "))


async def test_the_key_is_taken_from_the_environment_or_a_file(
    make: MakeEngine, server: OpenAiStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    server.answers = [Answer(pieces("x"))]
    monkeypatch.setenv("NEXTEDIT_API_KEY", KEY + "-of-the-environment")
    await answered(await loaded(make()))
    key_file = tmp_path / "key"
    key_file.write_text(f"{KEY}\n")
    engine = await loaded(make(key_file=key_file))
    await answered(engine)
    assert [request.headers["authorization"] for request in server.received] == [
        *[f"Bearer {KEY}-of-the-environment"] * 2,
        *[f"Bearer {KEY}"] * 2,
    ]
    assert KEY not in repr(engine) + str(engine.info)


async def test_a_key_that_can_be_none_is_refused_without_showing_it(make: MakeEngine, tmp_path: Path):
    key_file = tmp_path / "key"
    await check_load_fails(make(key_file=key_file), "can't be read", "Check the path")
    key_file.write_text("\n")
    await check_load_fails(make(key_file=key_file), "is empty")
    for text in (f"{KEY}\nX-Other: 1", f"{KEY} 2", f"{KEY}é"):
        key_file.write_text(text)
        await check_load_fails(make(key_file=key_file), "is no key", "one word")
    key_file.write_bytes(b"\xff\xfe\x00")
    await check_load_fails(make(key_file=key_file), "can't be read")


@pytest.mark.parametrize("status", [401, 403])
async def test_a_wrong_and_a_missing_key_are_told_apart(
    make: MakeEngine, server: OpenAiStandIn, monkeypatch: pytest.MonkeyPatch, status: int
):
    server.models = in_json({"error": {"message": f"Invalid key {KEY}"}}, status)
    await check_load_fails(make(), "wants a key", "NEXTEDIT_API_KEY")
    monkeypatch.setenv("NEXTEDIT_API_KEY", KEY)
    await check_load_fails(make(), "refuses the key", str(status))


async def test_nothing_there_is_told_from_something_else_there(
    make: MakeEngine, server: OpenAiStandIn, unused_tcp_port: int
):
    await check_load_fails(make(f"http://127.0.0.1:{unused_tcp_port}/v1"), "refused", "Start the server")
    await check_load_fails(make(server.origin), "no OpenAI-compatible server", "forget /v1")
    await check_load_fails(make(server.url.replace("http:", "https:")), "No encrypted connection", "write http://")


async def test_a_host_that_there_is_not_is_named(make: MakeEngine, monkeypatch: pytest.MonkeyPatch):
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    await check_load_fails(make("http://models.example/v1"), "host of http://models.example/v1 is not known")
    monkeypatch.undo()
    await check_load_fails(make(f"http://{'a' * 70}.localhost/v1"), "Check its name")


def test_an_untrusted_certificate_is_named():
    error = httpx.ConnectError("no")
    error.__cause__ = ssl.SSLCertVerificationError("self-signed certificate")
    assert "SSL_CERT_FILE" in remote_wire._reason(error, "https://models.example/v1")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer([b"<html>"], headers={"Content-Type": "text/html"}), "not JSON"),
        (Answer([b"[1, 2]"], headers=JSON), "makes no sense"),
        (Answer([b'{"data": 1}'], headers=JSON), "list of models makes no sense"),
        (Answer([b'{"data": [1, {"id": 2}]}'], headers=JSON), "offers no model"),
        (Answer([b"[" * 200_000], headers=JSON), "not JSON"),
        (Answer([b" " * (1 << 20)] * 9, headers=JSON), "far too long"),
        (Answer([b'{"data": ['], headers=JSON, then=Then.BREAK), "broke the connection off"),
        (Answer(status=500), "failed (status 500)"),
        (Answer(status=503), "still loading"),
        (Answer(status=204), "failed (status 204)"),
        (Answer(status=302, headers={"Location": "http://host:port/"}), "Check that it still runs"),
    ],
)
async def test_a_list_of_models_that_is_none_is_a_failure(
    make: MakeEngine, server: OpenAiStandIn, answer: Answer, expected: str
):
    server.models = answer
    await check_load_fails(make(), expected)


async def test_a_server_that_says_nothing_is_not_waited_for(make: MakeEngine, server: OpenAiStandIn):
    server.models = Answer(then=Then.HANG)
    await check_load_fails(make(timeout_s=0.05), "did not answer in time")
    server.models = models("m")
    server.answers = [Answer([piece("a")], then=Then.HANG)]
    engine = await loaded(make())
    assert engine._wire is not None
    # Shortened only now, so that a busy machine has time to load.
    engine._wire._client.timeout = httpx.Timeout(0.05)
    await check_ask_fails(engine, "did not answer in time")
    assert engine.state is EngineState.FAILED


async def test_cancelling_the_load_leaves_it_absent(make: MakeEngine, server: OpenAiStandIn):
    server.models = Answer(then=Then.HANG)
    engine = make()
    loading = asyncio.create_task(engine.load(no_progress))
    await asyncio.wait_for(server.asked.wait(), TIMEOUT_S)
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    assert engine.state is EngineState.ABSENT
    server.models = models("m")
    await loaded(engine)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer([piece("a"), message({"error": {"message": SECRET_CODE, "type": "server_error"}})]), "(server_error)"),
        (Answer([piece("a"), message({"error": SECRET_CODE})]), "reported a failure (error)"),
        (Answer([piece("a")], then=Then.BREAK), "broke the connection off"),
        (Answer([piece("a")]), "answer broke off"),
        (Answer([]), "answer broke off"),
        (Answer([b"data: {launch_codes\n\n"]), "not JSON"),
        (Answer([b"data: 7\n\n"]), "makes no sense"),
        (Answer([message({"choices": [{"text": 7}]})]), "makes no sense"),
        (Answer([message({"content": "a", "stop": False})]), "Add /v1"),
        (Answer([b"data: " + b"x" * (1 << 19)] + [b"x" * (1 << 19)] * 3, then=Then.HANG), "without an end"),
        (Answer([b"data: x\n" * (1 << 17)] * 9, then=Then.HANG), "without an end"),
        (Answer([b"\xff\xfe\x00garbage"]), "answer broke off"),
        (in_json({"error": {"message": SECRET_CODE}}, 500), "status 500"),
        (in_json({}, 404), "forget /v1"),
    ],
)
async def test_an_answer_that_breaks_off_or_is_none_is_a_failure_of_the_server(
    make: MakeEngine, server: OpenAiStandIn, answer: Answer, expected: str
):
    server.answers = [answer]
    engine = await loaded(make(clock=Clock()))
    await check_ask_fails(engine, expected, "tried again in 1 s")
    assert engine.state is EngineState.FAILED
    assert expected in str(engine.reason)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (in_json({"error": {"type": "exceed_context_size_error", "message": SECRET_CODE}}, 400), "larger"),
        (in_json({"message": f"maximum context length is 9: {SECRET_CODE}"}, 400), "larger"),
        (in_json({"detail": SECRET_CODE}, 422), "refused the request (status 422)"),
        (Answer([message({"error": {"code": 400, "type": "exceed_context_size_error"}})]), "larger"),
    ],
)
async def test_a_request_that_is_refused_is_no_failure_of_the_server(
    make: MakeEngine, server: OpenAiStandIn, answer: Answer, expected: str
):
    server.answers = [answer, Answer(pieces("b"))]
    engine = await loaded(make())
    await check_ask_fails(engine, expected)
    assert engine.state is EngineState.READY
    assert await answered(engine) == "b"


async def test_what_breaks_behind_the_end_costs_nothing(make: MakeEngine, server: OpenAiStandIn):
    server.answers = [Answer([piece("a"), piece("", "stop")], then=Then.BREAK)]
    assert await answered(await loaded(make())) == "a"


async def test_redirects_are_never_followed(make: MakeEngine, server: OpenAiStandIn):
    async with OpenAiStandIn() as other:
        other.answers = [Answer(pieces("x"))]
        away = f"{other.url}/completions?launch_codes"
        server.answers = [Answer(status=status, headers={"Location": away}) for status in (301, 302, 307, 308)]
        clock = Clock()
        engine = await loaded(make(clock=clock))
        for _ in range(4):
            await check_ask_fails(engine, f"on to {other.url}/completions, which is not followed", "set it as the URL")
            clock.now_s += 100
        assert other.received == []


async def test_a_proxy_of_the_environment_is_not_used_for_this_machine(
    make: MakeEngine, server: OpenAiStandIn, monkeypatch: pytest.MonkeyPatch
):
    async with OpenAiStandIn() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.origin)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        await loaded(make())
        await loaded(make(server.url.replace("127.0.0.1", "localhost")))
        assert proxy.received == []
        # For other machines it is, and here it knows nothing of them.
        await check_load_fails(make("http://models.example/v1"), "forget /v1")
        assert [request.path for request in proxy.received] == ["http://models.example/v1/models"]
    monkeypatch.setenv("HTTP_PROXY", "nonsense://proxy")
    monkeypatch.setenv("http_proxy", "nonsense://proxy")
    await check_load_fails(make("http://models.example/v1"), "proxy or certificate settings")


async def test_after_failures_the_server_is_left_alone_for_longer_and_longer(
    make: MakeEngine, server: OpenAiStandIn, caplog: pytest.LogCaptureFixture
):
    clock = Clock()
    engine = await loaded(make(clock=clock))
    server.answers = [Answer(status=500)]
    for pause_s in (1, 2, 4, 8, 16, 32, 60, 60):
        n_received = len(server.received)
        await check_ask_fails(engine, "status 500", f"tried again in {pause_s} s")
        assert len(server.received) > n_received
        assert engine.state is EngineState.FAILED
        clock.now_s += pause_s - 0.5
        n_received = len(server.received)
        await check_ask_fails(engine, "status 500", "tried again in 1 s")
        assert len(server.received) == n_received
        clock.now_s += 0.5
    assert [record.levelname for record in caplog.records if "status 500" in record.message].count("WARNING") == 1
    server.answers = [Answer(pieces("a"))]
    assert await answered(engine) == "a"
    assert (engine.state, engine.reason) == (EngineState.READY, None)
    assert engine.info is not None
    server.answers = [Answer(status=500)]
    await check_ask_fails(engine, "tried again in 1 s")


async def test_a_server_that_comes_later_is_found_by_the_next_request(make: MakeEngine, server: OpenAiStandIn):
    clock = Clock()
    engine = make(clock=clock)
    server.models, server.answers = Answer(status=503), [Answer(pieces("a"))]
    await check_load_fails(engine, "still loading")
    await check_ask_fails(engine, "tried again in 1 s")
    server.models = models("m")
    clock.now_s += 1
    assert await answered(engine) == "a"
    assert engine.state is EngineState.READY


async def test_loading_again_does_not_wait_for_the_pause(make: MakeEngine, server: OpenAiStandIn):
    engine = make(clock=Clock())
    server.models = Answer(status=503)
    await check_load_fails(engine, "still loading")
    server.models = models("m")
    await loaded(engine)


async def test_one_request_tries_and_the_others_fail_meanwhile(make: MakeEngine, server: OpenAiStandIn):
    clock = Clock()
    engine = await loaded(make(clock=clock))
    server.answers = [Answer(status=500), Answer([piece("a")], then=Then.HANG), Answer(pieces("b"))]
    await check_ask_fails(engine, "status 500")
    clock.now_s += 1
    trying = asyncio.create_task(engine.ask(QUESTION, Effort()))
    while len(server.completions) < 2:
        await asyncio.sleep(0)
    await check_ask_fails(engine, "status 500", "being tried again")
    trying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trying
    assert engine.state is EngineState.FAILED
    assert await answered(engine) == "b"


async def test_requests_that_fail_together_are_one_failure(make: MakeEngine, server: OpenAiStandIn):
    engine = await loaded(make(clock=Clock()))
    server.answers = [Answer(status=500)]
    results = await asyncio.gather(*[engine.ask(QUESTION, Effort()) for _ in range(4)], return_exceptions=True)
    assert all("tried again in 1 s" in str(result) for result in results)


@pytest.mark.parametrize(
    ("headers", "pause_s"),
    [
        ({"Retry-After": "17"}, 17),
        ({"Retry-After": "99999"}, 600),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "-5"}, 1),
        ({"Retry-After": "nan"}, 1),
        ({"Retry-After": "soon"}, 1),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:30 GMT", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"}, 30),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:30 GMT"}, 1),
        ({}, 1),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_the_server_may_say_how_long(
    make: MakeEngine, server: OpenAiStandIn, status: int, headers: dict[str, str], pause_s: int
):
    engine = await loaded(make(clock=Clock()))
    server.answers = [Answer(status=status, headers=headers)]
    await check_ask_fails(engine, str(status), f"tried again in {pause_s} s")
