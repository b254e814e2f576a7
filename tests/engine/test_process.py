import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from nextedit_lsp.engine import process as engine_process
from nextedit_lsp.engine.interface import Engine, EngineError, EngineState
from nextedit_lsp.engine.machine import Wishes
from nextedit_lsp.engine.process import WorkerEngine

from .tiny_gguf import ARCHITECTURE, CONTEXT, write_tiny_gguf

# Long enough for the busiest machine; a test that passes never waits that long.
TIMEOUT_S = 60.0

# What the engine does within 1 s on a machine that has time for it.
CLOSE_S = 1.0 if not os.environ.get("CI") else 5.0


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "tiny.gguf"
    write_tiny_gguf(path)
    return path


MakeEngine = Callable[..., WorkerEngine]


@pytest.fixture
async def make() -> AsyncIterator[MakeEngine]:
    """Makes engines that are closed in the end."""
    engines: list[WorkerEngine] = []

    def make_engine(path: Path, *command: str) -> WorkerEngine:
        engines.append(WorkerEngine(path, wishes=Wishes(n_threads=1), command=command or engine_process.WORKER_COMMAND))
        return engines[-1]

    yield make_engine
    for engine in engines:
        await engine.close()


def script(text: str) -> tuple[str, ...]:
    """A command that plays a worker; ``answer(x)`` answers the first request."""
    prelude = "import json, os, sys, time\ndef answer(x): print(json.dumps({'id': 1, **x}), flush=True)\n"
    return (sys.executable, "-c", prelude + "sys.stdin.readline()\n" + text)


def no_progress(share: float) -> None:
    pass


async def check_failure(engine: WorkerEngine, *expected: str) -> None:
    await asyncio.wait_for(engine.load(no_progress), TIMEOUT_S)
    assert engine.state is EngineState.FAILED
    assert engine.info is None
    for text in expected:
        assert text in str(engine.reason)
    with pytest.raises(EngineError):
        await engine.measure()


async def until_state(engine: WorkerEngine, state: EngineState) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while engine.state is not state:
        assert time.monotonic() < deadline, engine.state
        await asyncio.sleep(0.005)


def process_of(engine: WorkerEngine) -> asyncio.subprocess.Process:
    assert engine._process is not None
    return engine._process


async def test_a_model_is_loaded_with_progress_and_says_what_it_is(make: MakeEngine, tmp_path: Path):
    path = tmp_path / "tiny.gguf"
    n_params = write_tiny_gguf(path, name="Tiny model")
    engine: Engine = make(path)
    shares: list[float] = []
    await asyncio.wait_for(engine.load(shares.append), TIMEOUT_S)
    assert engine.state is EngineState.READY, engine.reason
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    info = engine.info
    assert info is not None
    assert (info.path, info.architecture, info.name) == (path, ARCHITECTURE, "Tiny model")
    assert (info.n_params, info.n_ctx_train, info.n_vocab) == (n_params, CONTEXT, 263)
    assert info.file_bytes == path.stat().st_size


async def test_the_speed_is_measured(make: MakeEngine, model: Path):
    engine = make(model)
    await asyncio.wait_for(engine.load(no_progress), TIMEOUT_S)
    speed = await asyncio.wait_for(engine.measure(), TIMEOUT_S)
    assert speed.prompt_tokens_per_s > 0
    assert speed.token_ms > 0
    again = await asyncio.wait_for(engine.measure(), TIMEOUT_S)
    assert again.token_ms > 0


