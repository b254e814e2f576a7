"""Makes the virtual environment and installs the package into it, showing how far it is.

In: ``--extra dev`` for what the tests need; ``NEXTEDIT_WHEELS``, a folder with wheels to take
before the network.  Out: ``.venv``, a stamp file in it for make, and the log ``.cache/setup.log``.
Not here: finding a Python (``setup.sh``).  Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import argparse
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOG = ROOT / ".cache" / "setup.log"

# Without a terminal one line this often shows that something still happens.
PLAIN_INTERVAL_S = 20.0
SPIN_INTERVAL_S = 0.1
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
# What the environment, the unpacked sources and the compiler's output take together at their peak.
NEEDED_BYTES = 2_500_000_000
N_SHOWN_LOG_LINES = 15

COMPILE_NOTE = (
    "llama-cpp-python is compiled from source for this processor: about 8 minutes on two cores, the first time only"
)

# What pip says of itself around the message that matters.
PIP_ABOUT_ITSELF = re.compile(
    r"originates from a subprocess|See above for output|exit code: 1$|full command: |cwd: |did not run successfully"
    r"|subprocess-exited-with-error|finished with status 'error'"
)

# What the log says, and what to do about it; the first that fits is shown.
REMEDIES = (
    (
        r"No space left on device",
        "The disk is full: free 3 GB, or point TMPDIR to a disk with room, then run make setup again.",
    ),
    (
        r"CMAKE_(C|CXX)_COMPILER|No CMAKE_\w+_COMPILER could be found|compiler not found|g\+\+: not found",
        "There is no C++ compiler. Debian and Ubuntu: sudo apt install build-essential. "
        "Fedora: sudo dnf install gcc-c++. macOS: xcode-select --install.",
    ),
    (
        r"Killed signal|internal compiler error|cannot allocate memory",
        "The compiler ran out of memory: run make setup again with CMAKE_BUILD_PARALLEL_LEVEL=1.",
    ),
    (
        r"Temporary failure in name resolution|Could not resolve host|NewConnectionError|Network is unreachable"
        r"|Connection refused|ReadTimeoutError|ConnectTimeoutError|CERTIFICATE_VERIFY_FAILED|from versions: none",
        "The package index cannot be reached: check the network and pip's proxy settings (HTTPS_PROXY, pip config), or "
        "put wheels into a folder and set NEXTEDIT_WHEELS to it.",
    ),
    (
        r"requires a different Python|Requires-Python|requires Python",
        "This Python does not suit a package: name another one, for example make setup PYTHON=python3.12.",
    ),
    (
        r"Permission denied",
        "A file cannot be written: does .venv or ~/.cache/pip belong to another user? Remove .venv and try again.",
    ),
)


@dataclass
class Progress:
    """What is shown: the step, what pip is at, and since when."""

    n_steps: int
    out: TextIO = sys.stderr
    started_at: float = field(default_factory=time.monotonic)
    step: int = 0
    title: str = ""
    detail: str = ""
    is_compiling: bool = False
    _frame: int = 0
    _last_plain_at: float = 0.0

    @property
    def is_live(self) -> bool:
        """Whether there is a terminal to draw on."""
        return self.out.isatty() and os.environ.get("TERM") != "dumb"

    def begin(self, title: str) -> None:
        """Starts the next step."""
        self.step += 1
        self.title, self.detail = title, ""
        self.say(f"[{self.step}/{self.n_steps}] {title}")

    def say(self, line: str) -> None:
        """Prints a line that stays."""
        self._clear()
        self.out.write(f"{line}\n")
        self.out.flush()
        self._last_plain_at = time.monotonic()

    def tick(self) -> None:
        """Shows that it goes on."""
        if self.is_live:
            self._frame += 1
            spin = SPINNER[self._frame % len(SPINNER)]
            width = shutil.get_terminal_size().columns - 1
            line = f"{spin} {self.elapsed()}  {self.detail or self.title}"
            self.out.write(f"\r\x1b[K{line[:width]}")
            self.out.flush()
        elif time.monotonic() - self._last_plain_at >= PLAIN_INTERVAL_S:
            self.say(f"      {self.elapsed()}  {self.detail or self.title}")

    def elapsed(self) -> str:
        """Minutes and seconds since the start."""
        minutes, seconds = divmod(int(time.monotonic() - self.started_at), 60)
        return f"{minutes:02d}:{seconds:02d}"

    def read(self, line: str) -> None:
        """Takes what is worth showing out of a line of pip's."""
        line = line.strip()
        if self.is_compiling and (match := re.match(r"\[(\d+)/(\d+)\] ", line)):
            self.detail = f"compiling llama-cpp-python: {match[1]} of {match[2]} files"
        elif match := re.match(r"Building wheel for ([\w.-]+) .*: started", line):
            self.detail = f"building {match[1]}"
            self._note_compile(match[1])
        elif match := re.match(r"(Collecting|Downloading|Using cached|Processing) (\S+)", line):
            if not self.is_compiling:
                self.detail = f"{match[1].lower()} {Path(match[2]).name}"
        elif line.startswith("Installing collected packages"):
            self.is_compiling = False
            self.detail = "copying the packages into .venv"
        elif re.match(r"(Created|Stored|Successfully built)", line):
            self.is_compiling = False

    def _note_compile(self, package: str) -> None:
        if package.replace("_", "-").startswith("llama-cpp") and not self.is_compiling:
            self.is_compiling = True
            self.say(f"      {COMPILE_NOTE}")

    def _clear(self) -> None:
        if self.is_live:
            self.out.write("\r\x1b[K")


