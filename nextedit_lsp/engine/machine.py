"""How to run a model on this machine: chosen well, unless the user says.

In: what the user set, the file's size, the machine.  Out: a ``Plan``, and a refusal where memory will not do.
Not here: llama.cpp.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# Sequences of the cache: documents kept warm, then those that alternatives are written in.
N_WARM = 4
N_SCRATCH = 8

# Prompts take 1,000 to 4,000 tokens; several documents share the cache.
CONTEXT_TOKENS = 8192

# Threads meet at each operation of a pass.  With few tokens a small model's operations are so short that one thread
# is through with all of them before two have met.
FEW_TOKENS = 8

# More threads than this wait for each other longer than they help, for the models that one edits with.
MAX_THREADS = 8
# What the cache and the working memory take beside the weights, at most, for the models that one edits with.
WORKING_BYTES = 400_000_000

# How long ggml's threads spin while they wait for each other, in turns of GNU's OpenMP, before they sleep.  Its own
# choice is some milliseconds: with anything else running (a compiler, a test suite) one spins while the other's core is
# taken, and now and then a token takes hundreds of times as long.  Not at all costs a wake-up at each of some hundred
# meetings a token.  300 turns are some ten microseconds, and nearly the best of both: docs/performance.md has the
# measurements.
WAITING = {"GOMP_SPINCOUNT": "300"}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user set; None or empty is chosen."""

    n_threads: int | None = None
    gpu_layers: int | None = None
    context_tokens: int | None = None
    flash_attention: str | None = None
    kv_type: str | None = None
    adapters: tuple[Path, ...] = ()
    min_moved_tokens: int = 0
    """Runs of so many tokens that only moved are moved in the cache instead of evaluated again; 0: never."""


@dataclass(frozen=True, slots=True)
class Threads:
    """How many threads run a pass of few tokens, and one of many."""

    few: int
    many: int

    def described(self) -> str:
        """For a person."""
        return str(self.many) if self.few == self.many else f"{self.many}, for single tokens {self.few}"


@dataclass(frozen=True, slots=True)
class Plan:
    """How the model is run.

    ``context_tokens`` are shared by all sequences; ``batch_tokens`` are given to llama.cpp at once, and
    ``ubatch_tokens`` are run at once.
    """

    n_threads: int = 1
    gpu_layers: int = 0
    context_tokens: int = CONTEXT_TOKENS
    batch_tokens: int = 512
    ubatch_tokens: int = 512
    n_sequences: int = N_WARM + N_SCRATCH
    flash_attention: str = "auto"
    kv_type: str = "f16"
    adapters: tuple[Path, ...] = ()

    def described(self) -> dict[str, str]:
        """The plan for a person."""
        return {
            "GPU layers": str(self.gpu_layers) if self.gpu_layers >= 0 else "all",
            "context": f"{self.context_tokens:,} tokens in {self.n_sequences} sequences",
            "flash attention": self.flash_attention,
            "cache type": self.kv_type,
            "adapters": ", ".join(path.name for path in self.adapters) or "none",
        }


def planned(wishes: Wishes, *, has_gpu: bool) -> Plan:
    """The plan for this machine."""
    n_threads = wishes.n_threads or default_threads()
    gpu_layers = wishes.gpu_layers if wishes.gpu_layers is not None else (-1 if has_gpu else 0)
    return Plan(
        n_threads=n_threads,
        gpu_layers=gpu_layers,
        context_tokens=wishes.context_tokens or CONTEXT_TOKENS,
        flash_attention=wishes.flash_attention or "auto",
        kv_type=wishes.kv_type or "f16",
        adapters=wishes.adapters,
    )


def default_threads() -> int:
    """The cores that this process may use, each counted once, up to what helps."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    return max(1, min(allowed, _physical_cores() or allowed, MAX_THREADS))


def memory_problem(path: Path, available: int | None) -> str | None:
    """Why a model will not fit into memory; None when it may.  ``available`` in bytes; None is not known."""
    if available is None:
        return None
    needed = path.stat().st_size + WORKING_BYTES
    if needed <= available:
        return None
    return (
        f"{path.name} needs about {needed / 1e9:.1f} GB of memory and {available / 1e9:.1f} GB are free."
        " Close other programs, or choose a smaller or more strongly quantised model."
    )


def available_memory() -> int | None:
    """The memory that can be had without swapping, in bytes; None where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        fields: Mapping[str, str] = dict(line.split(":", 1) for line in lines if ":" in line)
        return int(fields["MemAvailable"].split()[0]) * 1024
    except (OSError, ValueError, KeyError):
        return None


def _physical_cores() -> int | None:
    """Cores, where two threads that share one count once; None where the system does not say."""
    lists = Path("/sys/devices/system/cpu").glob("cpu[0-9]*/topology/thread_siblings_list")
    try:
        cores = {path.read_text(encoding="ascii").strip() for path in lists}
    except OSError:
        return None
    return len(cores) or None