async def test_a_missing_a_text_and_an_empty_file_are_refused_with_a_remedy(make: MakeEngine, tmp_path: Path):
    (tmp_path / "text.gguf").write_text("hello, world")
    (tmp_path / "empty.gguf").touch()
    await check_failure(make(tmp_path / "none.gguf"), "There is no file", "Check the path")
    await check_failure(make(tmp_path / "text.gguf"), "does not begin with 'GGUF'", "Name a model")
    await check_failure(make(tmp_path / "empty.gguf"), "it is empty", "Download")


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9])
async def test_a_truncated_model_is_refused(make: MakeEngine, model: Path, tmp_path: Path, share: float):
    content = model.read_bytes()
    path = tmp_path / "part.gguf"
    path.write_bytes(content[: int(len(content) * share)])
    await check_failure(make(path), str(path), "incomplete" if share > 0.1 else "failed", "Download the file again")


async def test_a_model_of_an_unknown_kind_is_refused(make: MakeEngine, model: Path, tmp_path: Path):
    path = tmp_path / "odd.gguf"
    path.write_bytes(model.read_bytes().replace(b"\x05\0\0\0\0\0\0\0llama", b"\x05\0\0\0\0\0\0\0lambs", 1))
    await check_failure(make(path), "lambs", "upgrade llama-cpp-python")