class StepError(Exception):
    """A command of a step ended with an error."""


def main(argv: list[str]) -> int:
    """Sets up; the exit code."""
    parser = argparse.ArgumentParser(description="Make .venv and install nextedit-lsp into it.")
    parser.add_argument("--extra", action="append", default=[], help="an optional group of dependencies, such as dev")
    arguments = parser.parse_args(argv)
    LOG.parent.mkdir(exist_ok=True)
    progress = Progress(n_steps=3)
    for warning in preliminary_warnings():
        progress.say(f"      note: {warning}")
    try:
        with LOG.open("w", encoding="utf-8", errors="replace") as log:
            set_up(progress, log, arguments.extra)
    except StepError:
        report_failure(progress)
        return 1
    except KeyboardInterrupt:
        progress.say("setup: stopped; run make setup again to go on")
        return 130
    progress.say(f"ready after {progress.elapsed()}: {VENV.name}/bin/nextedit --help")
    return 0


def set_up(progress: Progress, log: TextIO, extras: list[str]) -> None:
    """The three steps."""
    python = VENV / "bin" / "python"
    progress.begin(f"virtual environment in .venv (Python {sys.version.split()[0]})")
    if not works(python):
        shutil.rmtree(VENV, ignore_errors=True)
        run(progress, log, [sys.executable, "-m", "venv", str(VENV)])
    progress.begin("pip")
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    run(progress, log, [*pip, "install", "--upgrade", "pip"])
    target = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
    progress.begin("nextedit-lsp and the packages that it needs" + (f" ({', '.join(extras)})" if extras else ""))
    run(progress, log, [*pip, "install", "-v", *wheel_options(), "--editable", target])
    for name in ["run", *extras]:
        (VENV / f".setup-{name}").write_text(time.strftime("%Y-%m-%d %H:%M:%S\n"))


def wheel_options() -> list[str]:
    """Where pip looks before the network."""
    folder = os.environ.get("NEXTEDIT_WHEELS")
    return ["--find-links", str(Path(folder).resolve())] if folder else []


def works(python: Path) -> bool:
    """Whether there is an environment that can be kept."""
    if not python.exists():
        return False
    check = "import sys, pip; sys.exit(sys.version_info < (3, 10))"
    return subprocess.run([str(python), "-c", check], capture_output=True, check=False).returncode == 0


def run(progress: Progress, log: TextIO, command: list[str]) -> None:
    """Runs ``command``, its output into the log.  Raises ``StepError`` when it fails."""
    log.write(f"$ {' '.join(command)}\n")
    log.flush()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    try:
        for line in lines_or_ticks(process):
            if line is None:
                progress.tick()
            else:
                log.write(line)
                progress.read(line)
    except BaseException:
        process.terminate()
        raise
    log.flush()
    if process.wait() != 0:
        raise StepError


def lines_or_ticks(process: subprocess.Popen[str]) -> Iterator[str | None]:
    """What ``process`` prints, line by line, with None whenever it is time to draw."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    next_tick = time.monotonic()
    while True:
        if time.monotonic() >= next_tick:
            next_tick = time.monotonic() + SPIN_INTERVAL_S
            yield None
        try:
            line = lines.get(timeout=SPIN_INTERVAL_S)
        except queue.Empty:
            continue
        if line is None:
            return
        yield line


def preliminary_warnings() -> Iterator[str]:
    """What will likely go wrong, said before minutes have gone by."""
    if not (os.environ.get("CXX") or any(shutil.which(name) for name in ("c++", "g++", "clang++"))):
        yield (
            "no C++ compiler is on PATH; llama-cpp-python needs one unless a wheel is at hand "
            "(Debian and Ubuntu: sudo apt install build-essential; macOS: xcode-select --install)"
        )
    free = shutil.disk_usage(ROOT).free
    if free < NEEDED_BYTES:
        yield f"only {free / 1e9:.1f} GB are free on this disk; the set-up takes up to {NEEDED_BYTES / 1e9:.1f} GB"


def report_failure(progress: Progress) -> None:
    """The end of the log and the remedy."""
    with LOG.open(encoding="utf-8", errors="replace") as log:
        tail = deque(log, maxlen=400)
    progress.say(f"\nsetup failed in step {progress.step} of {progress.n_steps}: {progress.title}\n")
    for line in telling(list(tail)):
        progress.say(f"  {line}")
    text = "".join(tail)
    remedy = next((words for pattern, words in REMEDIES if re.search(pattern, text, re.IGNORECASE)), None)
    progress.say("")
    if remedy:
        progress.say(f"Remedy: {remedy}")
    progress.say(f"The whole log: {LOG.relative_to(ROOT)}")


def telling(lines: list[str]) -> list[str]:
    """The last lines of the log without pip's words about itself."""
    stripped = [line.rstrip() for line in lines]
    return [line for line in stripped if line.strip() and not PIP_ABOUT_ITSELF.search(line)][-N_SHOWN_LOG_LINES:]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
