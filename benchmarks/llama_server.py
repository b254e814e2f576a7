"""llama.cpp's own server, to compare with and to test against: built once, started and stopped.

In: the sources that llama-cpp-python's source package brings along, so that both run the same llama.cpp.
Out: the server's program in ``.cache/llama-server/``, and a running server as a context.
Run as a script it builds the program, unless it is there, and prints its path.
Not here: what is measured.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

CACHE = Path(__file__).resolve().parents[1] / ".cache" / "llama-server"
PACKAGE = "llama-cpp-python"

# No TLS and no page for browsers: neither is measured, and the page's parts would be downloaded.
CMAKE_OPTIONS = (
    "-DCMAKE_BUILD_TYPE=Release",
    "-DBUILD_SHARED_LIBS=OFF",
    "-DGGML_NATIVE=ON",
    "-DLLAMA_CURL=OFF",
    "-DLLAMA_OPENSSL=OFF",
    "-DLLAMA_BUILD_UI=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_APP=OFF",
)

# How long a large model may take to be read from a slow disk, and how long the server to end.
START_TIMEOUT_S = 300.0
STOP_TIMEOUT_S = 10.0
POLL_S = 0.02

# What is shown of the log of a server that did not start.
LOG_TAIL_CHARS = 2000


class LlamaServerError(Exception):
    """The server can't be built or did not start; the message says why."""


@dataclass(frozen=True, slots=True)
class LlamaServer:
    """A server that runs: ``url`` is what an engine is given."""

    url: str
    pid: int
    log: Path


def built(n_jobs: int = 2) -> Path:
    """The program for the installed llama-cpp-python, which is made now if it is not there: some minutes."""
    version = metadata.version(PACKAGE)
    program = CACHE / version / "llama-server"
    if not program.exists():
        _build(version, program, n_jobs)
    return program


def _build(version: str, program: Path, n_jobs: int) -> None:
    program.parent.mkdir(parents=True, exist_ok=True)
    nice = ["nice", "-n", "10"] if shutil.which("nice") else []
    with tempfile.TemporaryDirectory(dir=program.parent) as name:
        folder, log = Path(name), program.parent / "build.log"
        sources = _sources(version, folder, log)
        build = folder / "build"
        configure = ["cmake", "-S", str(sources), "-B", str(build), *CMAKE_OPTIONS]
        _run([*nice, *configure], log)
        _run([*nice, "cmake", "--build", str(build), "--target", "llama-server", f"-j{n_jobs}"], log)
        # Put there in one step, so that a program that is there is whole.
        (build / "bin" / "llama-server").replace(program)


def _sources(version: str, folder: Path, log: Path) -> Path:
    """The vendored llama.cpp, unpacked from the source package, which pip fetches."""
    download = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", PACKAGE, "-d", str(folder)]
    _run([*download, f"{PACKAGE}=={version}"], log)
    archives = list(folder.glob("*.tar.gz"))
    if len(archives) != 1:
        raise LlamaServerError(f"pip fetched no source package of {PACKAGE} {version}; {log} says more.")
    with tarfile.open(archives[0]) as archive:
        archive.extractall(folder / "source", filter="data")
    sources = next((folder / "source").glob("*/vendor/llama.cpp"), None)
    if sources is None:
        raise LlamaServerError(f"The source package of {PACKAGE} {version} has no llama.cpp in it.")
    return sources


def _run(command: list[str], log: Path) -> None:
    with log.open("ab") as stream:
        done = subprocess.run(command, stdout=stream, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise LlamaServerError(f"{' '.join(command[:6])} … ended with {done.returncode}; {log} says more.")


@contextlib.contextmanager
def running(program: Path, model: Path, *arguments: str) -> Iterator[LlamaServer]:
    """The server with that model on a free port of this machine, from when it answers until the context is left."""
    port = _free_port()
    command = [str(program), "--model", str(model), "--host", "127.0.0.1", "--port", str(port), *arguments]
    # A server takes settings out of the environment too, which would make runs differ.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LLAMA_ARG_")}
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "llama-server.log"
        with log.open("wb") as stream:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, env=environment)
        try:
            _wait_until_it_answers(process, port, log)
            yield LlamaServer(f"http://127.0.0.1:{port}/v1", process.pid, log)
        finally:
            _stop(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline:
        if process.poll() is not None:
            tail = log.read_text(errors="replace")[-LOG_TAIL_CHARS:]
            raise LlamaServerError(f"The server ended with {process.returncode}. It said:\n{tail}")
        # Until the model is loaded the answer is 503.
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            opener.open(f"http://127.0.0.1:{port}/health", timeout=1.0).close()
            return
        time.sleep(POLL_S)
    raise LlamaServerError(f"The server did not answer within {START_TIMEOUT_S:.0f} s.")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="Build llama.cpp's server, and print where it is.")
    parser.add_argument("--jobs", type=int, default=2, help="how many compilers run at a time")
    print(built(parser.parse_args().jobs))


if __name__ == "__main__":
    main()