async def test_without_the_package_the_reason_says_how_to_install_it(
    make: MakeEngine, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "llama_cpp.py").write_text("raise ImportError('no such library')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    await check_failure(make(model), "-m pip install 'llama-cpp-python", "no such library")


async def test_after_a_failure_it_may_be_loaded_again(make: MakeEngine, model: Path, tmp_path: Path):
    path = tmp_path / "late.gguf"
    engine = make(path)
    await check_failure(engine, "There is no file")
    path.write_bytes(model.read_bytes())
    await asyncio.wait_for(engine.load(no_progress), TIMEOUT_S)
    assert (engine.state, engine.reason) == (EngineState.READY, None)


async def test_a_worker_killed_when_ready_is_a_failure_and_not_ours(make: MakeEngine, model: Path):
    engine = make(model)
    await asyncio.wait_for(engine.load(no_progress), TIMEOUT_S)
    process_of(engine).send_signal(signal.SIGKILL)
    await until_state(engine, EngineState.FAILED)
    assert "killed" in str(engine.reason)
    assert engine.info is None
    await asyncio.wait_for(engine.load(no_progress), TIMEOUT_S)
    assert engine.state is EngineState.READY


async def test_a_worker_killed_while_measuring_fails_the_measurement(make: MakeEngine, model: Path):
    engine = make(model)
    await asyncio.wait_for(engine.load(no_progress), TIMEOUT_S)
    process_of(engine).send_signal(signal.SIGSTOP)
    measuring = asyncio.create_task(engine.measure())
    await asyncio.sleep(0)
    process_of(engine).send_signal(signal.SIGKILL)
    with pytest.raises(EngineError, match="killed"):
        await asyncio.wait_for(measuring, TIMEOUT_S)


async def test_a_worker_killed_while_loading_is_a_failure(make: MakeEngine, model: Path):
    engine = make(model, *script("answer({'progress': 0.5}); time.sleep(600)"))
    begun = asyncio.Event()
    loading = asyncio.create_task(engine.load(lambda _: begun.set()))
    await asyncio.wait_for(begun.wait(), TIMEOUT_S)
    process_of(engine).send_signal(signal.SIGKILL)
    await asyncio.wait_for(loading, TIMEOUT_S)
    assert engine.state is EngineState.FAILED
    assert "killed" in str(engine.reason)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("print('GGML_ASSERT(x) failed', file=sys.stderr); os.abort()", "crashed (SIGABRT). It said: GGML_ASSERT(x)"),
        ("os.kill(os.getpid(), 11)", "crashed (SIGSEGV)"),
        ("sys.exit(3)", "ended with code 3"),
        ("print('hello'); time.sleep(600)", "makes no sense"),
        ("print('hello', flush=True); time.sleep(600)", "makes no sense"),
        ("print('[1, 2]', flush=True); time.sleep(600)", "makes no sense"),
        ("answer({}); time.sleep(600)", "makes no sense"),
        ("sys.stdout.write('x' * 2000000); sys.stdout.flush(); time.sleep(600)", "makes no sense"),
        ("answer({'result': {'path': 1}}); time.sleep(600)", "something else than a model"),
        ("answer({'error': 'because'}); time.sleep(600)", "because"),
    ],
)
async def test_a_worker_that_crashes_or_talks_nonsense_is_a_failure(
    make: MakeEngine, model: Path, text: str, expected: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    await check_failure(make(model, *script(text)), expected)


async def test_a_worker_that_can_not_be_started_is_a_failure(make: MakeEngine, model: Path, tmp_path: Path):
    await check_failure(make(model, str(tmp_path / "no-python")), "can't be started")


async def test_an_error_in_the_progress_display_does_not_stop_the_load(make: MakeEngine, model: Path):
    def fail(share: float) -> None:
        raise RuntimeError("the display's fault")

    engine = make(model)
    await asyncio.wait_for(engine.load(fail), TIMEOUT_S)
    assert engine.state is EngineState.READY


async def test_closing_is_quick_and_ends_the_process(make: MakeEngine, model: Path):
    engine = make(model)
    await asyncio.wait_for(engine.load(no_progress), TIMEOUT_S)
    process = process_of(engine)
    began_at = time.monotonic()
    await engine.close()
    assert time.monotonic() - began_at < CLOSE_S
    assert process.returncode == 0
    assert engine.state is EngineState.CLOSED
    await engine.close()
    await engine.load(no_progress)
    assert engine.state is EngineState.CLOSED


async def test_a_worker_deaf_to_the_end_of_its_input_is_killed(make: MakeEngine, model: Path):
    engine = make(model, *script("answer({'progress': 0.5}); time.sleep(600)"))
    begun = asyncio.Event()
    loading = asyncio.create_task(engine.load(lambda _: begun.set()))
    await asyncio.wait_for(begun.wait(), TIMEOUT_S)
    process = process_of(engine)
    began_at = time.monotonic()
    await engine.close()
    assert time.monotonic() - began_at < CLOSE_S
    assert process.returncode == -signal.SIGKILL
    await asyncio.wait_for(loading, TIMEOUT_S)
    assert engine.state is EngineState.CLOSED
    assert engine.reason is None


@pytest.mark.parametrize("n_turns", [0, 1, 3, 10])
async def test_closing_or_cancelling_amid_the_start_leaves_no_process(make: MakeEngine, model: Path, n_turns: int):
    closed, cancelled = make(model), make(model)
    loads = [asyncio.create_task(engine.load(no_progress)) for engine in (closed, cancelled)]
    for _ in range(n_turns):
        await asyncio.sleep(0)
    await closed.close()
    loads[1].cancel()
    await asyncio.wait(loads, timeout=TIMEOUT_S)
    assert loads[1].cancelled()
    assert closed._process is None
    assert closed.state is EngineState.CLOSED
    assert cancelled._process is None
    assert cancelled.state is EngineState.ABSENT


def test_the_worker_ends_with_its_input_and_keeps_native_output_off_the_channel():
    code = (
        "import os, threading\n"
        "from nextedit_lsp.engine import worker\n"
        "worker._serve = lambda *_: (os.write(1, b'native noise'), os.read(0, 1), threading.Event().wait())\n"
        "worker.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=b'{"id": 1, "call": "noise"}\n',
        capture_output=True,
        timeout=TIMEOUT_S,
        cwd=engine_process.PACKAGE_PARENT,
        check=True,
    )
    assert done.stdout == b""


def test_the_server_s_side_does_not_import_llama_cpp():
    code = (
        "import sys, nextedit_lsp.engine.process, nextedit_lsp.engine.scripted, nextedit_lsp.engine.interface\n"
        "assert not any(name.split('.')[0] in ('llama_cpp', 'numpy') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=engine_process.PACKAGE_PARENT, timeout=TIMEOUT_S)
